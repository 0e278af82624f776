//! The limits of a run, which is estimated before it begins.

use meta::estimate::{Limits, WORK};

/// The limits of the memory and of the work.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct LimitOptions {
    /// Memory that may be used, such as 500MB or 16GB; what needs more by an estimate is refused
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "8GB")]
    pub memory: u64,

    /// Multiply-adds that may be needed, by an estimate; 1e18 are ten years of one core
    #[arg(long, value_name = "N", value_parser = count, default_value_t = WORK,
          hide_default_value = true)]
    pub work: f64,
}

impl LimitOptions {
    /// Both of them.
    pub fn limits(self) -> Limits {
        Limits { memory: self.memory, work: self.work }
    }
}

/// A number of bytes with a unit.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "KB" | "K" => 1_000,
        "MB" | "M" => 1_000_000,
        "GB" | "G" => 1_000_000_000,
        "TB" | "T" => 1_000_000_000_000,
        _ => 0,
    };
    let count = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
    count.filter(|&bytes| bytes > 0).ok_or_else(|| "expected a size such as 500MB or 16GB".into())
}

/// A number of operations.
fn count(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(count) if count > 0.0 && count.is_finite() => Ok(count),
        _ => Err("expected a number above 0, such as 1e19".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use meta::estimate::MEMORY;

    #[test]
    fn limits_by_default_are_those_of_the_library() {
        assert_eq!(size("8GB"), Ok(MEMORY));
        assert_eq!(size("1k"), Ok(1_000));
        for wrong in ["", "8", "GB", "-1GB", "0MB", "99999999999TB", "8 XB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert_eq!(count("1e19"), Ok(1e19));
        for wrong in ["", "0", "-1", "inf", "nan", "many"] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
    }
}
