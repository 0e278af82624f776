//! Mistakes that are there only on one side, near 0, far away, or in one type of number.

use std::any::TypeId;

use crate::check::{Found, Identity, Settings, check, check_widely};
use crate::{Dual, Lanes, Matrix, Number, Objective, Operation, Scalar, Tape, Var};

/// An operation on four numbers with a mistake by some of them.
#[derive(Clone, Copy, Debug)]
struct Planted {
    kind: Kind,
    place: Place,
    order: Order,
}

/// What the operation is.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The square of each entry.
    OfOne,
    /// a ∘ b
    OfTwo,
    /// The sum of all.
    Reduction,
    /// The matrix product of a row and a column.
    Product,
    /// The entries in the opposite order.
    Gather,
}

/// By which entries the derivative is wrong.
#[derive(Clone, Copy, Debug)]
enum Place {
    Negative,
    NearZero,
    Large,
}

/// Which derivative is wrong.
#[derive(Clone, Copy, Debug)]
enum Order {
    First,
    Second,
}

impl Planted {
    fn all() -> Vec<Planted> {
        let mut all = Vec::new();
        for kind in [Kind::OfOne, Kind::OfTwo, Kind::Reduction, Kind::Product, Kind::Gather] {
            for place in [Place::Negative, Place::NearZero, Place::Large] {
                all.extend([Order::First, Order::Second].map(|order| Planted {
                    kind,
                    place,
                    order,
                }));
            }
        }
        all
    }

    /// 1 where the rule is right. Where it is wrong, either another factor, or a factor of 1 whose
    /// derivative is not 0.
    fn factor<T: Number>(self, x: T) -> T {
        let here = match self.place {
            Place::Negative => -x,
            Place::NearZero => T::from_f64(1e-3) - x.abs(),
            Place::Large => x.abs() - T::from_f64(20.0),
        };
        let wrong = match self.order {
            Order::First => T::from_f64(1.5),
            Order::Second => T::one() + (x - x.constant()),
        };
        here.where_positive(wrong, T::one())
    }
}

impl Operation for Planted {
    fn value<T: Number>(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
        let x = inputs[0].data();
        match self.kind {
            Kind::OfOne => Matrix::new(1, 4, x.iter().map(|&x| x * x).collect()),
            Kind::OfTwo => Matrix::new(1, 2, vec![x[0] * x[2], x[1] * x[3]]),
            Kind::Reduction => Matrix::new(1, 1, vec![x[0] + x[1] + x[2] + x[3]]),
            Kind::Product => Matrix::new(1, 1, vec![x[0] * x[2] + x[1] * x[3]]),
            Kind::Gather => Matrix::new(1, 4, vec![x[3], x[2], x[1], x[0]]),
        }
    }

    fn reverse<T: Number>(
        &self,
        inputs: &[Matrix<T>],
        _: &Matrix<T>,
        adjoint: &Matrix<T>,
    ) -> Vec<Matrix<T>> {
        let (x, t) = (inputs[0].data(), adjoint.data());
        let other = |i: usize| x[(i + 2) % 4];
        let right = |i: usize| match self.kind {
            Kind::OfOne => t[i] * (x[i] + x[i]),
            Kind::OfTwo => t[i % 2] * other(i),
            Kind::Reduction => t[0],
            Kind::Product => t[0] * other(i),
            Kind::Gather => t[3 - i],
        };
        vec![Matrix::new(1, 4, (0..4).map(|i| right(i) * self.factor(x[i])).collect())]
    }

    fn kinks<T: Number>(&self, _: &[Matrix<T>]) -> Vec<T> {
        Vec::new()
    }
}

impl Objective for Planted {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        tape.operation(*self, &[parameters])
    }
}

#[test]
fn a_mistake_in_a_part_of_the_domain_is_found() {
    for planted in Planted::all() {
        let ordinary = check(&planted, &[0.7, 1.3, 2.0, 0.4], Settings::default());
        assert_eq!(ordinary, Ok(()), "{planted:?} is right at ordinary points");
        let found = check_widely(&planted, 4, |_| true).expect_err(&format!("{planted:?}"));
        let Found::Mistake { numbers: "f64", mismatch, .. } = found else {
            panic!("{planted:?}: {found}")
        };
        let identity = match planted.order {
            Order::First => Identity::Adjoint,
            Order::Second => Identity::SecondOrder,
        };
        assert_eq!(mismatch.identity, identity, "{planted:?}");
    }
}

/// x³ with a mistake in one type of number: no derivative by what is not positive.
struct OfType(TypeId);

impl Objective for OfType {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        let cube = tape.powi(parameters, 3);
        if TypeId::of::<S>() != self.0 {
            return cube;
        }
        let still = tape.stop_gradient(cube);
        tape.select(parameters, cube, still)
    }
}

#[test]
fn a_mistake_in_one_type_of_number_is_found() {
    fn find<S: Scalar>(name: &str) {
        let found = check_widely(&OfType(TypeId::of::<S>()), 1, |_| true).expect_err(name);
        let Found::Mistake { numbers, mismatch, parameters } = found else { panic!("{found}") };
        assert_eq!((numbers, mismatch.identity), (name, Identity::Numbers));
        assert!(parameters[0] < 0.0, "{parameters:?}");
    }

    find::<f32>("f32");
    find::<Lanes<f32, 4>>("Lanes<f32, 4>");
    find::<Lanes<f64, 4>>("Lanes<f64, 4>");
    find::<Dual<f64>>("Dual<f64>");
    find::<Dual<Lanes<f64, 2>>>("Dual<Lanes<f64, 2>>");
    find::<Lanes<Dual<f64>, 2>>("Lanes<Dual<f64>, 2>");
    assert_eq!(check_widely(&OfType(TypeId::of::<()>()), 1, |_| true), Ok(()));
}

/// To compare nothing is no success.
#[test]
fn without_a_point_nothing_is_right() {
    assert_eq!(check_widely(&OfType(TypeId::of::<()>()), 1, |_| false), Err(Found::Nowhere));
}

/// A number that is not defined is a mistake. One that leaves the range is none.
#[test]
fn a_nan_in_the_domain_is_a_mistake() {
    struct Logarithm;

    impl Objective for Logarithm {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            tape.ln(parameters)
        }
    }

    assert_eq!(check_widely(&Logarithm, 1, |x| x[0] > 0.0), Ok(()));
    let found = check_widely(&Logarithm, 1, |_| true);
    assert!(matches!(found, Err(Found::Mistake { .. })), "{found:?}");
}

/// |x − 0.6|, whose kink lies within a step of a point. It may state its kink or not.
struct Distance {
    stated: bool,
}

impl Operation for Distance {
    fn value<T: Number>(&self, inputs: &[Matrix<T>]) -> Matrix<T> {
        Matrix::new(1, 1, vec![(inputs[0].data()[0] - T::from_f64(0.6)).abs()])
    }

    fn reverse<T: Number>(
        &self,
        inputs: &[Matrix<T>],
        _: &Matrix<T>,
        adjoint: &Matrix<T>,
    ) -> Vec<Matrix<T>> {
        let (away, t) = (inputs[0].data()[0] - T::from_f64(0.6), adjoint.data()[0]);
        vec![Matrix::new(1, 1, vec![away.where_positive(t, -t)])]
    }

    fn kinks<T: Number>(&self, inputs: &[Matrix<T>]) -> Vec<T> {
        let kink = inputs[0].data()[0] - T::from_f64(0.6);
        if self.stated { vec![kink] } else { Vec::new() }
    }
}

impl Objective for Distance {
    fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
        tape.operation(Distance { stated: self.stated }, &[parameters])
    }
}

#[test]
fn an_operation_from_outside_states_its_kinks() {
    assert_eq!(check_widely(&Distance { stated: true }, 1, |_| true), Ok(()));
    let found = check_widely(&Distance { stated: false }, 1, |_| true).unwrap_err();
    let Found::Mistake { parameters, .. } = found else { panic!("{found}") };
    assert!((parameters[0] - 0.6).abs() < 1e-6);

    let mut tape = Tape::<Lanes<f64, 2>>::new();
    let x = tape.variable(1, 1, &[Lanes([0.5, 0.7])]);
    tape.operation(Distance { stated: true }, &[x]);
    assert_eq!(tape.sides(), [-1, 1]);
}
