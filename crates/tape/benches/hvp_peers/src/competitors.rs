//! How each crate computes a value, a gradient and a Hessian-vector product.

use ad_trait::hyper_ad::hyper_adr::HyperAD_ADR;
use ad_trait::nalgebra::ComplexField;
use ad_trait::reverse_ad::adr::adr;
use ad_trait::{AD, F64};
use echidna::{BReverse, BytecodeTape, Dual as EchidnaDual};
use nalgebra::{Const, DVector, Dyn, U1};
use num_dual::{Derivative, Dual, Dual64, DualNum, DualSVec, Gradients};
use num_traits::Float;
use tape::Tape;

use crate::functions::{Function, Number};

/// What every competitor computes.
#[derive(Clone, Debug)]
pub struct Derivatives {
    /// f(x)
    pub value: f64,
    /// ∇f(x)
    pub gradient: Vec<f64>,
    /// ∇²f(x) v
    pub product: Vec<f64>,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// This project's tape.
    Ours,
    /// echidna, replaying a recording made beforehand.
    EchidnaReplay,
    /// echidna, recording for every product.
    EchidnaRecord,
    /// num-dual.
    NumDual,
    /// ad_trait.
    AdTrait,
}

/// One way to compute the derivatives of one function at one point.
pub struct Competitor<'a> {
    /// The column it competes for; of two ways of one column the faster counts.
    pub column: Column,
    /// Overwrites what it is given. A call through a pointer, so that nothing is hoisted out of the
    /// loop that times it.
    pub run: Box<dyn FnMut(&mut Derivatives) + 'a>,
}

/// Everyone, for `f` at `x` in the direction `v`.
pub fn competitors<'a, F: Function>(f: &'a F, x: &'a [f64], v: &'a [f64]) -> Vec<Competitor<'a>> {
    vec![
        Competitor { column: Column::Ours, run: Box::new(ours(f, x, v)) },
        Competitor { column: Column::EchidnaReplay, run: Box::new(echidna_replay(f, x, v)) },
        Competitor { column: Column::EchidnaRecord, run: Box::new(echidna_record(f, x, v)) },
        Competitor { column: Column::NumDual, run: Box::new(num_dual_each(f, x, v)) },
        Competitor { column: Column::NumDual, run: Box::new(num_dual_chunks::<2, F>(f, x, v)) },
        Competitor { column: Column::NumDual, run: Box::new(num_dual_chunks::<10, F>(f, x, v)) },
        Competitor { column: Column::AdTrait, run: Box::new(ad_trait(f, x, v)) },
    ]
}

/// Records anew every time, on buffers that stay.
fn ours<F: Function>(f: &F, x: &[f64], v: &[f64]) -> impl FnMut(&mut Derivatives) {
    let mut tape = Tape::<f64>::new();
    move |out| {
        tape.clear();
        let variable = tape.variable(1, x.len(), x);
        let output = f.eval(&mut tape, variable);
        tape.backward(output);
        out.value = tape.value(output)[0];
        out.gradient.copy_from_slice(tape.adjoint(variable));
        out.product.copy_from_slice(tape.hessian_vector(variable, v, output));
    }
}

/// Forward over reverse on an optimized recording: only valid while the function takes the same
/// branches, but the least echidna can do.
fn echidna_replay<F: Function>(f: &F, x: &[f64], v: &[f64]) -> impl FnMut(&mut Derivatives) {
    let (mut tape, _) = echidna::record(|x| f.of(x), x);
    tape.optimize();
    let mut buffers = Default::default();
    move |out| echidna_product(&tape, x, v, &mut buffers, out)
}

fn echidna_record<F: Function>(f: &F, x: &[f64], v: &[f64]) -> impl FnMut(&mut Derivatives) {
    let mut buffers = Default::default();
    move |out| {
        let (tape, _) = echidna::record(|x| f.of(x), x);
        echidna_product(&tape, x, v, &mut buffers, out);
    }
}

fn echidna_product(
    tape: &BytecodeTape<f64>,
    x: &[f64],
    v: &[f64],
    (values, adjoints): &mut (Vec<EchidnaDual<f64>>, Vec<EchidnaDual<f64>>),
    out: &mut Derivatives,
) {
    (out.gradient, out.product) = tape.hvp_with_buf(x, v, values, adjoints);
    out.value = values[tape.output_index()].re;
}

/// num-dual has no reverse mode. Its gradient of a function of dual numbers that move along `v`
/// is the gradient and the product; this way evaluates the function once per variable.
fn num_dual_each<F: Function>(f: &F, x: &[f64], v: &[f64]) -> impl FnMut(&mut Derivatives) {
    move |out| {
        let along = |i: usize, _| Dual64::new(x[i], v[i]);
        let point = DVector::from_fn(x.len(), along);
        let of = |x: DVector<Dual<Dual64>>, _: &()| f.of(x.as_slice());
        let (value, gradient) = <Dyn as Gradients>::gradient(of, &point, &());
        out.value = value.re;
        for (i, slope) in gradient.iter().enumerate() {
            (out.gradient[i], out.product[i]) = (slope.re, slope.eps);
        }
    }
}

/// The same with vectors of `K` derivatives: once per `K` variables.
fn num_dual_chunks<const K: usize, F: Function>(
    f: &F,
    x: &[f64],
    v: &[f64],
) -> impl FnMut(&mut Derivatives) {
    let mut point = Vec::with_capacity(x.len());
    move |out| {
        for start in (0..x.len()).step_by(K) {
            let along = |(&x, &v)| DualSVec::<Dual64, K>::from_re(Dual64::new(x, v));
            point.clear();
            point.extend(x.iter().zip(v).map(along));
            let chunk = start..x.len().min(start + K);
            for (i, x) in point[chunk.clone()].iter_mut().enumerate() {
                x.eps = Derivative::derivative_generic(Const::<K>, U1, i);
            }
            let result = f.of(&point);
            let slopes = result.eps.unwrap_generic(Const::<K>, U1);
            out.value = result.re.re;
            for (i, slope) in chunk.zip(&slopes) {
                (out.gradient[i], out.product[i]) = (slope.re, slope.eps);
            }
        }
    }
}

/// What the crate's `HessianAD_FOR` does for a row of the Hessian, with `v` for the unit vector:
/// forward over reverse on its global graph, one sweep back for the gradient and one for the
/// product.
fn ad_trait<F: Function>(f: &F, x: &[f64], v: &[f64]) -> impl FnMut(&mut Derivatives) {
    let (mut variables, mut point) = (Vec::with_capacity(x.len()), Vec::with_capacity(x.len()));
    move |out| {
        variables.clear();
        let entries = x.iter().enumerate();
        variables.extend(entries.map(|(i, &x)| adr::new_variable(x, i == 0)));
        point.clear();
        let moving = variables.iter().zip(v);
        point.extend(moving.map(|(&x, &v)| HyperAD_ADR::new(x, [adr::constant(v)])));
        let output = f.of(&point);
        out.value = output.value();
        let gradient = output.inner_value().get_backwards_mode_grad();
        let product = output.inner_tangent()[0].get_backwards_mode_grad();
        for (i, x) in variables.iter().enumerate() {
            (out.gradient[i], out.product[i]) = (gradient.wrt(x), product.wrt(x));
        }
    }
}

impl Number for BReverse<f64> {
    fn shift(self, c: f64) -> Self {
        self + c
    }

    fn scale(self, c: f64) -> Self {
        self * c
    }

    fn exp(self) -> Self {
        Float::exp(self)
    }

    fn ln(self) -> Self {
        Float::ln(self)
    }
}

/// Both kinds of num-dual's numbers.
macro_rules! num_dual_number {
    ([$($parameter:tt)*] $number:ty) => {
        impl<$($parameter)*> Number for $number {
            fn shift(self, c: f64) -> Self {
                self + c
            }

            fn scale(self, c: f64) -> Self {
                self * c
            }

            fn exp(self) -> Self {
                DualNum::exp(&self)
            }

            fn ln(self) -> Self {
                DualNum::ln(&self)
            }
        }
    };
}

num_dual_number!([] Dual<Dual64>);
num_dual_number!([const K: usize] DualSVec<Dual64, K>);

impl Number for HyperAD_ADR<1> {
    fn shift(self, c: f64) -> Self {
        self + F64(c)
    }

    fn scale(self, c: f64) -> Self {
        self * F64(c)
    }

    fn exp(self) -> Self {
        ComplexField::exp(self)
    }

    fn ln(self) -> Self {
        ComplexField::ln(self)
    }
}
