//! Tasks and data from outside: properties, stable values, formats and their errors.

mod communities;
mod dependence;
mod leaks;
mod sampling;
mod synthetic;
mod synthetic_defaults;
mod synthetic_readings;
mod table;
mod training_episodes;
mod value_stability;
mod values;
