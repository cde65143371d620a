"""The race's LeNet-5 in PyTorch, set up as `torch_peer.py` says: FOLDER SEED TARGET EPOCHS, prints epochs and accuracy."""

import pathlib
import os
import sys

import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import digits  # noqa: E402

BATCH, RATE = 64, 1e-3
folder, seed, target, epochs = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(int(os.environ.get("NN_BENCH_THREADS", "1")))
torch.set_num_interop_threads(1)
torch.manual_seed(seed)
x, y, test_x, test_y = map(torch.from_numpy, digits.read(folder))
x, test_x, y, test_y = x[:, None], test_x[:, None], y.long(), test_y.long()
net = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(400, 120), nn.ReLU(),
    nn.Linear(120, 84), nn.ReLU(),
    nn.Linear(84, 10),
).to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(net.parameters(), RATE, fused=True)
accuracy = 0.0
for epoch in range(1, epochs + 1):
    order = torch.randperm(len(x))
    for at in range(0, len(x) - BATCH + 1, BATCH):
        rows = order[at : at + BATCH]
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
        optimizer.step()
    with torch.inference_mode():
        accuracy = (net(test_x).argmax(1) == test_y).float().mean().item()
    if accuracy >= target:
        break
print(epoch, accuracy)
