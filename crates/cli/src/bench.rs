//! `fair-maml bench`: the time of one meta-iteration and of a Hessian-vector product.

use experiment::timing::{self, Timing};
use report::terminal::{self, Terminal};

use crate::args::{Bench, Real};
use crate::error::Result;
use crate::{output, threads};

/// Times the workloads and prints the results.
pub fn run(args: &Bench) -> Result<()> {
    let threads = threads::wanted(args.threads);
    let timings = match args.precision {
        Real::F64 => timing::in_f64(threads, &args.algorithm)?,
        Real::F32 => timing::in_f32(threads, &args.algorithm)?,
    };
    if !args.json {
        return output::print(&table(&timings, Terminal::stdout()));
    }
    for timing in &timings {
        output::print_json(timing)?;
    }
    Ok(())
}

fn table(timings: &[Timing], terminal: Terminal) -> String {
    let head = ["operation", "algorithm", "precision", "threads", "median µs", "min µs", "max µs"];
    let row = |timing: &Timing| {
        let [median, min, max] =
            [timing.median_us, timing.min_us, timing.max_us].map(|us| format!("{us:.1}"));
        let (what, threads) = (timing.workload.clone(), timing.threads.to_string());
        let algorithm = timing.algorithm.unwrap_or_default().to_owned();
        vec![what, algorithm, timing.precision.into(), threads, median, min, max]
    };
    let rows = timings.iter().map(row).collect();
    let table = terminal::table(&head.map(String::from), rows, 3, terminal.width);
    let (ratio, work) = match timings {
        [.., gradient, hvp] => {
            let work = hvp.multiply_adds as f64 / gradient.multiply_adds as f64;
            (hvp.median_us / gradient.median_us, work)
        }
        _ => (f64::NAN, f64::NAN),
    };
    let title = terminal.wrap("One meta-iteration of each workload, and derivatives on one thread");
    let last = terminal.wrap(&format!(
        "A value with its gradient and a Hessian-vector product takes {ratio:.2} times as long as a \
         gradient, for {work:.2} times as many multiply-adds."
    ));
    format!("{title}\n{table}\n{last}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use experiment::timing::timing;

    /// Each statistic is in the column of its name; the last line has the ratio of the last two
    /// rows.
    #[test]
    fn the_table_has_the_statistics() {
        let of = |name: &str, times: [f64; 3], multiply_adds| Timing {
            multiply_adds,
            ..timing(name.into(), "f64", 1, times.to_vec())
        };
        let timings = [of("gradient", [4.0, 2.0, 9.0], 100), of("hvp", [10.0, 30.0, 11.0], 310)];
        let narrow = table(&timings, Terminal::plain(60));
        let longest = narrow.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(60), "{narrow}");
        let table = table(&timings, Terminal::plain(100));
        let row = |name| table.lines().find(|line| line.contains(name)).unwrap();
        let cells = |name| row(name).split_whitespace().skip(1).collect::<Vec<_>>();
        assert_eq!(cells("gradient "), ["f64", "1", "4.0", "2.0", "9.0"]);
        assert_eq!(cells("hvp"), ["f64", "1", "11.0", "10.0", "30.0"]);
        let last = "takes 2.75 times as long as a gradient, for 3.10 times as many multiply-adds.";
        let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.ends_with(last), "{table}");
    }
}
