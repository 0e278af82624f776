//! The ends of a spectrum, by the method of Lanczos.
//!
//! ```text
//! β_{j+1} q_{j+1} = A q_j − α_j q_j − β_j q_{j−1}     α_j = q_jᵀ A q_j
//! ```
//!
//! In exact numbers the vectors q_j are orthonormal, and the tridiagonal matrix T = Qᵀ A Q has
//! eigenvalues that approach the ends of the spectrum of A (Golub, Van Loan, *Matrix Computations*,
//! Section 10.1). Rounding loses the orthogonality and makes copies of eigenvalues. So every new
//! vector is made orthogonal to all earlier ones, twice. The eigenvalues of T come from a library.

use meta::algorithm::Loss;
use nalgebra::{DMatrix, SymmetricEigen};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Local;
use crate::vectors::{dot, norm, plus, unit};

/// Holds approximate eigenvalues of a symmetric matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// The eigenvalues, the largest first. If there are fewer than the matrix has, the ends are
    /// accurate and the middle is not.
    pub values: Vec<f64>,
    /// A bound of the error of each: an eigenvalue of the matrix is at most so far away.
    pub bounds: Vec<f64>,
    /// The unit vectors that belong to them.
    pub vectors: Vec<Vec<f64>>,
}

/// Returns the ends of the spectrum of the Hessian of `loss` at `theta: (n)`, after `steps` steps:
/// one Hessian-vector product each. With n steps these are all eigenvalues.
///
/// ```
/// use lab::lanczos::hessian_spectrum;
/// use tape::{Matrix, Objective, Scalar, Tape, Var};
///
/// /// f(x, y) = x² − 3 y²
/// struct Saddle;
///
/// impl Objective for Saddle {
///     fn eval<S: Scalar>(&self, tape: &mut Tape<S>, at: Var) -> Var {
///         let squares = tape.powi(at, 2);
///         let weights = tape.constant(&Matrix::from_rows(&[[1.0, -3.0].map(S::from_f64)]));
///         tape.dot(squares, weights)
///     }
/// }
///
/// let spectrum = hessian_spectrum(&Saddle, &[0.5, 0.5], 2, 0);
/// assert!((spectrum.values[0] - 2.0).abs() < 1e-12);
/// assert!((spectrum.values[1] + 6.0).abs() < 1e-12);
/// ```
///
/// # Panics
/// Panics if the loss is not `(1, 1)`.
pub fn hessian_spectrum(loss: &dyn Loss<f64>, theta: &[f64], steps: usize, seed: u64) -> Spectrum {
    let mut local = Local::at(loss, theta);
    spectrum(theta.len(), steps, seed, |v| local.hessian_vector(v))
}

/// Returns the ends of the spectrum of the symmetric `(n, n)` matrix A that `product` multiplies
/// by: `product(v)` is A v. It stops after n steps, or after `steps` if that is earlier. The first
/// vector is random and follows from `seed`.
pub fn spectrum(
    n: usize,
    steps: usize,
    seed: u64,
    mut product: impl FnMut(&[f64]) -> Vec<f64>,
) -> Spectrum {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut next = fresh(n, &basis, &mut rng);
    while let Some(q) = next.take().filter(|_| basis.len() < steps.min(n)) {
        let image = product(&q);
        diagonal.push(dot(&q, &image));
        basis.push(q);
        let rest = orthogonal(image.clone(), &basis);
        let length = norm(&rest);
        // What is left is rounding: the vectors span an invariant subspace. Another one begins.
        let done = length <= f64::EPSILON * 64.0 * norm(&image).max(f64::MIN_POSITIVE);
        beside.push(if done { 0.0 } else { length });
        next = if done { fresh(n, &basis, &mut rng) } else { unit(&rest) };
    }
    of_tridiagonal(&diagonal, &beside, &basis)
}

/// A random unit vector that is orthogonal to `basis`. `None` if the basis is complete.
fn fresh(n: usize, basis: &[Vec<f64>], rng: &mut ChaCha8Rng) -> Option<Vec<f64>> {
    if basis.len() >= n {
        return None;
    }
    let random: Vec<f64> = (0..n).map(|_| rng.random_range(-1.0..1.0)).collect();
    unit(&orthogonal(unit(&random)?, basis))
}

/// Subtracts the parts along `basis`, twice: rounding leaves a part after the first time.
fn orthogonal(mut x: Vec<f64>, basis: &[Vec<f64>]) -> Vec<f64> {
    for _ in 0..2 {
        for q in basis {
            x = plus(&x, -dot(q, &x), q);
        }
    }
    x
}

/// The eigenvalues and vectors of A from those of T.
fn of_tridiagonal(diagonal: &[f64], beside: &[f64], basis: &[Vec<f64>]) -> Spectrum {
    let m = diagonal.len();
    if m == 0 {
        return Spectrum { values: Vec::new(), bounds: Vec::new(), vectors: Vec::new() };
    }
    let t = DMatrix::from_fn(m, m, |i, j| match i.abs_diff(j) {
        0 => diagonal[i],
        1 => beside[i.min(j)],
        _ => 0.0,
    });
    let eigen = SymmetricEigen::new(t);
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
    let last = beside.last().copied().unwrap_or(0.0);
    let vector = |k: &usize| {
        let start = vec![0.0; basis.first().map_or(0, Vec::len)];
        basis
            .iter()
            .enumerate()
            .fold(start, |sum, (j, q)| plus(&sum, eigen.eigenvectors[(j, *k)], q))
    };
    Spectrum {
        values: order.iter().map(|&k| eigen.eigenvalues[k]).collect(),
        bounds: order.iter().map(|&k| (last * eigen.eigenvectors[(m - 1, k)]).abs()).collect(),
        vectors: order.iter().map(vector).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(n: usize, seed: u64) -> DMatrix<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let half = DMatrix::from_fn(n, n, |_, _| rng.random_range(-1.0..1.0));
        &half + half.transpose()
    }

    fn of(matrix: &DMatrix<f64>, steps: usize) -> Spectrum {
        spectrum(matrix.nrows(), steps, 1, |v| {
            (matrix * DMatrix::from_column_slice(v.len(), 1, v)).as_slice().to_vec()
        })
    }

    fn by_the_library(matrix: &DMatrix<f64>) -> Vec<f64> {
        let mut values = SymmetricEigen::new(matrix.clone()).eigenvalues.as_slice().to_vec();
        values.sort_by(|a, b| b.total_cmp(a));
        values
    }

    #[test]
    fn all_steps_give_all_eigenvalues() {
        let matrix = dense(40, 3);
        let (ours, theirs) = (of(&matrix, 40), by_the_library(&matrix));
        for (ours, theirs) in ours.values.iter().zip(&theirs) {
            assert!((ours - theirs).abs() < 1e-12 * theirs.abs().max(10.0), "{ours} {theirs}");
        }
    }

    /// An eigenvalue of the matrix lies within each bound, and the vectors are eigenvectors.
    #[test]
    fn bounds_hold_before_the_end() {
        let matrix = dense(60, 5);
        let (ours, theirs) = (of(&matrix, 25), by_the_library(&matrix));
        assert!(ours.bounds[0] < 1e-3 && ours.bounds[12] > 1e-3, "{:?}", ours.bounds);
        for ((value, bound), vector) in ours.values.iter().zip(&ours.bounds).zip(&ours.vectors) {
            let near = theirs.iter().map(|x| (x - value).abs()).fold(f64::INFINITY, f64::min);
            assert!(near <= bound + 1e-12, "{value}: {near} > {bound}");
            let image = (&matrix * DMatrix::from_column_slice(60, 1, vector)).as_slice().to_vec();
            let residual = norm(&plus(&image, -value, vector));
            assert!((residual - bound).abs() < 1e-10, "{residual} {bound}");
        }
    }

    /// A matrix of rank 3 has an invariant subspace of dimension 4 for almost every first vector.
    #[test]
    fn an_invariant_subspace_is_left() {
        let values = [5.0, 2.0, -1.0];
        let found = spectrum(30, 30, 0, |v| {
            v.iter().enumerate().map(|(i, x)| x * values.get(i).unwrap_or(&0.0)).collect()
        });
        assert_eq!(found.values.len(), 30);
        for (k, value) in [(0, 5.0), (1, 2.0), (29, -1.0), (15, 0.0)] {
            assert!((found.values[k] - value).abs() < 1e-13, "{:?}", found.values);
        }
    }

    #[test]
    fn nothing_has_no_spectrum() {
        assert!(spectrum(0, 5, 0, <[f64]>::to_vec).values.is_empty());
        assert!(spectrum(3, 0, 0, <[f64]>::to_vec).values.is_empty());
    }
}
