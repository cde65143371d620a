//! Cats and dogs, as a child would draw them.

use std::path::Path;

use nn_runtime::images::Image;
use nn_runtime::{Error, Result, Rng};

use super::canvas::{Canvas, Frame, Rgb, Shape, any_color, between, shade};

/// Names of the folders, in the order of the classes.
const CLASSES: [&str; 2] = ["cats", "dogs"];

/// Fur of both kinds: colour tells nothing.
const FURS: [Rgb; 6] = [
    [0.80, 0.55, 0.25],
    [0.35, 0.25, 0.18],
    [0.55, 0.55, 0.58],
    [0.90, 0.85, 0.75],
    [0.20, 0.20, 0.22],
    [0.65, 0.40, 0.30],
];

/// Draws cat-like (0: pointed ears, whiskers) or dog-like (1: hanging ears, a snout) heads: in any place, size, colour
/// and lighting, tilted, before a background with other things in it, with noise.
///
/// # Errors
/// None: the sizes are in range.
pub fn draw_pet(class: u32, rng: &mut Rng) -> Result<Image> {
    let side = |rng: &mut Rng| 56 + rng.below(73) as usize;
    let (height, width) = (side(rng), side(rng));
    let mut canvas = Canvas::new(height, width, [any_color(rng), any_color(rng)], rng)?;
    let short = height.min(width) as f64;
    for _ in 0..rng.below(4) {
        clutter(&mut canvas, height, width, rng);
    }
    let scale = short * between(rng, 0.22, 0.29);
    // The head and its ears (1.6 units on every side) stay in the middle square, which a crop keeps.
    let place = |side: usize, rng: &mut Rng| {
        let room = (short / 2.0 - 1.6 * scale).max(0.0);
        side as f64 / 2.0 + between(rng, -room, room)
    };
    let frame = Frame {
        center: [place(width, rng), place(height, rng)],
        scale,
        turn: between(rng, -0.35, 0.35),
    };
    head(&mut canvas, &frame, class, rng);
    let mut image = canvas.finish(between(rng, 0.01, 0.06), rng);
    image.adjust_brightness(between(rng, 0.7, 1.2) as f32);
    Ok(image)
}

fn head(canvas: &mut Canvas, frame: &Frame, class: u32, rng: &mut Rng) {
    let fur = shade(FURS[rng.below(6) as usize], between(rng, 0.85, 1.15) as f32);
    let (inner, dark) = (shade(fur, 1.3), [0.08, 0.06, 0.06]);
    let ear = between(rng, 0.85, 1.15);
    for side in [-1.0, 1.0] {
        if class == 0 {
            let outline = |size: f64| {
                let tip = [side * 0.85 * ear, -1.45 * ear * size - 0.1];
                Shape::Triangle([side * 0.15, -0.8], tip, [side * 0.95, -0.25])
            };
            canvas.paint(frame, outline(1.0), fur);
            canvas.paint(frame, outline(0.75), shade([0.85, 0.55, 0.55], 0.9));
        }
    }
    let (wide, high) = (between(rng, 0.9, 1.05), between(rng, 0.85, 1.05));
    canvas.paint(frame, Shape::Ellipse([0.0, 0.0], [wide, high], 0.0), fur);
    for side in [-1.0, 1.0] {
        if class == 1 {
            let hanging = Shape::Ellipse(
                [side * 0.98, 0.05],
                [0.3 * ear, 0.8 * ear],
                -side * between(rng, 0.1, 0.4),
            );
            canvas.paint(frame, hanging, shade(fur, 0.65));
        }
        let eye = [side * between(rng, 0.36, 0.42), -0.2];
        canvas.paint(frame, Shape::Ellipse(eye, [0.17, 0.17], 0.0), [0.92, 0.92, 0.85]);
        canvas.paint(frame, Shape::Ellipse(eye, [0.1, 0.12], 0.0), dark);
    }
    if class == 0 {
        canvas.paint(
            frame,
            Shape::Triangle([-0.14, 0.18], [0.14, 0.18], [0.0, 0.34]),
            [0.75, 0.4, 0.42],
        );
        for side in [-1.0, 1.0] {
            for droop in [0.25, 0.4, 0.55] {
                let whisker = Shape::Line([side * 0.3, 0.4], [side * 1.15, droop], 0.022);
                canvas.paint(frame, whisker, [0.95, 0.95, 0.95]);
            }
        }
    } else {
        canvas.paint(frame, Shape::Ellipse([0.0, 0.45], [0.45, 0.38], 0.0), inner);
        canvas.paint(frame, Shape::Ellipse([0.0, 0.25], [0.2, 0.14], 0.0), dark);
        if rng.below(2) == 0 {
            canvas.paint(
                frame,
                Shape::Ellipse([0.0, 0.85], [0.14, 0.24], 0.0),
                [0.85, 0.35, 0.4],
            );
        }
    }
    canvas.paint(frame, Shape::Line([0.0, 0.35], [0.0, 0.52], 0.03), dark);
    canvas.paint(frame, Shape::Line([-0.2, 0.6], [0.2, 0.6], 0.03), dark);
}

/// A ball, a box, a pole or a roof somewhere in the picture.
fn clutter(canvas: &mut Canvas, height: usize, width: usize, rng: &mut Rng) {
    let frame = Frame {
        center: [rng.uniform() * width as f64, rng.uniform() * height as f64],
        scale: height.min(width) as f64 * between(rng, 0.05, 0.16),
        turn: between(rng, 0.0, 6.3),
    };
    let shape = match rng.below(4) {
        0 => Shape::Ellipse([0.0, 0.0], [1.0, between(rng, 0.4, 1.0)], 0.0),
        1 => Shape::Rectangle([0.0, 0.0], [1.0, between(rng, 0.3, 1.0)]),
        2 => Shape::Line([-3.0, 0.0], [3.0, 0.0], 0.15),
        _ => Shape::Triangle([0.0, -1.0], [1.0, 0.8], [-1.0, 0.8]),
    };
    let color = any_color(rng);
    canvas.paint(&frame, shape, color);
}

/// Writes `per_class` pictures of each class into `folder/cats` and `folder/dogs`, every third one as JPEG, unless the
/// folder is there.
///
/// # Errors
/// `Io`: the folder cannot be written.
pub fn write_pets(folder: &Path, per_class: usize, seed: u64) -> Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    // Under another name until it is whole.
    let partial = folder.with_extension("partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial).map_err(io(&partial))?;
    }
    for (class, name) in (0..).zip(CLASSES) {
        let class_folder = partial.join(name);
        std::fs::create_dir_all(&class_folder).map_err(io(&class_folder))?;
        for i in 0..per_class {
            let mut rng = Rng::new(seed).split(u64::from(class)).split(i as u64);
            let extension = ["png", "jpg", "png"][i % 3];
            draw_pet(class, &mut rng)?.save(class_folder.join(format!("{i:04}.{extension}")))?;
        }
    }
    std::fs::rename(&partial, folder).map_err(io(folder))
}
