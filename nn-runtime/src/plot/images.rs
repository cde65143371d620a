//! A grid of small images with captions, to look at samples and predictions.

use std::path::Path;

use super::canvas::{Align, Canvas, FAINT, GREY, INK, Style};
use crate::{Error, Result, Scalar};

/// Images of one size, as a network takes them.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a, T> {
    /// `[count, height, width, channels]`
    pub pixels: &'a [T],
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// The numbers that are black and white.
    pub range: (f64, f64),
    /// Below each image; fewer than there are images, or none, is fine.
    pub captions: &'a [String],
    /// Captions to print in red: wrong predictions.
    pub marked: &'a [bool],
    /// Images a row.
    pub columns: usize,
    /// Above the grid; may be empty.
    pub title: &'a str,
}

const CAPTION: f32 = 15.0;
const TITLE: f32 = 22.0;
const GAP: usize = 14;

/// Draws the images, enlarged by a whole factor so that every pixel stays a square.
///
/// # Errors
/// [`Error::Empty`] without an image; [`Error::Length`] where the numbers are no whole number of images;
/// [`Error::Setting`] for other channels than 1 or 3, a size of 0, an empty range, or a picture above 10,000 pixels a
/// side; [`Error::Io`].
pub fn images<T: Scalar>(path: impl AsRef<Path>, images: &Images<'_, T>) -> Result<()> {
    draw(images)?.save(path.as_ref())
}

fn draw<T: Scalar>(images: &Images<'_, T>) -> Result<Canvas> {
    let Images {
        height,
        width,
        channels,
        range: (black, white),
        columns,
        ..
    } = *images;
    let setting = |name, message| Err(Error::Setting { name, message });
    if channels != 1 && channels != 3 {
        return setting("channels", format!("expected 1 or 3, found {channels}"));
    }
    if height == 0 || width == 0 || columns == 0 {
        return setting(
            "size",
            format!("expected sizes above 0, found {height} x {width} in {columns} columns"),
        );
    }
    if !(black < white || white < black) {
        return setting(
            "range",
            format!("expected two different numbers, found {black} and {white}"),
        );
    }
    let elements = height.saturating_mul(width).saturating_mul(channels);
    if !images.pixels.len().is_multiple_of(elements) {
        return Err(Error::Length {
            what: "pixels".into(),
            expected_multiple_of: elements,
            found: images.pixels.len(),
        });
    }
    let count = images.pixels.len() / elements;
    if count == 0 {
        return Err(Error::Empty);
    }
    let columns = columns.min(count);
    let rows = count.div_ceil(columns);
    let factor = (96 / height.max(width)).max(1);
    let caption = if images.captions.is_empty() { 0 } else { 24 };
    let (cell_width, cell_height) = (width * factor + GAP, height * factor + GAP + caption);
    let top = if images.title.is_empty() { GAP } else { 56 };
    let (all_width, all_height) = (columns * cell_width + GAP, top + rows * cell_height);
    if all_width > 10_000 || all_height > 10_000 {
        return setting(
            "columns",
            format!("expected at most 10,000 pixels a side, found {all_width} x {all_height}"),
        );
    }
    let mut canvas = Canvas::new(all_width, all_height);
    let title = canvas.fit(images.title, TITLE, (all_width - 20) as f32);
    canvas.text(
        (all_width as f32 / 2.0, 30.0),
        &title,
        Style::new(TITLE, INK, Align::Middle),
    );

    for (i, pixels) in images.pixels.chunks_exact(elements).enumerate() {
        let (x, y) = (
            (GAP + i % columns * cell_width) as f32,
            (top + i / columns * cell_height) as f32,
        );
        let (shown_width, shown_height) = ((width * factor) as f32, (height * factor) as f32);
        canvas.rectangle(
            (x - 1.0, y - 1.0),
            (shown_width + 2.0, shown_height + 2.0),
            FAINT,
            1.0,
        );
        for (place, pixel) in pixels.chunks_exact(channels).enumerate() {
            let level = |c: usize| {
                let share = (pixel[c.min(channels - 1)].to_f64() - black) / (white - black);
                (share.clamp(0.0, 1.0) * 255.0).round() as u8
            };
            let corner = (
                x + (place % width * factor) as f32,
                y + (place / width * factor) as f32,
            );
            canvas.rectangle(
                corner,
                (factor as f32, factor as f32),
                [level(0), level(1), level(2)],
                1.0,
            );
        }
        if let Some(text) = images.captions.get(i) {
            let marked = images.marked.get(i).copied().unwrap_or(false);
            let color = if marked { [196, 32, 32] } else { GREY };
            let text = canvas.fit(text, CAPTION, cell_width as f32);
            let center = (x + shown_width / 2.0, y + shown_height + 14.0);
            canvas.text(center, &text, Style::new(CAPTION, color, Align::Middle));
        }
    }
    Ok(canvas)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Images<'_, f32> = Images {
        pixels: &[0.0, 16.0, 8.0, 20.0, 16.0, 16.0, 16.0, f32::NAN],
        height: 2,
        width: 2,
        channels: 1,
        range: (0.0, 16.0),
        captions: &[],
        marked: &[],
        columns: 5,
        title: "",
    };

    #[test]
    fn pixels_become_squares_of_their_level() {
        let canvas = draw(&TWO).unwrap();
        let at = |x, y| canvas.pixel(GAP + x, GAP + y)[0];
        assert_eq!(
            [at(0, 0), at(47, 47), at(48, 0), at(0, 48), at(95, 95)],
            [0, 0, 255, 128, 255]
        );
        let second = 96 + GAP;
        assert_eq!([at(second, 0), at(second + 48, 48)], [255, 0]);
    }

    #[test]
    fn colours_and_an_inverted_range() {
        let red = Images {
            pixels: &[255.0f64, 0.0, 0.0],
            height: 1,
            width: 1,
            channels: 3,
            range: (0.0, 255.0),
            ..DOT
        };
        assert_eq!(draw(&red).unwrap().pixel(GAP, GAP), [255, 0, 0]);
        let inverted = Images {
            pixels: &[0.0f64],
            range: (1.0, 0.0),
            ..DOT
        };
        assert_eq!(draw(&inverted).unwrap().pixel(GAP, GAP), [255; 3]);
    }

    const DOT: Images<'_, f64> = Images {
        pixels: &[],
        height: 1,
        width: 1,
        channels: 1,
        range: (0.0, 1.0),
        captions: &[],
        marked: &[],
        columns: 1,
        title: "",
    };

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert!(matches!(draw(&DOT), Err(Error::Empty)));
        assert!(matches!(
            draw(&Images {
                pixels: &TWO.pixels[..3],
                ..TWO
            }),
            Err(Error::Length { .. })
        ));
        for wrong in [
            Images { channels: 2, ..TWO },
            Images { width: 0, ..TWO },
            Images { columns: 0, ..TWO },
            Images {
                range: (1.0, 1.0),
                ..TWO
            },
            Images {
                range: (f64::NAN, 1.0),
                ..TWO
            },
        ] {
            assert!(matches!(draw(&wrong), Err(Error::Setting { .. })));
        }
        let many = vec![0.0; 2_000];
        assert!(matches!(
            draw(&Images {
                pixels: &many,
                columns: 2_000,
                ..DOT
            }),
            Err(Error::Setting { .. })
        ));
    }
}
