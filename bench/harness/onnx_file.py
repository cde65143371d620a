"""Writes a workload as an ONNX file, for the inference engines. Runs where the `onnx` package is installed:

python -m harness.onnx_file WORKLOAD FOLDER
"""

import pathlib
import sys

import numpy
from onnx import TensorProto, checker, helper, numpy_helper, save

from . import files, workloads


class Graph:
    """Nodes and constants, as they come."""

    def __init__(self, weights, images):
        self.weights, self.images = weights, images
        self.nodes, self.tensors = [], []

    def node(self, op, *inputs, **attributes):
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def constants(self, node, *parts):
        names = []
        for part in parts:
            name = f"{node.name}.{part}"
            if name in self.weights:
                array = self.weights[name]
                if node.name in self.images and part == "weight":
                    # ONNX flattens channels first.
                    array = array.reshape(len(array), *self.images[node.name]).transpose(0, 3, 1, 2)
                    array = array.reshape(len(array), -1)
                self.tensors.append(numpy_helper.from_array(numpy.ascontiguousarray(array), name))
                names.append(name)
        return names

    def apply(self, nodes, x):
        for node in nodes:
            x = self.layer(node, x)
        return x

    def layer(self, node, x):
        if node.kind == "add":
            return self.node("Add", self.apply(node.main, x), self.apply(node.skip, x))
        if node.kind == "dense":
            return self.node("Gemm", x, *self.constants(node, "weight", "bias"), transB=1)
        if node.kind in ("conv2d", "depthwise_conv2d"):
            top, bottom, left, right = node.padding
            sizes = dict(kernel_shape=node.kernel, strides=[node.stride] * 2, group=node.groups)
            constants = self.constants(node, "weight", "bias")
            return self.node("Conv", x, *constants, pads=[top, left, bottom, right], **sizes)
        if node.kind == "batch_norm":
            constants = self.constants(node, "weight", "bias", "running_mean", "running_var")
            return self.node("BatchNormalization", x, *constants, epsilon=1e-5)
        if node.kind == "max_pool2d":
            return self.node("MaxPool", x, kernel_shape=[node.size] * 2, strides=[node.size] * 2)
        if node.kind == "global_avg_pool2d":
            return self.node("Flatten", self.node("GlobalAveragePool", x))
        return self.node({"relu": "Relu", "tanh": "Tanh", "flatten": "Flatten"}[node.kind], x)


def graph(workload, weights):
    """The network as a graph whose first dimension is the batch; images are channels, height, width."""
    nodes = workloads.resolve(workload)
    built = Graph(weights, workloads.after_images(nodes))
    built.apply(nodes, "input")
    built.nodes[-1].output[0] = "output"
    describe = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])
    shape = workload.input if not workload.images else (workload.input[2], *workload.input[:2])
    return helper.make_graph(
        built.nodes,
        workload.name,
        [describe("input", shape)],
        [describe("output", (workloads.outputs(workload),))],
        built.tensors,
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
