//! A small painter: shapes with smooth edges, gradients and noise.

use nn_runtime::images::Image;
use nn_runtime::{Result, Rng};

/// Red, green, blue, 0 to 1.
pub type Rgb = [f32; 3];
/// Right and down.
pub type Point = [f64; 2];

/// A picture that is being painted.
pub struct Canvas {
    image: Image,
}

/// Where a figure's own coordinates lie on the canvas.
#[derive(Clone, Copy)]
pub struct Frame {
    /// Of its origin, in pixels.
    pub center: Point,
    /// Pixels per unit.
    pub scale: f64,
    /// Clockwise, in radians.
    pub turn: f64,
}

/// What can be painted, in a frame's coordinates.
#[derive(Clone, Copy)]
pub enum Shape {
    /// With its half-axes, turned clockwise by some radians.
    Ellipse(Point, Point, f64),
    /// Any three corners.
    Triangle(Point, Point, Point),
    /// From here to there, with half its width.
    Line(Point, Point, f64),
    /// With half its sides.
    Rectangle(Point, Point),
    /// With its radius and half its width.
    Ring(Point, f64, f64),
}

impl Canvas {
    /// A gradient between two colours, in a random direction.
    pub fn new(height: usize, width: usize, [from, to]: [Rgb; 2], rng: &mut Rng) -> Result<Self> {
        let (down, right) = (rng.uniform(), rng.uniform());
        let mut data = Vec::with_capacity(height * width * 3);
        for y in 0..height {
            for x in 0..width {
                let along = down * y as f64 / height as f64 + right * x as f64 / width as f64;
                let share = (along / (down + right + 1e-9)) as f32;
                data.extend([0, 1, 2].map(|c| from[c] + share * (to[c] - from[c])));
            }
        }
        Ok(Self {
            image: Image::new(height, width, 3, data)?,
        })
    }

    /// Paints a shape; pixels at its edge are mixed.
    pub fn paint(&mut self, frame: &Frame, shape: Shape, color: Rgb) {
        let [height, width, _] = self.image.shape();
        let (sin, cos) = frame.turn.sin_cos();
        for y in 0..height {
            for x in 0..width {
                let (dx, dy) = (x as f64 + 0.5 - frame.center[0], y as f64 + 0.5 - frame.center[1]);
                let point = [
                    (cos * dx + sin * dy) / frame.scale,
                    (cos * dy - sin * dx) / frame.scale,
                ];
                let cover = (0.5 - shape.distance(point) * frame.scale).clamp(0.0, 1.0) as f32;
                if cover > 0.0 {
                    let start = (y * width + x) * 3;
                    for (old, new) in self.image.data_mut()[start..start + 3].iter_mut().zip(color) {
                        *old += cover * (new - *old);
                    }
                }
            }
        }
    }

    /// Adds noise of the given deviation to every number and gives the picture.
    pub fn finish(mut self, noise: f64, rng: &mut Rng) -> Image {
        for x in self.image.data_mut() {
            *x = (*x + (noise * rng.normal()) as f32).clamp(0.0, 1.0);
        }
        self.image
    }
}

impl Shape {
    /// How far outside the shape a point lies (below 0: inside).
    fn distance(&self, p: Point) -> f64 {
        let length = |[x, y]: Point| x.hypot(y);
        let minus = |a: Point, b: Point| [a[0] - b[0], a[1] - b[1]];
        match *self {
            Self::Ellipse(center, radii, turn) => {
                let [x, y] = minus(p, center);
                let (sin, cos) = turn.sin_cos();
                let scaled = [(cos * x + sin * y) / radii[0], (cos * y - sin * x) / radii[1]];
                // Exact for a circle, near enough for the rest.
                (length(scaled) - 1.0) * radii[0].min(radii[1])
            }
            Self::Triangle(a, b, c) => {
                let side = |a: Point, b: Point| {
                    let [ex, ey] = minus(b, a);
                    let [px, py] = minus(p, a);
                    (ey * px - ex * py) / length([ex, ey])
                };
                let sides = [side(a, b), side(b, c), side(c, a)];
                let clockwise = minus(b, a)[0] * minus(c, a)[1] > minus(b, a)[1] * minus(c, a)[0];
                let signed = sides.map(|d| if clockwise { d } else { -d });
                signed.into_iter().fold(f64::MIN, f64::max)
            }
            Self::Line(a, b, half_width) => {
                let (along, to_p) = (minus(b, a), minus(p, a));
                let share = (along[0] * to_p[0] + along[1] * to_p[1]) / (along[0].powi(2) + along[1].powi(2));
                let share = share.clamp(0.0, 1.0);
                length([to_p[0] - share * along[0], to_p[1] - share * along[1]]) - half_width
            }
            Self::Rectangle(center, half) => {
                let [x, y] = minus(p, center);
                (x.abs() - half[0]).max(y.abs() - half[1])
            }
            Self::Ring(center, radius, half_width) => (length(minus(p, center)) - radius).abs() - half_width,
        }
    }
}

/// Between two numbers.
pub fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.uniform()
}

/// Any colour that is neither black nor white.
pub fn any_color(rng: &mut Rng) -> Rgb {
    [(); 3].map(|()| between(rng, 0.1, 0.9) as f32)
}

/// The colour made darker (`factor` below 1) or lighter.
pub fn shade(color: Rgb, factor: f32) -> Rgb {
    color.map(|x| (x * factor).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_negative_inside() {
        let triangle = Shape::Triangle([0.0, -1.0], [1.0, 1.0], [-1.0, 1.0]);
        let mirrored = Shape::Triangle([0.0, -1.0], [-1.0, 1.0], [1.0, 1.0]);
        for (shape, inside, outside) in [
            (
                Shape::Ellipse([1.0, 0.0], [2.0, 1.0], 0.0),
                [2.5, 0.0],
                [1.0, 1.5],
            ),
            (
                Shape::Ellipse([0.0, 0.0], [2.0, 1.0], std::f64::consts::FRAC_PI_2),
                [0.0, 1.5],
                [1.5, 0.0],
            ),
            (triangle, [0.0, 0.5], [0.9, -0.5]),
            (mirrored, [0.0, 0.5], [0.9, -0.5]),
            (Shape::Line([0.0, 0.0], [4.0, 0.0], 0.5), [2.0, 0.4], [5.0, 0.0]),
            (Shape::Rectangle([0.0, 0.0], [2.0, 1.0]), [1.9, 0.9], [0.0, 1.1]),
            (Shape::Ring([0.0, 0.0], 2.0, 0.5), [0.0, 2.2], [0.0, 0.0]),
        ] {
            assert!(shape.distance(inside) < 0.0 && shape.distance(outside) > 0.0);
        }
        assert!((Shape::Line([0.0, 0.0], [4.0, 0.0], 0.5).distance([2.0, 1.5]) - 1.0).abs() < 1e-12);
    }
}
