//! 95% intervals of rates, differences and ratios, in closed form from counts.
//!
//! The interval of a rate is Wilson's, with the lower ends of Brown, Cai and DasGupta for 1 to 3
//! rows. From the intervals of two rates follow those of their difference (Newcombe, 1998) and of
//! their ratio (Donner and Zou, 2012). `docs/derivations.md` has the equations, and
//! `benches/coverage.rs` measures how often the intervals cover the truth.

/// The rows that count, and those among which they are counted.
pub(crate) type Fraction = (u64, u64);
/// The lower and the upper end.
pub(crate) type Ends = (f64, f64);

/// How rarely an interval misses the truth.
struct Level {
    /// The quantile of the normal distribution: a share of `tail` lies above.
    z: f64,
    /// The means of Poisson distributions for which 1, 2 and 3 or more are as rare as 2 `tail`.
    rare: [f64; 3],
}

/// `tail` is 2.5%: 95% with both sides.
const ONE: Level = Level {
    z: 1.959_963_984_540_054,
    rare: [0.051_293_294_387_550_58, 0.355_361_509_698_662_3, 0.817_691_447_139_095_8],
};

/// `tail` is 1 − √0.975, so that two independent intervals are both right on one side in 97.5%.
const OF_TWO: Level = Level {
    z: 2.238_964_375_652_971_6,
    rare: [0.025_480_112_628_668_56, 0.243_040_536_253_046_72, 0.620_204_454_867_823_3],
};

/// The interval of a rate, in [0, 1]; `None` for a rate among no rows.
pub(crate) fn rate(fraction: Fraction) -> Option<Ends> {
    (fraction.1 > 0).then(|| ONE.rate(fraction))
}

/// The interval of the first rate minus the second, in [−1, 1].
pub(crate) fn difference(sides: [Fraction; 2]) -> Option<Ends> {
    there(sides).then(|| ONE.difference(sides))
}

/// The interval of the first rate over the second, in [0, ∞).
pub(crate) fn ratio(sides: [Fraction; 2]) -> Option<Ends> {
    (there(sides) && sides[1].0 > 0).then(|| ONE.ratio(sides))
}

/// The interval of the smaller rate over the larger, in [0, 1].
pub(crate) fn closeness(sides: [Fraction; 2]) -> Option<Ends> {
    there(sides).then(|| closest(ONE.ratio(sides)))
}

/// The interval of the larger of two absolute differences, in [0, 1].
///
/// The larger one is above an upper end only if its own is too low, so these need no care. But it
/// is below the larger of two lower ends if either is too high, and these are of [`OF_TWO`].
pub(crate) fn larger_difference(pairs: [[Fraction; 2]; 2]) -> Option<Ends> {
    pairs.into_iter().all(there).then(|| {
        let [low, high] = [&OF_TWO, &ONE].map(|level| pairs.map(|p| absolute(level.difference(p))));
        (low[0].0.max(low[1].0), high[0].1.max(high[1].1))
    })
}

/// The interval of the smaller of two closenesses, in [0, 1], as [`larger_difference`] makes it.
pub(crate) fn smaller_closeness(pairs: [[Fraction; 2]; 2]) -> Option<Ends> {
    pairs.into_iter().all(there).then(|| {
        let [low, high] = [&ONE, &OF_TWO].map(|level| pairs.map(|p| closest(level.ratio(p))));
        (low[0].0.min(low[1].0), high[0].1.min(high[1].1))
    })
}

/// Whether both rates exist.
fn there(sides: [Fraction; 2]) -> bool {
    sides.iter().all(|&(_, of)| of > 0)
}

/// What min(r, 1/r) can be for the ratios r of an interval.
fn closest((low, high): Ends) -> Ends {
    let most = if low > 1.0 { 1.0 / low } else { high.min(1.0) };
    (low.min(1.0 / high), most)
}

/// What |d| can be for the differences d of an interval.
fn absolute((low, high): Ends) -> Ends {
    (low.max(-high).max(0.0), high.max(-low))
}

fn share((count, of): Fraction) -> f64 {
    count as f64 / of as f64
}

impl Level {
    fn rate(&self, (count, of): Fraction) -> Ends {
        (self.low((count, of)), 1.0 - self.low((of - count, of)))
    }

    /// The lower end of a rate.
    fn low(&self, fraction: Fraction) -> f64 {
        let (count, rows) = (fraction.0, fraction.1 as f64);
        if count == 0 {
            return 0.0;
        }
        let (p, squared) = (share(fraction), self.z * self.z);
        let spread = self.z * (rows * p * (1.0 - p) + squared / 4.0).sqrt();
        let wilson = (rows * p + squared / 2.0 - spread) / (rows + squared);
        match self.rare.get(count as usize - 1) {
            Some(rare) => wilson.min(rare / rows),
            None => wilson,
        }
    }

    fn difference(&self, sides: [Fraction; 2]) -> Ends {
        let [p, q] = sides.map(share);
        let [(p_low, p_high), (q_low, q_high)] = sides.map(|side| self.rate(side));
        let low = p - q - (p - p_low).hypot(q_high - q);
        (low.max(-1.0), (p - q + (p_high - p).hypot(q - q_low)).min(1.0))
    }

    /// The upper end is infinite if the second rate is 0.
    fn ratio(&self, sides: [Fraction; 2]) -> Ends {
        let [p, q] = sides.map(share);
        let [(p_low, p_high), (q_low, q_high)] = sides.map(|side| self.rate(side));
        // The ends are roots of d r² − 2 p q r + n.
        let root = |n: f64, d: f64| (p * p * q * q - n * d).max(0.0).sqrt();
        let (n, d) = (p_low * (2.0 * p - p_low), q_high * (2.0 * q - q_high));
        let low = if n > 0.0 { n / (p * q + root(n, d)) } else { 0.0 };
        let (n, d) = (p_high * (2.0 * p - p_high), q_low * (2.0 * q - q_low));
        (low, if d > 0.0 { (p * q + root(n, d)) / d } else { f64::INFINITY })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[track_caller]
    fn near(found: Option<Ends>, expected: Ends) {
        let found = found.unwrap();
        assert_abs_diff_eq!(found.0, expected.0, epsilon = 5e-5);
        assert_abs_diff_eq!(found.1, expected.1, epsilon = 5e-5);
    }

    /// Newcombe's examples: the score intervals of his two papers of 1998.
    #[test]
    fn published_intervals() {
        near(rate((81, 263)), (0.2553, 0.3662));
        near(rate((15, 148)), (0.0624, 0.1605));
        near(rate((0, 20)), (0.0, 0.1611));
        near(difference([(56, 70), (48, 80)]), (0.0524, 0.3339));
        near(difference([(10, 10), (0, 20)]), (0.6791, 1.0));
        near(difference([(0, 10), (0, 20)]), (-0.1611, 0.2775));
        near(difference([(0, 10), (0, 10)]), (-0.2775, 0.2775));
    }

    /// The ends r of a ratio p / q are those at which the difference p − r q has 0 as an end.
    #[test]
    fn the_ends_of_a_ratio_make_a_difference_of_0() {
        for sides in [[(30, 40), (20, 50)], [(2, 90), (700, 1000)], [(9, 10), (1, 10)]] {
            let [p, q] = sides.map(share);
            let [(p_low, p_high), (q_low, q_high)] = sides.map(|side| ONE.rate(side));
            let (low, high) = ratio(sides).unwrap();
            let lower = p - low * q - (p - p_low).hypot(low * (q_high - q));
            let upper = p - high * q + (p_high - p).hypot(high * (q - q_low));
            assert_abs_diff_eq!(lower, 0.0, epsilon = 1e-12);
            assert_abs_diff_eq!(upper, 0.0, epsilon = 1e-12);
            assert!(low < p / q && p / q < high);
        }
        assert_eq!(ratio([(0, 20), (3, 20)]).unwrap().0, 0.0);
        assert_eq!(ratio([(3, 20), (0, 20)]), None);
    }

    /// 1, 2 and 3 or more rows are as rare at the lower end as the level says, among many rows.
    #[test]
    fn the_constants_are_quantiles() {
        for (level, tail) in [(ONE, 0.025), (OF_TWO, 1.0 - 0.975f64.sqrt())] {
            for (more, &mean) in level.rare.iter().enumerate() {
                let terms = (0..=more).scan(1.0, |term, k| {
                    *term *= if k == 0 { 1.0 } else { mean / k as f64 };
                    Some(*term)
                });
                assert_abs_diff_eq!(
                    1.0 - (-mean).exp() * terms.sum::<f64>(),
                    2.0 * tail,
                    epsilon = 1e-9
                );
            }
        }
        // Simpson's rule for the normal density beyond z.
        for (level, tail) in [(ONE, 0.025), (OF_TWO, 1.0 - 0.975f64.sqrt())] {
            let (steps, width) = (2000_usize, 10.0 / 2000.0);
            let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
            let weight = |step| if step == 0 || step == steps { 1.0 } else { [2.0, 4.0][step % 2] };
            let terms =
                (0..=steps).map(|step| weight(step) * density(level.z + step as f64 * width));
            assert_abs_diff_eq!(terms.sum::<f64>() * width / 3.0, tail, epsilon = 1e-9);
        }
    }

    #[test]
    fn what_may_be_0_or_1_can_be_so() {
        assert_eq!(closest((0.8, 1.5)), (1.0 / 1.5, 1.0));
        assert_eq!(closest((0.25, 0.5)), (0.25, 0.5));
        assert_eq!(closest((2.0, f64::INFINITY)), (0.0, 0.5));
        assert_eq!(absolute((-0.3, 0.2)), (0.0, 0.3));
        assert_eq!(absolute((-0.3, -0.1)), (0.1, 0.3));
    }

    /// Of two pairs, one of which is far apart, the interval is nearly that of the other alone.
    #[test]
    fn the_larger_difference_and_the_smaller_closeness() {
        let (far, near) = ([(90, 100), (10, 100)], [(50, 100), (50, 100)]);
        let (low, high) = larger_difference([far, near]).unwrap();
        let of_far = difference(far).unwrap();
        assert!(low < of_far.0 && of_far.0 - low < 0.02 && high == of_far.1);
        let (low, high) = smaller_closeness([near, far]).unwrap();
        let of_far = closeness(far).unwrap();
        assert!(low == of_far.0 && of_far.1 < high && high - of_far.1 < 0.05);
        // Where both pairs are alike, 0 and 1 are inside.
        assert_eq!(larger_difference([near, near]).unwrap().0, 0.0);
        assert_eq!(smaller_closeness([near, near]).unwrap().1, 1.0);
        assert_eq!(larger_difference([near, [(0, 0), (1, 2)]]), None);
    }
}
