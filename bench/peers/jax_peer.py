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
    """Weights as the network below takes them: `[in, out]` for a dense layer."""
    tensors = {}
    for name, _, _ in workloads.parameters(workload):
        w = weights[name]
        tensors[name] = jnp.asarray(numpy.ascontiguousarray(w.T) if name.endswith(".weight") else w)
    return tensors


def network(workload):
    """The workload's layers as a function of parameters and a batch."""

    def apply(p, x):
        counted = workloads.Names()
        for kind, *sizes in workload.layers:
            if kind == "dense":
                name = counted.of("dense")
                x = x @ p[f"{name}.weight"] + p[f"{name}.bias"]
            else:
                x = {"relu": jax.nn.relu, "tanh": jnp.tanh}[kind](x)
        return x

    return apply


def softmax_cross_entropy(z, y):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=-1))


def binary_cross_entropy(z, y):
    return jnp.mean(jax.nn.softplus(z) - z * y)


LOSSES = {"softmax_cross_entropy": softmax_cross_entropy, "binary_cross_entropy": binary_cross_entropy}


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
    apply, loss = network(workload), LOSSES[workload.loss]
    update = adam if workload.optimizer == "adam" else momentum

    def step(state, batch):
        p, s = state
        value, g = jax.value_and_grad(lambda p: loss(apply(p, batch[0]), batch[1]))(p)
        return update(workload.rate, p, g, s), value

    return step


class Trainer:
    def __init__(self, workload, batch):
        weights, data = serve.tensors(workload)
        self.weights = {k: numpy.asarray(v) for k, v in load(workload, weights).items()}
        self.adam = workload.optimizer == "adam"
        x, y = (serve.batches(data[name], batch) for name in ("input", "target"))
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
        p = {k: jnp.array(v, copy=True) for k, v in self.weights.items()}
        zeros = lambda: jax.tree.map(jnp.zeros_like, p)
        self.state = (p, (jnp.zeros((), jnp.int32), zeros(), zeros()) if self.adam else zeros())
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
        self.forward = jax.jit(network(workload))

    def run(self, steps):
        # One prediction at a time: the next begins when the last is there, as with every other contender.
        for x in itertools.islice(itertools.cycle(self.batches), steps):
            self.forward(self.parameters, x).block_until_ready()

    def outputs(self):
        return numpy.asarray(self.forward(self.parameters, self.batches[0]))


serve.serve(jax.__version__, Trainer, None if SCAN else Predictor)
