//! Meta-learning from outside: gradients, algorithms, the learner, adaptation, allocations.

mod algorithms;
mod allocations;
mod evaluation;
mod meta_gradient;
mod meta_learner;
mod resumption;
mod support;
