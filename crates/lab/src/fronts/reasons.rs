//! Why a term does not help: the noise of a few rows, the labels themselves, a step that does
//! nothing.

use experiment::error::{Error, Result};
use experiment::plan::{Arm, MethodName, Plan};
use experiment::progress::Progress;
use experiment::run::prepare::Source;
use fairness::{Notion, Regularizer};
use meta::MetaLearner;
use tasks::{Batch, Episode};

use crate::vectors::{cosine, norm};
use crate::{Local, Subject};

/// How well the gradient of a term on the few support rows agrees with that on all rows of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// The notion of the term.
    pub notion: Notion,
    /// The cosine of both gradients in each task in which both exist.
    pub cosines: Vec<f64>,
    /// The number of tasks whose support rows give no gradient.
    pub without: usize,
}

/// Measures the agreement for every notion of a plan, on the held-out tasks of one seed, at the
/// weights that MAML learned.
///
/// # Errors
/// Returns an error if tasks cannot be made, training fails, or `progress` stops the run.
pub fn agreements(plan: &Plan, seed: u64, progress: &dyn Progress) -> Result<Vec<Agreement>> {
    let prepared = Source::open(plan)?.prepare(plan, seed)?;
    let plain = Arm::plain(MethodName::Meta);
    let run = format!("{}, agreement of gradients, seed {seed}", plan.problem.name());
    let named = |source| Error::Learner { run: run.clone(), source };
    let settings = plan.settings(plain)?;
    let mut learner =
        MetaLearner::<f64>::new(settings, &plan.network, &prepared.pool, seed).map_err(named)?;
    learner.train_while(plan.iterations.get(), |_, _| progress.flow()).map_err(named)?;
    progress.go_on()?;
    let agreement = |notion: Notion| {
        let regularizer = Some(Regularizer { notion, reading: plan.reading });
        let gradient = |episode: &Episode, batch: &Batch| {
            let subject = Subject {
                network: &plan.network,
                regularizer,
                gamma: 1.0,
                algorithm: plan.algorithm,
                inner: plan.inner,
                episode,
            };
            let gradient = Local::at(&subject.penalty(batch), learner.theta()).gradient().to_vec();
            (norm(&gradient) > 0.0).then_some(gradient)
        };
        let mut found = Agreement { notion, cosines: Vec::new(), without: 0 };
        for test in &prepared.tests {
            let episode = &test.episode();
            let all = Batch::concat(&[&episode.support, &episode.query]);
            match (gradient(episode, &episode.support), gradient(episode, &all)) {
                (Some(few), Some(all)) => found.cosines.extend(cosine(&few, &all)),
                _ => found.without += 1,
            }
        }
        found
    };
    Ok(plan.sweeps.iter().map(|sweep| agreement(sweep.notion)).collect())
}
