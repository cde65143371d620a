//! MLPerf Tiny's listener for broken machines.

use nn_runtime::prelude::*;

network! {
    /// The autoencoder of DCASE 2020's second task: five frames of 128 mel bands through eight numbers. What it cannot
    /// rebuild is an anomaly.
    #[loss(mean_squared_error)]
    #[quantize(int8)]
    pub Autoencoder(spectrum: Tensor<640>) -> Tensor<640> {
        spectrum
            .repeat(4, unit(128))
            .unit(8)
            .repeat(4, unit(128))
            .dense(640)
    }

    block unit(x, width) {
        x.dense(width).batch_norm(momentum = 0.01, eps = 1e-3).relu()
    }
}
