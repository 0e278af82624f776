//! `fair-maml`: the experiments of Fair-MAML from one command.

mod args;
mod bench;
mod check;
mod error;
mod fronts;
mod interrupt;
mod manifest;
mod meta_grad;
mod output;
mod progress;
mod reproduce;
mod session;
mod study;

use std::process::ExitCode;

use crate::args::{Args, Command};

/// Exit code if a comparison found differences.
const DIFFERENT: u8 = 1;
/// Exit code of every error.
const REFUSED: u8 = 2;

fn main() -> ExitCode {
    let args = Args::of_process();
    let done = match args.command {
        Some(Command::MetaGrad(meta_grad)) => meta_grad::run(&meta_grad),
        Some(Command::Tape(tape)) => meta_grad::show(&tape).map(|()| true),
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::Fronts(fronts)) => fronts::run(&fronts).map(|()| true),
        Some(Command::Study(study)) => study::run(&study).map(|()| true),
        Some(Command::Bench(bench)) => bench::run(&bench).map(|()| true),
        Some(Command::Reproduce(reproduce)) => reproduce::run(&reproduce).map(|()| true),
        None => reproduce::run(&args.reproduce).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(DIFFERENT),
        Err(error) => {
            // One line, even if a file has a line break in its name.
            let message = error::in_plain_words(&error.to_string());
            output::note(&format!("error: {message}").replace('\n', "\\n"));
            ExitCode::from(REFUSED)
        }
    }
}
