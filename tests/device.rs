//! What a microcontroller runs, here on the host: weights that are part of the program, prediction in given memory.

use nn_runtime::prelude::*;

network! {
    /// As in `examples/firmware`, whose weights it takes.
    #[weights("../examples/firmware/networks/data/digits.safetensors")]
    pub Digits(image: Tensor<64>) -> Tensor<10> {
        image.dense(64).relu().dense(10)
    }
}

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../examples/firmware/networks/data/digits.safetensors"
);

fn image(seed: u64) -> [f32; 64] {
    let mut rng = Rng::new(seed);
    std::array::from_fn(|_| rng.uniform() as f32)
}

#[test]
fn weights_of_the_program_are_those_of_the_file() {
    let mut loaded = Digits::new(7);
    loaded.load(FILE).expect("the file fits");
    assert_eq!(loaded.parameters(), Digits::WEIGHTS);
    assert!(Digits::WEIGHTS.as_ptr().addr().is_multiple_of(64));
    let (mut trained, mut arena) = (Digits::trained(), [0.0; Digits::ARENA]);
    for seed in 0..5 {
        let x = image(seed);
        let mut y = [0.0; 10];
        Digits::infer_trained(&x, &mut arena, &mut y);
        assert_eq!(&y, loaded.predict(&x));
        assert_eq!(&y, trained.predict(&x));
    }
}
