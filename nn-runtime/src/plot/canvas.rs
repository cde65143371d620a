//! An RGB picture with smooth lines and letters.

use std::path::Path;

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

use crate::{Result, files};

/// Red, green, blue.
pub(super) type Color = [u8; 3];

pub(super) const WHITE: Color = [255; 3];
/// Titles.
pub(super) const INK: Color = [34, 34, 34];
/// Axes, ticks and labels.
pub(super) const GREY: Color = [85, 85, 85];
/// Lines that must not draw the eye.
pub(super) const FAINT: Color = [228, 228, 228];

static FONT_BYTES: &[u8] = include_bytes!("../../assets/DejaVuSans-subset.ttf");

/// Where a text's anchor lies in it, along the line.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Start,
    Middle,
    End,
}

/// How a text runs.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    Right,
    Up,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Height of the line in pixels.
    pub(super) size: f32,
    pub(super) color: Color,
    pub(super) align: Align,
    pub(super) direction: Direction,
}

impl Style {
    pub(super) const fn new(size: f32, color: Color, align: Align) -> Self {
        Self {
            size,
            color,
            align,
            direction: Direction::Right,
        }
    }
}

pub(super) struct Canvas {
    width: usize,
    height: usize,
    /// `[height, width, 3]`
    pixels: Vec<u8>,
    font: FontRef<'static>,
}

impl Canvas {
    /// A white picture.
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![255; width * height * 3],
            font: FontRef::try_from_slice(FONT_BYTES).expect("the font is part of the crate"),
        }
    }

    /// Lays `color` over a pixel; `cover` is 0 (nothing) to 1. Outside the picture nothing happens.
    pub(super) fn blend(&mut self, x: i64, y: i64, color: Color, cover: f32) {
        if x < 0 || y < 0 || x >= self.width as i64 || y >= self.height as i64 {
            return;
        }
        let at = (y as usize * self.width + x as usize) * 3;
        for (old, new) in self.pixels[at..at + 3].iter_mut().zip(color) {
            let (from, to) = (f32::from(*old), f32::from(new));
            *old = (from + (to - from) * cover.clamp(0.0, 1.0)).round() as u8;
        }
    }

    /// Whole pixels from the corner `(x, y)`.
    pub(super) fn rectangle(
        &mut self,
        (x, y): (f32, f32),
        (width, height): (f32, f32),
        color: Color,
        cover: f32,
    ) {
        for py in y.round() as i64..(y + height).round() as i64 {
            for px in x.round() as i64..(x + width).round() as i64 {
                self.blend(px, py, color, cover);
            }
        }
    }

    /// A line with round joints and ends. Each pixel is covered by what lies within half the width of the nearest
    /// piece, so that joints are not drawn twice.
    pub(super) fn line(&mut self, points: &[(f32, f32)], width: f32, color: Color) {
        let reach = width / 2.0 + 1.0;
        let bound = |values: &mut dyn Iterator<Item = f32>, limit: usize| {
            let (low, high) = values.fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(v), high.max(v)));
            (
                (low - reach).max(0.0) as usize,
                ((high + reach).max(0.0) as usize + 1).min(limit),
            )
        };
        let (left, right) = bound(&mut points.iter().map(|p| p.0), self.width);
        let (top, bottom) = bound(&mut points.iter().map(|p| p.1), self.height);
        if left >= right || top >= bottom {
            return;
        }
        let row = right - left;
        let mut covers = vec![0f32; row * (bottom - top)];
        let one = [points[0], points[0]];
        let pieces = if points.len() == 1 { &one[..] } else { points };
        for pair in pieces.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let (dx, dy) = (x1 - x0, y1 - y0);
            let length2 = (dx * dx + dy * dy).max(1e-9);
            let (from, to) = bound(&mut [x0, x1].into_iter(), right);
            let (first, last) = bound(&mut [y0, y1].into_iter(), bottom);
            for py in first.max(top)..last {
                for px in from.max(left)..to {
                    let (x, y) = (px as f32 + 0.5 - x0, py as f32 + 0.5 - y0);
                    let along = ((x * dx + y * dy) / length2).clamp(0.0, 1.0);
                    let away = (x - along * dx).hypot(y - along * dy);
                    let cover = &mut covers[(py - top) * row + px - left];
                    *cover = cover.max((width / 2.0 + 0.5 - away).clamp(0.0, 1.0));
                }
            }
        }
        for (i, &cover) in covers.iter().enumerate().filter(|&(_, &cover)| cover > 0.0) {
            self.blend((left + i % row) as i64, (top + i / row) as i64, color, cover);
        }
    }

    /// A round dot.
    pub(super) fn dot(&mut self, center: (f32, f32), diameter: f32, color: Color) {
        self.line(&[center], diameter, color);
    }

    /// Length of a text in pixels.
    pub(super) fn text_width(&self, text: &str, size: f32) -> f32 {
        let font = self.font.as_scaled(PxScale::from(size));
        text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum()
    }

    /// A line of text; across the line the anchor is the middle of a capital letter.
    pub(super) fn text(&mut self, (x, y): (f32, f32), text: &str, style: Style) {
        let scale = PxScale::from(style.size);
        let start = match style.align {
            Align::Start => 0.0,
            Align::Middle => -self.text_width(text, style.size) / 2.0,
            Align::End => -self.text_width(text, style.size),
        };
        // Capitals of this font are 0.626 of the line's height.
        let baseline = style.size * 0.313;
        let mut pen = start;
        for c in text.chars() {
            let id = self.font.glyph_id(c);
            let glyph: Glyph = id.with_scale_and_position(scale, point(0.0, 0.0));
            if let Some(outline) = self.font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                let (mut marks, size) = (Vec::new(), style.color);
                outline.draw(|gx, gy, cover| marks.push((gx, gy, cover)));
                // Whole pixels keep stems sharp.
                let at = pen.round();
                for (gx, gy, cover) in marks {
                    let along = at + bounds.min.x + gx as f32;
                    let across = baseline.round() + bounds.min.y + gy as f32;
                    let (px, py) = match style.direction {
                        Direction::Right => (x + along, y + across),
                        Direction::Up => (x + across, y - along),
                    };
                    self.blend(px.round() as i64, py.round() as i64, size, cover);
                }
            }
            pen += self.font.as_scaled(scale).h_advance(id);
        }
    }

    /// The text, cut with `…` where it is longer than `width` pixels.
    pub(super) fn fit(&self, text: &str, size: f32, width: f32) -> String {
        if self.text_width(text, size) <= width {
            return text.to_owned();
        }
        let mut cut: String = text.to_owned();
        while !cut.is_empty() && self.text_width(&format!("{cut}…"), size) > width {
            cut.pop();
        }
        format!("{cut}…")
    }

    /// Writes the picture; an old file is replaced only once the new one is whole.
    pub(super) fn save(&self, path: &Path) -> Result<()> {
        files::write_atomically(path, |file| {
            let mut encoder = png::Encoder::new(file, self.width as u32, self.height as u32);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&self.pixels)?;
            writer.finish()?;
            Ok(())
        })
    }

    /// A pixel, for tests.
    #[cfg(test)]
    pub(super) fn pixel(&self, x: usize, y: usize) -> Color {
        let at = (y * self.width + x) * 3;
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_asked_and_smooth() {
        let mut canvas = Canvas::new(20, 20);
        canvas.line(&[(2.0, 10.0), (18.0, 10.0)], 4.0, [0; 3]);
        assert_eq!(canvas.pixel(10, 7), [255; 3]);
        assert_eq!([8, 9, 10, 11].map(|y| canvas.pixel(10, y)), [[0; 3]; 4]);
        assert_eq!(canvas.pixel(10, 12), [255; 3]);
        // Half a pixel off, both edges are half covered.
        let mut canvas = Canvas::new(20, 20);
        canvas.line(&[(2.0, 10.5), (18.0, 10.5)], 4.0, [0; 3]);
        assert_eq!(canvas.pixel(10, 8), canvas.pixel(10, 12));
        assert!((120..136).contains(&canvas.pixel(10, 8)[0]));
    }

    #[test]
    fn lines_outside_the_picture_are_cut() {
        let mut canvas = Canvas::new(4, 4);
        canvas.line(&[(-50.0, 2.0), (50.0, 2.0)], 2.0, [0; 3]);
        canvas.line(&[(-50.0, -20.0), (-40.0, -2.0)], 2.0, [0; 3]);
        canvas.dot((100.0, 100.0), 3.0, [0; 3]);
        assert_eq!(canvas.pixel(0, 2), [0; 3]);
        assert_eq!(canvas.pixel(0, 0), [255; 3]);
    }

    #[test]
    fn text_leaves_ink_where_it_is_put() {
        let dark = |canvas: &Canvas, x: std::ops::Range<usize>, y: std::ops::Range<usize>| {
            x.flat_map(|x| y.clone().map(move |y| (x, y)))
                .filter(|&(x, y)| canvas.pixel(x, y)[0] < 128)
                .count()
        };
        let mut canvas = Canvas::new(100, 100);
        canvas.text((50.0, 50.0), "HHH", Style::new(20.0, [0; 3], Align::Start));
        assert!(dark(&canvas, 50..100, 40..60) > 60);
        assert_eq!(dark(&canvas, 0..50, 0..100), 0);
        let mut canvas = Canvas::new(100, 100);
        let up = Style {
            direction: Direction::Up,
            ..Style::new(20.0, [0; 3], Align::Start)
        };
        canvas.text((50.0, 50.0), "HHH", up);
        assert!(dark(&canvas, 40..60, 0..51) > 60);
        assert_eq!(dark(&canvas, 0..100, 52..100), 0);
    }

    #[test]
    fn long_texts_are_cut() {
        let canvas = Canvas::new(10, 10);
        assert_eq!(canvas.fit("short", 20.0, 100.0), "short");
        let cut = canvas.fit("a name that is far too long", 20.0, 100.0);
        assert!(
            cut.ends_with('…') && canvas.text_width(&cut, 20.0) <= 100.0,
            "{cut}"
        );
    }
}
