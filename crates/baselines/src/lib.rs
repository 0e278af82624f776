//! What Fair-MAML is compared with.
//!
//! [`Pretrained`] is the paper's pre-trained network (6.2, 6.3): one network trained on all the
//! training tasks as if they were one problem, to be fine-tuned on the few rows of a new task by
//! [`meta::adapt_to`].
//!
//! [`Laftr`] learns a representation of the rows of all training tasks that an adversary cannot
//! read the group from (Madras, Creager, Pitassi and Zemel 2018); a small network is then trained on
//! the codes of the few rows of a new task by [`fit`].
//!
//! [`fit`] alone, from fresh weights, is a network that has seen nothing but those few rows.

mod fit;
mod laftr;
mod pretrained;

pub use fit::{FitError, fit};
pub use laftr::{
    AdversaryFairness, ArmLosses, Encoder, GAMMAS, Laftr, LaftrArm, LaftrError, LaftrOptions,
    LaftrSettings,
};
pub use pretrained::{Pretrained, Pretraining};
