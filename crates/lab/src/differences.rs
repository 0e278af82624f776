//! Central differences that know when they cross a kink.
//!
//! ```text
//! ∂f/∂x_i ≈ (f(x + h e_i) − f(x − h e_i)) / 2h
//! ```
//!
//! The error of a right derivative falls as h² until rounding, about ε f / h, takes over. The error
//! of a wrong one stays. Both errors of a difference are estimated, and a derivative is wrong only
//! if they do not explain how far it is from the difference. A kink between the two points, as that
//! of a ReLU, makes the difference wrong though the derivative is right. So the function also tells
//! the sides of its kinks ([`Tape::sides`](tape::Tape::sides)), and a difference between points on
//! different sides says nothing.

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};

use meta::algorithm::Loss;
use serde::{Deserialize, Serialize};
use tape::{Tape, Var};

use crate::vectors::largest;

/// A value, with what a difference has to know of the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The values: one for a scalar function.
    pub values: Vec<f64>,
    /// Stands for the sides of all kinks: equal for equal sides.
    pub sides: u64,
    /// The largest number on the way. Rounding errors are of its size times ε.
    pub size: f64,
}

/// Remembers the sides of the kinks and the largest number of every recording of a loss.
pub struct Watched<'a> {
    loss: &'a dyn Loss<f64>,
    sides: RefCell<DefaultHasher>,
    size: Cell<f64>,
}

impl Probe {
    /// Joins what is known of the ways to one value that depends on two losses.
    pub fn and(self, other: Probe) -> Probe {
        let sides = self.sides ^ other.sides.rotate_left(1);
        Probe { values: self.values, sides, size: self.size.max(other.size) }
    }
}

impl<'a> Watched<'a> {
    /// Watches a loss.
    pub fn new(loss: &'a dyn Loss<f64>) -> Self {
        Watched { loss, sides: RefCell::default(), size: Cell::new(0.0) }
    }

    /// Makes a probe of values that were computed from recordings since the last call.
    pub fn probe(&self, values: Vec<f64>) -> Probe {
        Probe { values, sides: self.sides.take().finish(), size: self.size.take() }
    }
}

impl Loss<f64> for Watched<'_> {
    fn record(&self, tape: &mut Tape<f64>, parameters: Var) -> Var {
        let output = self.loss.record(tape, parameters);
        tape.sides().hash(&mut *self.sides.borrow_mut());
        self.size.set(self.size.get().max(tape.largest()));
        output
    }
}

/// The tolerances and steps of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// The steps h, the largest first, relative to each parameter's size or to 1 if that is larger.
    pub sizes: Vec<f64>,
    /// The largest error that passes, relative to the largest entry of the compared vector's part.
    pub tolerance: f64,
}

impl Default for Steps {
    /// Powers of ten from 1e-2 to 1e-8, and a tolerance of 1e-6.
    fn default() -> Self {
        Steps { sizes: (2..=8).map(|k| 10f64.powi(-k)).collect(), tolerance: 1e-6 }
    }
}

/// What differences say of a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A difference at some step agrees, or one that is extrapolated from two steps.
    Right,
    /// No difference agrees, and the errors of the best one do not explain why.
    Wrong,
    /// No difference agrees, and their errors may be the reason: kinks, rounding, or a step that is
    /// too long for the curvature of the function.
    Undecided,
}

/// A difference that crosses no kink.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Smooth {
    /// The step h.
    step: f64,
    difference: f64,
    /// A bound of its rounding error.
    rounding: f64,
}

impl Smooth {
    /// Whether rounding leaves enough digits to say something. Errors are relative to `scale`.
    fn has_digits(self, scale: f64) -> bool {
        self.difference.is_finite()
            && self.rounding <= FEW_DIGITS * scale.max(self.difference.abs())
    }

    /// Cancels the h² term of the error, with the difference at a larger step.
    fn extrapolated(self, larger: Smooth) -> Smooth {
        let ratio = (larger.step / self.step).powi(2);
        let mix = |small: f64, large: f64| (ratio * small - large) / (ratio - 1.0);
        Smooth {
            difference: mix(self.difference, larger.difference),
            rounding: mix(self.rounding, -larger.rounding),
            ..self
        }
    }

    /// Estimates the whole error from the differences at the two next larger steps.
    ///
    /// The error of a difference is much smaller than that at a larger step, so it is smaller than
    /// their distance. The distance of the two larger steps is a second witness: the first may be
    /// small by chance.
    fn error(self, larger: Smooth, largest: Smooth) -> f64 {
        let distance = (self.difference - larger.difference).abs();
        let before = (larger.difference - largest.difference).abs();
        8.0 * self.rounding + 2.0 * distance.max(before * self.step / larger.step)
    }
}

/// Compares entries of a derivative with differences at every step.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The index of the entry.
    pub index: usize,
    /// The derivative in question.
    pub computed: f64,
    /// At each step the difference, or `None` where it crosses a kink.
    pub differences: Vec<Option<f64>>,
    /// From each two successive differences without a kink, one without the h² term of the error.
    pub extrapolated: Vec<f64>,
    /// The verdict.
    pub verdict: Verdict,
}

impl Entry {
    /// Judges the derivative `computed` by differences, the largest step first, `None` across a
    /// kink. `scale` is the size to which errors are relative, and `slack` is a further error that
    /// is accepted.
    fn judge(
        index: usize,
        computed: f64,
        differences: &[Option<Smooth>],
        (scale, slack): (f64, f64),
        tolerance: f64,
    ) -> Self {
        let allowed = tolerance * scale + slack;
        let smooth: Vec<Smooth> = differences.iter().flatten().copied().collect();
        let extrapolated: Vec<Smooth> =
            smooth.windows(2).map(|pair| pair[1].extrapolated(pair[0])).collect();
        let miss = |found: Smooth| (found.difference - computed).abs();
        let agrees =
            |found: &Smooth| found.has_digits(scale) && miss(*found) <= allowed + found.rounding;
        // What does not move the value at any step has the derivative 0.
        let still = !smooth.is_empty() && smooth.iter().all(|found| found.difference == 0.0);
        let right = smooth.iter().chain(&extrapolated).any(agrees) || (still && computed == 0.0);
        let known = smooth.windows(3).filter(|three| three[2].has_digits(scale));
        let best = known
            .map(|three| (three[2], three[2].error(three[1], three[0])))
            .filter(|(_, error)| error.is_finite())
            .min_by(|a, b| a.1.total_cmp(&b.1));
        let wrong = best.is_some_and(|(found, error)| miss(found) > allowed + error);
        // A function that is not finite says nothing of its derivative.
        let nowhere = !smooth.is_empty() && smooth.iter().all(|d| !d.difference.is_finite());
        let verdict = if computed.is_finite() && right {
            Verdict::Right
        } else if wrong || !(computed.is_finite() || nowhere) {
            Verdict::Wrong
        } else {
            Verdict::Undecided
        };
        let values = |found: &[Smooth]| found.iter().map(|found| found.difference).collect();
        Entry {
            index,
            computed,
            differences: differences.iter().map(|d| d.map(|d| d.difference)).collect(),
            extrapolated: values(&extrapolated),
            verdict,
        }
    }

    /// The error at each step. `None` where the difference crosses a kink.
    pub fn errors(&self) -> Vec<Option<f64>> {
        self.differences.iter().map(|d| d.map(|d| (d - self.computed).abs())).collect()
    }

    /// The difference that is nearest to the derivative, extrapolated ones too. `None` if every
    /// difference crosses a kink.
    pub fn nearest(&self) -> Option<f64> {
        let distance = |d: &f64| (d - self.computed).abs();
        let all = self.differences.iter().flatten().chain(&self.extrapolated).copied();
        all.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// The error of the nearest difference. `None` if every difference crosses a kink.
    pub fn best(&self) -> Option<f64> {
        self.nearest().map(|nearest| (nearest - self.computed).abs())
    }
}

/// The largest rounding error of a difference that counts, relative to the scale.
const FEW_DIGITS: f64 = 1e-4;

/// Compares the derivative `computed` of a scalar function with differences along each coordinate
/// of `entries`. `f` is the function, and `at` the point, `(n)`.
///
/// ```
/// use lab::differences::{Probe, Steps, Verdict, of_scalar};
///
/// let cube = |x: &[f64]| Probe { values: vec![x[0].powi(3)], sides: 0, size: 8.0 };
/// let judge = |slope| of_scalar(&cube, &[2.0], &[slope], &[0], 0.0, &Steps::default());
/// assert_eq!(judge(12.0)[0].verdict, Verdict::Right);
/// assert_eq!(judge(12.001)[0].verdict, Verdict::Wrong);
/// ```
///
/// # Panics
/// Panics if an index of `entries` is not below n.
pub fn of_scalar(
    f: &dyn Fn(&[f64]) -> Probe,
    at: &[f64],
    computed: &[f64],
    entries: &[usize],
    slack: f64,
    steps: &Steps,
) -> Vec<Entry> {
    let here = f(at);
    let scale = largest(&entries.iter().map(|&i| computed[i]).collect::<Vec<_>>());
    let one = |&index: &usize| {
        let along = |h: f64| {
            let h = h * at[index].abs().max(1.0);
            let moved = |h: f64| {
                let mut x = at.to_vec();
                x[index] += h;
                f(&x)
            };
            difference(&here, &moved(h), &moved(-h), h).map(|d| d[0])
        };
        let differences: Vec<Option<Smooth>> = steps.sizes.iter().map(|&h| along(h)).collect();
        Entry::judge(index, computed[index], &differences, (scale, slack), steps.tolerance)
    };
    entries.iter().map(one).collect()
}

/// Compares the derivative `computed` of a vector function along `direction` with differences. Each
/// entry of the function is judged, relative to the size that `scale` gives for its index.
///
/// # Panics
/// Panics if the function does not return as many values as `computed` has.
pub fn along(
    f: &dyn Fn(&[f64]) -> Probe,
    at: &[f64],
    direction: &[f64],
    computed: &[f64],
    scale: &dyn Fn(usize) -> f64,
    steps: &Steps,
) -> Vec<Entry> {
    let here = f(at);
    let moved = |h: f64| f(&crate::vectors::plus(at, h, direction));
    let by_step: Vec<Option<Vec<Smooth>>> =
        steps.sizes.iter().map(|&h| difference(&here, &moved(h), &moved(-h), h)).collect();
    let one = |index: usize| {
        let differences: Vec<Option<Smooth>> =
            by_step.iter().map(|d| d.as_ref().map(|d| d[index])).collect();
        Entry::judge(index, computed[index], &differences, (scale(index), 0.0), steps.tolerance)
    };
    (0..computed.len()).map(one).collect()
}

/// The differences of all values at the step h, with their rounding errors. `None` across a kink.
fn difference(here: &Probe, ahead: &Probe, behind: &Probe, h: f64) -> Option<Vec<Smooth>> {
    if here.sides != ahead.sides || here.sides != behind.sides {
        return None;
    }
    let size = ahead.size.max(behind.size);
    let one = |(a, b): (&f64, &f64)| Smooth {
        step: h,
        difference: (a - b) / (2.0 * h),
        rounding: 16.0 * f64::EPSILON * size / (2.0 * h),
    };
    Some(ahead.values.iter().zip(&behind.values).map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tape::{Objective, Scalar};

    /// Σ relu(x)² + relu(x): smooth but for the kink at 0.
    struct Hinge;

    impl Objective for Hinge {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, x: Var) -> Var {
            let positive = tape.relu(x);
            let square = tape.mul(positive, positive);
            let sum = tape.add(square, positive);
            tape.sum(sum)
        }
    }

    fn judged(at: &[f64], wrong: f64) -> Vec<Entry> {
        let mut computed = tape::gradient(&Hinge, at).1;
        computed[0] += wrong;
        let watched = Watched::new(&Hinge);
        let f = |x: &[f64]| watched.probe(vec![crate::Local::at(&watched, x).value()]);
        let entries: Vec<usize> = (0..at.len()).collect();
        of_scalar(&f, at, &computed, &entries, 0.0, &Steps::default())
    }

    #[test]
    fn a_kink_is_no_mistake() {
        // The kink is 1e-5 away: differences at larger steps cross it.
        let entries = judged(&[1e-5, 0.7], 0.0);
        assert_eq!(entries[0].verdict, Verdict::Right);
        assert_eq!(entries[0].differences[..3], [None; 3]);
        assert!(entries[0].differences[4].is_some());
        assert_eq!(entries[1].verdict, Verdict::Right);
    }

    #[test]
    fn at_a_kink_nothing_is_said() {
        assert_eq!(judged(&[0.0, 0.7], 0.0)[0].verdict, Verdict::Undecided);
        assert_eq!(judged(&[1e-10, 0.7], 0.0)[0].verdict, Verdict::Undecided);
    }

    #[test]
    fn a_mistake_is_one_beside_a_kink_too() {
        assert_eq!(judged(&[0.5, 0.7], 1e-4)[0].verdict, Verdict::Wrong);
        assert_eq!(judged(&[1e-5, 0.7], 1e-4)[0].verdict, Verdict::Wrong);
        assert_eq!(judged(&[0.5, 0.7], f64::NAN)[0].verdict, Verdict::Wrong);
    }

    /// The slope at 0 of x + 1e3 x³ + 1e9 x⁵ among numbers of size 1e4: rounding takes the digits
    /// of short steps, and the h² error those of long ones.
    #[test]
    fn a_long_step_is_no_mistake() {
        let f = |x: &[f64]| {
            let x = x[0];
            let values = vec![1e-4 * (x + 1e3 * x.powi(3) + 1e9 * x.powi(5))];
            Probe { values, sides: 0, size: 1e4 }
        };
        let judge = |slope: f64| {
            of_scalar(&f, &[0.0], &[1e-4 * slope], &[0], 0.0, &Steps::default())[0].verdict
        };
        assert_eq!(judge(1.0), Verdict::Undecided);
        assert_eq!(judge(1.5), Verdict::Undecided);
    }

    /// Two steps together know more than each alone: the cubic term cancels.
    #[test]
    fn extrapolation_decides() {
        let f = |x: &[f64]| {
            let values = vec![x[0] + 1e3 * x[0].powi(3)];
            Probe { values, sides: 0, size: 1e7 }
        };
        let entry = of_scalar(&f, &[0.0], &[1.0], &[0], 0.0, &Steps::default()).remove(0);
        assert_eq!(entry.verdict, Verdict::Right, "{entry:?}");
        assert!(entry.best().unwrap() < 1e-9, "{entry:?}");
    }

    /// A function that is not finite decides nothing.
    #[test]
    fn not_finite_is_not_decided() {
        let f = |_: &[f64]| Probe { values: vec![f64::NAN], sides: 0, size: 1.0 };
        let judge =
            |slope| of_scalar(&f, &[0.0], &[slope], &[0], 0.0, &Steps::default())[0].verdict;
        assert_eq!((judge(f64::NAN), judge(1.0)), (Verdict::Undecided, Verdict::Undecided));
    }

    /// A derivative that rounding hides is neither right nor wrong; 0 that is exact is right.
    #[test]
    fn rounding_hides_small_derivatives() {
        let at = |slope: f64| {
            let f = move |x: &[f64]| {
                let values = vec![100.0 + slope * x[0]];
                Probe { values, sides: 0, size: 100.0 }
            };
            move |computed: f64| {
                of_scalar(&f, &[0.5], &[computed], &[0], 0.0, &Steps::default())[0].verdict
            }
        };
        assert_eq!(at(1e-11)(1e-11), Verdict::Undecided);
        assert_eq!(at(1e-11)(0.0), Verdict::Undecided);
        assert_eq!(at(0.0)(0.0), Verdict::Right);
        assert_eq!(at(0.1)(0.0), Verdict::Wrong);
    }

    /// The error falls as h² before rounding takes over.
    #[test]
    fn errors_fall_with_the_square_of_the_step() {
        let cube = |x: &[f64]| Probe { values: vec![x[0].powi(3)], sides: 0, size: 8.0 };
        let entry = &of_scalar(&cube, &[1.0], &[3.0], &[0], 0.0, &Steps::default())[0];
        let errors: Vec<f64> = entry.errors().into_iter().flatten().collect();
        assert!((errors[0] / errors[1] - 100.0).abs() < 1.0, "{errors:?}");
        assert!(errors[6] > errors[3], "{errors:?}");
    }
}
