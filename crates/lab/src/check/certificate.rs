//! How large second order is at certain weights, and whether a check could miss its absence.

use meta::Workspace;
use meta::algorithm::Claim;
use serde::Serialize;

use crate::subject::Subject;
use crate::vectors::{angle, norm, plus};
use crate::{InnerPath, Local};

/// Says how far the exact and the first-order meta-gradient are apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Certificate {
    /// Which weights.
    pub at: String,
    /// ‖α H v‖ / ‖v‖ for each inner step, the first step first. For iMAML one number: ‖H v‖ / λ‖v‖
    /// of the solution v. `None` if v is 0.
    pub shares: Vec<Option<f64>>,
    /// Whether the meta-gradient of the algorithm has a part of second order at all.
    pub has_second_order: bool,
    /// Whether the share is that of an implicit meta-gradient.
    pub implicit: bool,
    /// The relative residual of the linear system of an implicit meta-gradient.
    pub residual: Option<f64>,
    /// The angle between the exact and the first-order meta-gradient, in degrees. `None` if one of
    /// them is 0.
    pub angle: Option<f64>,
    /// The norm of their difference, relative to that of the exact one. `None` if that is 0.
    pub difference: Option<f64>,
    /// Whether the difference is large enough that the check would notice a missing second-order
    /// part: ten times its tolerance.
    pub told_apart: bool,
}

/// Measures second order at `learned`. `tolerance` is that of the check.
pub fn certificate(
    subject: &Subject<'_>,
    at: &str,
    learned: &[f64],
    tolerance: f64,
) -> Certificate {
    let support = subject.support();
    let problem = subject.inner_problem(&support);
    let query = subject.query();
    let adapted = subject.algorithm.adapt(&problem, learned);
    let first = Local::at(&query, &adapted).gradient().to_vec();
    let mut residual = None;
    let (exact, shares) = match (subject.algorithm.claim(), subject.path(learned)) {
        (Claim::Implicit, _) => {
            let mut workspace = Workspace::new();
            let found = subject.algorithm.meta_gradient(&problem, &query, learned, &mut workspace);
            residual = found.solve().map(|solve| solve.residual);
            let solved = found.to_vec();
            let curved = Local::at(&support, &adapted).hessian_vector(&solved);
            let share = norm(&curved) / (subject.inner.implicit().proximal * norm(&solved));
            let shares = vec![share.is_finite().then_some(share)];
            (solved, shares)
        }
        (_, Some(mut path)) => (path.back(&first), InnerPath::shares(&mut path, &first)),
        (_, None) => (first.clone(), Vec::new()),
    };
    let apart = norm(&plus(&exact, -1.0, &first));
    let difference = (norm(&exact) > 0.0).then(|| apart / norm(&exact));
    Certificate {
        at: at.into(),
        shares,
        has_second_order: !matches!(
            subject.algorithm.claim(),
            Claim::AtAdapted | Claim::Displacement
        ),
        implicit: subject.algorithm.claim() == Claim::Implicit,
        residual,
        angle: angle(&exact, &first),
        difference,
        told_apart: difference.is_some_and(|difference| difference > 10.0 * tolerance),
    }
}
