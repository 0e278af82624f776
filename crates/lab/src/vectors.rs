//! Vectors of parameters.

/// ⟨a, b⟩
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The 2-norm.
pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// a + c b
pub(crate) fn plus(a: &[f64], c: f64, b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + c * b).collect()
}

/// a ∘ b
pub(crate) fn times(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

/// The cosine of the angle between two vectors. `None` if one of them is 0.
pub(crate) fn cosine(a: &[f64], b: &[f64]) -> Option<f64> {
    let lengths = norm(a) * norm(b);
    (lengths > 0.0).then(|| (dot(a, b) / lengths).clamp(-1.0, 1.0))
}

/// The angle between two vectors, in degrees. It is accurate for small angles too, because it is
/// computed from the distance of the unit vectors. `None` if one of them is 0.
pub(crate) fn angle(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (unit(a)?, unit(b)?);
    let half = (norm(&plus(&a, -1.0, &b)) / 2.0).min(1.0);
    Some(2.0 * half.asin().to_degrees())
}

/// The vector of length 1 in the same direction. `None` if it is 0.
pub(crate) fn unit(a: &[f64]) -> Option<Vec<f64>> {
    let length = norm(a);
    (length > 0.0).then(|| a.iter().map(|x| x / length).collect())
}

/// The largest magnitude.
pub(crate) fn largest(a: &[f64]) -> f64 {
    a.iter().fold(0.0, |largest, x| x.abs().max(largest))
}
