//! A fair model for a table of your own.
//!
//! A table has a column with the task, one with the label and one with a sensitive attribute. From
//! a [`Recipe`] this crate trains Fair-MAML on the tasks, chooses the weight γ of the regularizer
//! on tasks that were held out, and keeps the result in a file that has all that prediction needs.
//! A [`Model`] is then adapted to a new task with a few labeled rows, and decides about others.
//!
//! | file | subject |
//! |---|---|
//! | `recipe` | all settings, as TOML |
//! | `plan` | from the settings and a table to an experiment |
//! | `candidate` | the settings that were tried, and what they reach |
//! | `selection` | the choice among them, and an honest estimate |
//! | `validation` | what was found, as a model keeps it |
//! | `train` | the last training, on all tasks |
//! | `trained_model` | what a model is made of |
//! | `file` | a model as a file in the format safetensors |
//! | `adapt` | to a new task |
//! | `predict` | decisions about the rows of a file |
//! | `seen` | the texts of the training table, and what later files may not have |
//! | `fit` | whether a file has the columns that a model needs |
//! | `formula` | texts that a spreadsheet would take for a formula |
//! | `card` | the model card |

mod adapt;
mod candidate;
mod card;
mod error;
mod file;
mod fit;
mod formula;
mod plan;
mod predict;
mod recipe;
mod seen;
mod selection;
mod train;
mod trained_model;
mod unique;
mod validation;

pub use adapt::{Adapted, Shots, adapt};
pub use candidate::{Candidate, Estimate, Judged};
pub use card::{card, columns_of, front_csv, front_figure, safe};
pub use error::{Error, Result};
pub use file::FileError;
pub use plan::{plan, problem};
pub use predict::{Summary, Written, predict};
pub use recipe::{
    Columns, Fairness, Keep, Measured, NetworkSettings, Reading, Recipe, RecipeError, Training,
};
pub use seen::Seen;
pub use selection::{Choice, Selection, select};
pub use train::train;
pub use trained_model::{AdaptedTo, Decision, Description, Model, Origin};
pub use validation::{Better, Chosen, Family, Found, Ground, Tried, Validation};
