"""MNIST's files (`train-images-idx3-ubyte`, …), and the shipped digits in their form."""

import gzip
import pathlib
import random
import struct

SHIPPED = pathlib.Path(__file__).resolve().parent.parent.parent / "examples" / "data" / "digits"
NAMES = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
SIDE, INNER, SHIPPED_SIDE = 28, 20, 8


def positions():
    """Of each of 20 pixels: the two of 8 that it lies between, and how near the second one is. Pixel centres at halves."""
    for i in range(INNER):
        at = min(max((i + 0.5) * SHIPPED_SIDE / INNER - 0.5, 0.0), SHIPPED_SIDE - 1.0)
        low = min(int(at), SHIPPED_SIDE - 2)
        yield low, at - low


def enlarged(image, scale):
    """8 x 8 pixels as 20 x 20 in the middle of 28 x 28, as MNIST has its digits."""
    large = bytearray(SIDE * SIDE)
    border = (SIDE - INNER) // 2
    for i, (r, v) in enumerate(positions()):
        for j, (c, h) in enumerate(positions()):
            corners = [image[(r + a) * SHIPPED_SIDE + c + b] for a in (0, 1) for b in (0, 1)]
            top, bottom = (corners[k] * (1 - h) + corners[k + 1] * h for k in (0, 2))
            large[(border + i) * SIDE + border + j] = round(scale * (top * (1 - v) + bottom * v))
    return bytes(large)


def write_shipped(folder):
    """The shipped digits, four fifths for training, as MNIST's files; once."""
    folder.mkdir(parents=True, exist_ok=True)
    if all((folder / name).exists() for name in NAMES):
        return
    pixels = gzip.decompress((SHIPPED / "images-idx3-ubyte.gz").read_bytes())[16:]
    labels = gzip.decompress((SHIPPED / "labels-idx1-ubyte.gz").read_bytes())[8:]
    size = SHIPPED_SIDE * SHIPPED_SIDE
    scale = 255 / max(pixels)
    images = [enlarged(pixels[i * size : (i + 1) * size], scale) for i in range(len(labels))]
    order = list(range(len(labels)))
    random.Random(0).shuffle(order)
    cut = len(order) * 4 // 5
    for part, rows in (("train", order[:cut]), ("t10k", order[cut:])):
        header = struct.pack(">IIII", 0x803, len(rows), SIDE, SIDE)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(header + b"".join(images[i] for i in rows))
        header = struct.pack(">II", 0x801, len(rows))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + bytes(labels[i] for i in rows))


def read(folder):
    """Training images, labels, test images, labels as NumPy arrays: images from 0 to 1, 28 x 28."""
    import numpy

    result = []
    for name in NAMES:
        data = numpy.frombuffer((pathlib.Path(folder) / name).read_bytes(), numpy.uint8)
        images = "images" in name
        data = data[16:].reshape(-1, SIDE, SIDE) if images else data[8:]
        result.append(data.astype(numpy.float32) / 255 if images else data.astype(numpy.int32))
    return result
