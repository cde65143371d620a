//! Curves over epochs.

use std::path::Path;

use super::axis::Axis;
use super::canvas::{Align, Canvas, Color, Direction, FAINT, GREY, INK, Style, WHITE};
use crate::training::History;
use crate::{Error, Result};

/// One curve: its values at epoch 1, 2, ….
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// In the legend.
    pub name: &'a str,
    /// One an epoch; a number that is not finite leaves a gap.
    pub values: &'a [f64],
}

impl<'a> Series<'a> {
    /// A named curve.
    #[must_use]
    pub const fn new(name: &'a str, values: &'a [f64]) -> Self {
        Self { name, values }
    }
}

/// How [`loss_curve`] looks.
#[derive(Clone, Debug)]
pub struct CurveOptions {
    /// Above the curves; may be empty.
    pub title: String,
    /// Below the horizontal axis.
    pub x_label: String,
    /// Beside the vertical axis.
    pub y_label: String,
    /// A logarithmic vertical axis, for losses that fall by powers of ten.
    pub log_y: bool,
    /// Width and height in pixels, at least 320 x 240.
    pub size: (usize, usize),
}

impl CurveOptions {
    /// The default under a title.
    #[must_use]
    pub fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }
}

impl Default for CurveOptions {
    fn default() -> Self {
        Self {
            title: String::new(),
            x_label: "epoch".into(),
            y_label: "loss".into(),
            log_y: false,
            size: (1000, 620),
        }
    }
}

/// Told apart by the colour-blind too (after Okabe and Ito, "Color universal design", 2008).
const COLORS: [Color; 6] = [
    [0, 114, 178],
    [213, 94, 0],
    [0, 158, 115],
    [204, 121, 167],
    [230, 159, 0],
    [86, 180, 233],
];
const TICK: f32 = 17.0;
const LABEL: f32 = 19.0;
const TITLE: f32 = 24.0;

/// Draws one curve per series over the epochs, with axes, ticks and a legend.
///
/// # Errors
/// [`Error::Empty`] where no series holds a finite number (above 0, if `log_y`); [`Error::Setting`] for a picture
/// smaller than 320 x 240 or larger than 10,000 pixels a side; [`Error::Io`].
pub fn loss_curve(path: impl AsRef<Path>, series: &[Series<'_>], options: &CurveOptions) -> Result<()> {
    draw(series, options)?.save(path.as_ref())
}

/// Draws the losses of a training, and those of its validation where there was one.
///
/// # Errors
/// As [`loss_curve`].
pub fn history(path: impl AsRef<Path>, history: &History, options: &CurveOptions) -> Result<()> {
    let training: Vec<f64> = history.epochs.iter().map(|epoch| epoch.loss).collect();
    let validation: Vec<f64> = history.epochs.iter().filter_map(|epoch| epoch.val_loss).collect();
    let both = [
        Series::new("training", &training),
        Series::new("validation", &validation),
    ];
    let series = if validation.is_empty() { &both[..1] } else { &both };
    loss_curve(path, series, options)
}

fn draw(series: &[Series<'_>], options: &CurveOptions) -> Result<Canvas> {
    let (width, height) = options.size;
    if !(320..=10_000).contains(&width) || !(240..=10_000).contains(&height) {
        return Err(Error::Setting {
            name: "size",
            message: format!("expected 320 x 240 to 10,000 x 10,000 pixels, found {width} x {height}"),
        });
    }
    let shown = |y: f64| y.is_finite() && (y > 0.0 || !options.log_y);
    let values = || {
        series
            .iter()
            .flat_map(|s| s.values)
            .copied()
            .filter(|&y| shown(y))
    };
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return Err(Error::Empty);
    }
    let epochs = series.iter().map(|s| s.values.len()).max().unwrap_or(1);

    let mut canvas = Canvas::new(width, height);
    let top = if options.title.is_empty() { 24.0 } else { 64.0 };
    let bottom = height as f32 - 70.0;
    let y = vertical_axis(low, high, options.log_y, (bottom, top));
    let widest = y
        .ticks
        .iter()
        .map(|(_, text)| canvas.text_width(text, TICK))
        .fold(0.0, f32::max);
    let left = (widest + 62.0).round();
    let right = width as f32 - 28.0;
    let x_count = ((right - left) / 90.0) as usize;
    let x = Axis::epochs(epochs, x_count, (left, right));

    for (at, text) in &y.ticks {
        let at = y.at(*at).round();
        canvas.rectangle((left, at), (right - left, 1.0), FAINT, 1.0);
        canvas.text((left - 10.0, at), text, Style::new(TICK, GREY, Align::End));
    }
    for (at, text) in &x.ticks {
        let at = x.at(*at).round();
        canvas.rectangle((at, bottom), (1.0, 6.0), GREY, 1.0);
        canvas.text((at, bottom + 20.0), text, Style::new(TICK, GREY, Align::Middle));
    }
    canvas.rectangle((left, bottom), (right - left, 1.0), GREY, 1.0);
    canvas.rectangle((left, top), (1.0, bottom - top + 1.0), GREY, 1.0);

    let mut points = Vec::new();
    for (s, &color) in series.iter().zip(COLORS.iter().cycle()) {
        let at = |(i, &value): (usize, &f64)| shown(value).then(|| (x.at((i + 1) as f64), y.at(value)));
        let places: Vec<Option<(f32, f32)>> = s.values.iter().enumerate().map(at).collect();
        for run in places.split(Option::is_none).filter(|run| !run.is_empty()) {
            let run: Vec<(f32, f32)> = run.iter().flatten().copied().collect();
            if run.len() == 1 {
                canvas.dot(run[0], 8.0, color);
            } else {
                canvas.line(&run, 2.6, color);
            }
            points.extend(run);
        }
    }
    legend(&mut canvas, series, &points, (left, top), (right, bottom));

    let middle = ((left + right) / 2.0, (top + bottom) / 2.0);
    canvas.text(
        (middle.0, bottom + 48.0),
        &options.x_label,
        Style::new(LABEL, INK, Align::Middle),
    );
    let up = Style {
        direction: Direction::Up,
        ..Style::new(LABEL, INK, Align::Middle)
    };
    canvas.text((22.0, middle.1), &options.y_label, up);
    let title = canvas.fit(&options.title, TITLE, width as f32 - 40.0);
    canvas.text((middle.0, 34.0), &title, Style::new(TITLE, INK, Align::Middle));
    Ok(canvas)
}

/// With some air above and below; from 0 where that costs little room.
fn vertical_axis(low: f64, high: f64, log: bool, pixels: (f32, f32)) -> Axis {
    if log {
        let air = (high / low).powf(0.04).max(1.02);
        return Axis::log(low / air, high * air, pixels);
    }
    let air = (high - low) * 0.05;
    let from = if low >= 0.0 && low < high * 0.4 {
        0.0
    } else {
        low - air
    };
    let count = ((pixels.0 - pixels.1) / 60.0) as usize;
    Axis::linear(from, high + air, count, false, pixels)
}

/// Puts the names into the corner that hides the fewest points.
fn legend(
    canvas: &mut Canvas,
    series: &[Series<'_>],
    points: &[(f32, f32)],
    (left, top): (f32, f32),
    (right, bottom): (f32, f32),
) {
    if series.len() == 1 && series[0].name.is_empty() {
        return;
    }
    let room = (right - left) * 0.6;
    let names: Vec<String> = series.iter().map(|s| canvas.fit(s.name, TICK, room)).collect();
    let text = names
        .iter()
        .map(|name| canvas.text_width(name, TICK))
        .fold(0.0, f32::max);
    let (width, height) = (text + 66.0, 26.0 * names.len() as f32 + 14.0);
    let corners = [
        (right - width - 12.0, top + 12.0),
        (left + 14.0, top + 12.0),
        (right - width - 12.0, bottom - height - 14.0),
        (left + 14.0, bottom - height - 14.0),
    ];
    let hidden = |&(x, y): &(f32, f32)| {
        points
            .iter()
            .filter(|p| (x..x + width).contains(&p.0) && (y..y + height).contains(&p.1))
            .count()
    };
    let mut corner = corners[0];
    for other in corners {
        if hidden(&other) < hidden(&corner) {
            corner = other;
        }
    }
    canvas.rectangle(
        (corner.0 - 1.0, corner.1 - 1.0),
        (width + 2.0, height + 2.0),
        FAINT,
        1.0,
    );
    canvas.rectangle(corner, (width, height), WHITE, 1.0);
    for (i, (name, &color)) in names.iter().zip(COLORS.iter().cycle()).enumerate() {
        let y = corner.1 + 20.0 + 26.0 * i as f32;
        canvas.line(&[(corner.0 + 14.0, y), (corner.0 + 42.0, y)], 3.0, color);
        canvas.text((corner.0 + 52.0, y), name, Style::new(TICK, INK, Align::Start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::Folder;

    /// How many pixels have exactly this colour.
    fn count(canvas: &Canvas, (width, height): (usize, usize), color: Color) -> usize {
        (0..width)
            .flat_map(|x| (0..height).map(move |y| (x, y)))
            .filter(|&(x, y)| canvas.pixel(x, y) == color)
            .count()
    }

    #[test]
    fn every_series_is_drawn_in_its_colour() {
        let options = CurveOptions::default();
        let falling: Vec<f64> = (0..30).map(|i| 2.0 * (-0.1 * f64::from(i)).exp()).collect();
        let rising: Vec<f64> = falling.iter().map(|y| 2.5 - y).collect();
        let one = draw(&[Series::new("a", &falling)], &options).unwrap();
        assert!(count(&one, options.size, COLORS[0]) > 800);
        assert_eq!(count(&one, options.size, COLORS[1]), 0);
        let two = draw(&[Series::new("a", &falling), Series::new("b", &rising)], &options).unwrap();
        assert!(count(&two, options.size, COLORS[1]) > 800);
    }

    #[test]
    fn odd_values_leave_gaps() {
        let options = CurveOptions {
            log_y: true,
            title: "t".into(),
            ..CurveOptions::default()
        };
        let values = [f64::NAN, 1.0, f64::INFINITY, -1.0, 0.0, 1e-8];
        draw(&[Series::new("", &values)], &options).unwrap();
        draw(&[Series::new("one", &[0.5])], &options).unwrap();
        draw(
            &[Series::new("same", &[0.5; 9]), Series::new("none", &[])],
            &CurveOptions::default(),
        )
        .unwrap();
    }

    #[test]
    fn nothing_to_draw_and_odd_sizes_are_refused() {
        let options = CurveOptions::default();
        assert!(matches!(draw(&[], &options), Err(Error::Empty)));
        assert!(matches!(
            draw(&[Series::new("a", &[f64::NAN])], &options),
            Err(Error::Empty)
        ));
        let tiny = CurveOptions {
            size: (10, 10),
            ..options
        };
        assert!(matches!(
            draw(&[Series::new("a", &[1.0])], &tiny),
            Err(Error::Setting { .. })
        ));
    }

    #[test]
    fn the_file_is_a_png_of_that_size() {
        let folder = Folder::new();
        let path = folder.0.join("loss.png");
        loss_curve(&path, &[Series::new("a", &[2.0, 1.0])], &CurveOptions::default()).unwrap();
        let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
        let reader = png::Decoder::new(file).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (1000, 620));
        let bad = loss_curve(
            folder.0.join("no/loss.png"),
            &[Series::new("a", &[2.0])],
            &CurveOptions::default(),
        );
        assert!(matches!(bad, Err(Error::Io { .. })));
    }
}
