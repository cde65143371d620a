"""Weights and data that all contenders read: safetensors, written and read here without any package."""

import array
import json
import pathlib
import random
import struct

from . import workloads


def write(path, tensors):
    """Writes `{name: (dtype, shape, array.array)}`; `dtype` is `F32` or `I32`."""
    header, blob = {}, bytearray()
    for name, (dtype, shape, data) in tensors.items():
        start = len(blob)
        blob += data.tobytes()
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, len(blob)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    partial = path.with_suffix(".partial")
    partial.write_bytes(struct.pack("<Q", len(text)) + text + blob)
    partial.rename(path)


def read(path):
    """`{name: (dtype, shape, bytes)}`."""
    content = memoryview(pathlib.Path(path).read_bytes())
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(bytes(content[8 : 8 + length]))
    body = content[8 + length :]
    return {
        name: (t["dtype"], tuple(t["shape"]), body[t["data_offsets"][0] : t["data_offsets"][1]])
        for name, t in header.items()
        if name != "__metadata__"
    }


def paths(folder, workload):
    """Where a workload's weights and data lie."""
    return folder / f"{workload.name}.weights.safetensors", folder / f"{workload.name}.data.safetensors"


def prepare(folder, workload):
    """Writes both files unless they are there: weights uniform, inputs in [0, 1), random targets."""
    weights, data = paths(folder, workload)
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(workload.name)
    if not weights.exists():
        tensors = {}
        for name, shape, (low, high) in workloads.parameters(workload):
            values = (rng.uniform(low, high) for _ in range(workloads.product(shape)))
            tensors[name] = ("F32", shape, array.array("f", values))
        write(weights, tensors)
    if not data.exists():
        write(data, samples(workload, rng))


def samples(workload, rng):
    """`input`, and `target`, but where the input is its own."""
    n = workload.samples
    if workload.name == "xor":
        return {
            "input": ("F32", (4, 2), array.array("f", [0, 0, 0, 1, 1, 0, 1, 1])),
            "target": ("F32", (4, 1), array.array("f", [0, 1, 1, 0])),
        }
    count = n * workloads.product(workload.input)
    tensors = {"input": ("F32", (n, *workload.input), array.array("f", (rng.random() for _ in range(count))))}
    if workload.loss == "softmax_cross_entropy":
        classes = workloads.outputs(workload)
        tensors["target"] = ("I32", (n,), array.array("i", (rng.randrange(classes) for _ in range(n))))
    return tensors
