//! The command line.

mod audit;
mod limits;
mod own_data;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{
    ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, value_parser,
};
use fairness::Notion;
use meta::AnyAlgorithm;
use meta::algorithm::ALL;
use strsim::levenshtein;

pub use audit::Audit;
pub use limits::LimitOptions;
pub use own_data::{Adapt, Inspect, Predict, Train};

use crate::threads;

/// Short lines do not break in a narrow terminal.
const MORE: &str = "\
Common use:
  fair-maml                  everything, with the paper's
                             settings (minutes)
  fair-maml --quick          a small version in seconds,
                             too short for conclusions
  fair-maml meta-grad FILE   one exact meta-gradient

Without a command, problems and options belong to `reproduce`, as in `fair-maml --seeds 3`. `fair-maml reproduce --help` lists them.

Exit codes: 0 done, 1 a comparison found differences, 2 an error.";

const EXAMPLES: &str = "\
Examples:
  fair-maml reproduce communities --seeds 3
  fair-maml reproduce synthetic --gammas 0,1,10 --out sweep
  fair-maml reproduce --manifest results/manifest.json \\
                      --out again";

/// Fair-MAML (Slack, Friedler, Givental 2019): learn initial weights over many related tasks so
/// that one gradient step on a few rows of a new task gives a classifier that is accurate and
/// fair.
#[derive(Debug, Parser)]
#[command(version, after_help = MORE, args_conflicts_with_subcommands = true)]
#[command(override_usage = "fair-maml [PROBLEM] [OPTIONS]\n       fair-maml <COMMAND> …")]
pub struct Args {
    /// The command; `reproduce` if there is none.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Options of `reproduce`.
    #[command(flatten)]
    pub reproduce: Reproduce,
}

impl Args {
    /// The arguments of this process. Exits if they ask for help or are wrong.
    pub fn of_process() -> Self {
        Self::of(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    fn of(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        // The options of `reproduce` also work without the command, but only its own help lists
        // them.
        let mut command = Self::command().mut_args(|argument| argument.hide(true));
        let matches = command.try_get_matches_from_mut(arguments);
        let args = matches.and_then(|matches: ArgMatches| Self::from_arg_matches(&matches));
        args.map_err(|error| misspelled_command(&error, &command).unwrap_or(error))
    }
}

/// clap reads a misspelled command as a problem. The error then lists the commands as well.
fn misspelled_command(error: &clap::Error, command: &clap::Command) -> Option<clap::Error> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let is_of_problem = text(ContextKind::InvalidArg).is_some_and(|arg| arg.contains("PROBLEM"));
    if error.kind() != ErrorKind::InvalidValue || !is_of_problem {
        return None;
    }
    let given = text(ContextKind::InvalidValue).filter(|given| !given.is_empty())?;
    let commands = command.get_subcommands().map(|command| command.get_name().to_owned());
    let commands: Vec<String> = commands.filter(|name| name != "help").collect();
    if commands.iter().any(|name| name == given) {
        let message = format!("`{given}` is a command; write it before all options\n");
        return Some(clap::Error::raw(ErrorKind::InvalidValue, message));
    }
    let problems = Problems::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let problems: Vec<String> = problems.map(|problem| problem.get_name().to_owned()).collect();
    let near = commands.iter().chain(&problems).map(|name| (levenshtein(given, name), name));
    let near = near.min().filter(|(distance, name)| *distance <= name.len() / 3);
    let tip = near.map_or(String::new(), |(_, name)| format!("; did you mean `{name}`?"));
    let (commands, problems) = (commands.join(", "), problems.join(", "));
    let message =
        format!("`{given}` is neither a command ({commands}) nor a problem ({problems}){tip}\n");
    Some(clap::Error::raw(ErrorKind::InvalidValue, message))
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the paper's experiments (the default)
    ///
    /// Prints tables and a verdict on each of the paper's claims. Writes a report, CSV files of
    /// every run, SVG figures, and a manifest that repeats the run. After an interrupt, the same
    /// command continues the run. Results depend only on the settings and the seeds: they have the
    /// same bytes with any number of threads.
    #[command(after_help = EXAMPLES)]
    Reproduce(Reproduce),

    /// Compute the meta-gradients of a case in JSON
    ///
    /// Prints one JSON object: support_loss, support_gradient, hessian_vector_product, query_loss,
    /// meta_loss, meta_gradient, rates_gradient, first_order_meta_gradient, residual. If the case
    /// has no `vector`, there is no hessian_vector_product. Only meta-sgd has a rates_gradient,
    /// only fair-maml a first_order_meta_gradient, and only imaml a residual: that of its linear
    /// system in each task, relative to the right side. It is not compared. If the case has
    /// `expected`, every array is compared with it, to 1e-9 of the array's norm. If an array
    /// differs, the program names it and exits with code 1.
    MetaGrad(MetaGrad),

    /// Show the tape of a case: the support objective of its first task
    ///
    /// Prints every node with its operation, operands, shape, value and adjoint, and with its
    /// tangents if the case has a `vector`. With --dot it prints the graph for Graphviz.
    Tape(ShowTape),

    /// Check the derivatives of a run against differences
    ///
    /// Trains, and compares gradient, Hessian-vector product, adaptation and meta-gradient with
    /// central differences at several steps, at the initial, the trained and the adapted weights.
    /// A difference across a kink of a ReLU is told from a mistake. Says how large second order is,
    /// and whether the check would notice if it were missing. If a derivative is wrong, the exit
    /// code is 1.
    Check(Check),

    /// Study what second order is, what it buys and what it costs
    ///
    /// Records the parts of the meta-gradient along training, compares the exact one with each
    /// approximation, and measures spectra, landscapes, work and memory. Writes a page, figures,
    /// CSV files and a manifest, and ends with answers in words. After an interrupt, the same
    /// command continues. All files but those with times are the same bytes with any number of
    /// threads.
    Study(Study),

    /// Compare all regularizers, and thresholds that need no training
    ///
    /// Trains Fair-MAML with every regularizer at the same weights γ, and prints the accuracy at a
    /// parity of at least 0.8 with paired differences. Writes a page, figures, CSV files and a
    /// manifest. After an interrupt, the same command continues.
    Fronts(Fronts),

    /// Train a fair model on a table of yours
    ///
    /// Each value of the task column is a task. Trains Fair-MAML with several weights γ, holds out
    /// each task once, and chooses the γ that is most accurate among those with the wanted parity.
    /// Compares it with thresholds by group, which need no training, and says which is better if
    /// the data show it. Writes the model (safetensors), its card as a page and as Markdown, the
    /// front, and all settings. After an interrupt, the same command continues.
    Train(Box<Train>),

    /// Adapt a model to a new task with a few labeled rows
    ///
    /// Takes one step on the labeled rows of a CSV file. If the file has more labeled rows, they
    /// judge the model before and after.
    Adapt(Adapt),

    /// Decide about the rows of a CSV file with a model
    ///
    /// Writes all columns that are no features, such as ids, and a probability and a decision for
    /// each row. The file need not fit into memory.
    Predict(Predict),

    /// Show what a model file has: data, settings, front, audit
    Inspect(Inspect),

    /// Audit the decisions of any classifier for fairness
    ///
    /// Reads a CSV file with a label, a decision or score, and a group in each row. Prints rates by
    /// group, demographic parity, equal opportunity and equalized odds as ratios and differences
    /// with 95% intervals, pooled and by task, and warns where a group is too small to say
    /// anything. Ratios are protected over all others, differences protected minus all others.
    #[command(after_help = audit::EXAMPLES)]
    Audit(Audit),

    /// Time a meta-iteration and a Hessian-vector product
    ///
    /// Prints the median, minimum and maximum of 21 measurements in microseconds. A meta-iteration
    /// computes the inner step, query loss and exact meta-gradient of every task, their sum, and
    /// one Adam update. Machines differ and timings vary, so compare ratios from the same machine.
    Bench(Bench),
}

/// What a command runs.
#[derive(Debug, clap::Args)]
pub struct Subject {
    /// Problems to run
    #[arg(value_enum, default_value = "all")]
    pub problem: Problems,

    /// Number of meta-iterations [default: 5000 synthetic, 2000 Communities]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=1_000_000_000))]
    pub iterations: Option<u64>,

    /// Read Communities and Crime from this file, not from the copy in the program: UCI's original
    /// communities.data, or a file like datasets/communities_and_crime.csv
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// Use few seeds, iterations and settings: a test of the program in seconds, without
    /// conclusions
    #[arg(long)]
    pub quick: bool,
}

/// How a command runs, and where it writes.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// Number of independent runs of every method; each draws its own tasks, held-out tasks,
    /// episodes and weights [default: 10; of reproduce synthetic: 20]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=10_000))]
    pub seeds: Option<u64>,

    /// Number of threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Folder for the results [default: results, study or fronts; with --quick: results-quick, …]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Replace results of another command in the folder
    #[arg(long)]
    pub force: bool,

    /// Repeat the run that wrote this manifest
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["problem", "seeds", "iterations", "data", "quick"])]
    pub manifest: Option<PathBuf>,

    #[command(flatten)]
    pub limits: LimitOptions,
}

impl Run {
    /// The number of threads.
    pub fn threads(&self) -> usize {
        threads::wanted(self.threads)
    }

    /// The folder of the results. A quick run has its own default, so it does not replace a long
    /// run.
    pub fn folder(&self, default: &str, quick: bool) -> PathBuf {
        let default = if quick { format!("{default}-quick") } else { default.into() };
        self.out.clone().unwrap_or_else(|| default.into())
    }
}

/// The loss and the algorithms of `check` and `study`.
#[derive(Debug, clap::Args)]
pub struct Training {
    /// Meta-learning algorithms [default of check: fair-maml; of study: all]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = algorithms())]
    pub algorithm: Option<Vec<AnyAlgorithm>>,

    /// Regularizer [default: demographic-parity]
    #[arg(long, value_name = "NAME", value_parser = regularizers())]
    pub regularizer: Option<Notion>,

    /// Weight γ of the regularizer [default: 1 synthetic, 2 Communities]
    #[arg(long, value_name = "G", value_parser = gamma, allow_hyphen_values = true)]
    pub gamma: Option<f64>,
}

/// Options of `check`.
#[derive(Debug, clap::Args)]
pub struct Check {
    #[command(flatten)]
    pub subject: Subject,

    #[command(flatten)]
    pub training: Training,

    /// Seed of the tasks, the weights and the compared entries
    #[arg(long, value_name = "N", default_value = "0")]
    pub seed: u64,

    /// Largest number of entries of a layer to compare
    #[arg(long, value_name = "N", default_value = "60",
          value_parser = value_parser!(u16).range(1..))]
    pub entries: u16,

    /// Check the plans of a manifest that `reproduce` or `fronts` wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["problem", "data"])]
    pub manifest: Option<PathBuf>,

    /// Folder for the errors as CSV and figure [default: none]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Print one JSON object per problem and algorithm instead of tables
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub limits: LimitOptions,
}

/// Options of `study`.
#[derive(Debug, clap::Args)]
pub struct Study {
    #[command(flatten)]
    pub subject: Subject,

    #[command(flatten)]
    pub training: Training,

    #[command(flatten)]
    pub run: Run,
}

/// Options of `fronts`.
#[derive(Debug, clap::Args)]
pub struct Fronts {
    #[command(flatten)]
    pub subject: Subject,

    #[command(flatten)]
    pub run: Run,
}

/// Options of `bench`.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// Floating-point type
    #[arg(long, value_enum, default_value = "f64")]
    pub precision: Real,

    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Meta-learning algorithms to time, one after the other
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = algorithms(),
          default_value = "fair-maml")]
    pub algorithm: Vec<AnyAlgorithm>,

    /// Print one JSON object per line instead of a table
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
    #[command(flatten)]
    pub input: CaseFile,

    #[command(flatten)]
    pub limits: LimitOptions,
}

/// The input of `meta-grad` and `tape`.
#[derive(Debug, clap::Args)]
pub struct CaseFile {
    /// File with the case, or `-` for standard input; tests/cases/README.md describes the format
    pub case: PathBuf,
}

/// Options of `tape`.
#[derive(Debug, clap::Args)]
pub struct ShowTape {
    #[command(flatten)]
    pub input: CaseFile,
    /// Print a graph for Graphviz: `fair-maml tape CASE --dot | dot -Tsvg > tape.svg`
    #[arg(long)]
    pub dot: bool,
}

/// The paper's problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Problems {
    /// The synthetic tasks of section 6.1
    Synthetic,
    /// Communities and Crime: every state is a task (section 6.3)
    Communities,
    /// Both
    All,
}

/// Options of `reproduce`.
#[derive(Debug, clap::Args)]
pub struct Reproduce {
    #[command(flatten)]
    pub subject: Subject,

    /// Weights γ of the regularizer, for all notions of fairness; γ = 0 is always included. LAFTR,
    /// the published code's variant and all other readings keep their own γ [default: 0.1, 1, 10
    /// synthetic; Communities 0.5 to 6 for demographic parity, 5 to 60 for equal opportunity]
    #[arg(long, value_name = "G,G,…", value_delimiter = ',', value_parser = gamma,
          allow_hyphen_values = true, conflicts_with = "manifest")]
    pub gammas: Option<Vec<f64>>,

    /// Regularizers, several at once to compare; the paper's claims need its own two [default:
    /// demographic-parity; on Communities equal-opportunity too]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = regularizers(),
          conflicts_with = "manifest")]
    pub regularizer: Vec<Notion>,

    /// Meta-learning algorithms; claims are about fair-maml or the first [default: fair-maml]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = algorithms(),
          conflicts_with = "manifest")]
    pub algorithm: Vec<AnyAlgorithm>,

    /// Run every reading of the paper in docs/paper-decisions.md, with all iterations, not only the
    /// most important readings; takes several times as long
    #[arg(long, conflicts_with = "manifest")]
    pub all_readings: bool,

    #[command(flatten)]
    pub run: Run,

    /// Print claims and summary as one JSON object instead of tables
    #[arg(long)]
    pub json: bool,
}

fn gamma(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(gamma) if gamma.is_finite() && gamma >= 0.0 => Ok(gamma),
        _ => Err("expected a finite number of at least 0".into()),
    }
}

/// Takes the names of the regularizers, and lists them in the help.
fn regularizers() -> impl TypedValueParser<Value = Notion> {
    let known = PossibleValuesParser::new(Notion::ALL.iter().map(|notion| notion.name()));
    known.try_map(|name| Notion::named(&name).ok_or("no such regularizer"))
}

/// Takes the names of the algorithms, and lists them in the help.
fn algorithms() -> impl TypedValueParser<Value = AnyAlgorithm> {
    algorithms_where(|_| true)
}

fn algorithms_where(
    accepts: fn(AnyAlgorithm) -> bool,
) -> impl TypedValueParser<Value = AnyAlgorithm> {
    let known = ALL.iter().filter(|algorithm| accepts(**algorithm));
    let known = PossibleValuesParser::new(known.map(|algorithm| algorithm.name()));
    known.try_map(|name| name.parse::<AnyAlgorithm>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Args, clap::Error> {
        Args::of(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn no_command_means_reproduce() {
        let bare = parsed("fair-maml --seeds 3").unwrap();
        assert!(bare.command.is_none());
        assert_eq!(bare.reproduce.run.seeds, Some(3));
        assert_eq!(bare.reproduce.subject.problem, Problems::All);
    }

    #[test]
    fn quick_runs_have_a_folder_of_their_own() {
        let out = |line: &str| {
            let Reproduce { run, subject, .. } = parsed(line).unwrap().reproduce;
            run.folder("results", subject.quick)
        };
        assert_eq!(out("fair-maml synthetic"), PathBuf::from("results"));
        assert_eq!(out("fair-maml --quick"), PathBuf::from("results-quick"));
        assert_eq!(out("fair-maml --quick --out here"), PathBuf::from("here"));
    }

    #[test]
    fn misspelled_words() {
        for (given, meant) in [
            ("repoduce", "reproduce"),
            ("metagrad", "meta-grad"),
            ("bensh", "bench"),
            ("comunities", "communities"),
        ] {
            let error = parsed(&format!("fair-maml {given}")).unwrap_err().to_string();
            assert!(error.contains(&format!("`{given}`")), "{error}");
            assert!(error.contains(&format!("did you mean `{meant}`?")), "{error}");
        }
        let error = parsed("fair-maml frobnicate").unwrap_err().to_string();
        assert!(!error.contains("did you mean"), "{error}");
    }
}
