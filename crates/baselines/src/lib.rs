//! What Fair-MAML is compared with.
//!
//! [`Pretrained`] is the paper's pre-trained network (6.2, 6.3): one network trained on all the
//! training tasks as if they were one problem, to be fine-tuned on the few rows of a new task by
//! [`meta::adapt_to`].

mod pretrained;

pub use pretrained::{Pretrained, Pretraining};
