//! This module estimates what the meta-gradients of a case take in memory and work.

use super::Case;
use crate::algorithm::{AnyAlgorithm, FAIR_MAML, FIRST_ORDER};
use crate::estimate::Estimate;
use crate::settings::InnerLoop;
use crate::sizes::{NUMBER, NetworkSize, learned, meta_gradient, workspace};

/// The bytes of the program itself.
const PROGRAM: f64 = 1e7;

/// The bytes that a learned number needs outside of a workspace. There are the values of the case,
/// the sum of the gradients, up to five arrays of results, twice, and their text.
const FOR_EACH_NUMBER: f64 = 24.0 * NUMBER + 5.0 * 30.0;

impl Case {
    /// Estimates what [`Case::compute`] needs. It computes one task after another on one thread.
    /// So the memory is that of the largest task: two recordings, and the vectors that the
    /// algorithm keeps, which are as many as inner steps for exact ones.
    pub fn estimate(&self) -> Estimate {
        let rows = self
            .tasks
            .iter()
            .map(|(_, episode)| (episode.support.rows() as f64, episode.query.rows() as f64));
        of_rows(NetworkSize::from(&self.network), self.algorithm, self.inner, rows)
    }
}

/// The estimate for tasks with so many support and query rows.
fn of_rows(
    network: NetworkSize,
    algorithm: AnyAlgorithm,
    inner: InnerLoop,
    tasks: impl Iterator<Item = (f64, f64)>,
) -> Estimate {
    let (mut largest, mut product, mut work) = (0f64, 0f64, 0.0);
    let also = (algorithm == FAIR_MAML).then_some(FIRST_ORDER);
    for rows in tasks {
        largest = largest.max(workspace(network, algorithm, inner, rows, NUMBER));
        product = product.max(network.recording(rows.0, 4.0, NUMBER));
        let algorithms = [algorithm].into_iter().chain(also);
        work += algorithms.map(|of| meta_gradient(network, of, inner, rows)).sum::<f64>();
        work += network.gradient(rows.0);
    }
    let numbers = network.parameters * learned(algorithm, inner);
    let mut estimate = Estimate::default();
    estimate.memory("the program", PROGRAM);
    estimate.memory("the numbers of the case and of its results", numbers * FOR_EACH_NUMBER);
    estimate.memory("parameters × inner steps", largest.max(product) + network.itself());
    estimate.work("tasks × inner steps × rows × parameters", work);
    estimate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::ALL;
    use crate::settings::Implicit;

    fn estimate(algorithm: AnyAlgorithm, width: usize, steps: usize, rows: (f64, f64)) -> Estimate {
        let implicit = Implicit { conjugate_gradient_steps: 10, ..Implicit::default() };
        let inner = InnerLoop::new(0.1, steps).unwrap().with_implicit(implicit).unwrap();
        let network = NetworkSize::of(&[width, width, 2]);
        of_rows(network, algorithm, inner, std::iter::repeat_n(rows, 3))
    }

    /// The estimate grows with every size, and no size makes it infinite.
    #[test]
    fn it_grows_with_each_size_and_stays_finite() {
        const SIZES: [usize; 5] = [1, 10, 10_000, 1 << 40, usize::MAX];
        for algorithm in ALL {
            let sizes = SIZES.map(|n| {
                let rows = n as f64;
                [
                    estimate(algorithm, n, 3, (5.0, 5.0)),
                    estimate(algorithm, 20, n.min(1 << 60), (5.0, 5.0)),
                    estimate(algorithm, 20, 3, (rows, 5.0)),
                    estimate(algorithm, 20, 3, (5.0, rows)),
                    estimate(algorithm, n, n.min(1 << 60), (rows, rows)),
                ]
            });
            for pair in sizes.windows(2) {
                for (less, more) in pair[0].iter().zip(&pair[1]) {
                    assert!(less.bytes() <= more.bytes() && more.bytes().is_finite());
                    assert!(less.multiply_adds() <= more.multiply_adds());
                    assert!(more.multiply_adds().is_finite());
                }
            }
        }
    }

    /// The case of the issue: a file of 1 MB whose iterates take 8 GB.
    #[test]
    fn many_steps_times_many_parameters() {
        let inner = InnerLoop::new(0.1, 10_000).unwrap();
        let network = NetworkSize { parameters: 100_002.0, ..NetworkSize::of(&[49_999, 2, 2]) };
        let of = |algorithm| of_rows(network, algorithm, inner, std::iter::once((1.0, 1.0)));
        let bytes = of(FAIR_MAML).bytes();
        assert!((8.0e9..8.2e9).contains(&bytes), "{bytes}");
        let implicit = "imaml".parse().unwrap();
        assert!(of(implicit).bytes() < 1e8);
    }
}
