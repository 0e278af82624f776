//! Prints the page of a made-up report, to be looked at: seven claims, findings, long tables and
//! two figures. No number in it means anything.
//!
//! ```sh
//! cargo run -p report --example page > page.html
//! cargo run -p report --example page -- too-short > page.html
//! cargo run -p report --example page -- markdown > page.md
//! ```

use report::figure::curve::{self, Curves, Sample, Scale, Series};
use report::figure::style::Look;
use report::figure::tradeoff::{self, Method, Setting, Tradeoff};
use report::figure::{Estimate, FigureError};
use report::mean::Mean;
use report::page::{
    Claim, Definition, Evidence, Figure, Finding, Report, Section, Source, Table, Term, Tested,
    Unit, Verdict,
};

fn main() -> Result<(), FigureError> {
    let mut report = report()?;
    match std::env::args().nth(1).as_deref() {
        Some("markdown") => println!("{}", report.markdown("")),
        Some("too-short") => {
            report.claims.iter_mut().for_each(|claim| claim.verdict = Verdict::TooShort);
            println!("{}", report.html());
        }
        _ => println!("{}", report.html()),
    }
    Ok(())
}

fn report() -> Result<Report, FigureError> {
    Ok(Report {
        title: "Fair-MAML: what the paper claims, and what was found here".into(),
        about: vec![
            "A made-up report, to see what a page looks like. Fair-MAML is a way of learning how to \
             learn fairly; below is what would have become of the claims made for it."
                .into(),
        ],
        definitions: definitions(),
        sources: sources(),
        reading: vec![
            "Differences between methods are paired: the same tasks, the same support rows, the same \
             query rows, in the same run. Means are over the tasks of a run, then over seeds. A \
             difference below 0.05 in accuracy or in parity is too small to count."
                .into(),
            "A part of a claim is refuted if its interval excludes any effect worth having, borne out \
             if the whole interval lies on the claimed side of zero and its mean is worth having, and \
             open otherwise."
                .into(),
        ],
        claims: claims(),
        findings: findings(),
        sections: vec![problem("Synthetic tasks", 3)?, problem("Communities and Crime", 9)?],
        glossary: glossary(),
        provenance: [
            ("program", "fair-maml 0.1.0"),
            ("repeated by", "fair-maml reproduce --manifest manifest.json"),
            ("synthetic", "10 runs (seeds 0 to 9), 5000 meta-iterations of 8 tasks, K = 5"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into(),
    })
}

fn definitions() -> Vec<Definition> {
    let lines = [
        ("Fair-MAML", "MAML with a term for fairness in its loss, weighted by γ."),
        (
            "MAML",
            "Learns initial weights from which one step on a few rows of a new task is enough.",
        ),
        (
            "pre-trained network",
            "One network for all tasks, fine-tuned on the rows of the new one.",
        ),
        ("LAFTR", "Learns a fair representation, on which a new network is trained."),
        ("γ", "The weight of fairness in what is minimized: loss + γ · unfairness."),
        ("K", "How many labeled rows of a new task a method gets to see."),
        ("support rows", "The K rows a method adapts to; it is judged on the query rows."),
        ("protected group", "The group that must not be treated worse than everyone else."),
        ("parity", "min(r, 1/r), where r = P(accepted | protected) / P(accepted | not protected)."),
        ("opportunity", "Parity among the rows whose label is positive."),
        ("95% interval", "Holds the true mean in 95 of 100 repetitions of everything."),
    ];
    lines.map(|(term, text)| Definition::new(term, text)).into()
}

fn sources() -> Vec<Source> {
    vec![
        Source::new(
            "The paper",
            "Slack, Friedler and Givental, Fair Meta-Learning: Learning How to Learn Fairly (2019)",
            "https://arxiv.org/abs/1911.04336",
        ),
        Source::new("MAML", "Finn, Abbeel and Levine (2017)", "https://arxiv.org/abs/1703.03400"),
        Source::new("The data", "Communities and Crime, UCI", "https://doi.org/10.24432/C53W3X"),
    ]
}

fn glossary() -> Vec<Term> {
    let mut terms: Vec<Term> =
        definitions().into_iter().map(|line| Term::new(line.term, line.text)).collect();
    terms.extend([
        Term::new("collapse", "Deciding all rows of a task alike.").forms(["collapses"]),
        Term::new("front", "The settings of which no other is both more accurate and fairer."),
        Term::new("query rows", "The rows of a task that a method is judged on."),
        Term::new("seed", "What fixes everything random in a run.")
            .forms(["seeds"])
            .link("https://arxiv.org/abs/1911.04336"),
    ]);
    terms.sort_by_key(|term| term.term.to_lowercase());
    terms
}

/// Ten seeds around a mean; where there are two modes, the mean is far from each of them.
fn seeds(mean: f64, spread: f64, two_modes: bool) -> Vec<f64> {
    let at = |k: u32| {
        let noise = f64::from(k * 37 % 11) / 5.0 - 1.0;
        let mode = if two_modes && k.is_multiple_of(2) { -2.5 } else { 2.5 };
        mean + spread * (noise * 0.6 + if two_modes { mode } else { 0.0 })
    };
    (0..10).map(at).collect()
}

fn row(quantity: &str, mean: f64, spread: f64, two_modes: bool) -> Evidence {
    let seeds = seeds(mean, spread, two_modes);
    Evidence::difference(quantity, Mean::of(&seeds)).seeds(seeds).undefined(17, 1000)
}

fn claims() -> Vec<Claim> {
    let (accuracy, fairness, area) = (Unit::Accuracy, Unit::Fairness, Unit::Area);
    let under = "K = 5, inner rate 0.3, 5000 meta-iterations, biased support rows";
    let rates = [0.0001, 0.001, 0.01].map(|rate| {
        row(&format!("Communities: accuracy at 0.1 − at {rate} (open)"), 0.03 * rate, 0.01, false)
            .tested(Tested::More, 0.0)
    });
    let texts = [
        (
            "Synthetic tasks, biased fine-tuning: Fair-MAML keeps its accuracy where the fine-tuned pre-trained network loses it.",
            Verdict::DoesNotHold,
        ),
        (
            "Synthetic tasks, biased fine-tuning: Fair-MAML is fairer than the fine-tuned pre-trained network.",
            Verdict::DoesNotHold,
        ),
        (
            "Communities and Crime, demographic parity: Fair-MAML has the better front of accuracy and fairness.",
            Verdict::InPart,
        ),
        (
            "Communities and Crime, equal opportunity: Fair-MAML has the better front of accuracy and fairness.",
            Verdict::Holds,
        ),
        (
            "LAFTR is not useful with 10 points (1 epoch), reasonable with 30 points and 100 epochs, and similar to Fair-MAML with 50.",
            Verdict::InPart,
        ),
        (
            "The pre-trained network's best fine-tuning rates are 0.3 (synthetic) and 0.1 (Communities).",
            Verdict::Undecided,
        ),
        ("Ten communities are enough for Fair-MAML to adapt to a new state.", Verdict::Undecided),
    ];
    let evidence = [
        vec![
            row("accuracy, Fair-MAML, γ = 10 − pre-trained (refuted)", 0.003, 0.01, false)
                .tested(Tested::More, 0.05),
            row("accuracy, Fair-MAML, γ = 10 − the better constant decision (refuted)", -0.03, 0.02, true)
                .tested(Tested::More, 0.05),
            row("parity, Fair-MAML, γ = 10 − pre-trained (for comparison)", 0.21, 0.08, true)
                .unit(fairness),
            Evidence::level("tasks decided by one class, Fair-MAML, γ = 10 (for comparison)", Mean::of_rates(&[0.98, 1.0, 0.9, 1.0]))
                .unit(Unit::Share)
                .seeds([0.98, 1.0, 0.9, 1.0]),
        ],
        vec![
            row("parity, Fair-MAML, γ = 10 − pre-trained (refuted)", 0.005, 0.02, false)
                .unit(fairness)
                .tested(Tested::More, 0.05),
            Evidence::difference("parity, Fair-MAML − LAFTR (open)", None).unit(fairness).undefined(50, 50),
        ],
        vec![
            row("area of parity, Fair-MAML − pre-trained, fine-tuned at 0.1 (borne out)", 0.06, 0.01, false)
                .unit(area).tested(Tested::More, 0.025),
            row("area of parity, Fair-MAML − LAFTR (open)", 0.02, 0.02, true).unit(area).tested(Tested::More, 0.025),
        ],
        vec![row("area of opportunity, Fair-MAML − pre-trained (borne out)", 0.08, 0.02, false).unit(area).tested(Tested::More, 0.025)],
        vec![
            row("accuracy, LAFTR with 10 points and 1 epoch − the better constant decision (borne out)", -0.02, 0.02, false).unit(accuracy).tested(Tested::NotMore, 0.05),
            row("area of parity, LAFTR with 50 points − Fair-MAML with 10 (refuted)", -0.09, 0.02, false).unit(area).tested(Tested::Alike, 0.025),
        ],
        rates.into(),
        vec![Evidence::difference("area of parity, Fair-MAML with 10 points − with 0 (open)", Some(Mean { mean: 0.01, interval: None, values: 1 })).unit(area).tested(Tested::More, 0.025)],
    ];
    texts
        .into_iter()
        .zip(evidence)
        .map(|((claim, verdict), evidence)| {
            Claim::new(claim, verdict)
                .because("After one step on the support rows it decides 92% of the tasks by one class. Such a collapse is of no use to anybody.")
                .under(under)
                .evidence(evidence)
        })
        .collect()
}

fn findings() -> Vec<Finding> {
    let methods = ["MAML", "Fair-MAML, γ = 10", "pre-trained", "LAFTR", "from scratch"];
    let both = |method: &&str| {
        [(Unit::Accuracy, "accuracy", 0.02), (Unit::Fairness, "parity", -0.1)].map(
            |(unit, name, mean)| {
                let what = format!("synthetic, {method}, after − before: {name}");
                row(&what, mean, 0.02, false).unit(unit).margin(0.05)
            },
        )
    };
    let shares = methods.iter().flat_map(|method| {
        [0.0, 0.3, 0.9].map(|share| {
            let seeds: Vec<f64> = (0..10).map(|k| share + 0.01 * f64::from(k)).collect();
            Evidence::level(format!("synthetic, {method}, before"), Mean::of_rates(&seeds))
                .unit(Unit::Share)
                .seeds(seeds)
        })
    });
    vec![
        Finding {
            heading: "What adaptation buys".into(),
            text: "What the step on the support rows is worth, after it minus before it.".into(),
            evidence: methods.iter().flat_map(both).collect(),
        },
        Finding {
            heading: "Where settings collapse to one class".into(),
            text: "The share of tasks in which everybody is decided alike.".into(),
            evidence: shares.collect(),
        },
    ]
}

fn problem(title: &str, more: usize) -> Result<Section, FigureError> {
    Ok(Section {
        heading: title.into(),
        text: vec![format!(
            "Held-out tasks of {title}, 10 runs. Parity is min(r, 1/r): 1 is fair, whichever group is \
             favored. A front is made of settings γ."
        )],
        tables: vec![table("Every method after adaptation to K rows", more)],
        figures: vec![tradeoff(title)?],
        subsections: vec![Section {
            heading: "How many rows to adapt to".into(),
            text: vec!["The support sets of a task nest.".into()],
            tables: vec![table("Accuracy and parity by the number of support rows", 1)],
            figures: vec![curves(title)?],
            ..Section::default()
        }],
    })
}

/// Five rows each time.
fn table(caption: &str, times: usize) -> Table {
    let head = [
        "method",
        "regularizer, γ",
        "rate",
        "accuracy",
        "before",
        "parity",
        "its ratio",
        "opportunity",
        "its ratio",
        "undefined",
    ];
    let methods = ["MAML", "Fair-MAML", "pre-trained", "LAFTR", "from scratch"];
    let row = |method: &str, k: usize| {
        let x = (k * 7 + method.len() * 3) % 10;
        let mut cells = vec![method.to_owned(), format!("demographic parity, {k}")];
        cells.extend([format!("0.{}", x % 4 + 1), format!("0.7{x}4 ± 0.021"), format!("0.5{x}1")]);
        cells.push(if x == 3 { "n/a".into() } else { format!("0.{x}44 ± 0.121") });
        cells.extend([format!("-0.{x}12"), format!("0.{x}51 ± 0.1"), format!("1.{x}1")]);
        cells.push(format!("{x} of 100"));
        cells
    };
    let rows = methods.iter().flat_map(|method| (0..times).map(move |k| row(method, k)));
    Table {
        caption: caption.into(),
        head: head.map(String::from).into(),
        rows: rows.collect(),
        numeric_from: 2,
    }
}

fn estimate(mean: f64, half: f64) -> Estimate {
    Estimate { mean, interval: Some((mean - half, mean + half)) }
}

fn tradeoff(title: &str) -> Result<Figure, FigureError> {
    let method = |(name, look, accuracy): (&str, Look, f64)| Method {
        name: name.into(),
        look,
        varies: Some("γ".into()),
        settings: [0.0, 2.0, 5.0, 10.0]
            .map(|gamma| Setting {
                value: Some(gamma),
                accuracy: estimate(accuracy - 0.012 * gamma, 0.02),
                fairness: Some(estimate(0.55 + 0.04 * gamma, 0.05)),
            })
            .into(),
    };
    let panel = tradeoff::Panel {
        title: "Demographic parity".into(),
        fairness: "Parity".into(),
        methods: [
            ("Fair-MAML", Look::FairMaml, 0.78),
            ("Pre-trained", Look::PreTrained, 0.74),
            ("LAFTR", Look::Laftr, 0.69),
        ]
        .map(method)
        .into(),
        note: String::new(),
    };
    let other = tradeoff::Panel { title: "Equal opportunity".into(), ..panel.clone() };
    let svg = Tradeoff {
        title: format!("{title}: accuracy and fairness (10 runs, 95% intervals)"),
        panels: vec![panel, other],
    }
    .svg()?;
    Ok(Figure {
        file: "tradeoff.svg".into(),
        caption: "Accuracy against parity as γ varies; up and to the right is better.".into(),
        svg,
        description: "Fair-MAML lies above LAFTR at every γ.".into(),
    })
}

fn curves(title: &str) -> Result<Figure, FigureError> {
    let series = |(name, look, most): (&str, Look, f64)| Series {
        name: name.into(),
        look,
        samples: (0..=10)
            .map(|k| {
                let x = f64::from(k) * 500.0;
                Sample { x, y: Some(estimate(most - 0.25 * (-x / 1000.0).exp(), 0.02)) }
            })
            .collect(),
    };
    let panel = curve::Panel {
        title: "Held-out tasks".into(),
        x_label: "Meta-iterations".into(),
        y_label: "Accuracy (higher is better)".into(),
        x_scale: Scale::Linear,
        y_possible: (0.0, 1.0),
        reference: None,
        series: [("MAML", Look::Maml, 0.75), ("Fair-MAML", Look::FairMaml, 0.73)]
            .map(series)
            .into(),
        note: String::new(),
    };
    let svg = Curves { title: format!("{title}: learning curves (10 runs)"), panels: vec![panel] }
        .svg()?;
    Ok(Figure {
        file: "curves.svg".into(),
        caption: "Accuracy over meta-iterations.".into(),
        svg,
        description: "Both rise and level off after 2000 meta-iterations.".into(),
    })
}
