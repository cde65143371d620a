"""The race's LeNet-5 in JAX, one jitted step with donated state: FOLDER SEED TARGET EPOCHS, prints epochs and accuracy."""

import os
import pathlib
import sys

os.environ["JAX_PLATFORMS"] = "cpu"
if os.environ.get("NN_BENCH_THREADS", "1") == "1":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import digits, workloads  # noqa: E402

BATCH, RATE = 64, 1e-3
LAYERS = [("c1", (5, 5, 1, 6)), ("c2", (5, 5, 6, 16)), ("d1", (400, 120)), ("d2", (120, 84)), ("d3", (84, 10))]


def initial(key):
    """Glorot's uniform distribution, zeros for the biases."""
    p = {}
    for name, shape in LAYERS:
        key, mine = jax.random.split(key)
        p[name] = jax.nn.initializers.glorot_uniform()(mine, shape), jnp.zeros(shape[-1])
    return p


def apply(p, x):
    for name, padding in (("c1", "SAME"), ("c2", "VALID")):
        w, b = p[name]
        x = jax.lax.conv_general_dilated(x, w, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.lax.reduce_window(jax.nn.relu(x + b), -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = x.reshape(len(x), -1)
    for name in ("d1", "d2"):
        x = jax.nn.relu(x @ p[name][0] + p[name][1])
    return x @ p["d3"][0] + p["d3"][1]


def loss(p, x, y):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(apply(p, x)), y[:, None], axis=-1))


def step(state, x, y):
    p, n, m, v = state
    g, n = jax.grad(loss)(p, x, y), n + 1
    m = jax.tree.map(lambda m, g: workloads.BETA_1 * m + (1 - workloads.BETA_1) * g, m, g)
    v = jax.tree.map(lambda v, g: workloads.BETA_2 * v + (1 - workloads.BETA_2) * g * g, v, g)
    c1, c2 = 1 - workloads.BETA_1**n, 1 - workloads.BETA_2**n
    p = jax.tree.map(lambda p, m, v: p - RATE * (m / c1) / (jnp.sqrt(v / c2) + workloads.EPSILON), p, m, v)
    return p, n, m, v


folder, seed, target, epochs = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
x, y, test_x, test_y = digits.read(folder)
x, test_x = x[..., None], test_x[..., None]
order = numpy.random.default_rng(seed)
p = initial(jax.random.key(seed))
zeros = lambda: jax.tree.map(jnp.zeros_like, p)
state = p, jnp.zeros(()), zeros(), zeros()
step = jax.jit(step, donate_argnums=0)
right = jax.jit(lambda p, x, y: jnp.mean(apply(p, x).argmax(1) == y))
accuracy = 0.0
for epoch in range(1, epochs + 1):
    rows = order.permutation(len(x))
    for at in range(0, len(x) - BATCH + 1, BATCH):
        batch = rows[at : at + BATCH]
        state = step(state, x[batch], y[batch])
    accuracy = float(right(state[0], test_x, test_y))
    if accuracy >= target:
        break
print(epoch, accuracy)
