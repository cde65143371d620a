"""PyTorch on the CPU, eager or compiled (`--compile`).

As its guides say for speed: fused Adam, `zero_grad(set_to_none=True)`, inference mode, channels-last images; compiled:
`torch.compile` over model and loss, and frozen weights for inference.
"""

import itertools
import os
import sys

COMPILED = "--compile" in sys.argv
if COMPILED:
    os.environ.setdefault("TORCHINDUCTOR_FREEZING", "1")

import torch  # noqa: E402
from torch import nn  # noqa: E402

import serve  # noqa: E402
from harness import workloads  # noqa: E402

torch.set_num_threads(serve.THREADS)
torch.set_num_interop_threads(1)


class Add(nn.Module):
    """The sum of two paths from the same input."""

    def __init__(self, main, skip):
        super().__init__()
        self.main, self.skip = main, skip

    def forward(self, x):
        return self.main(x) + self.skip(x)


class Mean(nn.Module):
    """The mean of an image's pixels."""

    def forward(self, x):
        return x.mean((2, 3))


def convolution(node):
    top, bottom, left, right = node.padding
    assert top == bottom and left == right, "PyTorch pads both sides alike"
    sizes = dict(stride=node.stride, padding=(top, left), groups=node.groups, bias=node.bias)
    return nn.Conv2d(node.input[2], node.filters, node.kernel, **sizes)


MODULES = {
    "dense": lambda node: nn.Linear(node.input[-1], node.output[-1]),
    "conv2d": convolution,
    "depthwise_conv2d": convolution,
    "batch_norm": lambda node: (nn.BatchNorm2d if len(node.input) == 3 else nn.BatchNorm1d)(node.input[-1]),
    "max_pool2d": lambda node: nn.MaxPool2d(node.size),
    "global_avg_pool2d": lambda node: Mean(),
    "flatten": lambda node: nn.Flatten(),
    "relu": lambda node: nn.ReLU(),
    "tanh": lambda node: nn.Tanh(),
}


def sequence(nodes, owners):
    """The nodes as modules; `owners` gets those with tensors by our names."""
    modules = []
    for node in nodes:
        if node.kind == "add":
            skip = sequence(node.skip, owners) if node.skip else nn.Identity()
            modules.append(Add(sequence(node.main, owners), skip))
            continue
        modules.append(MODULES[node.kind](node))
        if modules[-1].state_dict():
            owners[node.name] = modules[-1]
    return nn.Sequential(*modules)


def model(workload):
    """The network, channels last, and its modules by name."""
    owners = {}
    net = sequence(workloads.resolve(workload), owners)
    return net.to(memory_format=torch.channels_last), owners


def load(workload, owners, weights):
    """Puts the file's weights into the modules."""
    images = workloads.after_images(workloads.resolve(workload))
    with torch.no_grad():
        for name, value in weights.items():
            layer, part = name.rsplit(".", 1)
            value = torch.from_numpy(value)
            if layer in images and part == "weight":
                # PyTorch flattens channels first.
                value = value.unflatten(1, images[layer]).permute(0, 3, 1, 2).flatten(1)
            getattr(owners[layer], part).copy_(value)


def inputs(workload, data):
    """Samples as the network takes them: images as a channels-last view."""
    x = torch.from_numpy(data["input"])
    return x.permute(0, 3, 1, 2) if workload.images else x


LOSSES = {
    "softmax_cross_entropy": nn.functional.cross_entropy,
    "binary_cross_entropy": nn.functional.binary_cross_entropy_with_logits,
    "mean_squared_error": nn.functional.mse_loss,
}


def optimizer(workload, parameters):
    """The rule of the table."""
    if workload.optimizer == "adam":
        betas = workloads.BETA_1, workloads.BETA_2
        return torch.optim.Adam(parameters, workload.rate, betas, workloads.EPSILON, fused=True)
    return torch.optim.SGD(parameters, workload.rate, workloads.MOMENTUM, fused=True)


class Trainer:
    def __init__(self, workload, batch):
        self.workload = workload
        self.weights, data = serve.tensors(workload)
        self.net, self.owners = model(workload)
        self.net.train()
        x = inputs(workload, data)
        target = torch.from_numpy(data["target"]) if "target" in data else x
        if workload.loss == "softmax_cross_entropy":
            target = target.long()
        self.batches = list(zip(serve.batches(x, batch), serve.batches(target, batch)))
        loss = LOSSES[workload.loss]
        self.forward = lambda x, y: loss(self.net(x), y)
        if COMPILED:
            self.forward = torch.compile(self.forward)
        self.reset()

    def reset(self):
        load(self.workload, self.owners, self.weights)
        self.optimizer = optimizer(self.workload, self.net.parameters())
        self.next = itertools.cycle(self.batches)

    def step(self):
        x, y = next(self.next)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward(x, y)
        loss.backward()
        self.optimizer.step()
        return loss

    def loss(self):
        return self.step().item()

    def run(self, steps):
        for _ in range(steps):
            loss = self.step()
        loss.item()


class Predictor:
    def __init__(self, workload, batch):
        weights, data = serve.tensors(workload)
        net, owners = model(workload)
        load(workload, owners, weights)
        net.eval()
        self.batches = serve.batches(inputs(workload, data), batch)
        self.forward = torch.compile(net) if COMPILED else net

    def run(self, steps):
        with torch.inference_mode():
            for x in itertools.islice(itertools.cycle(self.batches), steps):
                self.forward(x)

    def outputs(self):
        with torch.inference_mode():
            return self.forward(self.batches[0]).numpy()


if __name__ == "__main__":
    serve.serve(torch.__version__, Trainer, Predictor)
