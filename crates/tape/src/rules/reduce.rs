//! Reductions along an axis: the largest entry, and the logarithm of a sum of exponentials. A sum
//! along an axis needs no rule, because it is a product with ones.

use super::rule::Rule;
use crate::Scalar;
use crate::axis::Axis;
use crate::mode::{Adjoints, Mode, Output, Target, Values};
use crate::number::Number;

/// Where the entries lie that become one: entry k of line l is entry l · `across` + k · `along` of
/// the operand.
#[derive(Clone, Copy)]
struct Lines {
    length: usize,
    across: usize,
    along: usize,
}

impl Lines {
    fn new((rows, columns): (usize, usize), axis: Axis) -> Self {
        match axis {
            Axis::Rows => Lines { length: rows, across: 1, along: columns },
            Axis::Columns => Lines { length: columns, across: columns, along: 1 },
        }
    }

    /// The places of the entries of one line.
    fn places(self, line: usize) -> impl Iterator<Item = usize> + Clone {
        (0..self.length).map(move |k| line * self.across + k * self.along)
    }
}

/// y = maxₖ xₖ of each line. If n entries are the largest, the derivative by each of them is 1 / n.
pub(crate) struct Largest(pub u32, pub Axis);

impl Rule for Largest {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let (x, lines) = (values.view(self.0), Lines::new(values.shape(self.0), self.1));
        let Target { value, out } = target;
        for (line, entry) in out.iter_mut().enumerate() {
            let places = lines.places(line);
            if !M::TANGENTS {
                *entry = largest(places.map(|i| x.primal[i]));
            } else if let Some(tangent) = x.tangent {
                *entry = mean_of_ties(
                    places.map(|i| (is_largest(x.primal[i], value[line]), tangent[i])),
                );
            }
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let (x, lines) = (values.view(self.0), Lines::new(values.shape(self.0), self.1));
        let Some(into) = adjoints.of(self.0) else { return };
        let zero = M::T::<S>::zero();
        for line in 0..output.value.primal.len() {
            let y = M::get(&output.value, line);
            let places = lines.places(line).map(|i| (i, is_largest(M::get(&x, i), y)));
            let ties = places.clone().fold(zero, |sum, (_, tie)| sum + tie);
            let share = M::get(&output.adjoint, line) / ties;
            for (i, tie) in places {
                M::add(&mut into[i], tie.where_positive(share, zero));
            }
        }
    }
}

/// 1 if x is y, the largest entry, and 0 if it is smaller.
#[inline(always)]
fn is_largest<T: Scalar>(x: T, y: T) -> T {
    (y - x).where_positive(T::zero(), T::one())
}

/// The mean of the numbers that stand beside a 1.
fn mean_of_ties<T: Scalar>(numbers: impl Iterator<Item = (T, T)>) -> T {
    let (sum, ties) = numbers.fold((T::zero(), T::zero()), |(sum, ties), (tie, x)| {
        (sum + tie.where_positive(x, T::zero()), ties + tie)
    });
    sum / ties
}

/// The largest entry, with the mean of the tangents of all entries that are the largest.
fn largest<T: Scalar>(entries: impl Iterator<Item = T> + Clone) -> T {
    let value = entries.clone().map(Number::constant).reduce(T::max).expect("no line is empty");
    // x − value is a tangent without a value where x is the largest. It is a NaN for infinities.
    let tangent = |x: T| {
        let tangent = x - value;
        (tangent * tangent + T::one()).where_positive(tangent, T::zero())
    };
    value + mean_of_ties(entries.map(|x| (is_largest(x, value), tangent(x))))
}

/// y = m + ln Σₖ e^(xₖ − m) of each line, with m = maxₖ xₖ; x̄ₖ += ȳ e^(xₖ − y).
pub(crate) struct LogSumExp(pub u32, pub Axis);

impl Rule for LogSumExp {
    fn forward<S: Scalar, M: Mode>(&self, values: Values<'_, S, M>, target: Target<'_, S>) {
        let (x, lines) = (values.view(self.0), Lines::new(values.shape(self.0), self.1));
        for (line, entry) in target.out.iter_mut().enumerate() {
            let (largest, log) = log_sum_exp(lines.places(line).map(|i| M::get(&x, i)));
            M::set(entry, largest + log);
        }
    }

    fn reverse<S: Scalar, M: Mode>(
        &self,
        values: Values<'_, S, M>,
        output: Output<'_, S>,
        adjoints: &mut Adjoints<'_, S>,
    ) {
        let (x, lines) = (values.view(self.0), Lines::new(values.shape(self.0), self.1));
        let Some(into) = adjoints.of(self.0) else { return };
        for line in 0..output.value.primal.len() {
            let t = M::get(&output.adjoint, line);
            let (largest, log) = log_sum_exp(lines.places(line).map(|i| M::get(&x, i)));
            for i in lines.places(line) {
                M::add(&mut into[i], t * ((M::get(&x, i) - largest) - log).exp());
            }
        }
    }
}

/// The largest entry m, and ln Σ e^(x − m). The sum is 1 for the largest entry, which is left out,
/// plus the others, so that no small one is lost.
fn log_sum_exp<T: Scalar>(mut entries: impl Iterator<Item = T> + Clone) -> (T, T) {
    let first = entries.next().expect("no line is empty");
    let pick = |largest: T, x: T| (x - largest).where_positive(x, largest);
    let largest = entries.clone().fold(first, pick);
    // Nothing is subtracted beside an infinite entry, because ∞ − ∞ is a NaN, as 0 · ∞ is.
    let shift = (largest * T::zero() + T::one()).where_positive(largest, T::zero());
    let (_, sum) = entries.fold((first, T::zero()), |(so_far, sum), x| {
        let smaller = (x - so_far).where_positive(so_far, x);
        (pick(so_far, x), sum + (smaller - shift).exp())
    });
    (largest, sum.ln_1p())
}
