"""Who takes part: how each is installed or built, and the process that answers for it."""

import os
import pathlib
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass

BENCH = pathlib.Path(__file__).resolve().parent.parent
FOLDER = pathlib.Path(os.environ.get("NN_BENCH_DIR", BENCH.parent / "target" / "bench")).resolve()


@dataclass(frozen=True)
class Peer:
    """One contender. `environment` names a Python environment or a cargo workspace in this folder."""

    name: str
    environment: str
    packages: tuple = ()  # from PyPI, of a Python environment
    program: str = ""  # in `peers/`, with its arguments; a Rust contender is its workspace's binary
    trains: bool = True
    infers: bool = True
    rustflags: str = ""
    by_default: bool = True  # compared with where no peer is named

    @property
    def python(self):
        return bool(self.packages)


# Burn's and candle's own guides build for the machine's processor; ours and tract choose at run time.
NATIVE = "-C target-cpu=native"
OURS = Peer("ours", "ours")
PEERS = {
    p.name: p
    for p in (
        Peer("torch", "torch", ("torch", "numpy"), "torch_peer.py"),
        Peer("torch-compile", "torch", ("torch", "numpy"), "torch_peer.py --compile"),
        Peer("tensorflow", "tensorflow", ("tensorflow-cpu",), "tensorflow_peer.py"),
        Peer("tensorflow-xla", "tensorflow", ("tensorflow-cpu",), "tensorflow_peer.py --xla"),
        Peer("jax", "jax", ("jax",), "jax_peer.py"),
        Peer("jax-scan", "jax", ("jax",), "jax_peer.py --scan", infers=False),
        Peer("onnxruntime", "onnxruntime", ("onnxruntime", "onnx"), "onnxruntime_peer.py", trains=False),
        Peer("burn", "burn", rustflags=NATIVE),
        Peer("candle", "candle", rustflags=NATIVE),
        Peer("tract", "tract", trains=False),
        # Ours built for this machine alone: what choosing the instructions at run time costs.
        Peer("ours-native", "ours", rustflags=NATIVE, by_default=False),
    )
}


class Unavailable(Exception):
    """A contender that cannot be installed, built or asked."""


def run(command, **options):
    """Runs a set-up command at low priority; its output is shown only where it fails."""
    print("$", shlex.join(map(str, command)), file=sys.stderr)
    done = subprocess.run(["nice", "-n", "15", *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise Unavailable(f"{command[0]} failed:\n{done.stdout[-4000:]}")


def python(peer):
    """The interpreter of a peer's environment, which is made on first use.

    `NN_BENCH_PYTHON_TORCH` (and so on) names an interpreter that has the packages already.
    """
    given = os.environ.get(f"NN_BENCH_PYTHON_{peer.environment.upper()}")
    if given:
        return pathlib.Path(given)
    folder = FOLDER / peer.environment
    interpreter, stamp = folder / "bin" / "python", folder / "installed"
    wanted = " ".join(peer.packages)
    if not stamp.exists() or stamp.read_text() != wanted:
        run([sys.executable, "-m", "venv", folder])
        run([interpreter, "-m", "pip", "install", "--quiet", "--no-cache-dir", *peer.packages])
        stamp.write_text(wanted)
    return interpreter


def build(peer):
    """The binary of a cargo workspace in this folder."""
    target = FOLDER / f"cargo-{peer.name}"
    environment = dict(os.environ, CARGO_TARGET_DIR=str(target))
    if peer.rustflags:
        environment["RUSTFLAGS"] = peer.rustflags
    jobs = os.environ.get("CARGO_BUILD_JOBS", "1")
    run(["cargo", "build", "--release", "--quiet", "--jobs", jobs], cwd=BENCH / peer.environment, env=environment)
    return target / "release" / f"{peer.environment}-peer"


def onnx_file(workload):
    """Writes the workload as ONNX, for the inference engines."""
    path = FOLDER / "data" / f"{workload.name}.onnx"
    if not path.exists():
        run([python(PEERS["onnxruntime"]), "-m", "harness.onnx_file", workload.name, path.parent], cwd=BENCH)


def environment(threads):
    """The variables of a contender's process: where the data lie, and how many threads each library may have."""
    variables = dict(os.environ, NN_BENCH_DATA=str(FOLDER / "data"), NN_BENCH_THREADS=str(threads))
    for library in ("OMP", "MKL", "OPENBLAS", "RAYON", "NUMEXPR"):
        variables[f"{library}_NUM_THREADS"] = str(threads)
    return variables


class Process:
    """A contender at work: one request, one answer."""

    def __init__(self, peer, threads, cpus, clock):
        if peer.python:
            program, *arguments = peer.program.split()
            command = [python(peer), BENCH / "peers" / program, *arguments]
        else:
            command = [build(peer)]
        self.name = peer.name
        self.log = open(FOLDER / f"{peer.name}.log", "w")
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=dict(environment(threads), NN_BENCH_CLOCK=clock),
            preexec_fn=lambda: os.sched_setaffinity(0, cpus),
        )
        word, _, self.version = self.read().partition(" ")
        if word != "ready":
            raise Unavailable(f"{self.name} said `{word} {self.version}`, expected `ready VERSION`")

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Unavailable(f"{self.name} ended, see {self.log.name}")
        return line.strip()

    def ask(self, *words):
        """One request; the answer's text."""
        print(*words, file=self.process.stdin, flush=True)
        answer = self.read()
        if answer.startswith("error"):
            raise Unavailable(f"{self.name}, asked `{' '.join(map(str, words))}`: {answer}")
        return answer

    def time(self, workload, mode, batch, steps):
        """Microseconds per step. The pause lets the threads of the one before go to sleep."""
        time.sleep(0.01)
        return float(self.ask(workload.name, mode, batch, steps))

    def numbers(self, workload, what, batch, steps):
        """Losses or outputs."""
        return [float(x) for x in self.ask(workload.name, what, batch, steps).split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.log.close()
