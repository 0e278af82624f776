//! Writes one figure of each kind, of made-up numbers, to the folder given as argument:
//! `cargo run -p report --example figures -- folder`.

use std::error::Error;
use std::path::Path;

use report::figure::Estimate;
use report::figure::boundary::{self, Boundaries, Grid};
use report::figure::curve::{self, Curves, Sample, Scale, Series};
use report::figure::strip::{self, Row, Strips};
use report::figure::style::{Color, Dash, Look, Marker};
use report::figure::tradeoff::{self, Mark, Method, Place, Setting, Tradeoff};

const MAML: Look = Look::new(Color::Orange, Marker::Square, Dash::Long);
const FAIR_MAML: Look = Look::new(Color::Blue, Marker::Circle, Dash::Solid);
const PRE_TRAINED: Look = Look::new(Color::Black, Marker::TriangleUp, Dash::Dotted);
const LAFTR: Look = Look::new(Color::Vermillion, Marker::Diamond, Dash::DashDot);
const SCRATCH: Look = Look::new(Color::Green, Marker::TriangleDown, Dash::Short);
const CONSTANT: Look = Look::new(Color::Grey, Marker::Cross, Dash::SparselyDotted);
const COIN: Look = Look::new(Color::Olive, Marker::Pentagon, Dash::Short);
const HALF_PLANE: Look = Look::new(Color::Green, Marker::TriangleLeft, Dash::Dotted).hollow();
const UNADAPTED: Look = Look::new(Color::SkyBlue, Marker::Pentagon, Dash::VeryLong).hollow();
const BAYES: Look = Look::new(Color::Purple, Marker::Star, Dash::Solid);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("the folder to write to is missing")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let (collapsed, states) = (collapsed(), states());
    let figures = [
        ("front", Tradeoff { title: FRONT.into(), panels: vec![collapsed.clone()] }.svg()?),
        ("pile", Tradeoff { title: FRONT.into(), panels: vec![pile()] }.svg()?),
        ("fronts", Tradeoff { title: FRONT.into(), panels: vec![collapsed, spread()] }.svg()?),
        ("states", Tradeoff { title: "Fronts by state".into(), panels: states }.svg()?),
        ("rows", rows().svg()?),
        ("training", training().svg()?),
        ("boundaries", boundaries().svg()?),
        ("strips", strips().svg()?),
        ("strip", Strips { panels: vec![strips().panels.swap_remove(0)], ..strips() }.svg()?),
    ];
    for (name, svg) in figures {
        std::fs::write(folder.join(name).with_extension("svg"), svg)?;
    }
    Ok(())
}

const FRONT: &str = "Synthetic tasks: accuracy and fairness after one step (mean of 10 runs)";

/// Numbers from 0 to 1 in an order that looks like chance, the same each time.
fn noise(index: usize) -> f64 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 40) as f64 / (1u64 << 24) as f64
}

fn within(mean: f64, half: f64) -> Estimate {
    Estimate { mean, interval: Some((mean - half, mean + half)) }
}

fn setting(value: Option<f64>, accuracy: f64, fairness: f64, half: f64) -> Setting {
    let seeds = (0..8).map(|seed| {
        let at = (1e4 * accuracy) as usize + 17 * seed;
        let off = |at| 2.0 * half * (noise(at) - 0.5);
        (accuracy + off(at), (fairness + 2.0 * off(at + 5)).clamp(0.0, 1.0))
    });
    Setting {
        value,
        accuracy: within(accuracy, half),
        fairness: Some(within(fairness, 2.0 * half)),
        collapsed: false,
        seeds: seeds.collect(),
    }
}

fn method(name: &str, look: Look, varies: Option<&str>, settings: Vec<Setting>) -> Method {
    Method { name: name.into(), look, varies: varies.map(str::to_owned), settings }
}

fn mark(name: &str, look: Look, place: Place) -> Mark {
    Mark { name: name.into(), look, place }
}

fn bayes() -> Place {
    let at = |k: usize| {
        let t = k as f64 / 20.0;
        (0.86 - 0.16 * t.powf(2.2), 0.25 + 0.75 * t)
    };
    Place::Ceiling((0..=20).map(at).collect())
}

/// Five settings on one spot.
fn collapsed() -> tradeoff::Panel {
    let spot = [0.5, 1.0, 2.0, 5.0, 10.0].map(|gamma: f64| Setting {
        collapsed: true,
        ..setting(Some(gamma), 0.49 + 0.001 * gamma.ln(), 0.98 + 0.001 * gamma.ln(), 0.012)
    });
    let mut fair = vec![setting(Some(0.0), 0.62, 0.45, 0.025)];
    fair.extend(spot);
    let front = [
        (0.0, 0.80, 0.31),
        (0.5, 0.79, 0.36),
        (1.0, 0.76, 0.52),
        (2.0, 0.70, 0.71),
        (5.0, 0.62, 0.86),
    ];
    let front = front.map(|(gamma, a, f)| setting(Some(gamma), a, f, 0.02));
    let mut pretrained = front.to_vec();
    pretrained.push(Setting { collapsed: true, ..setting(Some(10.0), 0.492, 0.985, 0.01) });
    tradeoff::Panel {
        title: "Demographic parity".into(),
        fairness: "Demographic parity, min(r, 1/r)".into(),
        methods: vec![
            method("pre-trained network, fine-tuned at 0.3", PRE_TRAINED, Some("γ"), pretrained),
            method("Fair-MAML", FAIR_MAML, Some("γ"), fair),
            method("MAML (γ = 0)", MAML, None, vec![setting(None, 0.62, 0.45, 0.025)]),
        ],
        marks: vec![
            mark("best decision possible (Bayes)", BAYES, bayes()),
            mark("accepts all", CONSTANT, Place::Point((0.5, 1.0))),
            mark("coin that accepts a share q", COIN, Place::Line(vec![(0.5, 1.0), (0.52, 0.8)])),
            mark("line y > 0", HALF_PLANE, Place::Point((0.83, 0.27))),
        ],
        note: "Undefined, and left out, for 3 of 100 tasks.".into(),
    }
}

/// Every method on the spot of the constant decision.
fn pile() -> tradeoff::Panel {
    let near = |gammas: &[f64], accuracy: f64, fairness: f64| -> Vec<Setting> {
        let settings = gammas.iter().map(|gamma| Setting {
            collapsed: true,
            seeds: vec![],
            ..setting(Some(*gamma), accuracy, fairness, 0.004)
        });
        settings.collect()
    };
    let alone = |accuracy, fairness, collapsed| Setting {
        collapsed,
        seeds: vec![],
        ..setting(None, accuracy, fairness, 0.01)
    };
    let mut pretrained = near(&[0.0], 0.497, 0.955);
    pretrained.extend(near(&[0.5, 1.0, 2.0, 5.0, 10.0], 0.4871, 0.993));
    tradeoff::Panel {
        methods: vec![
            method("MAML before adaptation", UNADAPTED, None, vec![alone(0.511, 0.41, false)]),
            method("MAML (γ = 0)", MAML, None, vec![alone(0.487, 0.96, true)]),
            method("pre-trained network, fine-tuned at 0.3", PRE_TRAINED, Some("γ"), pretrained),
            method("LAFTR", LAFTR, Some("γ"), near(&[1.0, 2.0, 4.0], 0.4868, 0.99)),
            method(
                "Fair-MAML",
                FAIR_MAML,
                Some("γ"),
                near(&[0.5, 1.0, 2.0, 5.0, 10.0], 0.487, 0.995),
            ),
        ],
        marks: vec![
            mark("best decision possible (Bayes)", BAYES, bayes()),
            mark("accepts all", CONSTANT, Place::Point((0.487, 1.0))),
        ],
        ..collapsed()
    }
}

fn spread() -> tradeoff::Panel {
    let gammas = [0.0, 1.0, 2.0, 3.0, 4.0];
    let fair = gammas.map(|g| setting(Some(g), 0.75 - 0.05 * g, 0.45 + 0.13 * g, 0.02));
    let laftr =
        gammas.map(|g| setting(Some(g), 0.56 + 0.02 * noise(g as usize), 0.5 + 0.03 * g, 0.04));
    tradeoff::Panel {
        title: "Equal opportunity".into(),
        fairness: "Equal opportunity, min(r, 1/r)".into(),
        methods: vec![
            method("Fair-MAML", FAIR_MAML, Some("γ"), fair.to_vec()),
            method("LAFTR", LAFTR, Some("γ"), laftr.to_vec()),
            method("MAML (γ = 0)", MAML, None, vec![setting(None, 0.75, 0.45, 0.02)]),
        ],
        marks: vec![mark("best decision possible (Bayes)", BAYES, bayes())],
        note: String::new(),
    }
}

/// Means of few runs, without intervals.
fn states() -> Vec<tradeoff::Panel> {
    ["Oklahoma", "Connecticut", "North Carolina", "Arkansas"]
        .iter()
        .enumerate()
        .map(|(k, name)| {
            let plain = |(index, gamma): (usize, f64), from: f64| {
                let t = index as f64 / 4.0;
                let (a, f) = (noise(31 * k + index), noise(57 * k + index + 9));
                let exact = |mean| Estimate { mean, interval: None };
                Setting {
                    value: Some(gamma),
                    accuracy: exact(from - 0.2 * t + 0.05 * a),
                    fairness: Some(exact((0.45 + 0.5 * t.sqrt() + 0.1 * f).min(1.0))),
                    collapsed: t > 0.9,
                    seeds: vec![],
                }
            };
            let gammas = || [0.0, 1.0, 2.0, 3.0, 4.0].into_iter().enumerate();
            tradeoff::Panel {
                title: format!("{name}, held out in {} runs", 4 - k / 2),
                fairness: "Demographic parity, min(r, 1/r)".into(),
                methods: vec![
                    method(
                        "Fair-MAML",
                        FAIR_MAML,
                        Some("γ"),
                        gammas().map(|g| plain(g, 0.78)).collect(),
                    ),
                    method("LAFTR", LAFTR, Some("γ"), gammas().map(|g| plain(g, 0.70)).collect()),
                ],
                marks: vec![],
                note: String::new(),
            }
        })
        .collect()
}

fn series(name: &str, look: Look, samples: impl Iterator<Item = (f64, f64, f64)>) -> Series {
    let sample = |(x, y, half)| Sample { x, y: Some(within(y, half)) };
    Series { name: name.into(), look, samples: samples.map(sample).collect() }
}

/// Few samples, with intervals that overlap.
fn rows() -> Curves {
    let rows = [0.0, 5.0, 10.0, 20.0, 30.0, 50.0];
    let methods = [
        ("MAML, γ = 0", MAML, 0.79, 0.0, 0.38),
        ("Fair-MAML, γ = 2", FAIR_MAML, 0.56, 0.0, 0.92),
        ("pre-trained, γ = 0", PRE_TRAINED, 0.77, 0.02, 0.39),
        ("from scratch, γ = 0", SCRATCH, 0.73, 0.05, 0.42),
        ("LAFTR, γ = 1", LAFTR, 0.66, 0.12, 0.5),
    ];
    let panel = |title: &str, y_label: &str, parity: bool| curve::Panel {
        title: title.into(),
        x_label: "Support rows".into(),
        y_label: y_label.into(),
        x_scale: Scale::Linear,
        y_possible: (0.0, 1.0),
        reference: parity.then(|| (1.0, "fair".into())),
        series: methods
            .into_iter()
            .enumerate()
            .map(|(k, (name, look, top, rise, fairness))| {
                let y = move |x: f64| match parity {
                    true => fairness + 0.03 * noise(k + x as usize),
                    false => top - rise * (-x / 12.0).exp() + 0.01 * noise(7 * k + x as usize),
                };
                series(name, look, rows.into_iter().map(move |x| (x, y(x), 0.05 + 0.03 * noise(k))))
            })
            .collect(),
        note: "Undefined, and left out, for 2 of 12 tasks.".into(),
    };
    Curves {
        title: "Communities and Crime: rows to adapt to, on the same query rows".into(),
        panels: vec![
            panel("Accuracy", "Accuracy (higher is better)", false),
            panel("Fairness", "min(r, 1/r) of the parity ratio r; 1 is fair", true),
        ],
    }
}

/// Objectives that must not be compared have panels of their own.
fn training() -> Curves {
    let panel = |title: &str, y_label: &str, curves: Vec<(&str, Look, f64, f64)>| curve::Panel {
        title: title.into(),
        x_label: "Meta-iteration".into(),
        y_label: y_label.into(),
        x_scale: Scale::Logarithmic,
        y_possible: (0.0, f64::INFINITY),
        reference: None,
        series: curves
            .into_iter()
            .map(|(name, look, from, to)| {
                let at = |k: usize| {
                    let x = 100.0 * (k + 1) as f64;
                    let y = to + (from - to) * (-(x - 100.0) / 600.0).exp();
                    (x, y, 0.08 * y * (0.7 + 0.3 * noise(k)))
                };
                series(name, look, (0..50).map(at))
            })
            .collect(),
        note: String::new(),
    };
    let plain = "Query loss L (lower is better)";
    let fair = "Query objective L + 10 R (lower is better)";
    Curves {
        title: "Synthetic tasks: training (mean of 10 runs, 95% intervals)".into(),
        panels: vec![
            panel(
                "γ = 0",
                plain,
                vec![("MAML", MAML, 2.5, 0.4), ("pre-trained", PRE_TRAINED, 0.8, 0.5)],
            ),
            panel("γ = 0, published code", plain, vec![("MAML", MAML, 1.4, 0.6)]),
            panel("γ = 10", fair, vec![("Fair-MAML", FAIR_MAML, 11.5, 1.8)]),
        ],
    }
}

fn boundaries() -> Boundaries {
    let normal = |k: usize| (0..6).map(|j| noise(6 * k + j)).sum::<f64>() - 3.0;
    let point = |k: usize| {
        let positive = k.is_multiple_of(2);
        let shift = if positive { 1.8 } else { -1.8 };
        boundary::Point {
            x: shift + 2.8 * normal(2 * k),
            y: shift + 2.8 * normal(2 * k + 1),
            positive,
            protected: noise(k + 900) < if positive { 0.25 } else { 0.75 },
        }
    };
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let panel = |title: &str, p: &dyn Fn(f64, f64) -> f64| boundary::Panel {
        title: title.into(),
        subtitle: "accuracy 0.82, parity ratio 0.16".into(),
        grid: Grid::sample((-9.0, 9.0), (-8.0, 8.0), (121, 121), |at| {
            at.iter().map(|(x, y)| p(*x, *y)).collect()
        }),
    };
    let task = |name: &str, flat: f64| boundary::Task {
        name: name.into(),
        points: (0..200).map(point).collect(),
        fine_tuning: (200..210)
            .step_by(2)
            .map(point)
            .map(|p| boundary::Point { protected: true, ..p })
            .collect(),
        panels: vec![
            panel("pre-trained (γ = 0)", &|x, y| {
                sigmoid(flat * (x + 0.6 * y + 2.0 * (0.5 * x).sin()))
            }),
            panel("MAML (γ = 0)", &|x, y| sigmoid(flat * (4.0 - x.hypot(y)) * (x + 1.5))),
            panel("Fair-MAML (γ = 10)", &|x, y| sigmoid(0.8 + 0.05 * flat * (x - y))),
        ],
    };
    Boundaries {
        title: "Decisions on one test task before and after one step on 5 support points".into(),
        axes: ("x₁".into(), "x₂".into()),
        tasks: vec![task("before", 1.0), task("after", 0.4)],
    }
}

fn strips() -> Strips {
    let row = |name: &str, look, low: f64, high: f64, share: f64| {
        let value = |k: usize| {
            let heap = if noise(k) < share { low } else { high };
            heap + 0.012 * (noise(k + 100) - 0.5)
        };
        let values: Vec<f64> = (0..30).map(value).collect();
        let mean = values.iter().sum::<f64>() / 30.0;
        let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 29.0;
        Row { name: name.into(), look, values, mean: within(mean, 2.05 * (spread / 30.0).sqrt()) }
    };
    let panel = |title: &str, shift: f64| strip::Panel {
        title: title.into(),
        rows: vec![
            row("Fair-MAML (γ = 1) − MAML", FAIR_MAML, -0.13 + shift, 0.01 + shift, 0.6),
            row("Fair-MAML (γ = 10) − MAML", FAIR_MAML, -0.13 + shift, 0.02, 0.9),
            row("pre-trained (γ = 1) − MAML", PRE_TRAINED, 0.0 + shift, 0.16, 0.5),
            row("LAFTR − MAML", LAFTR, -0.08, -0.02 + shift, 0.3),
        ],
        references: vec![
            (0.0, "no difference".into()),
            (-0.02, "margin".into()),
            (0.02, "margin".into()),
        ],
        range: None,
    };
    Strips {
        title: "Differences from MAML run by run (30 runs, 95% intervals)".into(),
        x_label: "Difference in accuracy (higher is better)".into(),
        panels: vec![panel("Synthetic", 0.0), panel("Communities", 0.03)],
    }
}
