"""JAX on the CPU: one jitted training step whose state is donated (`jax`), or all steps of a run in one compiled
`lax.scan` over the batches (`--scan`), which no Python touches."""

import itertools
import os
import sys

import serve

SCAN = "--scan" in sys.argv
os.environ["JAX_PLATFORMS"] = "cpu"
if serve.THREADS == 1:
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy  # noqa: E402

from harness import workloads  # noqa: E402


def load(workload, weights):
    """Weights as the network below takes them: a dense layer's `[in, out]`, a convolution's `[height, width, in, out]`."""
    axes = {2: (1, 0), 4: (2, 3, 1, 0)}
    turn = lambda name, w: w.transpose(axes[w.ndim]) if name.endswith(".weight") and w.ndim in axes else w
    return {name: jnp.asarray(numpy.ascontiguousarray(turn(name, w))) for name, w in weights.items()}


def convolution(node, p, x):
    top, bottom, left, right = node.padding
    x = jax.lax.conv_general_dilated(
        x,
        p[f"{node.name}.weight"],
        (node.stride, node.stride),
        ((top, bottom), (left, right)),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        feature_group_count=node.groups,
    )
    return x + p[f"{node.name}.bias"] if node.bias else x


def batch_norm(node, p, x, running):
    """With the batch's statistics where `running` collects the new running ones, with the running ones elsewhere."""
    mean, var = p[f"{node.name}.running_mean"], p[f"{node.name}.running_var"]
    if running is not None:
        axes = tuple(range(x.ndim - 1))
        n = x.size // x.shape[-1]
        batch_mean, batch_var = x.mean(axes), x.var(axes)
        running[f"{node.name}.running_mean"] = 0.9 * mean + 0.1 * batch_mean
        running[f"{node.name}.running_var"] = 0.9 * var + 0.1 * batch_var * (n / (n - 1))
        mean, var = batch_mean, batch_var
    scale = p[f"{node.name}.weight"] * jax.lax.rsqrt(var + 1e-5)
    return (x - mean) * scale + p[f"{node.name}.bias"]


def apply(nodes, p, x, running=None):
    """The nodes of a network over a batch."""
    for node in nodes:
        if node.kind == "add":
            x = apply(node.main, p, x, running) + apply(node.skip, p, x, running)
        elif node.kind == "dense":
            x = x @ p[f"{node.name}.weight"] + p[f"{node.name}.bias"]
        elif node.kind in ("conv2d", "depthwise_conv2d"):
            x = convolution(node, p, x)
        elif node.kind == "batch_norm":
            x = batch_norm(node, p, x, running)
        elif node.kind == "max_pool2d":
            window = (1, node.size, node.size, 1)
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")
        elif node.kind == "global_avg_pool2d":
            x = x.mean((1, 2))
        elif node.kind == "flatten":
            x = x.reshape(len(x), -1)
        else:
            x = {"relu": jax.nn.relu, "tanh": jnp.tanh}[node.kind](x)
    return x


def softmax_cross_entropy(z, y):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=-1))


def binary_cross_entropy(z, y):
    return jnp.mean(jax.nn.softplus(z) - z * y)


LOSSES = {
    "softmax_cross_entropy": softmax_cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "mean_squared_error": lambda z, y: jnp.mean((z - y) ** 2),
}


def adam(rate, p, g, state):
    """Kingma and Ba, algorithm 1."""
    step, m, v = state
    step = step + 1
    m = jax.tree.map(lambda m, g: workloads.BETA_1 * m + (1 - workloads.BETA_1) * g, m, g)
    v = jax.tree.map(lambda v, g: workloads.BETA_2 * v + (1 - workloads.BETA_2) * g * g, v, g)
    c1 = 1 - workloads.BETA_1 ** step.astype(jnp.float32)
    c2 = 1 - workloads.BETA_2 ** step.astype(jnp.float32)
    p = jax.tree.map(lambda p, m, v: p - rate * (m / c1) / (jnp.sqrt(v / c2) + workloads.EPSILON), p, m, v)
    return p, (step, m, v)


def momentum(rate, p, g, state):
    m = jax.tree.map(lambda m, g: workloads.MOMENTUM * m + g, state, g)
    return jax.tree.map(lambda p, m: p - rate * m, p, m), m


def step_of(workload):
    nodes, loss = workloads.resolve(workload), LOSSES[workload.loss]
    update = adam if workload.optimizer == "adam" else momentum

    def step(state, batch):
        p, running, s = state

        def value(p):
            statistics = {}
            return loss(apply(nodes, p | running, batch[0], statistics), batch[1]), statistics

        (value, running), g = jax.value_and_grad(value, has_aux=True)(p)
        p, s = update(workload.rate, p, g, s)
        return (p, running, s), value

    return step


def start(workload, parameters):
    """The state of a training that begins with these parameters and running statistics."""
    p = {k: v for k, v in parameters.items() if workloads.trainable(k)}
    running = {k: v for k, v in parameters.items() if not workloads.trainable(k)}
    zeros = lambda: jax.tree.map(jnp.zeros_like, p)
    adam = workload.optimizer == "adam"
    return p, running, (jnp.zeros((), jnp.int32), zeros(), zeros()) if adam else zeros()


class Trainer:
    def __init__(self, workload, batch):
        weights, data = serve.tensors(workload)
        self.weights = {k: numpy.asarray(v) for k, v in load(workload, weights).items()}
        self.workload = workload
        x, y = (serve.batches(data.get(name, data["input"]), batch) for name in ("input", "target"))
        self.batches = [(jnp.asarray(x), jnp.asarray(y)) for x, y in zip(x, y)]
        step = step_of(workload)
        self.step = jax.jit(step, donate_argnums=0)
        all_x, all_y = jnp.asarray(numpy.stack(x)), jnp.asarray(numpy.stack(y))
        n = len(x)

        def scan(state, steps):
            body = lambda i, state: step(state, (all_x[i % n], all_y[i % n]))[0]
            return jax.lax.fori_loop(0, steps, body, state)

        self.scan = jax.jit(scan, donate_argnums=0)
        self.reset()

    def reset(self):
        # Copies: what is donated must not alias the arrays of NumPy.
        copy = {k: jnp.array(v, copy=True) for k, v in self.weights.items()}
        self.state = start(self.workload, copy)
        self.state = jax.block_until_ready(self.state)
        self.next = itertools.cycle(self.batches)

    def loss(self):
        self.state, loss = self.step(self.state, next(self.next))
        return float(loss)

    def run(self, steps):
        if SCAN:
            self.state = jax.block_until_ready(self.scan(self.state, steps))
            return
        for _ in range(steps):
            self.state, loss = self.step(self.state, next(self.next))
        jax.block_until_ready((self.state, loss))


class Predictor:
    def __init__(self, workload, batch):
        weights, data = serve.tensors(workload)
        self.parameters = load(workload, weights)
        self.batches = [jnp.asarray(x) for x in serve.batches(data["input"], batch)]
        nodes = workloads.resolve(workload)
        self.forward = jax.jit(lambda p, x: apply(nodes, p, x))

    def run(self, steps):
        # One prediction at a time: the next begins when the last is there, as with every other contender.
        for x in itertools.islice(itertools.cycle(self.batches), steps):
            self.forward(self.parameters, x).block_until_ready()

    def outputs(self):
        return numpy.asarray(self.forward(self.parameters, self.batches[0]))


if __name__ == "__main__":
    serve.serve(jax.__version__, Trainer, None if SCAN else Predictor)
