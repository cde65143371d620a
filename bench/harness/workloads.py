"""The networks that are timed, in one neutral form that every contender's model is built from.

A layer is a tuple: its kind, then its sizes. Images are height, width, channels. Weights have PyTorch's layouts and the
names that our networks give them, so that one file starts every contender from the same point.
"""

from dataclasses import dataclass
from types import SimpleNamespace


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
    def images(self):
        """Whether samples are height, width, channels."""
        return len(self.input) == 3

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
    return [*layers, ("dense", widths[-1])]


def conv(filters, kernel, stride=1, padding=None, bias=True):
    """A convolution; without a padding it keeps the size. `padding`: top, bottom, left, right."""
    kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    if padding is None:
        padding = tuple(k // 2 for k in kernel for _ in range(2))
    return ("conv2d", filters, kernel, stride, padding, bias)


def normalised(*layers):
    """Each layer followed by batch normalisation and relu."""
    return [part for layer in layers for part in (layer, ("batch_norm",), ("relu",))]


def separable(channels, stride=1, bias=True):
    depthwise = ("depthwise_conv2d", (3, 3), stride, (1, 1, 1, 1), bias)
    return ("block", "separable", normalised(depthwise, conv(channels, 1, bias=bias)))


def residual(channels, stride=1):
    main = [*normalised(conv(channels, 3, stride)), conv(channels, 3), ("batch_norm",)]
    skip = [] if stride == 1 else [conv(channels, 1, stride)]
    return ("block", "residual" if stride == 1 else "downsampling", [("add", main, skip), ("relu",)])


def hidden(width):
    return ("block", "hidden", normalised(("dense", width)))


DIGITS = dict(loss="softmax_cross_entropy", optimizer="adam")
LENET = [
    *(conv(6, 5), ("relu",), ("max_pool2d", 2)),
    *(conv(16, 5, padding=(0, 0, 0, 0)), ("relu",), ("max_pool2d", 2)),
    ("flatten",),
    *mlp(120, 84, 10),
]
CNN = [
    *(conv(32, 3), ("relu",), conv(32, 3), ("relu",), ("max_pool2d", 2)),
    *(conv(64, 3), ("relu",), conv(64, 3), ("relu",), ("max_pool2d", 2)),
    ("flatten",),
    *mlp(512, 10),
]
HEAD = ("global_avg_pool2d",)
RESNET_8 = [*normalised(conv(16, 3)), residual(16), residual(32, 2), residual(64, 2), HEAD, ("dense", 10)]
DS_CNN = [*normalised(conv(64, (10, 4), 2, (5, 5, 1, 1))), *[separable(64)] * 4, HEAD, ("dense", 12)]
MOBILENET = [
    *normalised(conv(8, 3, 2, bias=False)),
    *(
        separable(channels, stride, bias=False)
        for channels, stride in [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1)]
    ),
    HEAD,
    ("dense", 2),
]
AUTOENCODER = [*[hidden(128)] * 4, hidden(8), *[hidden(128)] * 4, ("dense", 640)]

XOR = dict(loss="binary_cross_entropy", optimizer="adam", rate=1e-2)
WIDE = dict(loss="softmax_cross_entropy", optimizer="momentum", rate=1e-2)
WORKLOADS = {
    w.name: w
    for w in (
        Workload("xor", (2,), mlp(3, 1, activation="tanh"), train=(4,), infer=(1, 4), **XOR),
        Workload("mlp", (784,), mlp(128, 64, 10), train=(32, 128), infer=(1, 128), **DIGITS),
        Workload("mlp_wide", (784,), mlp(1024, 1024, 10), train=(128,), infer=(1, 128), **WIDE),
        Workload("lenet", (28, 28, 1), LENET, train=(64,), infer=(1, 64), **DIGITS),
        Workload("cnn", (32, 32, 3), CNN, train=(64,), infer=(1, 64), **DIGITS),
        # MLPerf Tiny's four. Where a window moves by two the padding is the same on both sides, for which every
        # framework has its own fast path; keyword spotting is without its dropouts.
        Workload("resnet8", (32, 32, 3), RESNET_8, train=(32,), infer=(1,), **DIGITS),
        Workload("dscnn", (49, 10, 1), DS_CNN, train=(32,), infer=(1,), **DIGITS),
        Workload("mobilenet", (96, 96, 3), MOBILENET, train=(32,), infer=(1,), **DIGITS),
        Workload(
            "autoencoder", (640,), AUTOENCODER, "mean_squared_error", "adam", train=(32,), infer=(1,)
        ),
    )
}


def product(shape):
    """Number of elements."""
    n = 1
    for d in shape:
        n *= d
    return n


class Scope:
    """Our names of layers: the kind, counted from 1 in each block."""

    def __init__(self, prefix=""):
        self.prefix, self.counts = prefix, {}

    def name(self, kind):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{self.prefix}{kind}_{self.counts[kind]}"


def resolve(workload):
    """The layers as nodes: `kind`, `name`, shapes `input` and `output` without the batch, and the layer's own settings;
    blocks dissolved. An `add` has the nodes of its two paths, `main` and `skip`."""
    return _resolve(workload.layers, workload.input, Scope())[0]


def _resolve(layers, shape, scope):
    nodes = []
    for kind, *given in layers:
        if kind == "block":
            inner, shape = _resolve(given[1], shape, Scope(scope.name(given[0]) + "."))
            nodes += inner
            continue
        node = SimpleNamespace(kind=kind, input=shape, name="")
        if kind == "add":
            node.main, output = _resolve(given[0], shape, scope)
            node.skip, _ = _resolve(given[1], shape, scope)
        else:
            node.name = scope.name(kind)
            output = _settle(node, given, shape)
        node.output = shape = output
        nodes.append(node)
    return nodes, shape


def _settle(node, given, shape):
    """Fills in a node's settings and gives its output shape."""
    if node.kind == "dense":
        return (*shape[:-1], given[0])
    if node.kind in ("conv2d", "depthwise_conv2d"):
        depthwise = node.kind == "depthwise_conv2d"
        node.filters = shape[2] if depthwise else given[0]
        node.kernel, node.stride, node.padding, node.bias = given if depthwise else given[1:]
        node.groups = shape[2] if depthwise else 1
        top, bottom, left, right = node.padding
        (kh, kw), s = node.kernel, node.stride
        return ((shape[0] + top + bottom - kh) // s + 1, (shape[1] + left + right - kw) // s + 1, node.filters)
    if node.kind == "max_pool2d":
        node.size = given[0]
        return (shape[0] // given[0], shape[1] // given[0], shape[2])
    if node.kind == "global_avg_pool2d":
        return shape[2:]
    return (product(shape),) if node.kind == "flatten" else shape


def walk(nodes):
    """Every node, those of both paths of an `add` included."""
    for node in nodes:
        if node.kind == "add":
            yield from walk(node.main)
            yield from walk(node.skip)
        yield node


def parameters(workload):
    """`(name, shape in PyTorch's layout, (low, high))` of every tensor and running statistic; the range is what it is
    drawn from: He's bound for weights."""
    found = []
    for node in walk(resolve(workload)):
        if node.kind == "batch_norm":
            shape = (node.input[-1],)
            ranges = {"weight": (0.5, 1.5), "bias": (-0.1, 0.1), "running_mean": (-0.1, 0.1), "running_var": (0.5, 1.5)}
            found += [(f"{node.name}.{part}", shape, range_) for part, range_ in ranges.items()]
        elif node.kind in ("dense", "conv2d", "depthwise_conv2d"):
            outputs, inputs, window = node.output[-1], node.input[-1], ()
            if node.kind != "dense":
                inputs, window = inputs // node.groups, node.kernel
            bound = (6 / (inputs * product(window))) ** 0.5
            found.append((f"{node.name}.weight", (outputs, inputs, *window), (-bound, bound)))
            if getattr(node, "bias", True):
                found.append((f"{node.name}.bias", (outputs,), (-0.1, 0.1)))
    return found


def trainable(name):
    """Whether a tensor has a gradient."""
    return not name.endswith(("running_mean", "running_var"))


def after_images(nodes):
    """Names of the dense layers that read a flattened image, with its shape: where images lie by channels, their
    weights' columns are permuted."""
    found, image = {}, None
    for node in nodes:
        if node.kind == "flatten":
            image = node.input
        elif node.kind == "dense" and image:
            found[node.name], image = image, None
    return found


def outputs(workload):
    """Numbers per sample that the network gives."""
    return resolve(workload)[-1].output[0]
