//! The tasks of one seed: the training tasks, and the episodes of the held-out tasks.

use std::num::NonZeroU64;
use std::sync::Arc;

use mlp::Network;
use serde_json::Value;
use tasks::communities::{self, Communities, CommunitiesConfig};
use tasks::synthetic::SyntheticConfig;
use tasks::{EpisodePool, Purpose, SupportDraw, Task, stream};

use crate::error::{Error, Result};
use crate::plan::{Data, GroupChoice, Plan, Problem};
use crate::run::data_file::verify;
use crate::run::held_out::Test;
use crate::run::table::TableSource;

/// Tasks of one seed.
pub struct Prepared {
    /// The seed of all its random streams.
    pub seed: u64,
    /// Training tasks.
    pub pool: EpisodePool,
    /// Held-out tasks, each with K support rows.
    pub tests: Vec<Test>,
    /// The number of test tasks that were skipped because fewer than K of their rows may be support
    /// rows.
    pub skipped_tasks: u64,
}

/// The source of the tasks of a plan, read once.
pub enum Source {
    /// The generator of synthetic tasks.
    Generator,
    /// The states of a data set.
    States(Communities),
    /// The tasks of a file.
    Table(TableSource),
}

impl Source {
    /// Opens the source of the plan's tasks.
    pub fn open(plan: &Plan) -> Result<Self> {
        Ok(match &plan.problem {
            Problem::Synthetic { .. } => Source::Generator,
            Problem::Communities { data: None, .. } => Source::States(communities::shipped()),
            Problem::Communities { data: Some(data), .. } => Source::States(read(data)?),
            Problem::Table(problem) => {
                Source::Table(TableSource::read(problem, u64::MAX, &|_, _| {})?)
            }
        })
    }

    /// Finds tasks that are too small for the plan with any seed. Returns a pool like those of
    /// training.
    pub fn look_ahead(&self, plan: &Plan) -> Result<EpisodePool> {
        // Each of them is held out under some seed and trained on under another.
        let tasks: Vec<Arc<Task>> = match (&plan.problem, self) {
            (Problem::Communities { config, .. }, Source::States(table)) => {
                table.partition(config, 0)?;
                table.tasks(config)?.into_iter().map(Arc::new).collect()
            }
            (Problem::Table(problem), Source::Table(table)) => {
                table.usable(plan.k.get(), problem.folds)?
            }
            _ => return Ok(self.prepare(plan, 0)?.pool),
        };
        for task in &tasks {
            let held_out = Test::new(plan, task.clone(), SupportDraw::Random, 0, 0);
            held_out.map_err(|error| setting(plan, "support_rows", &error))?;
        }
        pool(plan, tasks, 0).map_err(|error| setting(plan, "k", &error))
    }

    /// The tasks of one seed of a plan from this source.
    pub fn prepare(&self, plan: &Plan, seed: u64) -> Result<Prepared> {
        match (&plan.problem, self) {
            (Problem::Synthetic { generator, training_tasks, test_tasks, support }, _) => {
                synthetic(plan, generator, (*training_tasks, *test_tasks), *support, seed)
            }
            (Problem::Communities { config, .. }, Source::States(table)) => {
                states(plan, table, config, seed)
            }
            (Problem::Table(problem), Source::Table(table)) => {
                of_table(plan, table, problem.folds, seed)
            }
            (Problem::Communities { .. } | Problem::Table(_), _) => {
                unreachable!("a source is opened for its problem")
            }
        }
    }
}

/// An error caused by a setting.
fn setting(plan: &Plan, name: &str, error: &Error) -> Error {
    Error::Variant { problem: plan.problem.name(), reason: format!("{name}: {error}") }
}

fn pool(plan: &Plan, tasks: Vec<Arc<Task>>, seed: u64) -> Result<EpisodePool> {
    Ok(EpisodePool::sharing(tasks, plan.episodes(), seed)?)
}

fn synthetic(
    plan: &Plan,
    generator: &SyntheticConfig,
    (training, tests): (NonZeroU64, NonZeroU64),
    draw: SupportDraw,
    seed: u64,
) -> Result<Prepared> {
    let protected = plan.protected_group;
    let training = drawable(plan, training.get(), seed, |index| {
        protected.of(generator.training_task(seed, index))
    })?;
    let wanted = tests.get();
    let mut tests = Vec::new();
    let mut skipped_tasks = 0;
    for index in 0.. {
        let task = Arc::new(protected.of(generator.test_task(seed, index)));
        match Test::new(plan, task, draw, seed, index) {
            Ok(mut test) => {
                test.facts = Some(generator.test_facts(seed, index));
                tests.push(test);
            }
            // A few tasks lack K rows of the kind. The next task replaces them, unless no task has
            // enough.
            Err(_) if skipped_tasks < wanted => skipped_tasks += 1,
            Err(error) => return Err(error),
        }
        if tests.len() as u64 == wanted {
            break;
        }
    }
    let training = training.into_iter().map(Arc::new).collect();
    Ok(Prepared { seed, pool: pool(plan, training, seed)?, tests, skipped_tasks })
}

/// `wanted` training tasks from which an episode can be drawn. A few tasks lack rows that may be
/// support rows, and the next task replaces them.
fn drawable(plan: &Plan, wanted: u64, seed: u64, task: impl Fn(u64) -> Task) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    let mut lacking = 0;
    for index in 0.. {
        let task = task(index);
        match plan.episodes().draw(&task, stream(seed, Purpose::EpisodeCache, 0, index)) {
            Ok(_) => tasks.push(task),
            Err(_) if lacking < wanted => lacking += 1,
            Err(error) => return Err(error.into()),
        }
        if tasks.len() as u64 == wanted {
            break;
        }
    }
    Ok(tasks)
}

fn states(
    plan: &Plan,
    table: &Communities,
    config: &CommunitiesConfig,
    seed: u64,
) -> Result<Prepared> {
    let parts = table.partition(config, seed)?;
    let protected = plan.protected_group;
    let training = parts.training.into_iter().map(|task| Arc::new(protected.of(task))).collect();
    let tests = (0..)
        .zip(parts.held_out)
        .map(|(index, task)| (index, Arc::new(protected.of(task))))
        .map(|(index, task)| Test::new(plan, task, SupportDraw::Random, seed, index))
        .collect::<Result<_>>()?;
    Ok(Prepared { seed, pool: pool(plan, training, seed)?, tests, skipped_tasks: 0 })
}

fn of_table(plan: &Plan, table: &TableSource, folds: u64, seed: u64) -> Result<Prepared> {
    let protected = plan.protected_group;
    let (training, held_out) = table.partition(plan.k.get(), folds, seed)?;
    let given = |task: Arc<Task>| match protected {
        GroupChoice::AsGiven => task,
        GroupChoice::TheOther => Arc::new(protected.of(task.as_ref().clone())),
    };
    let training: Vec<Arc<Task>> = training.into_iter().map(given).collect();
    let tests = (0..)
        .zip(held_out)
        .map(|(index, task)| Test::new(plan, given(task), SupportDraw::Random, seed, index))
        .collect::<Result<_>>()?;
    Ok(Prepared { seed, pool: pool(plan, training, seed)?, tests, skipped_tasks: 0 })
}

/// Fits the network of a plan, and those of its variants, to the columns of its data file. Returns
/// the names of the columns that UCI's file has complete and this one does not: they are no
/// features.
///
/// # Errors
/// If the file cannot be read, or if a variant is no valid plan.
pub fn fit(plan: &mut Plan) -> Result<Vec<String>> {
    let Problem::Communities { data: Some(_), .. } = &plan.problem else { return Ok(Vec::new()) };
    let Source::States(table) = Source::open(plan)? else { return Ok(Vec::new()) };
    let features = |plan: &Plan| match &plan.problem {
        Problem::Communities { config, .. } => table.feature_names(config).len(),
        Problem::Synthetic { .. } | Problem::Table(_) => plan.network.inputs(),
    };
    let problem = plan.problem.name();
    let invalid = |reason| Error::Variant { problem, reason };
    let mut widths = plan.network.widths().to_vec();
    widths[0] = features(plan);
    if widths[0] == 0 {
        // The tasks say that no predictor is left, with the name of the file.
        return Ok(table.incomplete().to_vec());
    }
    let network = Network::new(&widths, plan.network.activation());
    plan.network = network.map_err(|error| invalid(error.to_string()))?;
    let fit_patch = |base: &Plan, patch: &mut Value| {
        let patched = base.patched(patch).map_err(invalid)?;
        if let Some(inputs) = patch.pointer_mut("/network/layers/0") {
            *inputs = features(&patched).into();
        }
        base.patched(patch).map_err(invalid)
    };
    let base = plan.clone();
    for companion in &mut plan.companions {
        fit_patch(&base, &mut companion.changes)?;
    }
    if let Some(ablation) = &mut plan.ablation {
        let reference = fit_patch(&base, &mut ablation.reference)?;
        for reading in &mut ablation.readings {
            fit_patch(&reference, &mut reading.changes)?;
        }
    }
    Ok(table.incomplete().to_vec())
}

fn read(data: &Data) -> Result<Communities> {
    verify(data)?;
    Ok(communities::read(&data.path)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Ablation, FEWEST_QUERIES, GroupChoice, Reading};
    use crate::run::data_file::identify;
    use crate::sample;
    use std::num::NonZeroUsize;
    use tasks::{Batch, Episode};

    fn tests_of(plan: &Plan, seed: u64) -> Vec<Test> {
        Source::open(plan).unwrap().prepare(plan, seed).unwrap().tests
    }

    /// Over ten seeds, every seed has held-out states that are large enough.
    #[test]
    fn support_sets_nest_and_share_their_query_rows() {
        let plan = sample::communities();
        let (mut with, mut without) = (0, 0);
        for test in (0..10).flat_map(|seed| tests_of(&plan, seed)) {
            let episode = test.episode();
            let points: Vec<Episode> = test.points().collect();
            let rows = episode.support.rows() + episode.query.rows();
            assert_eq!(episode.support.rows(), 10);
            if rows < 50 + FEWEST_QUERIES {
                assert!(points.is_empty());
                without += 1;
                continue;
            }
            with += 1;
            let sizes: Vec<usize> = points.iter().map(|point| point.support.rows()).collect();
            assert_eq!(sizes, plan.points);
            let largest = &points[points.len() - 1];
            assert_eq!(largest.query.rows(), rows - 50);
            for point in &points {
                assert_eq!(point.query, largest.query);
                let first: Vec<usize> = (0..point.support.rows()).collect();
                assert_eq!(point.support, largest.support.select(&first));
                if point.support.rows() == 10 {
                    assert_eq!(point.support, episode.support);
                }
            }
            // The sets are disjoint, and together they are the rows of the task.
            let sorted = |episode: &Episode| {
                let both = [&episode.support, &episode.query];
                let mut rows: Vec<Vec<u64>> = both
                    .into_iter()
                    .flat_map(|batch| (0..batch.rows()).map(|row| batch.row(row)))
                    .map(|row| row.iter().map(|x| x.to_bits()).collect())
                    .collect();
                rows.sort();
                rows
            };
            assert_eq!(sorted(largest), sorted(&episode));
        }
        assert!(with > 5 && without > 5, "{with} and {without}");
    }

    #[test]
    fn the_least_state_with_points() {
        let table = communities::shipped();
        let source = Source::States(table);
        let sizes = |most: usize| {
            let plan = Plan { points: vec![0, most], ..sample::communities() };
            let tests = source.prepare(&plan, 0).unwrap().tests;
            tests
                .iter()
                .map(|test| {
                    let episode = test.episode();
                    let rows = episode.support.rows() + episode.query.rows();
                    (rows, test.points().next().is_some())
                })
                .collect::<Vec<_>>()
        };
        for (rows, _) in sizes(1) {
            let has = |most| sizes(most).contains(&(rows, true));
            assert!(has(rows - FEWEST_QUERIES) && !has(rows - FEWEST_QUERIES + 1), "{rows}");
            // The sum does not overflow.
            assert!(!has(usize::MAX));
        }
    }

    #[test]
    fn widths_follow_the_data() {
        let shipped = datasets::COMMUNITIES_AND_CRIME;
        let mut lines = shipped.lines();
        let header = lines.next().unwrap();
        let place = header.split(',').position(|name| name == "pctUrban").unwrap();
        let row = |line: &str, spoilt: bool| {
            let cells = line.split(',').enumerate();
            let cell = |(at, cell)| if at == place && spoilt { "?" } else { cell };
            cells.map(cell).collect::<Vec<_>>().join(",") + "\n"
        };
        let rows: String = lines.enumerate().map(|(index, line)| row(line, index == 7)).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("communities.csv");
        std::fs::write(&path, header.to_owned() + "\n" + &rows).unwrap();

        let kept = serde_json::json!({
            "problem": { "communities": { "config": { "racial_percentages": "kept" } } },
            "network": { "layers": [99, 20, 20, 2] },
        });
        let reading =
            |changes| Reading { decision: String::new(), reading: "kept".into(), changes };
        let mut plan = sample::communities();
        let widths = plan.network.widths().to_vec();
        plan.ablation =
            Some(Ablation { reference: serde_json::json!({}), readings: vec![reading(kept)] });
        let unchanged = plan.clone();
        assert_eq!(fit(&mut plan).unwrap(), [""; 0]);
        assert_eq!(plan, unchanged, "the shipped data fits");

        let Problem::Communities { data, .. } = &mut plan.problem else { unreachable!() };
        *data = Some(identify(&path).unwrap());
        assert_eq!(fit(&mut plan).unwrap(), ["pctUrban"]);
        assert_eq!(plan.network.inputs(), 94);
        assert_eq!(plan.network.widths()[1..], widths[1..]);
        assert_eq!(plan.ablation().unwrap()[1].network.inputs(), 98);
        let prepared = Source::open(&plan).unwrap().prepare(&plan, 0).unwrap();
        assert_eq!(prepared.pool.tasks()[0].data.features(), 94);
        let fitted = plan.clone();
        fit(&mut plan).unwrap();
        assert_eq!(plan, fitted, "a second time changes nothing");
    }

    #[test]
    fn points_change_nothing_else() {
        let plan = sample::communities();
        let bare = Plan { points: Vec::new(), ..plan.clone() };
        for (with, without) in tests_of(&plan, 3).iter().zip(tests_of(&bare, 3)) {
            assert!(without.points().next().is_none());
            assert_eq!((with.name(), with.episode()), (without.name(), without.episode()));
        }
    }

    #[test]
    fn support_rows_may_differ_from_training() {
        let plan = Plan { support_rows: NonZeroUsize::new(7), ..sample::communities() };
        for (seven, ten) in tests_of(&plan, 0).iter().zip(tests_of(&sample::communities(), 0)) {
            let support = seven.episode().support;
            assert_eq!(support.rows(), 7);
            let first: Vec<usize> = (0..7).collect();
            assert_eq!(support, ten.episode().support.select(&first));
        }
    }

    /// The same rows in the same sets, with the other group protected.
    #[test]
    fn the_other_group_may_be_protected() {
        let random = Problem::Synthetic {
            generator: SyntheticConfig::default(),
            training_tasks: NonZeroU64::new(3).unwrap(),
            test_tasks: NonZeroU64::new(4).unwrap(),
            support: SupportDraw::Random,
        };
        for plan in [sample::communities(), Plan { problem: random, ..sample::synthetic() }] {
            let other = Plan { protected_group: GroupChoice::TheOther, ..plan.clone() };
            let [given, other] =
                [plan, other].map(|plan| Source::open(&plan).unwrap().prepare(&plan, 0).unwrap());
            let exchanged = |a: &Batch, b: &Batch| {
                assert_eq!((a.x(), a.positive()), (b.x(), b.positive()));
                assert!(a.protected().iter().zip(b.protected()).all(|(a, b)| a != b));
            };
            for (a, b) in given.pool.tasks().iter().zip(other.pool.tasks()) {
                exchanged(&a.data.all(), &b.data.all());
            }
            assert_eq!(given.tests.len(), other.tests.len());
            for (a, b) in given.tests.iter().zip(&other.tests) {
                let [a, b] = [a, b].map(Test::episode);
                exchanged(&a.support, &b.support);
                exchanged(&a.query, &b.query);
            }
        }
    }

    #[test]
    fn support_of_biased_tasks_is_positive_and_protected() {
        let plan = Plan { points: vec![0, 5, 8], ..sample::quick(sample::synthetic()) };
        let tests = tests_of(&plan, 0);
        assert_eq!(tests.len(), 20);
        for test in &tests {
            let supports = test.points().map(|point| point.support);
            for support in supports.chain([test.episode().support]) {
                assert!(support.positive().iter().chain(support.protected()).all(|&yes| yes));
            }
        }
        assert!(tests.iter().any(|test| test.points().next().is_some()));
    }
}
