//! The tasks of one seed: what is trained on, and the episodes of the tasks kept apart.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tasks::communities::{self, Communities, CommunitiesConfig};
use tasks::synthetic::SyntheticConfig;
use tasks::{Episode, EpisodePool, Purpose, SupportDraw, Task, stream};

use crate::error::{Error, Result};
use crate::plan::{Data, Plan, Problem};

/// Tasks of one seed.
pub struct Prepared {
    /// The seed of everything drawn for it.
    pub seed: u64,
    /// Training tasks.
    pub pool: EpisodePool,
    /// Tasks kept apart, each with K support rows.
    pub tests: Vec<Test>,
    /// Test tasks passed over because they had fewer than K rows that may be support rows.
    pub passed_over: u64,
}

/// A task kept apart.
pub struct Test {
    /// The task's name.
    pub name: String,
    /// K support rows, and all the others.
    pub episode: Episode,
}

/// The tasks of every seed of a plan.
pub fn prepare(plan: &Plan) -> Result<Vec<Prepared>> {
    let seeds = 0..plan.seeds.get();
    match &plan.problem {
        Problem::Synthetic { generator, training_tasks, test_tasks, support } => seeds
            .map(|seed| synthetic(plan, generator, (*training_tasks, *test_tasks), *support, seed))
            .collect(),
        Problem::Communities { config, data } => {
            let table = match data {
                None => communities::shipped(),
                Some(data) => read(data)?,
            };
            seeds.map(|seed| states(plan, &table, config, seed)).collect()
        }
    }
}

fn pool(plan: &Plan, tasks: Vec<Task>, seed: u64) -> Result<EpisodePool> {
    Ok(EpisodePool::new(tasks, plan.episodes(), seed)?)
}

fn split(plan: &Plan, task: &Task, draw: SupportDraw, seed: u64, index: u64) -> Result<Test> {
    let mut rng = stream(seed, Purpose::Support, 0, index);
    let episode = task.split(plan.k.get(), draw, &mut rng)?;
    Ok(Test { name: task.name.clone(), episode })
}

fn synthetic(
    plan: &Plan,
    generator: &SyntheticConfig,
    (training, tests): (NonZeroU64, NonZeroU64),
    draw: SupportDraw,
    seed: u64,
) -> Result<Prepared> {
    let training = (0..training.get()).map(|index| generator.training_task(seed, index)).collect();
    let wanted = tests.get();
    let mut tests = Vec::new();
    let mut passed_over = 0;
    for index in 0.. {
        match split(plan, &generator.test_task(seed, index), draw, seed, index) {
            Ok(test) => tests.push(test),
            // A rare draw lacks K rows of the kind; the next takes its place, unless none has them.
            Err(_) if passed_over < wanted => passed_over += 1,
            Err(error) => return Err(error),
        }
        if tests.len() as u64 == wanted {
            break;
        }
    }
    Ok(Prepared { seed, pool: pool(plan, training, seed)?, tests, passed_over })
}

fn states(
    plan: &Plan,
    table: &Communities,
    config: &CommunitiesConfig,
    seed: u64,
) -> Result<Prepared> {
    let parts = table.partition(config, seed)?;
    let tests = (0..)
        .zip(&parts.held_out)
        .map(|(index, task)| split(plan, task, SupportDraw::Random, seed, index))
        .collect::<Result<_>>()?;
    Ok(Prepared { seed, pool: pool(plan, parts.training, seed)?, tests, passed_over: 0 })
}

/// A data file with the checksum of its contents.
pub fn identify(path: &Path) -> Result<Data> {
    if path.to_str().is_none() {
        let reason = "a name in UTF-8 is needed, for the manifest";
        let source = std::io::Error::new(std::io::ErrorKind::InvalidInput, reason);
        return Err(Error::File { path: path.into(), source });
    }
    Ok(Data { path: path.into(), sha256: checksum(path)? })
}

fn checksum(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|source| Error::File { path: path.into(), source })?;
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn read(data: &Data) -> Result<Communities> {
    let found = checksum(&data.path)?;
    if found != data.sha256 {
        let reason = format!("SHA-256 {found}; the manifest's run read {}", data.sha256);
        return Err(Error::Manifest { path: PathBuf::from(&data.path), reason });
    }
    Ok(communities::read(&data.path)?)
}
