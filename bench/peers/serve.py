"""The line protocol, for contenders in Python.

A contender is asked on its standard input and answers on its standard output, one line each:

    ready VERSION                         said once, unasked
    WORKLOAD train|infer BATCH STEPS   -> microseconds per step
    WORKLOAD losses BATCH STEPS        -> the losses of the first STEPS training steps, from the file's weights
    WORKLOAD outputs BATCH STEPS       -> the network's outputs for the first STEPS samples of the first batch
    anything else                      -> error TEXT
"""

import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import files, workloads  # noqa: E402

THREADS = int(os.environ.get("NN_BENCH_THREADS", "1"))
# Processor time of all threads, where asked for: what others do on the machine counts less.
CLOCK = time.process_time if os.environ.get("NN_BENCH_CLOCK") == "cpu" else time.perf_counter
DATA = pathlib.Path(os.environ["NN_BENCH_DATA"])


def tensors(workload):
    """Weights and data as NumPy arrays."""
    import numpy

    dtypes = {"F32": numpy.float32, "I32": numpy.int32}
    return [
        {name: numpy.frombuffer(b, dtypes[d]).reshape(s).copy() for name, (d, s, b) in files.read(path).items()}
        for path in files.paths(DATA, workload)
    ]


def batches(array, size):
    """The batches that a run cycles through."""
    count = min(workloads.BATCHES, len(array) // size)
    return [array[i * size : (i + 1) * size] for i in range(count)]


def serve(version, trainer, predictor):
    """Answers until the input ends.

    `trainer(workload, batch)` has `reset()`, `run(steps)` and `loss()` (one step, its loss); `predictor(workload, batch)`
    has `run(steps)` and `outputs()` of the first batch. `run` comes back when the work is done.
    """
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not disturb the protocol
    sessions = {}

    def answer(line):
        name, command, batch, steps = line.split()
        workload, batch, steps = workloads.WORKLOADS[name], int(batch), int(steps)
        trains = command in ("train", "losses")
        key = name, trains, batch
        if key not in sessions:
            make = trainer if trains else predictor
            if make is None:
                return f"error does not {command}"
            sessions[key] = make(workload, batch)
        session = sessions[key]
        if command == "losses":
            session.reset()
            return " ".join(repr(session.loss()) for _ in range(steps))
        if command == "outputs":
            return " ".join(repr(float(y)) for y in session.outputs()[:steps].ravel())
        return repr(1e6 * timed(session, steps, trains) / steps)

    print("ready", version, file=out, flush=True)
    for line in sys.stdin:
        try:
            reply = answer(line)
        except Exception as error:  # the driver decides what a failure means
            reply = f"error {type(error).__name__}: {error}".replace("\n", " ")
        print(reply, file=out, flush=True)


def timed(session, steps, trains):
    """Seconds of so many steps, without the resets."""
    seconds = 0.0
    while steps > 0:
        n = min(steps, workloads.STEPS_TO_RESET) if trains else steps
        if trains:
            session.reset()
        start = CLOCK()
        session.run(n)
        seconds += CLOCK() - start
        steps -= n
    return seconds
