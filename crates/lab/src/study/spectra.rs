//! Spectra and landscapes at the initial and the trained weights of the reference.

use experiment::error::{Error, Result};
use experiment::progress::Progress;
use experiment::run::prepare::Prepared;
use meta::MetaLearner;
use serde::{Deserialize, Serialize};
use tasks::Episode;

use super::plan::StudyPlan;
use super::training::subject;
use crate::lanczos::{Spectrum, hessian_spectrum};
use crate::landscape::{LinePoint, along};
use crate::vectors::plus;
use crate::{Local, Subject};

/// Which matrix a spectrum belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matrix {
    /// The Hessian of the support objective L + γ R.
    Objective,
    /// The Hessian of the cross-entropy L.
    CrossEntropy,
    /// The Hessian of γ R.
    Regularizer,
    /// The Jacobian J of the inner steps: its singular values.
    InnerSteps,
    /// J − I, what makes exact and first order differ: its singular values.
    Change,
}

impl Matrix {
    /// All of them.
    pub const ALL: [Matrix; 5] = [
        Matrix::Objective,
        Matrix::CrossEntropy,
        Matrix::Regularizer,
        Matrix::InnerSteps,
        Matrix::Change,
    ];

    /// Its name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Matrix::Objective => "support objective",
            Matrix::CrossEntropy => "cross-entropy",
            Matrix::Regularizer => "regularizer",
            Matrix::InnerSteps => "inner steps, J",
            Matrix::Change => "change by them, J − I",
        }
    }
}

/// The ends of a spectrum on one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpectrumRecord {
    /// `initial` or `trained`.
    pub at: String,
    /// The name of the task.
    pub task: String,
    /// The matrix.
    pub matrix: Matrix,
    /// The values, the largest first.
    pub values: Vec<f64>,
    /// A bound of the error of each.
    pub bounds: Vec<f64>,
}

/// The largest error of an end of a spectrum that is shown, relative to the largest magnitude.
const KNOWN: f64 = 0.01;

impl SpectrumRecord {
    /// The largest value, and the bound of its error.
    pub fn top(&self) -> Option<(f64, f64)> {
        Some((*self.values.first()?, *self.bounds.first()?))
    }

    /// The smallest value, and the bound of its error.
    pub fn bottom(&self) -> Option<(f64, f64)> {
        Some((*self.values.last()?, *self.bounds.last()?))
    }

    /// Whether an error is small beside the whole spectrum.
    pub fn is_known(&self, bound: f64) -> bool {
        bound <= KNOWN * crate::vectors::largest(&self.values)
    }
}

/// A loss along a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineRecord {
    /// `initial` or `trained`.
    pub at: String,
    /// The direction.
    pub direction: String,
    /// The points.
    pub points: Vec<LinePoint>,
}

/// What was seen at the weights of one training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpectraRecord {
    /// The spectra.
    pub spectra: Vec<SpectrumRecord>,
    /// The landscapes, on the first task.
    pub lines: Vec<LineRecord>,
    /// The number n of weights.
    pub weights: usize,
}

/// How far a line goes to either side of the weights, by the 2-norm.
const REACH: f64 = 3.0;

/// Trains with the reference and looks at the initial and the trained weights.
///
/// # Errors
/// Returns an error if training fails, or if `progress` stops the run.
pub fn spectra(
    study: &StudyPlan,
    prepared: &Prepared,
    progress: &dyn Progress,
) -> Result<SpectraRecord> {
    let (plan, seed) = (&study.plan, prepared.seed);
    let settings = study.settings(study.algorithms[0])?;
    let named = |source| Error::Learner { run: study.algorithms[0].name().to_owned(), source };
    let mut learner =
        MetaLearner::<f64>::new(settings, &plan.network, &prepared.pool, seed).map_err(named)?;
    let initial = learner.learned().to_vec();
    learner.train_while(plan.iterations.get(), |_, _| progress.flow()).map_err(named)?;
    progress.go_on()?;
    let points = [("initial", initial), ("trained", learner.learned().to_vec())];
    let episodes = episodes(study, prepared);
    let mut record = SpectraRecord {
        spectra: Vec::new(),
        lines: Vec::new(),
        weights: plan.network.parameter_count(),
    };
    for (at, learned) in &points {
        for (index, (task, episode)) in episodes.iter().enumerate() {
            let subject = subject(study, study.algorithms[0], episode);
            let found = of_task(&subject, study, learned, seed);
            if index == 0 {
                let top = &found[0].1;
                record.lines.extend(lines(&subject, study, learned, (at, top)));
            }
            record.spectra.extend(found.into_iter().map(|(matrix, spectrum)| SpectrumRecord {
                at: (*at).into(),
                task: task.clone(),
                matrix,
                values: spectrum.values,
                bounds: spectrum.bounds,
            }));
        }
    }
    Ok(record)
}

/// The first tasks of the first meta-batch whose regularizer has its group, with their episodes.
fn episodes(study: &StudyPlan, prepared: &Prepared) -> Vec<(String, Episode)> {
    let mut draws = Vec::new();
    prepared.pool.batch(prepared.seed, 0, study.plan.tasks_per_batch, &mut draws);
    let regularizer = study.plan.regularizer(study.arm());
    let episode = |&draw: &tasks::Draw| {
        let name = prepared.pool.tasks()[draw.task].name.clone();
        (name, prepared.pool.episode(draw).into_owned())
    };
    let episodes: Vec<(String, Episode)> = draws.iter().map(episode).collect();
    let has_group = |(_, episode): &&(String, Episode)| {
        crate::subject::has_group(regularizer, &episode.support)
            && crate::subject::has_group(regularizer, &episode.query)
    };
    episodes.iter().filter(has_group).take(study.spectrum_tasks).cloned().collect()
}

fn of_task(
    subject: &Subject<'_>,
    study: &StudyPlan,
    learned: &[f64],
    seed: u64,
) -> Vec<(Matrix, Spectrum)> {
    let (theta, steps) = (subject.weights(learned), study.spectrum_steps);
    let support = &subject.episode.support;
    let one = |matrix| {
        let spectrum = match matrix {
            Matrix::Objective => hessian_spectrum(&subject.support(), theta, steps, seed),
            Matrix::CrossEntropy => {
                hessian_spectrum(&subject.cross_entropy(support), theta, steps, seed)
            }
            Matrix::Regularizer => hessian_spectrum(&subject.penalty(support), theta, steps, seed),
            Matrix::InnerSteps => subject.path(learned)?.singular_values(steps, seed),
            Matrix::Change => subject.path(learned)?.singular_values_of_change(steps, seed),
        };
        Some((matrix, spectrum))
    };
    Matrix::ALL.into_iter().filter_map(one).collect()
}

/// The query loss along the exact and the first-order meta-gradient and the eigenvector of the
/// largest eigenvalue of the support objective.
fn lines(
    subject: &Subject<'_>,
    study: &StudyPlan,
    learned: &[f64],
    (at, top): (&str, &Spectrum),
) -> Vec<LineRecord> {
    let theta = subject.weights(learned);
    let Some(mut path) = subject.path(learned) else { return Vec::new() };
    let first = Local::at(&subject.query(), path.adapted()).gradient().to_vec();
    let exact = path.back(&first);
    let downhill = |gradient: &[f64]| plus(&vec![0.0; gradient.len()], -1.0, gradient);
    let (support, query) = (subject.support(), subject.query());
    let rates = vec![subject.inner.rate(); theta.len()];
    let line = |(direction, vector): (&str, Vec<f64>)| LineRecord {
        at: at.into(),
        direction: direction.into(),
        points: along(
            (&support, &query),
            theta,
            (&rates, subject.inner.steps()),
            &vector,
            (REACH, study.line_points),
        ),
    };
    let directions = [
        ("exact meta-gradient, downhill", downhill(&exact)),
        ("first-order meta-gradient, downhill", downhill(&first)),
        ("top eigenvector", top.vectors.first().cloned().unwrap_or_default()),
    ];
    directions.into_iter().map(line).collect()
}
