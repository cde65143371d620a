//! A tensor scaled and shifted by numbers: `2.0 * x`, `x + 1.0`, `1.0 - x`, `-x`.

use super::Layer;
use super::elementwise::Elementwise;
use crate::formula::x;
use crate::ir::Shape;

/// `y = scale · x + shift`, element by element; `dx = scale · dy`.
pub fn affine(input: &Shape, scale: f64, shift: f64) -> Box<dyn Layer> {
    Box::new(Elementwise::new(input, &(scale * x(0) + shift), 1))
}

#[cfg(test)]
mod tests {
    use super::affine;
    use crate::ir::Mode;
    use crate::testing::{check_layer, forward, shape};

    #[test]
    fn scales_and_shifts() {
        let s = shape(&[2]);
        for (scale, shift) in [(2.0, 1.0), (1.0, 0.0), (-1.0, 0.0), (1.0, -3.0), (0.0, 4.0)] {
            let layer = affine(&s, scale, shift);
            let y = forward(&*layer, &[(s.clone(), vec![1.5, -2.0])], &[], Mode::Inference);
            assert_eq!(y, [[scale * 1.5 + shift, scale * -2.0 + shift]]);
            check_layer(&*layer, std::slice::from_ref(&s));
        }
    }
}
