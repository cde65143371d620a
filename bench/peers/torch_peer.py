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




def model(workload):
    """`nn.Sequential` of the workload's layers, with the names of the file's tensors in order."""
    modules, names, shape = [], [], workload.input
    counted = workloads.Names()
    for kind, *sizes in workload.layers:
        if kind == "dense":
            modules.append(nn.Linear(shape[-1], sizes[0]))
            names.append(counted.of("dense"))
            shape = (*shape[:-1], sizes[0])
        else:
            modules.append({"relu": nn.ReLU, "tanh": nn.Tanh}[kind]())
    return nn.Sequential(*modules), names


def load(net, names, weights):
    """Puts the file's weights into the modules that have any, which come in the file's order."""
    owners = [m for m in net.modules() if list(m.parameters(recurse=False))]
    with torch.no_grad():
        for owner, name in zip(owners, names, strict=True):
            owner.weight.copy_(torch.from_numpy(weights[f"{name}.weight"]))
            owner.bias.copy_(torch.from_numpy(weights[f"{name}.bias"]))


LOSSES = {
    "softmax_cross_entropy": nn.functional.cross_entropy,
    "binary_cross_entropy": nn.functional.binary_cross_entropy_with_logits,
}


class Trainer:
    def __init__(self, workload, batch):
        self.workload = workload
        self.weights, data = serve.tensors(workload)
        self.net, self.names = model(workload)
        self.net.train()
        target = torch.from_numpy(data["target"])
        if workload.loss == "softmax_cross_entropy":
            target = target.long()
        x = torch.from_numpy(data["input"])
        self.batches = list(zip(serve.batches(x, batch), serve.batches(target, batch)))
        loss = LOSSES[workload.loss]
        self.forward = lambda x, y: loss(self.net(x), y)
        if COMPILED:
            self.forward = torch.compile(self.forward)
        self.reset()

    def reset(self):
        load(self.net, self.names, self.weights)
        parameters = self.net.parameters()
        if self.workload.optimizer == "adam":
            self.optimizer = torch.optim.Adam(
                parameters,
                self.workload.rate,
                (workloads.BETA_1, workloads.BETA_2),
                workloads.EPSILON,
                fused=True,
            )
        else:
            self.optimizer = torch.optim.SGD(parameters, self.workload.rate, workloads.MOMENTUM, fused=True)
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
        net, names = model(workload)
        load(net, names, weights)
        net.eval()
        self.batches = serve.batches(torch.from_numpy(data["input"]), batch)
        self.forward = torch.compile(net) if COMPILED else net

    def run(self, steps):
        with torch.inference_mode():
            for x in itertools.islice(itertools.cycle(self.batches), steps):
                self.forward(x)

    def outputs(self):
        with torch.inference_mode():
            return self.forward(self.batches[0]).numpy()


serve.serve(torch.__version__, Trainer, Predictor)
