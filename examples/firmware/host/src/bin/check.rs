//! Reads what a firmware said and holds it against the same network on this machine: `check digits < output`.

use std::io::Read;
use std::process::ExitCode;

use firmware_host::{Report, digits};

fn main() -> ExitCode {
    let mut said = String::new();
    let read = std::io::stdin().read_to_string(&mut said);
    let name = std::env::args().nth(1).unwrap_or_default();
    let checked = read.map_err(|error| error.to_string()).and_then(|_| {
        let report = Report::parse(&said)?;
        match name.as_str() {
            "digits" => digits::check(&report),
            _ => Err(format!("expected the name of a firmware, found `{name}`")),
        }
    });
    match checked {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{name}: {fault}\n{said}");
            ExitCode::FAILURE
        }
    }
}
