//! Meta-learning from outside: gradients, the learner, adaptation, allocations.

mod allocations;
mod evaluation;
mod meta_gradient;
mod meta_learner;
