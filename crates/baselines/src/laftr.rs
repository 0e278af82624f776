//! LAFTR learns a representation from which an adversary cannot predict the group.
//!
//! | file | subject |
//! |---|---|
//! | `settings` | the settings of a training, checked |
//! | `classification` | L_C, which the classifier minimizes |
//! | `objective` | L_Adv, which the adversary maximizes |
//! | `game` | the objectives of the two players on the tape |
//! | `input` | the first layer of the encoder, whose input is the same in all lanes |
//! | `player` | the weights of a network and their optimizer |
//! | `trainer` | the alternating steps over mini-batches |
//! | `encoder` | the trained encoder, which maps rows to codes |

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
