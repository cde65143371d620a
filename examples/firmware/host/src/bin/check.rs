//! Reads what a firmware said and holds it against the same network on this machine: `check digits ELF < output`.

use std::io::Read;
use std::process::ExitCode;

use firmware_host::{Elf, Report, digits, learning, memory, microflow};

fn main() -> ExitCode {
    let mut said = String::new();
    let read = std::io::stdin().read_to_string(&mut said);
    let name = std::env::args().nth(1).unwrap_or_default();
    let checked = read.map_err(|error| error.to_string()).and_then(|_| {
        let report = Report::parse(&said)?;
        let path = std::env::args().nth(2).ok_or("expected the program's file")?;
        let file = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
        let elf = Elf::of(&file)?;
        memory::only_stack(&elf)?;
        match name.as_str() {
            "digits" => Ok([digits::check(&report)?, memory::check(&report, &elf)?].join("\n")),
            "digits_int8" => digits::check_int8(&report),
            "xor" => learning::xor(&report),
            "adapt" => learning::adapt(&report),
            _ => microflow::check(&name, &report),
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
