//! This module holds estimates of the memory and the work of a computation, and their limits.
//!
//! A small file can ask for a large computation, because sizes multiply. So a computation is
//! estimated as a whole before it begins, and refused if it is above a limit. All sizes are `f64`:
//! a product of sizes does not overflow, and it grows with each of them.

use std::fmt;

/// The default limit of the memory, in bytes.
pub const MEMORY: u64 = 8_000_000_000;

/// The default limit of the work, in multiply-adds. A core that does 3·10⁹ of them in a second
/// needs ten years.
pub const WORK: f64 = 1e18;

/// Holds what a computation may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The memory in bytes.
    pub memory: u64,
    /// The work in multiply-adds.
    pub work: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { memory: MEMORY, work: WORK }
    }
}

/// Holds the estimate of one part of a computation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// What it is, such as `training tasks × rows × features`.
    pub name: &'static str,
    /// The memory in bytes, at least 0.
    pub bytes: f64,
    /// The work in multiply-adds, at least 0.
    pub multiply_adds: f64,
    /// Whether the memory stays in use after the computation, because it holds results.
    pub stays: bool,
}

/// Holds the estimate of a computation: that of its parts. The memory is that of the moment at
/// which it is largest.
///
/// ```
/// use meta::estimate::{Estimate, Limits};
///
/// let mut estimate = Estimate::default();
/// estimate.memory("tasks × rows", 1e6 * 1e6 * 8.0);
/// let error = estimate.check("plans[0]", Limits::default()).unwrap_err().to_string();
/// assert!(error.starts_with("plans[0] needs about 8000.0 GB of memory, more than the 8.0 GB"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    parts: Vec<Part>,
}

impl Estimate {
    /// Adds a part that needs `bytes` of memory.
    pub fn memory(&mut self, name: &'static str, bytes: f64) {
        self.add(Part { name, bytes, multiply_adds: 0.0, stays: false });
    }

    /// Adds results that need `bytes` of memory, also after the computation.
    pub fn results(&mut self, name: &'static str, bytes: f64) {
        self.add(Part { name, bytes, multiply_adds: 0.0, stays: true });
    }

    /// Adds a part that does `multiply_adds` of work.
    pub fn work(&mut self, name: &'static str, multiply_adds: f64) {
        self.add(Part { name, bytes: 0.0, multiply_adds, stays: false });
    }

    /// Adds all parts of another estimate, for computations at the same time.
    pub fn extend(&mut self, other: Estimate) {
        other.parts.into_iter().for_each(|part| self.add(part));
    }

    /// Adds a part, to the one with the same name if there is one.
    fn add(&mut self, new: Part) {
        let alike = |part: &&mut Part| (part.name, part.stays) == (new.name, new.stays);
        match self.parts.iter_mut().find(alike) {
            Some(part) => {
                part.bytes += new.bytes;
                part.multiply_adds += new.multiply_adds;
            }
            None => self.parts.push(new),
        }
    }

    /// Returns the parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the memory in bytes.
    pub fn bytes(&self) -> f64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    /// Returns the work in multiply-adds.
    pub fn multiply_adds(&self) -> f64 {
        self.parts.iter().map(|part| part.multiply_adds).sum()
    }

    /// Returns the memory in bytes that stays in use after the computation.
    pub fn kept(&self) -> f64 {
        self.parts.iter().filter(|part| part.stays).map(|part| part.bytes).sum()
    }

    /// Checks the estimate against the limits. `what` names the computation in the error.
    ///
    /// # Errors
    /// Returns the estimate, the limit and the largest part if the computation needs more.
    pub fn check(&self, what: &str, limits: Limits) -> Result<(), TooLarge> {
        let largest = |size: fn(&Part) -> f64| {
            let part = self.parts.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
            part.map_or(("", 0.0), |part| (part.name, size(part)))
        };
        let what = || what.to_owned();
        let (needed, limit) = (self.bytes(), limits.memory as f64);
        if needed > limit {
            let (part, of_part) = largest(|part| part.bytes);
            return Err(TooLarge::Memory { what: what(), needed, limit, part, of_part });
        }
        let (needed, limit) = (self.multiply_adds(), limits.work);
        if needed > limit {
            let (part, of_part) = largest(|part| part.multiply_adds);
            return Err(TooLarge::Work { what: what(), needed, limit, part, of_part });
        }
        Ok(())
    }
}

/// Reports a computation that needs more than a limit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TooLarge {
    /// It needs too much memory.
    #[error(
        "{what} needs about {} of memory, more than the {} of --memory; {} are for {part}; use \
         smaller settings or --memory {}", Bytes(*needed), Bytes(*limit), Bytes(*of_part),
        enough_memory(*needed)
    )]
    Memory {
        /// The computation.
        what: String,
        /// The estimate, in bytes.
        needed: f64,
        /// The limit, in bytes.
        limit: f64,
        /// The largest part.
        part: &'static str,
        /// The bytes of this part.
        of_part: f64,
    },
    /// It needs too much work.
    #[error(
        "{what} needs about {needed:.1e} multiply-adds, more than the {limit:.1e} of --work; \
         {of_part:.1e} are for {part}; use smaller settings or --work {}", enough_work(*needed)
    )]
    Work {
        /// The computation.
        what: String,
        /// The estimate, in multiply-adds.
        needed: f64,
        /// The limit, in multiply-adds.
        limit: f64,
        /// The largest part.
        part: &'static str,
        /// The multiply-adds of this part.
        of_part: f64,
    },
}

/// Shows a number of bytes in words.
#[derive(Clone, Copy, Debug)]
pub struct Bytes(pub f64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes < 1e6 => write!(f, "{bytes:.0} bytes"),
            bytes if bytes < 1e9 => write!(f, "{:.0} MB", bytes / 1e6),
            bytes if bytes < 1e16 => write!(f, "{:.1} GB", bytes / 1e9),
            bytes => write!(f, "{:.1e} GB", bytes / 1e9),
        }
    }
}

/// The value of `--memory` that allows an estimate.
fn enough_memory(needed: f64) -> String {
    match needed {
        bytes if bytes < 1e9 => format!("{:.0}MB", (bytes / 1e6).ceil()),
        bytes if bytes < 1e15 => format!("{:.0}GB", (bytes / 1e9).ceil()),
        bytes => format!("{:.0}TB", (bytes / 1e12).ceil()),
    }
}

/// The value of `--work` that allows an estimate: the next power of ten.
fn enough_work(needed: f64) -> String {
    format!("1e{:.0}", needed.log10().ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(bytes: f64, work: f64) -> Estimate {
        let mut estimate = Estimate::default();
        estimate.memory("a small part", bytes / 4.0);
        estimate.results("a large part", bytes * 0.75);
        estimate.work("steps", work);
        estimate
    }

    #[test]
    fn what_is_above_a_limit_is_refused_in_words() {
        let limits = Limits { memory: 2_000_000, work: 1e9 };
        assert_eq!(estimate(2e6, 1e9).check("it", limits), Ok(()));
        let said = |bytes, work| estimate(bytes, work).check("it", limits).unwrap_err().to_string();
        assert_eq!(
            said(4e6, 0.0),
            "it needs about 4 MB of memory, more than the 2 MB of --memory; 3 MB are for a large \
             part; use smaller settings or --memory 4MB"
        );
        assert_eq!(
            said(0.0, 2.5e10),
            "it needs about 2.5e10 multiply-adds, more than the 1.0e9 of --work; 2.5e10 are for \
             steps; use smaller settings or --work 1e11"
        );
        assert!(said(7.21e9, 0.0).ends_with("--memory 8GB"));
        assert_eq!(estimate(4.0, 0.0).kept(), 3.0);
    }

    /// A size that no machine has is still told, and the way out allows it.
    #[test]
    fn sizes_without_end() {
        let needed = 1e300;
        let said = estimate(needed, 0.0).check("it", Limits::default()).unwrap_err().to_string();
        assert!(said.starts_with("it needs about 1.0e291 GB of memory"), "{said}");
        let said = estimate(0.0, needed).check("it", Limits::default()).unwrap_err().to_string();
        assert!(said.ends_with("--work 1e300"), "{said}");
    }
}
