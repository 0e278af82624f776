//! How often the 95% intervals of an audit cover the truth: `cargo bench -p fair-maml-audit`.
//!
//! Each scenario has a share of protected rows, the share of positive labels of either side, and
//! the true and false positive rates of either side. Tables of n rows are drawn from it, audited,
//! and each interval is compared with the true value. The program ends with an error if an interval
//! covers its true value in fewer than 92% of the tables of a scenario with 200 rows or more.

use audit::{Audit, Counts, Metric, Quantity, Rate, Settings, Tally};
use fairness::metrics::{Confusion, GroupCounts};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Binomial, Distribution};

/// The least coverage from [`LARGE`] rows on.
const LEAST: f64 = 0.92;
const LARGE: u64 = 200;
const ROWS: [u64; 3] = [50, 200, 1000];
const TABLES: usize = 2000;
/// A figure that exists in fewer of the tables is left out.
const FEWEST: usize = TABLES / 5;

/// Names, and the true and the false positive rates of the protected and of the other side.
const RATES: [(&str, [f64; 2], [f64; 2]); 12] = [
    ("equal rates", [0.7, 0.7], [0.3, 0.3]),
    ("equal rates near the ends", [0.95, 0.95], [0.05, 0.05]),
    ("equal ratios", [0.4, 0.8], [0.2, 0.4]),
    ("equal differences", [0.5, 0.7], [0.1, 0.3]),
    ("nearly equal rates", [0.4, 0.5], [0.3, 0.24]),
    ("nearly equal differences", [0.5, 0.7], [0.3, 0.12]),
    ("unequal", [0.6, 0.9], [0.2, 0.25]),
    ("near 1 and 0", [0.98, 0.95], [0.02, 0.01]),
    ("near 0", [0.05, 0.02], [0.005, 0.002]),
    ("near 1", [0.99, 0.9], [0.6, 0.5]),
    ("one side near 0", [0.02, 0.3], [0.01, 0.01]),
    ("other side near 0", [0.3, 0.02], [0.3, 0.03]),
];
const SHARES: [f64; 3] = [0.5, 0.2, 0.8];
const POSITIVE: [[f64; 2]; 3] = [[0.5, 0.5], [0.3, 0.6], [0.2, 0.1]];

struct Scenario {
    name: String,
    /// Of the protected and of the other side: the shares of all rows that are true positives,
    /// false positives, true negatives and false negatives.
    cells: [[f64; 4]; 2],
}

fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for (name, true_positive, false_positive) in RATES {
        for share in SHARES {
            for positive in POSITIVE {
                let cells = [0, 1].map(|side| {
                    let of_side = [share, 1.0 - share][side];
                    let [yes, no] = [positive[side], 1.0 - positive[side]].map(|p| p * of_side);
                    let (t, f) = (true_positive[side], false_positive[side]);
                    [yes * t, no * f, no * (1.0 - f), yes * (1.0 - t)]
                });
                let [p, q] = positive;
                let name = format!("{name}, {share} protected, {p} and {q} positive");
                all.push(Scenario { name, cells });
            }
        }
    }
    all
}

fn confusion(cells: [u64; 4]) -> Confusion {
    Confusion {
        true_positives: cells[0],
        false_positives: cells[1],
        true_negatives: cells[2],
        false_negatives: cells[3],
    }
}

impl Scenario {
    /// The true value of each figure.
    fn truth(&self) -> Vec<Option<f64>> {
        const MANY: f64 = 1e15;
        let [protected, unprotected] =
            self.cells.map(|cells| confusion(cells.map(|cell| (cell * MANY).round() as u64)));
        let rates = [protected, unprotected];
        let rates = rates.iter().flat_map(|side| Rate::ALL.iter().map(|rate| rate.of(side)));
        let counts = GroupCounts { protected, unprotected };
        rates.chain(Metric::ALL.iter().map(|metric| metric.of(&counts))).collect()
    }

    /// A table of independent rows.
    fn table(&self, rows: u64, rng: &mut ChaCha8Rng) -> Counts {
        let names = ["protected".to_owned(), "other".to_owned()];
        let mut tally = Tally::new(&names, None).expect("two groups");
        let (mut left, mut share_left) = (rows, 1.0);
        let outcomes = [(true, true), (false, true), (false, false), (true, false)];
        for (group, cells) in self.cells.iter().enumerate() {
            for (&cell, (label, decision)) in cells.iter().zip(outcomes) {
                let share: f64 = cell / share_left;
                let drawn =
                    Binomial::new(left, share.clamp(0.0, 1.0)).expect("a share").sample(rng);
                (0..drawn).for_each(|_| tally.record(0, group, label, decision));
                left -= drawn;
                share_left -= cell;
            }
        }
        tally.finish().expect("rows")
    }
}

/// The names of the figures: the rates of either side, and the metrics.
fn figures() -> Vec<String> {
    let of = |side: &'static str| Rate::ALL.iter().map(move |r| format!("{} ({side})", r.key()));
    let metrics = Metric::ALL.iter().map(|metric| metric.key().to_owned());
    of("protected").chain(of("other")).chain(metrics).collect()
}

/// The intervals of a table, in the order of the figures; `None` where there is no value.
fn intervals(counts: &Counts) -> Vec<Option<(f64, f64)>> {
    let settings = Settings { protected: vec!["protected".into()], ..Settings::default() };
    let Ok(audit) = Audit::new(counts, &settings) else { return vec![None; figures().len()] };
    let group = |name: &str| audit.pooled.groups.iter().find(|group| group.name == name);
    let rates = ["protected", "other"].map(group).into_iter().flat_map(|group| {
        Rate::ALL.iter().map(move |&rate| group.and_then(|group| group.rates[rate].interval))
    });
    rates.chain(audit.pooled.metrics.iter().map(|(_, estimate)| estimate.interval)).collect()
}

/// The share of the tables in which each figure's interval has its true value; `None` if it exists
/// in too few.
fn coverage(scenario: &Scenario, rows: u64, seed: u64) -> Vec<Option<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let truth = scenario.truth();
    let mut counted = vec![(0, 0); truth.len()];
    for _ in 0..TABLES {
        let found = intervals(&scenario.table(rows, &mut rng));
        for ((covered, defined), (found, truth)) in counted.iter_mut().zip(found.iter().zip(&truth))
        {
            let (Some((low, high)), Some(truth)) = (found, truth) else { continue };
            *defined += 1;
            // The truth is rounded.
            *covered += usize::from(low - 1e-9 <= *truth && *truth <= high + 1e-9);
        }
    }
    let share = |(covered, defined): (usize, usize)| {
        (defined >= FEWEST).then_some(covered as f64 / defined as f64)
    };
    counted.into_iter().map(share).collect()
}

fn main() {
    let scenarios = scenarios();
    println!("{} scenarios, {TABLES} tables of each", scenarios.len());
    println!("| figure | rows | least coverage | mean | the scenario of the least |");
    println!("|---|---|---|---|---|");
    let mut failed = Vec::new();
    for rows in ROWS {
        let found: Vec<Vec<Option<f64>>> =
            (0..).zip(&scenarios).map(|(seed, one)| coverage(one, rows, seed)).collect();
        for (place, figure) in figures().iter().enumerate() {
            let of =
                |(covered, scenario): (&Vec<Option<f64>>, _)| Some((covered[place]?, scenario));
            let all: Vec<(f64, &Scenario)> = found.iter().zip(&scenarios).filter_map(of).collect();
            let Some(&(least, worst)) = all.iter().min_by(|a, b| a.0.total_cmp(&b.0)) else {
                continue;
            };
            let mean = all.iter().map(|(covered, _)| covered).sum::<f64>() / all.len() as f64;
            println!("| {figure} | {rows} | {least:.3} | {mean:.3} | {} |", worst.name);
            if rows >= LARGE && least < LEAST {
                failed.push(format!("{figure} at {rows} rows: {least:.3}"));
            }
        }
    }
    assert!(failed.is_empty(), "coverage below {LEAST}: {}", failed.join("; "));
}
