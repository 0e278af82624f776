//! A laboratory for second-order meta-learning.
//!
//! The instruments work on any objective of [`tape`], at any weights:
//!
//! | module | instrument |
//! |---|---|
//! | [`Local`] | a loss near one point: value, gradient, Hessian-vector products, work |
//! | [`lanczos`] | the ends of the spectrum of a Hessian, or of any symmetric matrix |
//! | [`InnerPath`] | the inner steps as a linear map, with its singular values |
//! | [`split`] | the meta-gradient, split by term of the loss and by order |
//! | [`landscape`] | a loss along a line, before and after the inner steps |
//! | [`products`] | four ways to a Hessian-vector product |
//! | [`check`] | every derivative of a task against differences |
//! | [`fronts`] | what regularizers buy, beside thresholds that need no training |
//! | [`study`] | all of these along the training of a problem, with answers in words |
//! | [`differences`] | central differences that know when they cross a kink |

pub mod check;
pub mod differences;
pub mod error;
pub mod fronts;
mod inner_path;
pub mod lanczos;
pub mod landscape;
mod local;
pub mod products;
pub mod split;
pub mod study;
mod subject;
mod vectors;

pub use inner_path::InnerPath;
pub use local::Local;
pub use subject::{Penalty, Subject};
