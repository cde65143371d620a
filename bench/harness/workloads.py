"""The networks that are timed, in one neutral form that every contender's model is built from.

A layer is a tuple: its kind, then its sizes. Images are height, width, channels. Weights have PyTorch's layouts and the
names that our networks give them, so that one file starts every contender from the same point.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """One network, its loss, its optimizer, and the batch sizes of the table."""

    name: str
    input: tuple
    layers: tuple
    loss: str  # "binary_cross_entropy" (on logits) or "softmax_cross_entropy" or "mean_squared_error" (of the input)
    optimizer: str  # "adam" or "momentum"
    train: tuple
    infer: tuple
    rate: float = 1e-3

    @property
    def samples(self):
        """Samples in the data file: eight of the largest batches, XOR's four."""
        return 4 if self.name == "xor" else 8 * max(self.train + self.infer)


# Adam as everywhere: beta 0.9 and 0.999, epsilon 1e-8. Momentum 0.9, no dampening, no Nesterov.
BETA_1, BETA_2, EPSILON, MOMENTUM = 0.9, 0.999, 1e-8, 0.9

# A timed run goes back to the first weights after so many steps, outside the clock: a network that has learnt its few
# batches by heart has gradients near zero, and slow denormal numbers in its optimizer.
STEPS_TO_RESET = 512

# Distinct batches that a run cycles through.
BATCHES = 8


def mlp(*widths, activation="relu"):
    """Dense layers with an activation between them."""
    layers = []
    for width in widths[:-1]:
        layers += [("dense", width), (activation,)]
    return tuple(layers + [("dense", widths[-1])])


WORKLOADS = {
    w.name: w
    for w in (
        Workload(
            "xor", (2,), mlp(3, 1, activation="tanh"), "binary_cross_entropy", "adam", train=(4,), infer=(1, 4), rate=1e-2
        ),
        Workload("mlp", (784,), mlp(128, 64, 10), "softmax_cross_entropy", "adam", train=(32, 128), infer=(1, 128)),
        Workload(
            "mlp_wide", (784,), mlp(1024, 1024, 10), "softmax_cross_entropy", "momentum", train=(128,), infer=(1, 128), rate=1e-2
        ),
    )
}


def product(shape):
    """Number of elements."""
    n = 1
    for d in shape:
        n *= d
    return n


class Names:
    """Our names of parameter tensors: the kind, counted from 1."""

    def __init__(self):
        self.counts = {}

    def of(self, kind):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}_{self.counts[kind]}"


def parameters(workload):
    """`(name, shape in PyTorch's layout, fan-in)` of every tensor, biases with fan-in 0, in order."""
    names, found = Names(), []

    def walk(layers, shape):
        for kind, *sizes in layers:
            if kind == "dense":
                name = names.of("dense")
                found.append((f"{name}.weight", (sizes[0], shape[-1]), shape[-1]))
                found.append((f"{name}.bias", (sizes[0],), 0))
                shape = (*shape[:-1], sizes[0])
        return shape

    walk(workload.layers, workload.input)
    return found


def outputs(workload):
    """Numbers per sample that the network gives."""
    return [sizes[0] for kind, *sizes in workload.layers if kind == "dense"][-1]
