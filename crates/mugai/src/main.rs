//! The command line of mugai.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod fonts;
mod limits;
mod pools;
mod say;
mod suite;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    match words.nth(1) {
        Some(word) if word == commands::worker::ROLE => return commands::worker::main(words),
        Some(word) if word == commands::worker::VERIFIER => {
            return commands::worker::verifier(words);
        }
        Some(word) if word == commands::worker::CONVERTER => {
            return commands::worker::converter(words);
        }
        _ => {}
    }
    limits::prepare();
    match args::Args::parse().command {
        args::Command::Sanitise(args) => commands::sanitise::main(&args),
        args::Command::Report(args) => commands::report::main(&args),
        args::Command::Watch(args) => commands::watch::main(&args),
        args::Command::Batch(args) => commands::batch::main(&args.command),
        args::Command::Serve(args) => commands::serve::main(&args),
        args::Command::Doctor => commands::doctor::main(),
        args::Command::Relay(args) => commands::relay::main(&args),
        args::Command::Send(args) => commands::send::main(&args),
        args::Command::Inspect(args) => commands::inspect::main(&args),
        args::Command::Policy(args) => commands::policy::main(&args.command),
        args::Command::Verify(args) => commands::verify::main(&args),
    }
}
