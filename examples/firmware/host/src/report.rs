//! The lines of a firmware: a name and numbers.

/// What a firmware said, line by line.
#[derive(Debug)]
pub struct Report {
    lines: Vec<(String, Vec<String>)>,
}

impl Report {
    /// Splits the lines.
    ///
    /// # Errors
    /// There are none.
    pub fn parse(said: &str) -> Result<Self, String> {
        let words = |line: &str| -> Option<(String, Vec<String>)> {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.collect()))
        };
        let lines: Vec<_> = said.lines().filter_map(words).collect();
        if lines.is_empty() {
            return Err("the board said nothing".into());
        }
        Ok(Self { lines })
    }

    /// The whole number of a line that stands alone.
    ///
    /// # Errors
    /// There is no such line, or no number in it.
    pub fn number(&self, name: &str) -> Result<u32, String> {
        let line = self.lines.iter().find(|(n, _)| n == name);
        let word = line.and_then(|(_, words)| words.first());
        let number = word.and_then(|word| word.parse().ok());
        number.ok_or_else(|| format!("expected a line `{name}` with a number"))
    }

    /// The numbers of every line of that name, after its count; they come as bits.
    ///
    /// # Errors
    /// A line that is none.
    pub fn rows(&self, name: &str) -> Result<Vec<Vec<f32>>, String> {
        let number = |word: &String| -> Result<f32, String> {
            let bits = u32::from_str_radix(word, 16).map_err(|e| format!("`{word}`: {e}"))?;
            Ok(f32::from_bits(bits))
        };
        let mine = self.lines.iter().filter(|(n, _)| n == name);
        mine.map(|(_, words)| words.iter().skip(1).map(number).collect())
            .collect()
    }
}
