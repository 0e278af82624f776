//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum, value_parser};

const EXAMPLES: &str = "\
Examples:
  fair-maml                                  everything, with the paper's settings
  fair-maml --quick                          the same in seconds: too short to conclude from
  fair-maml reproduce communities --seeds 3  the paper's three runs on Communities and Crime
  fair-maml reproduce synthetic --gammas 0,1,10,100 --out sweep
  fair-maml reproduce --manifest results/manifest.json --out again
  fair-maml meta-grad tests/cases/tanh_dp_one_step.json

Exit codes: 0 done, 1 a comparison found differences, 2 not possible as asked.";

/// Fair-MAML (Slack, Friedler, Givental 2019): learn initial weights over many related tasks so
/// that one gradient step on a few rows of a new task gives a classifier that is accurate and
/// fair.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What to do; without a command, `reproduce`.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Options of `reproduce`.
    #[command(flatten)]
    pub reproduce: Reproduce,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Reproduce the paper: Fair-MAML, MAML, the pre-trained network, LAFTR and controls
    ///
    /// Prints tables and a verdict on each of the paper's claims; writes a report, CSV files of
    /// every run, SVG figures and a manifest that reproduces them. When interrupted, the same
    /// command takes up where it stopped. Results depend on the settings and the seeds alone: they are the same to
    /// the last byte on any number of threads.
    Reproduce(Reproduce),

    /// Compute the meta-gradients of a case given as JSON, and compare if it says what to expect
    ///
    /// Prints one JSON object: support_loss, support_gradient, hessian_vector_product,
    /// query_loss, meta_loss, meta_gradient, first_order_meta_gradient; without a `vector` in the
    /// case there is no hessian_vector_product. If the case has
    /// `expected`, every array is compared to 1e-9 relative to its norm; those that differ are
    /// named and the exit code is 1.
    MetaGrad(MetaGrad),

    /// Time one meta-iteration of three workloads, and a Hessian-vector product
    ///
    /// Prints the median, the least and the greatest of 21 measurements in microseconds. A
    /// meta-iteration is every task's inner step, query loss and exact meta-gradient, their sum,
    /// and one Adam update. Machines differ and are noisy: compare ratios measured side by side.
    Bench(Bench),
}

/// Options of `bench`.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// Of all numbers
    #[arg(long, value_enum, default_value = "f64")]
    pub precision: Real,

    /// Threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Print a JSON object a line instead of a table
    #[arg(long)]
    pub json: bool,
}

/// A precision of floating-point numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Real {
    /// Double
    F64,
    /// Single
    F32,
}

/// Options of `meta-grad`.
#[derive(Debug, clap::Args)]
pub struct MetaGrad {
    /// The case, or `-` for one on standard input; tests/cases/README.md has the format
    pub case: PathBuf,
}

/// The paper's problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Problems {
    /// The synthetic tasks of section 6.1
    Synthetic,
    /// Communities and Crime, one task a state (6.3)
    Communities,
    /// Both
    All,
}

/// Options of `reproduce`.
#[derive(Debug, clap::Args)]
pub struct Reproduce {
    /// Which problems
    #[arg(value_enum, default_value = "all")]
    pub problem: Problems,

    /// Independent runs of every method; each draws its own tasks, held-out tasks, episodes and
    /// weights [default: 10]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=10_000))]
    pub seeds: Option<u64>,

    /// Weights of the regularizer, in place of the paper's (0, 2, 5 and 10 synthetic; Communities 0
    /// to 4 for demographic parity, 0 to 40 by 10 for equal opportunity); LAFTR, the published
    /// code's variant and all other readings keep theirs
    #[arg(long, value_name = "G,G,…", value_delimiter = ',', value_parser = gamma)]
    pub gammas: Option<Vec<f64>>,

    /// Meta-iterations [default: 5000 synthetic, 2000 Communities]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=1_000_000_000))]
    pub iterations: Option<u64>,

    /// Threads [default: all cores]; the results do not depend on it
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub out: PathBuf,

    /// Communities and Crime from this file instead of the copy in the program: UCI's original
    /// communities.data, or the format of datasets/communities_and_crime.csv
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// Few seeds, few iterations, few settings: shows in seconds that all works, concludes nothing
    #[arg(long)]
    pub quick: bool,

    /// Print the summary as JSON instead of tables
    #[arg(long)]
    pub json: bool,

    /// Repeat the run that wrote this manifest
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["problem", "seeds", "gammas", "iterations", "data", "quick"])]
    pub manifest: Option<PathBuf>,
}

fn gamma(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(gamma) if gamma.is_finite() && gamma >= 0.0 => Ok(gamma),
        _ => Err("a finite number of at least 0 is needed".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn no_command_means_reproduce() {
        let bare = Args::parse_from(["fair-maml", "--seeds", "3"]);
        assert!(bare.command.is_none());
        assert_eq!(bare.reproduce.seeds, Some(3));
        assert_eq!(bare.reproduce.problem, Problems::All);
    }
}
