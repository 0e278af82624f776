//! LAFTR: a representation that an adversary cannot read the group from.
//!
//! | file | subject |
//! |---|---|
//! | `settings` | what a training needs to be told |
//! | `classification` | L_C, which the classifier minimizes |
//! | `objective` | L_Adv, which the adversary maximizes |
//! | `game` | what the two players record on the tape |
//! | `input` | the encoder's first layer, which all lanes share the input of |
//! | `player` | the weights of a network and what moves them |
//! | `trainer` | the alternation over mini-batches |
//! | `encoder` | what remains: rows to codes |

mod classification;
mod encoder;
mod game;
mod input;
mod objective;
mod player;
mod settings;
mod trainer;

pub use classification::{ClassWeights, Classification};
pub use encoder::Encoder;
pub use objective::{AdversaryFairness, GroupSizes};
pub use settings::{GAMMAS, LaftrArm, LaftrOptions, LaftrSettings};
pub use trainer::{ArmLosses, Laftr, LaftrError};
