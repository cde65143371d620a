//! A set in CIFAR-10's format: ten kinds of figures in place of ten kinds of things.

use std::path::Path;

use nn_runtime::data::cifar;
use nn_runtime::images::Image;
use nn_runtime::{Error, Result, Rng};

use super::canvas::{Canvas, Frame, Shape, any_color, between};

/// Draws a figure of one of ten classes, 32 x 32 pixels: any colour, place, size, a little tilted, with noise.
fn draw_figure(class: u32, rng: &mut Rng) -> Result<Image> {
    let mut canvas = Canvas::new(cifar::SIDE, cifar::SIDE, [any_color(rng), any_color(rng)], rng)?;
    let frame = Frame {
        center: [between(rng, 12.0, 20.0), between(rng, 12.0, 20.0)],
        scale: between(rng, 7.0, 11.0),
        turn: between(rng, -0.25, 0.25),
    };
    // Light or dark, so that it shows.
    let light = rng.below(2) == 0;
    let color = any_color(rng).map(|x| if light { 0.7 + 0.3 * x } else { 0.25 * x });
    let o = [0.0, 0.0];
    let bar = |y: f64| Shape::Rectangle([0.0, y], [1.0, 0.18]);
    let pole = |x: f64| Shape::Rectangle([x, 0.0], [0.18, 1.0]);
    let shapes = match class {
        0 => vec![Shape::Ellipse(o, [0.9, 0.9], 0.0)],
        1 => vec![Shape::Rectangle(o, [0.85, 0.85])],
        2 => vec![Shape::Triangle([0.0, -1.0], [1.0, 0.8], [-1.0, 0.8])],
        3 => vec![bar(0.0), pole(0.0)],
        4 => vec![Shape::Ring(o, 0.75, 0.18)],
        5 => vec![bar(-0.75), bar(0.0), bar(0.75)],
        6 => vec![pole(-0.75), pole(0.0), pole(0.75)],
        7 => vec![
            Shape::Line([-0.8, -0.8], [0.8, 0.8], 0.18),
            Shape::Line([0.8, -0.8], [-0.8, 0.8], 0.18),
        ],
        8 => vec![Shape::Triangle([0.0, 1.0], [1.0, -0.8], [-1.0, -0.8])],
        _ => [-0.6, 0.6]
            .into_iter()
            .flat_map(|x| [-0.6, 0.6].map(|y| Shape::Ellipse([x, y], [0.32, 0.32], 0.0)))
            .collect(),
    };
    for shape in shapes {
        canvas.paint(&frame, shape, color);
    }
    Ok(canvas.finish(0.04, rng))
}

/// Writes `data_batch_1.bin` with `training` figures and `test_batch.bin` with `test`, classes in turn, unless the
/// folder is there.
///
/// # Errors
/// `Io`: the folder cannot be written.
pub fn write_cifar(folder: &Path, training: usize, test: usize, seed: u64) -> Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let io = |source| Error::Io {
        path: folder.to_owned(),
        source,
    };
    let partial = folder.with_extension("partial");
    std::fs::create_dir_all(&partial).map_err(io)?;
    for (stream, name, count) in [(0, "data_batch_1.bin", training), (1, "test_batch.bin", test)] {
        let mut bytes = vec![];
        for i in 0..count {
            let mut rng = Rng::new(seed).split(stream).split(i as u64);
            let class = i as u32 % 10;
            bytes.extend(cifar::record(draw_figure(class, &mut rng)?.data(), class)?);
        }
        std::fs::write(partial.join(name), bytes).map_err(io)?;
    }
    std::fs::rename(&partial, folder).map_err(io)
}
