"""The race's LeNet-5 in JAX, the step of `jax_peer.py`: FOLDER SEED TARGET EPOCHS, prints epochs and accuracy."""

import sys

from jax_peer import apply, load, start, step_of
from harness import digits, workloads

import jax
import jax.numpy as jnp
import numpy

LENET = workloads.WORKLOADS["lenet"]
(BATCH,) = LENET.train


def initial(key):
    """Glorot's uniform distribution, zeros for the biases."""
    glorot = jax.nn.initializers.glorot_uniform(in_axis=1, out_axis=0)
    parameters = {}
    for name, shape, _ in workloads.parameters(LENET):
        key, mine = jax.random.split(key)
        parameters[name] = numpy.asarray(glorot(mine, shape)) if len(shape) > 1 else numpy.zeros(shape, numpy.float32)
    return load(LENET, parameters)


folder, seed, target, epochs = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
x, y, test_x, test_y = digits.read(folder)
x, test_x = x[..., None], test_x[..., None]
order = numpy.random.default_rng(seed)
state = start(LENET, initial(jax.random.key(seed)))
step = jax.jit(step_of(LENET), donate_argnums=0)
nodes = workloads.resolve(LENET)
right = jax.jit(lambda p, x, y: jnp.mean(apply(nodes, p, x).argmax(1) == y))
accuracy = 0.0
for epoch in range(1, epochs + 1):
    rows = order.permutation(len(x))
    for at in range(0, len(x) - BATCH + 1, BATCH):
        batch = rows[at : at + BATCH]
        state, _ = step(state, (x[batch], y[batch]))
    accuracy = float(right(state[0], test_x, test_y))
    if accuracy >= target:
        break
print(epoch, accuracy)
