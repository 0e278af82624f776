//! What a study takes in memory and work, estimated before it begins.

use experiment::run::estimate::of_tasks;
use meta::algorithm::{FAIR_MAML, FIRST_ORDER};
use meta::estimate::{Estimate, Limits, TooLarge};
use meta::sizes::{LearnerSize, NUMBER, NetworkSize, workspace};
use meta::{AnyAlgorithm, InnerLoop};

use super::engine::MOST_DENSE;
use super::plan::StudyPlan;
use super::spectra::Matrix;

/// The bytes of the program itself.
const PROGRAM: f64 = 4e7;
/// The bytes of a checkpoint, of a cell and of a point on a line, with their lines in tables.
const RECORD: f64 = 1_000.0;
/// The vectors of weights at one moment of the splits and products.
const VECTORS: f64 = 20.0;
/// The planes of a tape with tangents.
const PLANES: f64 = 4.0;

/// Checks that studies, one after another, stay below the limits. Nothing of their size is
/// allocated.
///
/// # Errors
/// Returns the estimate, the limit and the largest part.
pub fn check(studies: &[StudyPlan], threads: usize, limits: Limits) -> Result<(), TooLarge> {
    let mut earlier = 0.0;
    for study in studies {
        let mut estimate = study.estimate(threads);
        estimate.memory("the results of other problems", earlier);
        estimate.check(&format!("the study of {} tasks", study.plan.problem.name()), limits)?;
        earlier += estimate.kept();
    }
    Ok(())
}

impl StudyPlan {
    /// The estimate of the study on so many threads.
    pub fn estimate(&self, threads: usize) -> Estimate {
        let (seeds, cells) = (self.plan.seeds.get() as f64, self.cells());
        let algorithms = self.algorithms.len() as f64;
        let jobs = algorithms * seeds + cells + 1.0;
        let workers = (threads as f64).min(jobs);
        let rows = self.map.rows.iter().chain([&self.plan.k]);
        let largest = rows.map(|&rows| of_tasks(&self.with_gamma_and_rows(0.0, rows).plan));
        let tasks = largest.fold(0.0, f64::max);
        let checkpoints = self.checkpoints.get() as f64 + 1.0;
        let mut estimate = Estimate::default();
        estimate.memory("the program", PROGRAM);
        estimate.memory("tasks × rows × seeds", (seeds + workers + 1.0) * tasks);
        let in_jobs = self.training().max(self.of_cell()).max(self.spectra());
        estimate.memory("parameters × inner steps × steps of Lanczos", workers * in_jobs);
        estimate.memory("the engine: widths and inner steps", self.engine());
        let trained = algorithms * seeds * checkpoints;
        estimate.results("checkpoints × algorithms × seeds", trained * RECORD);
        estimate.results("cells of the map × seeds", cells * RECORD);
        estimate.results("points of lines", 6.0 * self.line_points as f64 * RECORD);
        self.add_work(&mut estimate, seeds, cells);
        estimate
    }

    fn network(&self) -> NetworkSize {
        NetworkSize::from(&self.plan.network)
    }

    /// The number of cells of both maps, in all seeds.
    fn cells(&self) -> f64 {
        let product = |a: usize, b: usize| a as f64 * b as f64;
        let map = &self.map;
        let cells = product(map.inner_steps.len(), map.rates.len())
            + product(map.gammas.len(), map.rows.len());
        cells * map.seeds.get() as f64
    }

    fn learner(&self, algorithm: AnyAlgorithm, inner: InnerLoop, k: f64) -> LearnerSize {
        let tasks = self.plan.tasks_per_batch.get() as f64;
        LearnerSize { network: self.network(), algorithm, inner, tasks, k, threads: 1.0 }
    }

    /// The inner loop of the map with the most steps.
    fn longest(&self) -> InnerLoop {
        let steps = self.map.inner_steps.iter().copied().max().unwrap_or(0);
        let steps = steps.max(self.plan.inner.steps());
        InnerLoop::new(0.0, steps).unwrap_or(self.plan.inner)
    }

    fn most_rows(&self) -> f64 {
        let rows = self.map.rows.iter().chain([&self.plan.k]).map(|rows| rows.get());
        rows.max().unwrap_or(1) as f64
    }

    /// The recordings of the inner steps, with products, and vectors beside them.
    fn path(&self) -> f64 {
        let (network, steps) = (self.network(), self.plan.inner.steps() as f64);
        let recording = network.recording(self.plan.k.get() as f64, PLANES, NUMBER);
        (steps + 1.0) * recording + VECTORS * NUMBER * network.parameters
    }

    fn training(&self) -> f64 {
        let k = self.plan.k.get() as f64;
        let bytes = |&algorithm: &AnyAlgorithm| self.learner(algorithm, self.plan.inner, k).bytes();
        self.algorithms.iter().map(bytes).fold(0.0, f64::max) + self.path()
    }

    fn of_cell(&self) -> f64 {
        self.learner(FAIR_MAML, self.longest(), self.most_rows()).bytes()
    }

    /// The vectors of all spectra of a task, and the basis of one.
    fn spectra(&self) -> f64 {
        let parameters = self.network().parameters;
        let steps = (self.spectrum_steps as f64).min(parameters);
        let vectors = (Matrix::ALL.len() as f64 + 1.0) * steps;
        self.training() + NUMBER * (vectors * parameters + 3.0 * steps * steps)
    }

    /// The largest network by width, and the meta-gradient with the most inner steps.
    fn engine(&self) -> f64 {
        let (widths, k) = (self.plan.network.widths(), self.plan.k.get() as f64);
        let of_width = |&width: &usize| {
            let mut widths = widths.to_vec();
            let hidden = widths.len().saturating_sub(1);
            widths.iter_mut().take(hidden).skip(1).for_each(|hidden| *hidden = width);
            let network = NetworkSize::of(&widths);
            let is_dense = network.parameters <= MOST_DENSE as f64;
            let dense = if is_dense { 2.0 * network.parameters.powi(2) } else { 0.0 };
            2.0 * network.recording(k, PLANES, NUMBER)
                + NUMBER * (dense + VECTORS * network.parameters)
        };
        let widest = self.widths.iter().map(of_width).fold(0.0, f64::max);
        let steps = self.inner_steps.iter().copied().max().unwrap_or(0);
        let inner = InnerLoop::new(0.0, steps).unwrap_or(self.plan.inner);
        let of_algorithm = |&algorithm| workspace(self.network(), algorithm, inner, (k, k), NUMBER);
        widest.max(self.algorithms.iter().map(of_algorithm).fold(0.0, f64::max))
    }

    fn add_work(&self, estimate: &mut Estimate, seeds: f64, cells: f64) {
        let (plan, network) = (&self.plan, self.network());
        let (k, iterations) = (plan.k.get() as f64, plan.iterations.get() as f64);
        let each = |&algorithm: &AnyAlgorithm| self.learner(algorithm, plan.inner, k).iteration();
        let training: f64 = self.algorithms.iter().map(each).sum();
        estimate.work("iterations × algorithms × seeds", seeds * iterations * training);
        let cell =
            |algorithm| self.learner(algorithm, self.longest(), self.most_rows()).iteration();
        let cell = cell(FAIR_MAML) + cell(FIRST_ORDER);
        let of_map = self.map.iterations.get() as f64 * cell;
        estimate.work("iterations × cells of the map × seeds", cells * of_map);
        let steps = (self.spectrum_steps as f64).min(network.parameters);
        let products = 2.0 * (plan.inner.steps() as f64 + 1.0) * network.hessian_vector(k);
        let orthogonal = 4.0 * steps * network.parameters;
        let spectra = 10.0 * self.spectrum_tasks as f64 * steps * (products + orthogonal);
        estimate.work("steps of Lanczos × tasks", spectra);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use paper::defaults;
    use std::num::NonZeroU64;

    #[test]
    fn default_studies_are_below_the_limits() {
        for plan in [defaults::synthetic(), defaults::communities()] {
            let study = StudyPlan::new(plan);
            for threads in [1, 64] {
                assert_eq!(study.estimate(threads).check("it", Limits::default()), Ok(()));
            }
            assert!(study.estimate(4).bytes() < 1e9);
        }
    }

    #[test]
    fn it_grows_with_each_size() {
        let study = StudyPlan::new(defaults::synthetic());
        let base = study.estimate(4);
        let with = |change: fn(&mut StudyPlan)| {
            let mut study = study.clone();
            change(&mut study);
            study.estimate(4)
        };
        for (larger, memory) in [
            (with(|study| study.plan.seeds = NonZeroU64::MAX), true),
            (with(|study| study.map.seeds = NonZeroU64::MAX), true),
            (with(|study| study.checkpoints = NonZeroU64::MAX), true),
            (with(|study| study.spectrum_steps = usize::MAX), true),
            (with(|study| study.line_points = usize::MAX), true),
            (with(|study| study.widths.push(usize::MAX)), true),
            (with(|study| study.inner_steps.push(1 << 60)), true),
            (with(|study| study.map.inner_steps.push(1 << 60)), true),
            (with(|study| study.plan.iterations = NonZeroU64::MAX), false),
            (with(|study| study.map.iterations = NonZeroU64::MAX), false),
            (with(|study| study.spectrum_tasks = usize::MAX), false),
        ] {
            assert!(larger.bytes().is_finite() && larger.multiply_adds().is_finite());
            match memory {
                true => assert!(larger.bytes() > base.bytes()),
                false => assert!(larger.multiply_adds() > base.multiply_adds()),
            }
        }
    }
}
