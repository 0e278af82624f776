//! The number types that a frame can hold.

use std::fmt::{Debug, Display};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// The number type of a frame: `f32` or `f64`. No other type implements it.
pub trait Real:
    Copy + Debug + Display + PartialEq + Send + Sync + 'static + sealed::Sealed
{
    /// The value of a missing cell.
    const NAN: Self;

    /// Reads a decimal number, such as `-1.5e3`, and rounds it correctly. Returns `None` if the
    /// text is no number or if the number is not finite in this type.
    fn parse(text: &str) -> Option<Self>;

    /// Returns whether the value is NaN.
    fn is_nan(self) -> bool;

    /// Returns the value as an `f64`, which is exact.
    fn to_f64(self) -> f64;
}

macro_rules! real {
    ($type:ty) => {
        impl Real for $type {
            const NAN: Self = <$type>::NAN;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok().filter(|value: &$type| value.is_finite())
            }

            fn is_nan(self) -> bool {
                self.is_nan()
            }

            fn to_f64(self) -> f64 {
                self.into()
            }
        }
    };
}

real!(f32);
real!(f64);
