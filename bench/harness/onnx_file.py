"""Writes a workload as an ONNX file, for the inference engines. Runs where the `onnx` package is installed:

python -m harness.onnx_file WORKLOAD FOLDER
"""

import pathlib
import sys

import numpy
from onnx import TensorProto, checker, helper, numpy_helper, save

from . import files, workloads


def graph(workload, weights):
    """The network as a graph whose first dimension is the batch."""
    nodes, tensors, counted = [], [], workloads.Names()
    value = "input"

    def node(op, *inputs, **attributes):
        nonlocal value
        out = f"v{len(nodes)}"
        nodes.append(helper.make_node(op, [value, *inputs], [out], **attributes))
        value = out

    def constant(name, array):
        tensors.append(numpy_helper.from_array(numpy.ascontiguousarray(array), name))
        return name

    for kind, *sizes in workload.layers:
        if kind == "dense":
            name = counted.of("dense")
            w, b = (weights[f"{name}.{part}"] for part in ("weight", "bias"))
            node("Gemm", constant(f"{name}.weight", w), constant(f"{name}.bias", b), transB=1)
        else:
            node({"relu": "Relu", "tanh": "Tanh"}[kind])
    nodes[-1].output[0] = "output"
    describe = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])
    return helper.make_graph(
        nodes,
        workload.name,
        [describe("input", workload.input)],
        [describe("output", (workloads.outputs(workload),))],
        tensors,
    )


def main():
    workload, folder = workloads.WORKLOADS[sys.argv[1]], pathlib.Path(sys.argv[2])
    path, _ = files.paths(folder, workload)
    weights = {n: numpy.frombuffer(b, numpy.float32).reshape(s) for n, (_, s, b) in files.read(path).items()}
    model = helper.make_model(graph(workload, weights), opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    partial = folder / f"{workload.name}.onnx.partial"
    save(model, partial)
    partial.rename(folder / f"{workload.name}.onnx")


if __name__ == "__main__":
    main()
