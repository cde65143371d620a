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
    """Weights as the network below takes them: a dense layer's `[in, out]`, a convolution's `[height, width, in, out]`, a
    depthwise one's `[height, width, channels, 1]`."""
    tensors = dict(weights)
    for node in workloads.walk(workloads.resolve(workload)):
        axes = {"dense": (1, 0), "conv2d": (2, 3, 1, 0), "depthwise_conv2d": (2, 3, 0, 1)}.get(node.kind)
        if axes:
            name = f"{node.name}.weight"
            tensors[name] = numpy.ascontiguousarray(weights[name].transpose(axes))
    return tensors


def convolution(node, p, x):
    # "SAME" pads both sides alike where the window moves by one; elsewhere it does not, and Keras' own MobileNet pads
    # before, as here.
    padding = "SAME" if node.stride == 1 and any(node.padding) else "VALID"
    if node.stride > 1 and any(node.padding):
        top, bottom, left, right = node.padding
        x = tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]])
    convolve = tf.nn.conv2d if node.kind == "conv2d" else tf.nn.depthwise_conv2d
    x = convolve(x, p[f"{node.name}.weight"], strides=[1, node.stride, node.stride, 1], padding=padding)
    return tf.nn.bias_add(x, p[f"{node.name}.bias"]) if node.bias else x


def batch_norm(node, p, x, training):
    """The fused kernel; it gives the new running statistics in training."""
    names = [f"{node.name}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
    flat = len(node.input) == 1
    y, mean, var = tf.compat.v1.nn.fused_batch_norm(
        x[:, None, None, :] if flat else x,
        *(p[name] for name in names),
        epsilon=1e-5,
        is_training=training,
        exponential_avg_factor=0.1 if training else 1.0,
    )
    if training:
        p[names[2]].assign(mean)
        p[names[3]].assign(var)
    return y[:, 0, 0, :] if flat else y


def apply(nodes, p, x, training=False):
    """The nodes of a network over a batch."""
    for node in nodes:
        if node.kind == "add":
            x = apply(node.main, p, x, training) + apply(node.skip, p, x, training)
        elif node.kind == "dense":
            x = tf.nn.bias_add(tf.matmul(x, p[f"{node.name}.weight"]), p[f"{node.name}.bias"])
        elif node.kind in ("conv2d", "depthwise_conv2d"):
            x = convolution(node, p, x)
        elif node.kind == "batch_norm":
            x = batch_norm(node, p, x, training)
        elif node.kind == "max_pool2d":
            x = tf.nn.max_pool2d(x, node.size, node.size, "VALID")
        elif node.kind == "global_avg_pool2d":
            x = tf.reduce_mean(x, (1, 2))
        elif node.kind == "flatten":
            x = tf.reshape(x, (len(x), -1))
        else:
            x = {"relu": tf.nn.relu, "tanh": tf.tanh}[node.kind](x)
    return x


LOSSES = {
    "softmax_cross_entropy": lambda z, y: tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)
    ),
    "binary_cross_entropy": lambda z, y: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z)),
    "mean_squared_error": lambda z, y: tf.reduce_mean(tf.math.squared_difference(z, y)),
}


class Trainer:
    def __init__(self, workload, batch):
        weights, data = serve.tensors(workload)
        self.weights = load(workload, weights)
        p = {k: tf.Variable(v) for k, v in self.weights.items()}
        trainable = {k: v for k, v in p.items() if workloads.trainable(k)}
        zeros = lambda: {k: tf.Variable(tf.zeros_like(v)) for k, v in trainable.items()}
        self.p, self.m, self.v = p, zeros(), zeros()
        self.powers = [tf.Variable(b) for b in (workloads.BETA_1, workloads.BETA_2)]
        x, y = (serve.batches(data.get(name, data["input"]), batch) for name in ("input", "target"))
        self.batches = [(tf.constant(x), tf.constant(y)) for x, y in zip(x, y)]
        nodes, loss = workloads.resolve(workload), LOSSES[workload.loss]

        @tf.function(jit_compile=XLA)
        def step(x, y):
            with tf.GradientTape() as tape:
                value = loss(apply(nodes, p, x, training=True), y)
            gradients = tape.gradient(value, trainable)
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
        for k in self.m:
            self.m[k].assign(tf.zeros_like(self.m[k]))
            self.v[k].assign(tf.zeros_like(self.v[k]))
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
        nodes = workloads.resolve(workload)
        forward = tf.function(lambda x: apply(nodes, p, x), jit_compile=XLA)
        self.forward = forward.get_concrete_function(self.batches[0]) if not XLA else forward

    def run(self, steps):
        for x in itertools.islice(itertools.cycle(self.batches), steps):
            self.forward(x)

    def outputs(self):
        return self.forward(self.batches[0]).numpy()


serve.serve(tf.__version__, Trainer, Predictor)
