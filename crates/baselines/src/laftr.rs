//! LAFTR: a representation that an adversary cannot read the group from.
//!
//! | file | subject |
//! |---|---|
//! | `settings` | what a training needs to be told |
//! | `objective` | L_Adv, which the adversary maximizes |
//! | `game` | what the two players record on the tape |
//! | `input` | the encoder's first layer, which all lanes share the input of |
//! | `player` | the weights of a network and what moves them |
//! | `trainer` | the alternation over mini-batches |
//! | `encoder` | what remains: rows to codes |

mod encoder;
mod game;
mod input;
mod objective;
mod player;
mod settings;
mod trainer;

pub use encoder::Encoder;
pub use objective::AdversaryFairness;
pub use settings::{GAMMAS, LaftrArm, LaftrOptions, LaftrSettings};
pub use trainer::{ArmLosses, Laftr, LaftrError};
