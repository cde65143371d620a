"""The race's LeNet-5 in PyTorch, set up as in `torch_peer.py`: FOLDER SEED TARGET EPOCHS, prints epochs and accuracy."""

import sys

import torch

from torch_peer import LOSSES, model, optimizer
from harness import digits, workloads

LENET = workloads.WORKLOADS["lenet"]
(BATCH,) = LENET.train
folder, seed, target, epochs = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
torch.manual_seed(seed)
x, y, test_x, test_y = map(torch.from_numpy, digits.read(folder))
x, test_x, y, test_y = x[:, None], test_x[:, None], y.long(), test_y.long()
net, _ = model(LENET)
loss, update = LOSSES[LENET.loss], optimizer(LENET, net.parameters())
accuracy = 0.0
for epoch in range(1, epochs + 1):
    order = torch.randperm(len(x))
    for at in range(0, len(x) - BATCH + 1, BATCH):
        rows = order[at : at + BATCH]
        update.zero_grad(set_to_none=True)
        loss(net(x[rows]), y[rows]).backward()
        update.step()
    with torch.inference_mode():
        accuracy = (net(test_x).argmax(1) == test_y).float().mean().item()
    if accuracy >= target:
        break
print(epoch, accuracy)
