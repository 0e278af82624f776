//! The rank correlation of pairs, with its interval.

use crate::mean::Mean;

/// The upper 2.5% point of the normal distribution.
const NORMAL: f64 = 1.959_963_984_540_054;

/// Spearman's rank correlation of pairs that are independent of each other: 1 if the second value
/// always rises with the first, −1 if it always falls. `None` if one of the values does not vary.
///
/// Equal values share the mean of their ranks. The interval is that of Bonett and Wright (2000):
/// with r the correlation of n pairs, tanh(artanh r ± 1.96 √((1 + r²/2) / (n − 3))). There is none
/// with three pairs or fewer, or where r is 1 or −1.
///
/// ```
/// use report::rank::spearman;
///
/// let found = spearman(&[(1.0, 0.2), (2.0, 0.1), (3.0, 0.4), (4.0, 0.8)]).unwrap();
/// assert!((found.mean - 0.8).abs() < 1e-12);
/// assert!(found.interval.is_some());
/// ```
pub fn spearman(pairs: &[(f64, f64)]) -> Option<Mean> {
    let ranks = |value: fn(&(f64, f64)) -> f64| ranks(&pairs.iter().map(value).collect::<Vec<_>>());
    let (a, b) = (ranks(|pair| pair.0), ranks(|pair| pair.1));
    let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let variances = sum(&a, &a) * sum(&b, &b);
    if variances == 0.0 {
        return None;
    }
    let (r, n) = ((sum(&a, &b) / variances.sqrt()).clamp(-1.0, 1.0), pairs.len());
    let interval = (n > 3 && r.abs() < 1.0 - 1e-12).then(|| {
        let half = NORMAL * ((1.0 + r * r / 2.0) / (n as f64 - 3.0)).sqrt();
        ((r.atanh() - half).tanh(), (r.atanh() + half).tanh())
    });
    Some(Mean { mean: r, interval, values: n })
}

/// The rank of each value minus the mean of all ranks; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |x: &f64| {
        let lower = values.iter().filter(|y| *y < x).count() as f64;
        let higher = values.iter().filter(|y| *y > x).count() as f64;
        (lower - higher) / 2.0
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// The squared differences of the ranks are 0, 25, 36, 1, 4, 9, 36, 9, 9 and 25, so that
    /// r = 1 − 6 · 194 / (10 · 99) without ties.
    #[test]
    fn ten_pairs_by_hand() {
        let first = [86.0, 97.0, 99.0, 100.0, 101.0, 103.0, 106.0, 110.0, 112.0, 113.0];
        let second = [2.0, 20.0, 28.0, 27.0, 50.0, 29.0, 7.0, 17.0, 6.0, 12.0];
        let pairs: Vec<(f64, f64)> = first.into_iter().zip(second).collect();
        let found = spearman(&pairs).unwrap();
        assert_relative_eq!(found.mean, 1.0 - 6.0 * 194.0 / 990.0, max_relative = 1e-12);
        // artanh r = −0.177602, and the half width is 1.96 √(1.015445 / 7) = 0.746496.
        let (low, high) = found.interval.unwrap();
        assert_relative_eq!(low, -0.727830, max_relative = 1e-5);
        assert_relative_eq!(high, 0.514547, max_relative = 1e-5);
        assert_eq!(found.values, 10);
    }

    /// The ranks are 1, 2.5, 2.5, 4 and 1, 3, 2, 4: r = 4.5 / √(4.5 · 5).
    #[test]
    fn equal_values_share_their_ranks() {
        let found = spearman(&[(0.0, 1.0), (5.0, 7.0), (5.0, 6.0), (9.0, 8.0)]).unwrap();
        assert_relative_eq!(found.mean, 4.5 / 22.5f64.sqrt(), max_relative = 1e-12);
    }

    #[test]
    fn what_does_not_exist_is_none() {
        assert_eq!(spearman(&[]), None);
        assert_eq!(spearman(&[(1.0, 2.0)]), None);
        assert_eq!(spearman(&[(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)]), None);
        // Three pairs have no interval, and neither has a perfect order.
        let three = spearman(&[(1.0, 2.0), (2.0, 1.0), (3.0, 4.0)]).unwrap();
        assert_eq!((three.mean, three.interval), (0.5, None));
        let falling: Vec<(f64, f64)> = (0..9).map(|i| (f64::from(i), f64::from(-i))).collect();
        let falling = spearman(&falling).unwrap();
        assert_eq!((falling.mean, falling.interval), (-1.0, None));
    }
}
