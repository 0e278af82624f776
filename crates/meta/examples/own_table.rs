//! Fair-MAML on a table of your own.
//!
//! ```text
//! cargo run --release -p fair-maml-meta --example own_table
//! cargo run --release -p fair-maml-meta --example own_table -- --table FILE TASK LABEL SENSITIVE
//! ```
//!
//! The first command writes a small CSV file of schools and uses it. The second one reads FILE,
//! whose first row names the columns. TASK, LABEL and SENSITIVE are names of columns: the task of a
//! row, its label (1 is positive) and its sensitive attribute (0 is protected). All other columns
//! are features.

use std::error::Error;
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::Path;

use fairness::{Notion, Reading, Regularizer};
use meta::{
    AbsentGroup, Gamma, InnerLoop, MetaLearner, MetaOptions, MetaSettings, adapt_to, decisions,
};
use mlp::{Activation, Initialization, Network};
use tasks::table::{Table, TableSpec};
use tasks::{EpisodeOptions, EpisodePool, Purpose, Scaling, SupportDraw, standardize, stream};

/// Support rows of a task.
const K: usize = 8;

/// Sixteen schools of forty pupils. Pupils pass if hours and score together are enough for their
/// school, and pupils of the minority have a lower score.
fn schools() -> String {
    let mut csv = String::from("school,passed,minority,hours,score\n");
    // Multiples of an irrational number, without their integer part, spread evenly over [0, 1).
    let spread = |i: usize, step: f64| (i as f64 * step).fract();
    for school in 0..16 {
        let weight = spread(school + 1, 0.618_034);
        for pupil in school * 40..school * 40 + 40 {
            let minority = spread(pupil, 0.754_878) < 0.4;
            let hours = spread(pupil, 0.569_84);
            let score = spread(pupil, 0.414_214) - if minority { 0.2 } else { 0.0 };
            let passed = weight * hours + (1.0 - weight) * score > 0.42;
            let (passed, sensitive) = (u8::from(passed), u8::from(!minority));
            writeln!(csv, "school {school},{passed},{sensitive},{hours:.3},{score:.3}").unwrap();
        }
    }
    csv
}

/// Learns from all tasks but the last quarter, and adapts to each task of that quarter. Returns the
/// mean accuracy and the mean parity ratio over these tasks, without a regularizer and with one.
fn learn(path: &Path, columns: [&str; 3]) -> Result<[[f64; 2]; 2], Box<dyn Error>> {
    let [task, label, sensitive] = columns.map(String::from);
    let mut tasks = Table::read(path)?.tasks(&TableSpec { task, label, sensitive })?;
    standardize(&mut tasks, Scaling::WithinTask);
    let held_out = tasks.split_off(tasks.len() - tasks.len() / 4);
    let features = held_out.first().ok_or("the table needs at least 4 tasks")?.data.features();
    println!("{} tasks to learn from, {} held out", tasks.len(), held_out.len());

    let k = NonZeroUsize::new(K).expect("above 0");
    let pool = EpisodePool::new(tasks, EpisodeOptions::new(k, None), 0)?;
    let network = Network::new(&[features, 16, 2], Activation::Tanh)?;
    let (algorithm, inner) = (meta::algorithm::FAIR_MAML, InnerLoop::new(0.3, 1)?);
    let regularizer =
        Regularizer { notion: Notion::DEMOGRAPHIC_PARITY, reading: Reading::GroupMean };
    let mut means = [[f64::NAN; 2]; 2];
    for (gamma, means) in [0.0, 1.0].into_iter().zip(&mut means) {
        let settings = MetaSettings::try_from(MetaOptions {
            algorithm,
            inner,
            meta_rate: 5e-3,
            tasks_per_batch: NonZeroUsize::new(8).expect("above 0"),
            initialization: Initialization::Glorot,
            regularizer: Some(regularizer),
            gamma: Gamma::Shared(gamma),
            absent_group: AbsentGroup::Skip,
        })?;
        let mut learner = MetaLearner::<f64>::new(settings, &network, &pool, 0)?;
        for _ in 0..400 {
            learner.step()?;
        }
        println!("\nγ = {gamma:<16} accuracy    parity ratio");
        let (mut accuracies, mut ratios) = (Vec::new(), Vec::new());
        for (index, task) in (0..).zip(&held_out) {
            let mut draws = stream(0, Purpose::Support, 0, index);
            let episode = task.split(K, SupportDraw::Random, &mut draws)?;
            let learned = learner.learned();
            let adapted =
                adapt_to(&network, Some(regularizer), gamma, algorithm, inner, learned, &episode)?;
            let counts = decisions(&network, &adapted, &episode.query)?;
            let accuracy = counts.overall().accuracy().ok_or("a task has query rows")?;
            // A ratio of the groups' rates does not exist if a group is missing.
            let ratio = counts.demographic_parity_ratio();
            accuracies.push(accuracy);
            ratios.extend(ratio);
            let ratio = ratio.map_or("n/a".into(), |ratio| format!("{ratio:.2}"));
            println!("{:<20} {accuracy:>8.2} {ratio:>15}", task.name);
        }
        *means = [accuracies, ratios].map(|all| all.iter().sum::<f64>() / all.len() as f64);
        println!("{:<20} {:>8.2} {:>15.2}", "mean", means[0], means[1]);
    }
    Ok(means)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip_while(|name| name != "--table").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("schools.csv");
            std::fs::write(&path, schools())?;
            let [plain, fair] = learn(&path, ["school", "passed", "minority"])?;
            // With the regularizer the groups are accepted at closer rates.
            assert!(plain[0] > 0.7 && fair[1] > plain[1]);
            Ok(())
        }
        [_, path, task, label, sensitive] => {
            learn(Path::new(path), [task, label, sensitive]).map(|_| ())
        }
        _ => Err("--table needs FILE TASK LABEL SENSITIVE".into()),
    }
}
