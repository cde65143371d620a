//! Confusion matrices.

use std::path::Path;

use super::canvas::{Align, Canvas, Color, Direction, FAINT, GREY, INK, Style, WHITE};
use crate::{Error, Result};

/// How [`confusion`] looks.
#[derive(Clone, Debug, Default)]
pub struct ConfusionOptions {
    /// Above the matrix; empty: the accuracy.
    pub title: String,
}

const RIGHT: Color = [8, 72, 135];
const WRONG: Color = [213, 94, 0];
const NAME: f32 = 17.0;
const LABEL: f32 = 19.0;
const TITLE: f32 = 24.0;

/// Draws how often each true class (row) was taken for each class (column). A cell is the darker, the larger its share
/// of its row: right answers in blue, mistakes in orange.
///
/// `counts` has the shape `[names.len(), names.len()]`.
///
/// # Errors
/// [`Error::Empty`] without a class; [`Error::Setting`] for more than 100 classes; [`Error::Length`] where `counts` is
/// not square; [`Error::Io`].
pub fn confusion<S: AsRef<str>>(
    path: impl AsRef<Path>,
    counts: &[u64],
    names: &[S],
    options: &ConfusionOptions,
) -> Result<()> {
    draw(counts, names, options)?.save(path.as_ref())
}

fn draw<S: AsRef<str>>(counts: &[u64], names: &[S], options: &ConfusionOptions) -> Result<Canvas> {
    let n = names.len();
    if n == 0 {
        return Err(Error::Empty);
    }
    if n > 100 {
        return Err(Error::Setting {
            name: "names",
            message: format!("expected at most 100 classes, found {n}"),
        });
    }
    if counts.len() != n * n {
        return Err(Error::Length {
            what: "counts".into(),
            expected_multiple_of: n * n,
            found: counts.len(),
        });
    }
    let cell = (640.0 / n as f32).clamp(18.0, 110.0).floor();
    let number = (cell * 0.36).clamp(8.0, 22.0);
    let measure = Canvas::new(1, 1);
    let names: Vec<String> = names
        .iter()
        .map(|name| measure.fit(name.as_ref(), NAME, 150.0))
        .collect();
    let widest = names
        .iter()
        .map(|name| measure.text_width(name, NAME))
        .fold(0.0, f32::max)
        .ceil();
    // Names that are wider than a cell stand upright.
    let upright = widest > cell - 6.0;
    let below = if upright { widest + 16.0 } else { 32.0 };
    let (left, top) = (widest + 66.0, 70.0);
    let side = cell * n as f32;
    let (width, height) = ((left + side + 40.0).max(420.0), top + side + below + 44.0);
    let mut canvas = Canvas::new(width as usize, height as usize);

    canvas.rectangle((left - 1.0, top - 1.0), (side + 2.0, side + 2.0), FAINT, 1.0);
    for (row, counts) in counts.chunks_exact(n).enumerate() {
        let sum = counts.iter().sum::<u64>().max(1) as f32;
        for (column, &count) in counts.iter().enumerate() {
            let share = count as f32 / sum;
            let corner = (left + column as f32 * cell, top + row as f32 * cell);
            let inner = if cell > 24.0 { 1.0 } else { 0.0 };
            let size = (cell - inner, cell - inner);
            canvas.rectangle(corner, size, WHITE, 1.0);
            // The root lets a few mistakes among many samples be seen.
            let full = if row == column { RIGHT } else { WRONG };
            canvas.rectangle(corner, size, full, share.sqrt() * 0.92);
            if count > 0 && cell >= 20.0 {
                let color = if share > 0.3 { WHITE } else { INK };
                let center = (corner.0 + size.0 / 2.0, corner.1 + size.1 / 2.0);
                let text = count.to_string();
                let wide = canvas.text_width(&text, number);
                let fitting = number * ((cell - 6.0) / wide).min(1.0);
                canvas.text(center, &text, Style::new(fitting, color, Align::Middle));
            }
        }
    }
    for (i, name) in names.iter().enumerate() {
        let along = (i as f32 + 0.5) * cell;
        canvas.text(
            (left - 12.0, top + along),
            name,
            Style::new(NAME, GREY, Align::End),
        );
        let (style, down) = if upright {
            let up = Style {
                direction: Direction::Up,
                ..Style::new(NAME, GREY, Align::End)
            };
            (up, 10.0)
        } else {
            (Style::new(NAME, GREY, Align::Middle), 20.0)
        };
        canvas.text((left + along, top + side + down), name, style);
    }
    let middle = (left + side / 2.0, top + side / 2.0);
    canvas.text(
        (middle.0, height - 24.0),
        "predicted",
        Style::new(LABEL, INK, Align::Middle),
    );
    let up = Style {
        direction: Direction::Up,
        ..Style::new(LABEL, INK, Align::Middle)
    };
    canvas.text((24.0, middle.1), "true", up);
    let title = if options.title.is_empty() {
        accuracy(counts, n)
    } else {
        options.title.clone()
    };
    let title = canvas.fit(&title, TITLE, width - 20.0);
    // Over the matrix, unless that would push it out of the picture.
    let half = canvas.text_width(&title, TITLE) / 2.0 + 10.0;
    let center = middle.0.min(width - half).max(half);
    canvas.text((center, 36.0), &title, Style::new(TITLE, INK, Align::Middle));
    Ok(canvas)
}

fn accuracy(counts: &[u64], n: usize) -> String {
    let right: u64 = (0..n).map(|i| counts[i * n + i]).sum();
    let all: u64 = counts.iter().sum();
    let percent = right as f64 / all.max(1) as f64 * 100.0;
    format!("{right} of {all} right ({percent:.1}%)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_darken_with_their_share() {
        let names = ["cat", "dog"];
        let canvas = draw(&[9, 1, 0, 10], &names, &ConfusionOptions::default()).unwrap();
        // The corners of the four cells: nothing is printed there.
        let left = (canvas
            .text_width("cat", NAME)
            .max(canvas.text_width("dog", NAME))
            .ceil()
            + 66.0) as usize;
        let corner = |row: usize, column: usize| canvas.pixel(left + column * 110 + 4, 70 + row * 110 + 4)[0];
        assert!(corner(1, 1) < corner(0, 0) && corner(0, 0) < corner(0, 1) && corner(0, 1) < corner(1, 0));
        assert_eq!(corner(1, 0), 255);
    }

    #[test]
    fn any_number_of_classes_and_any_name() {
        for n in [1, 10, 40, 100] {
            let names: Vec<String> = (0..n).map(|i| format!("a rather long name {i}")).collect();
            draw(&vec![123_456; n * n], &names, &ConfusionOptions::default()).unwrap();
        }
        assert_eq!(accuracy(&[3, 1, 0, 4], 2), "7 of 8 right (87.5%)");
        assert_eq!(accuracy(&[0], 1), "0 of 0 right (0.0%)");
    }

    #[test]
    fn what_is_not_a_matrix_is_refused() {
        let options = ConfusionOptions::default();
        assert!(matches!(draw::<&str>(&[], &[], &options), Err(Error::Empty)));
        assert!(matches!(
            draw(&[1, 2, 3], &["a", "b"], &options),
            Err(Error::Length { .. })
        ));
        assert!(matches!(
            draw(&[0; 101 * 101], &["a"; 101], &options),
            Err(Error::Setting { .. })
        ));
    }
}
