"""TensorFlow on the CPU: the whole training step in one `tf.function`, with XLA if asked (`--xla`).

As its guides say for speed: one traced function, no Python inside, the optimizer's fused kernels.
"""

import itertools
import os
import sys

import serve

XLA = "--xla" in sys.argv
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy  # noqa: E402
import tensorflow as tf  # noqa: E402

from harness import workloads  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(serve.THREADS)
tf.config.threading.set_inter_op_parallelism_threads(1)


def load(workload, weights):
    """Weights as the network below takes them: `[in, out]` for a dense layer."""
    tensors = {}
    for name, _, _ in workloads.parameters(workload):
        w = weights[name]
        tensors[name] = numpy.ascontiguousarray(w.T) if name.endswith(".weight") else w
    return tensors


def network(workload):
    """The workload's layers as a function of parameters and a batch."""

    def apply(p, x):
        counted = workloads.Names()
        for kind, *sizes in workload.layers:
            if kind == "dense":
                name = counted.of("dense")
                x = tf.nn.bias_add(tf.matmul(x, p[f"{name}.weight"]), p[f"{name}.bias"])
            else:
                x = {"relu": tf.nn.relu, "tanh": tf.tanh}[kind](x)
        return x

    return apply


LOSSES = {
    "softmax_cross_entropy": lambda z, y: tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)
    ),
    "binary_cross_entropy": lambda z, y: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z)),
}


class Trainer:
    def __init__(self, workload, batch):
        weights, data = serve.tensors(workload)
        self.weights = load(workload, weights)
        p = {k: tf.Variable(v) for k, v in self.weights.items()}
        zeros = lambda: {k: tf.Variable(tf.zeros_like(v)) for k, v in p.items()}
        self.p, self.m, self.v = p, zeros(), zeros()
        self.powers = [tf.Variable(b) for b in (workloads.BETA_1, workloads.BETA_2)]
        x, y = (serve.batches(data[name], batch) for name in ("input", "target"))
        self.batches = [(tf.constant(x), tf.constant(y)) for x, y in zip(x, y)]
        apply, loss = network(workload), LOSSES[workload.loss]

        @tf.function(jit_compile=XLA)
        def step(x, y):
            with tf.GradientTape() as tape:
                value = loss(apply(p, x), y)
            gradients = tape.gradient(value, p)
            for k, g in gradients.items():
                if workload.optimizer == "adam":
                    tf.raw_ops.ResourceApplyAdam(
                        var=p[k].handle,
                        m=self.m[k].handle,
                        v=self.v[k].handle,
                        beta1_power=self.powers[0],
                        beta2_power=self.powers[1],
                        lr=workload.rate,
                        beta1=workloads.BETA_1,
                        beta2=workloads.BETA_2,
                        epsilon=workloads.EPSILON,
                        grad=g,
                    )
                else:
                    tf.raw_ops.ResourceApplyMomentum(
                        var=p[k].handle, accum=self.m[k].handle, lr=workload.rate, grad=g, momentum=workloads.MOMENTUM
                    )
            if workload.optimizer == "adam":
                self.powers[0].assign(self.powers[0] * workloads.BETA_1)
                self.powers[1].assign(self.powers[1] * workloads.BETA_2)
            return value

        # The concrete function skips the look-up of the signature on every call.
        self.step = step.get_concrete_function(*self.batches[0]) if not XLA else step
        self.reset()

    def reset(self):
        for k, w in self.weights.items():
            self.p[k].assign(w)
            self.m[k].assign(tf.zeros_like(w))
            self.v[k].assign(tf.zeros_like(w))
        self.powers[0].assign(workloads.BETA_1)
        self.powers[1].assign(workloads.BETA_2)
        self.next = itertools.cycle(self.batches)

    def loss(self):
        return float(self.step(*next(self.next)))

    def run(self, steps):
        for _ in range(steps):
            loss = self.step(*next(self.next))
        loss.numpy()


class Predictor:
    def __init__(self, workload, batch):
        weights, data = serve.tensors(workload)
        p = {k: tf.constant(w) for k, w in load(workload, weights).items()}
        self.batches = [tf.constant(x) for x in serve.batches(data["input"], batch)]
        forward = tf.function(lambda x: network(workload)(p, x), jit_compile=XLA)
        self.forward = forward.get_concrete_function(self.batches[0]) if not XLA else forward

    def run(self, steps):
        for x in itertools.islice(itertools.cycle(self.batches), steps):
            self.forward(x)

    def outputs(self):
        return self.forward(self.batches[0]).numpy()


serve.serve(tf.__version__, Trainer, Predictor)
