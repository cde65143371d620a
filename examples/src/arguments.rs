//! `--name value` on the command line. Small on purpose: a parser crate would double the examples' build time.

use std::fmt::{Display, Write};
use std::str::FromStr;

/// The command line of an example: each [`Arguments::option`] declares one and gives its value, and
/// [`Arguments::finish`] answers `--help` and complains about what nobody declared.
///
/// ```
/// use nn_examples::Arguments;
///
/// let mut arguments = Arguments::of("digits", "Reads digits.", ["--epochs=3", "--seed", "7"]);
/// assert_eq!(arguments.option("epochs", 60, "times through the training data"), 3);
/// assert_eq!(arguments.option("seed", 0, "of everything random"), 7);
/// assert_eq!(arguments.option("batch", 32, "samples per step"), 32);
/// assert_eq!(arguments.check(), Ok(None));
/// ```
#[derive(Debug)]
pub struct Arguments {
    program: &'static str,
    about: &'static str,
    /// Name and value; `None` where nothing follows.
    given: Vec<(String, Option<String>)>,
    /// Names, defaults and explanations.
    declared: Vec<(&'static str, String, &'static str)>,
    help: bool,
    fault: Option<String>,
}

impl Arguments {
    /// What the program was called with.
    #[must_use]
    pub fn new(program: &'static str, about: &'static str) -> Self {
        Self::of(program, about, std::env::args().skip(1))
    }

    /// The same, of other words.
    pub fn of<S: Into<String>>(
        program: &'static str,
        about: &'static str,
        words: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut arguments = Self {
            program,
            about,
            given: Vec::new(),
            declared: Vec::new(),
            help: false,
            fault: None,
        };
        let mut words = words.into_iter().map(Into::into).peekable();
        while let Some(word) = words.next() {
            if word == "--help" || word == "-h" {
                arguments.help = true;
            } else if let Some(name) = word.strip_prefix("--") {
                let (name, value) = match name.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                    None => (name.to_owned(), words.next_if(|next| !next.starts_with("--"))),
                };
                if arguments.given.iter().any(|(other, _)| *other == name) {
                    arguments.fault(format!("`--{name}` is given twice"));
                }
                arguments.given.push((name, value));
            } else {
                arguments.fault(format!("expected `--NAME VALUE`, found `{word}`"));
            }
        }
        arguments
    }

    /// Declares an option and gives its value, or the default where it is not given (or wrong: `finish` says so).
    pub fn option<T: FromStr + Display>(
        &mut self,
        name: &'static str,
        default: T,
        explanation: &'static str,
    ) -> T {
        self.declared.push((name, default.to_string(), explanation));
        let Some((_, value)) = self.given.iter().find(|(given, _)| given == name) else {
            return default;
        };
        let fault = match value {
            Some(text) => match text.parse() {
                Ok(value) => return value,
                Err(_) => format!("`--{name}`: expected a value such as {default}, found `{text}`"),
            },
            None => format!("`--{name}`: expected a value such as {default}, found none"),
        };
        self.fault(fault);
        default
    }

    /// Prints the help or a complaint and ends the program, or does nothing.
    pub fn finish(self) {
        match self.check() {
            Ok(None) => {}
            Ok(Some(help)) => {
                print!("{help}");
                std::process::exit(0);
            }
            Err(fault) => {
                eprintln!("error: {fault}");
                std::process::exit(2);
            }
        }
    }

    /// What [`Arguments::finish`] would print.
    ///
    /// # Errors
    /// The first complaint.
    pub fn check(self) -> Result<Option<String>, String> {
        if self.help {
            return Ok(Some(self.help_text()));
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let known = |name: &str| self.declared.iter().any(|(declared, ..)| *declared == name);
        match self.given.iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => {
                let names: Vec<String> = self
                    .declared
                    .iter()
                    .map(|(name, ..)| format!("`--{name}`"))
                    .collect();
                Err(format!(
                    "unknown option `--{name}`; there are {}, `--help`",
                    names.join(", ")
                ))
            }
            None => Ok(None),
        }
    }

    fn help_text(&self) -> String {
        let mut text = format!(
            "{}\n\nUsage: cargo run --release --example {} -- [OPTIONS]\n\nOptions:\n",
            self.about, self.program
        );
        let width = self
            .declared
            .iter()
            .map(|(name, ..)| name.len())
            .max()
            .unwrap_or(0)
            .max(4);
        for (name, default, explanation) in &self.declared {
            let _ = writeln!(text, "  --{name:width$}  {explanation} [default: {default}]");
        }
        let _ = writeln!(text, "  --{:width$}  print this", "help");
        text
    }

    fn fault(&mut self, message: String) {
        self.fault.get_or_insert(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str]) -> Result<Option<String>, String> {
        let mut arguments = Arguments::of("demo", "Shows.", words.iter().copied());
        arguments.option("epochs", 5usize, "how long");
        arguments.option("data", String::from("here"), "where");
        arguments.check()
    }

    #[test]
    fn values_and_defaults() {
        let mut arguments = Arguments::of("demo", "Shows.", ["--rate", "-0.5", "--data=a=b"]);
        assert_eq!(arguments.option("rate", 1.0, ""), -0.5);
        assert_eq!(arguments.option("data", String::new(), ""), "a=b");
        assert_eq!(arguments.option("seed", 3u64, ""), 3);
        assert_eq!(arguments.check(), Ok(None));
    }

    #[test]
    fn help_names_every_option() {
        let help = check(&["--help", "--nonsense"]).unwrap().unwrap();
        for part in [
            "Shows.",
            "--example demo",
            "--epochs  how long [default: 5]",
            "--data    where [default: here]",
        ] {
            assert!(help.contains(part), "{help}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert!(
            check(&["--epoch", "3"])
                .unwrap_err()
                .contains("unknown option `--epoch`; there are `--epochs`, `--data`")
        );
        assert_eq!(
            check(&["--epochs", "x"]).unwrap_err(),
            "`--epochs`: expected a value such as 5, found `x`"
        );
        assert_eq!(
            check(&["--epochs", "--data", "x"]).unwrap_err(),
            "`--epochs`: expected a value such as 5, found none"
        );
        assert_eq!(
            check(&["--data=1", "--data=2"]).unwrap_err(),
            "`--data` is given twice"
        );
        assert_eq!(check(&["12"]).unwrap_err(), "expected `--NAME VALUE`, found `12`");
    }
}
