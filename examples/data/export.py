"""Writes the data sets beside this script from the copies that scikit-learn ships.

    pip install scikit-learn
    python examples/data/export.py

Made with scikit-learn 1.9.1. Running it again gives the same bytes.
"""

import gzip
import pathlib
import random
import struct

import numpy as np
from sklearn.datasets import load_diabetes, load_digits, load_iris

HERE = pathlib.Path(__file__).resolve().parent


def write_idx(path, array):
    """IDX of unsigned bytes, as MNIST is published, gzipped without name and time so that the bytes repeat."""
    header = struct.pack(">HBB", 0, 0x08, array.ndim)
    header += b"".join(struct.pack(">I", n) for n in array.shape)
    body = header + array.astype(np.uint8).tobytes()
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped:
        zipped.write(body)


def number(x):
    """The shortest decimal text: 5.1, 39, 4.8598."""
    return repr(int(x)) if float(x).is_integer() else repr(round(float(x), 6))


def write_csv(path, header, rows):
    path.write_text("".join(",".join(row) + "\n" for row in [header, *rows]))


def spoil(rows, seed, features, share, marks, repeats):
    """Empties about `share` of the feature cells with one of `marks` and repeats some rows at the end."""
    dice = random.Random(seed)
    spoiled = [
        [dice.choice(marks) if i < features and dice.random() < share else cell for i, cell in enumerate(row)]
        for row in rows
    ]
    return spoiled + [list(spoiled[i]) for i in dice.sample(range(len(rows)), repeats)]


def digits():
    data = load_digits()
    write_idx(HERE / "digits/images-idx3-ubyte.gz", data.images)
    write_idx(HERE / "digits/labels-idx1-ubyte.gz", data.target)


def iris():
    data = load_iris()
    header = ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    rows = [
        [*map(number, x), str(data.target_names[y])] for x, y in zip(data.data, data.target, strict=True)
    ]
    write_csv(HERE / "iris/iris.csv", header, rows)
    spoiled = spoil(rows, seed=1, features=4, share=0.03, marks=["", "NA"], repeats=3)
    write_csv(HERE / "iris/iris_missing.csv", header, spoiled)


def diabetes():
    data = load_diabetes(scaled=False)
    header = [*data.feature_names, "progression"]
    rows = [[*map(number, x), number(y)] for x, y in zip(data.data, data.target, strict=True)]
    write_csv(HERE / "diabetes/diabetes.csv", header, rows)
    spoiled = spoil(rows, seed=2, features=10, share=0.02, marks=["", "?"], repeats=5)
    write_csv(HERE / "diabetes/diabetes_missing.csv", header, spoiled)


if __name__ == "__main__":
    digits()
    iris()
    diabetes()
