//! Hessian-vector products in this project's tape and in other published crates, timed in turn.
//!
//! ```text
//! cargo run --release --manifest-path crates/tape/benches/hvp_peers/Cargo.toml
//! ```
//!
//! Every competitor computes f(x), ∇f(x) and ∇²f(x) v of standard test functions, in `f64` on one
//! thread, by the best way its crate documents:
//!
//! - **ours** records matrix operations anew for each product, and reuses the tape's buffers;
//! - **echidna** runs forward over reverse on a recording of scalar operations: once *replaying*
//!   one that was made and optimized beforehand, which no longer follows the function's branches,
//!   and once *recording* for each product as ours does;
//! - **num-dual** has no reverse mode: forward over forward, a pass for each variable or for
//!   every 2 or 10 of them, whichever is fastest;
//! - **ad_trait** runs forward over reverse on its global graph, with two sweeps back.
//!
//! First all of them must agree. Then each round times all of them for about 2 ms each, one after
//! the other; the table gives the median over rounds of each time and of its ratio to ours within
//! a round: above 1 ours is faster, below 1 the peer. All are compiled alike; ours picks its
//! instruction set when it runs, the others use the one they were compiled for, which one can
//! raise with `RUSTFLAGS="-C target-cpu=native"`.

mod competitors;
mod functions;

use std::time::{Duration, Instant};

use competitors::{Column, Competitor, Derivatives, competitors};
use functions::{Function, LogSumExp, Powell, Rosenbrock};

const ROUNDS: usize = 21;
const TURN: Duration = Duration::from_millis(2);
const TOLERANCE: f64 = 1e-10;

/// The columns beside ours.
const PEERS: [(Column, &str); 4] = [
    (Column::EchidnaReplay, "echidna replay"),
    (Column::EchidnaRecord, "echidna record"),
    (Column::NumDual, "num-dual"),
    (Column::AdTrait, "ad_trait"),
];

fn main() {
    print!("{:<16} {:>5} {:>9}", "function", "n", "ours µs");
    for (_, name) in PEERS {
        print!(" {:>17} {:>7}", format!("{name} µs"), "/ ours");
    }
    println!();
    for n in [2, 10, 100, 1000] {
        compare(&Rosenbrock, n);
    }
    compare(&Powell, 100);
    compare(&LogSumExp::new(100, 20), 100);
}

/// One row of the table.
fn compare<F: Function>(f: &F, n: usize) {
    let x: Vec<f64> = (0..n).map(|i| (i as f64 + 1.0).sin()).collect();
    let v: Vec<f64> = (0..n).map(|i| (3.0 * i as f64).cos()).collect();
    let mut competitors = competitors(f, &x, &v);
    assert_agreement::<F>(&mut competitors, n);
    let times = times(&mut competitors, n);
    let best = |column| {
        let of_column = competitors.iter().zip(&times).filter(|(c, _)| c.column == column);
        of_column.map(|(_, times)| times).min_by(|a, b| median(a).total_cmp(&median(b)))
    };
    let ours = best(Column::Ours).expect("ours");
    print!("{:<16} {n:>5} {:>9.2}", F::NAME, median(ours));
    for (column, _) in PEERS {
        let theirs = best(column).expect("a way for each column");
        let ratios: Vec<f64> =
            theirs.iter().zip(ours).map(|(theirs, ours)| theirs / ours).collect();
        print!(" {:>17.2} {:>7.2}", median(theirs), median(&ratios));
    }
    println!();
}

fn blank(n: usize) -> Derivatives {
    Derivatives { value: f64::NAN, gradient: vec![f64::NAN; n], product: vec![f64::NAN; n] }
}

/// Panics unless everyone finds what the first competitor finds.
fn assert_agreement<F: Function>(competitors: &mut [Competitor], n: usize) {
    let results = competitors.iter_mut().map(|competitor| {
        let mut out = blank(n);
        (competitor.run)(&mut out);
        (competitor.column, out)
    });
    let results: Vec<_> = results.collect();
    let (_, first) = &results[0];
    for (column, other) in &results[1..] {
        let pairs = [
            ("value", &[first.value][..], &[other.value][..]),
            ("gradient", &first.gradient, &other.gradient),
            ("product", &first.product, &other.product),
        ];
        for (what, ours, theirs) in pairs {
            let error = relative_error(ours, theirs);
            let name = F::NAME;
            assert!(error <= TOLERANCE, "{what} of {name}, {column:?}: off by {error:e}");
        }
    }
}

/// The largest difference over the largest entry; NaN if there is one.
fn relative_error(ours: &[f64], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let largest = |entries: &mut dyn Iterator<Item = f64>| {
        entries.fold(0.0, |most: f64, x| if x.is_nan() { x } else { most.max(x.abs()) })
    };
    let differences = largest(&mut ours.iter().zip(theirs).map(|(ours, theirs)| ours - theirs));
    differences / largest(&mut ours.iter().copied())
}

/// Microseconds per call of each competitor in each round.
fn times(competitors: &mut [Competitor], n: usize) -> Vec<Vec<f64>> {
    let mut out = blank(n);
    let mut turn = |competitor: &mut Competitor, calls: usize| {
        let begin = Instant::now();
        (0..calls).for_each(|_| (competitor.run)(&mut out));
        begin.elapsed() / calls as u32
    };
    let calls: Vec<usize> = competitors.iter_mut().map(|c| calls(|calls| turn(c, calls))).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); competitors.len()];
    for _ in 0..ROUNDS {
        for ((competitor, &calls), times) in competitors.iter_mut().zip(&calls).zip(&mut times) {
            times.push(turn(competitor, calls).as_secs_f64() * 1e6);
        }
    }
    times
}

/// How many calls fill a turn; the first ones only warm up.
fn calls(mut turn: impl FnMut(usize) -> Duration) -> usize {
    turn(3);
    let call = turn(10).max(Duration::from_nanos(1));
    (TURN.as_nanos() / call.as_nanos()).max(1) as usize
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
