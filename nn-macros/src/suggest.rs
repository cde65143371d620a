//! What was probably meant: the nearest name, and the names that Keras and PyTorch use.

/// The candidate nearest to `word` in spelling, if one is near enough to be a slip of it.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = normalised(word);
    let length = word.chars().count();
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &normalised(candidate)), candidate))
        .filter(|(d, candidate)| *d <= (length.max(candidate.chars().count()) + 1) / 3)
        .min_by_key(|(d, _)| *d)
        .map(|(_, candidate)| candidate)
}

/// Without case and underscores: `BatchNorm` is `batch_norm`.
fn normalised(word: &str) -> String {
    word.chars()
        .filter(|c| *c != '_')
        .flat_map(char::to_lowercase)
        .collect()
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Longer names than any of the language's are nothing's neighbour.
    if a.len().max(b.len()) > 64 {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// Our name of a layer that Keras or PyTorch call otherwise, and how it is written here.
pub fn foreign_layer(name: &str) -> Option<(&'static str, &'static str)> {
    let found = match normalised(name).as_str() {
        "dense" | "linear" | "fullyconnected" | "fc" | "lazylinear" => ("dense", "dense(128)"),
        "conv" | "conv2d" | "convolution2d" | "lazyconv2d" => ("conv2d", "conv2d(16, kernel = 3)"),
        "conv1d" | "convolution1d" => ("conv1d", "conv1d(16, kernel = 3)"),
        "depthwiseconv2d" => ("depthwise_conv2d", "depthwise_conv2d(kernel = 3)"),
        "conv2dtranspose" | "convtranspose2d" => ("conv_transpose2d", "conv_transpose2d(16, kernel = 3)"),
        "maxpool" | "maxpool2d" | "maxpooling2d" => ("max_pool2d", "max_pool2d(2)"),
        "avgpool" | "avgpool2d" | "averagepooling2d" => ("avg_pool2d", "avg_pool2d(2)"),
        "globalaveragepooling2d" | "gap" => ("global_avg_pool2d", "global_avg_pool2d()"),
        "globalmaxpooling2d" => ("global_max_pool2d", "global_max_pool2d()"),
        "batchnorm" | "batchnorm1d" | "batchnorm2d" | "batchnormalization" | "bn" => {
            ("batch_norm", "batch_norm()")
        }
        "layernorm" | "layernormalization" => ("layer_norm", "layer_norm()"),
        "groupnorm" | "groupnormalization" => ("group_norm", "group_norm(8)"),
        "rmsnorm" | "rmsnormalization" => ("rms_norm", "rms_norm()"),
        "dropout" | "dropout1d" | "alphadropout" => ("dropout", "dropout(0.5)"),
        "relu" | "rectifiedlinearunit" => ("relu", "relu()"),
        "leakyrelu" | "lrelu" => ("leaky_relu", "leaky_relu()"),
        "prelu" => ("prelu", "prelu()"),
        "gelu" => ("gelu", "gelu()"),
        "silu" | "swish" => ("silu", "silu()"),
        "sigmoid" | "logistic" | "expit" => ("sigmoid", "sigmoid()"),
        "hardsigmoid" => ("hard_sigmoid", "hard_sigmoid()"),
        "hardswish" => ("hard_swish", "hard_swish()"),
        "tanh" => ("tanh", "tanh()"),
        "softmax" => ("softmax", "softmax()"),
        "logsoftmax" => ("log_softmax", "log_softmax()"),
        "flatten" | "ravel" => ("flatten", "flatten()"),
        "reshape" | "view" => ("reshape", "reshape(4, 4)"),
        "permute" => ("transpose", "transpose()"),
        "concatenate" | "cat" | "concat" | "hstack" | "stack" => ("concat", "concat(a, b)"),
        "embedding" => ("embedding", "embedding(64)"),
        "multiheadattention" | "mha" | "selfattention" => ("attention", "attention(4)"),
        "zeropadding2d" | "zeropad2d" => ("pad", "pad(1)"),
        "upsampling2d" | "upsample" => ("upsample2d", "upsample2d(2)"),
        _ => return None,
    };
    Some(found)
}

/// What to write here instead of an argument that Keras or PyTorch layers take.
pub fn foreign_argument(name: &str) -> Option<&'static str> {
    Some(match name {
        "activation" => "an activation is a layer of its own: `.dense(10).relu()`",
        "input_shape" | "input_dim" | "in_features" | "in_channels" | "batch_input_shape" => {
            "leave it out: the input's shape is known from the layer before"
        }
        "use_bias" => "write `bias = false`",
        "kernel_size" => "write `kernel = 3`",
        "strides" => "write `stride = 2`",
        "filters" | "out_channels" | "out_features" => "the main size comes first, without a name",
        "kernel_initializer" | "weight_init" => "write `init = he_normal`",
        "kernel_regularizer" | "weight_decay" => "write `l2 = 1e-4`",
        "trainable" | "requires_grad" => "write `frozen = true`",
        "rate" | "p" => "the rate comes first, without a name: `dropout(0.5)`",
        _ => return None,
    })
}

/// Our name of a loss that Keras or PyTorch call otherwise.
pub fn foreign_loss(name: &str) -> Option<&'static str> {
    Some(match normalised(name).as_str() {
        "mse" | "mseloss" | "l2loss" => "mean_squared_error",
        "mae" | "l1loss" | "maeloss" => "mean_absolute_error",
        "crossentropy"
        | "crossentropyloss"
        | "categoricalcrossentropy"
        | "sparsecategoricalcrossentropy"
        | "nllloss" => "softmax_cross_entropy",
        "bce" | "bceloss" | "bcewithlogitsloss" | "logloss" => "binary_cross_entropy",
        "huberloss" | "smoothl1loss" => "huber",
        "kldivloss" | "kld" | "kldivergence" => "kl_divergence",
        "cosinesimilarity" | "cosineembeddingloss" => "cosine",
        "hingeloss" => "hinge",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_forgives_slips_and_case() {
        let layers = ["dense", "dropout", "conv2d", "batch_norm", "relu"];
        for (word, expected) in [
            ("conv2D", Some("conv2d")),
            ("desne", Some("dense")),
            ("BatchNorm", Some("batch_norm")),
            ("drpout", Some("dropout")),
            ("rleu", Some("relu")),
            ("attention", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, layers), expected, "{word}");
        }
    }

    #[test]
    fn distance_counts_a_swap_once() {
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn foreign_names_lead_home() {
        assert_eq!(foreign_layer("Linear").map(|(n, _)| n), Some("dense"));
        assert_eq!(foreign_layer("MaxPooling2D").map(|(n, _)| n), Some("max_pool2d"));
        assert_eq!(foreign_loss("CrossEntropyLoss"), Some("softmax_cross_entropy"));
        assert_eq!(foreign_layer("wibble"), None);
    }
}
