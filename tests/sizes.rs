//! Constants that a network shares with the program around it.
#![allow(missing_docs, reason = "a test")]

use nn_runtime::prelude::*;

pub const WIDTH: usize = 12;
pub mod limits {
    pub const DEPTH: u8 = 3;
}

network! {
    const WIDTH: usize = 12 == crate::WIDTH;
    const DEPTH: u8 = 3 == crate::limits::DEPTH;

    #[loss(mean_squared_error)]
    pub Net(x: Tensor<4>) -> Tensor<2> {
        x.repeat(DEPTH, hidden()).dense(2)
    }

    block hidden(x) {
        x.dense(WIDTH).tanh()
    }
}

const _: () = assert!(Net::PARAMS < 500);
const _: () = assert!(Net::RAM_BYTES <= 2048 && Net::FLASH_BYTES <= 4096);
const OUTPUT: usize = Net::OUTPUTS[0][0];

#[test]
fn constants_of_the_crate_are_sizes_and_a_networks_are_constants() {
    assert_eq!(
        Net::PARAMS,
        4 * WIDTH + WIDTH + 2 * (WIDTH * WIDTH + WIDTH) + 2 * WIDTH + 2
    );
    assert_eq!(Net::LAYERS.len(), 2 * usize::from(limits::DEPTH) + 1);
    let scores: [f32; OUTPUT] = *Net::new(1).predict(&[0.5; 4]);
    assert!(scores.iter().all(|s| s.is_finite()));
}
