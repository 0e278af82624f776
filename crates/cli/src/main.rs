//! `fair-maml`: the experiments of Fair-MAML from one command.

mod adapt;
mod args;
mod audit;
mod bench;
mod check;
mod error;
mod fronts;
mod guard;
mod input;
mod inspect;
mod interrupt;
mod list;
mod manifest;
mod meta_grad;
mod model_file;
mod output;
mod predict;
mod progress;
mod reproduce;
mod session;
mod study;
mod threads;
mod train;

use std::process::ExitCode;

use report::terminal::printable;

use crate::args::{Args, Command};

/// Exit code if a comparison found differences.
const DIFFERENT: u8 = 1;
/// Exit code of every error.
const REFUSED: u8 = 2;

fn main() -> ExitCode {
    let args = Args::of_process();
    interrupt::survive_large_files();
    let done = threads::start().and_then(|()| run(args));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(DIFFERENT),
        Err(error @ (error::Error::Interrupted { code, .. } | error::Error::Ended { code })) => {
            output::note(&format!("\n{}", printable(&error.to_string())));
            ExitCode::from(code)
        }
        Err(error) => {
            // One line that no terminal obeys, even if the name of a file has a line break.
            let message = error::in_plain_words(&error.to_string());
            output::note(&short(&printable(&format!("error: {message}"))));
            ExitCode::from(REFUSED)
        }
    }
}

/// Runs a command. Returns `false` if a comparison found differences.
fn run(args: Args) -> error::Result<bool> {
    match args.command {
        Some(Command::MetaGrad(meta_grad)) => meta_grad::run(&meta_grad),
        Some(Command::Tape(tape)) => meta_grad::show(&tape).map(|()| true),
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::Fronts(fronts)) => fronts::run(&fronts).map(|()| true),
        Some(Command::Study(study)) => study::run(&study).map(|()| true),
        Some(Command::Audit(audit)) => audit::run(&audit).map(|()| true),
        Some(Command::Bench(bench)) => bench::run(&bench).map(|()| true),
        Some(Command::Train(train)) => train::run(&train).map(|()| true),
        Some(Command::Adapt(adapt)) => adapt::run(&adapt).map(|()| true),
        Some(Command::Predict(predict)) => predict::run(&predict).map(|()| true),
        Some(Command::Inspect(inspect)) => inspect::run(&inspect).map(|()| true),
        Some(Command::Reproduce(reproduce)) => reproduce::run(&reproduce).map(|()| true),
        None => reproduce::run(&args.reproduce).map(|()| true),
    }
}

/// The beginning of a message that would fill the terminal.
fn short(message: &str) -> String {
    const LONGEST: usize = 2_000;
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} … ({} bytes in all)", &message[..end], message.len()),
        None => message.to_owned(),
    }
}
