#!/usr/bin/env python3
"""Drives rust-analyzer over the project beside this file: hovers, definitions and completion inside `network!`.

    tests/editor/check.py [path of rust-analyzer]

The server of procedural macros must be that of the rustc that builds them: it is taken from the active toolchain.
Without an argument `RUST_ANALYZER`, then `/usr/bin/rust-analyzer` (Debian's package `rust-web-analyzer`), then the one
on the path. Prints a line a check; exits with 1 if one fails.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Server:
    """A language server on a pipe."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.answers, self.next, self.quiescent, self.health = {}, 1, False, ""
        self.diagnostics = []
        self.arrived = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            length = 0
            while (line := self.process.stdout.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            message = json.loads(self.process.stdout.read(length))
            with self.arrived:
                if "method" in message and "id" in message:
                    # A request of the server: it needs an answer, whatever it asks.
                    items = message.get("params") or {}
                    empty = [None] * len(items.get("items", [])) if isinstance(items, dict) else None
                    self.write({"id": message["id"], "result": empty})
                elif message.get("method") == "experimental/serverStatus":
                    self.quiescent = message["params"]["quiescent"]
                    self.health = message["params"].get("message") or ""
                elif message.get("method") == "textDocument/publishDiagnostics":
                    self.diagnostics = message["params"]["diagnostics"]
                elif "id" in message:
                    self.answers[message["id"]] = message
                self.arrived.notify_all()

    def write(self, message):
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        self.process.stdin.flush()

    def tell(self, method, params):
        self.write({"method": method, "params": params})

    def ask(self, method, params, wait=120):
        number, self.next = self.next, self.next + 1
        self.write({"id": number, "method": method, "params": params})
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers, wait):
                raise TimeoutError(f"{method} was not answered")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def settled(self, wait):
        with self.arrived:
            if not self.arrived.wait_for(lambda: self.quiescent, wait):
                raise TimeoutError("the project was not loaded")


def marks(text):
    """The text without its marks, and where each stood: line and column, from 0."""
    places, lines = {}, []
    for number, line in enumerate(text.splitlines()):
        while found := re.search(r"/\*(\w+)\*/", line):
            places[found[1]] = {"line": number, "character": found.start()}
            line = line[: found.start()] + line[found.end():]
        lines.append(line)
    return "\n".join(lines) + "\n", places


def macro_server():
    root = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True).stdout.strip()
    for folder in ("libexec", "lib"):
        path = Path(root) / folder / "rust-analyzer-proc-macro-srv"
        if path.exists():
            return str(path)
    sys.exit(f"{root} has no rust-analyzer-proc-macro-srv")


def main():
    usual = "/usr/bin/rust-analyzer" if os.path.exists("/usr/bin/rust-analyzer") else shutil.which("rust-analyzer")
    program = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("RUST_ANALYZER", usual)
    if not program:
        sys.exit("rust-analyzer was not found")
    text, places = marks((HERE / "project/src/main.rs").read_text())
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        (folder / "src").mkdir()
        file = folder / "src/main.rs"
        file.write_text(text)
        manifest = (HERE / "project/Cargo.toml").read_text()
        manifest = manifest.replace("../../../nn-runtime", str(ROOT / "nn-runtime"))
        (folder / "Cargo.toml").write_text(manifest)
        shutil.copy(ROOT / "Cargo.lock", folder / "Cargo.lock")
        server = Server([program])
        try:
            failed = checks(server, folder, file, text, places)
        finally:
            server.process.kill()
    print("all hold" if not failed else f"{failed} failed")
    sys.exit(bool(failed))


def checks(server, folder, file, text, places):
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target/editor"))
    server.ask("initialize", {
        "processId": None,
        "rootUri": folder.as_uri(),
        "capabilities": {
            "experimental": {"serverStatusNotification": True},
            "window": {"workDoneProgress": True},
            "textDocument": {
                "diagnostic": {},
                "hover": {"contentFormat": ["markdown"]},
                "completion": {"completionItem": {"snippetSupport": True}},
            },
        },
        "initializationOptions": {
            "cargo": {"targetDir": target, "buildScripts": {"enable": True}},
            "procMacro": {"enable": True, "server": macro_server()},
            "checkOnSave": False,
            "cachePriming": {"enable": False},
        },
    })
    server.tell("initialized", {})
    document = {"uri": file.as_uri()}
    server.tell("textDocument/didOpen", {"textDocument": {**document, "languageId": "rust", "version": 1, "text": text}})
    server.settled(500)
    failed = 0

    def say(holds, name, found):
        nonlocal failed
        failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {name}: {found}")

    def at(name):
        return {"textDocument": document, "position": places[name]}

    def hover(name, *expected):
        found = server.ask("textDocument/hover", at(name))
        found = found["contents"]["value"] if found else ""
        lines = [l for l in found.splitlines() if l and not l.startswith("```") and l != "---"]
        say(all(e in found for e in expected), f"hover {name}", " | ".join(lines)[:160])

    def definition(name, there, here=None):
        found = server.ask("textDocument/definition", at(name)) or []
        targets = [(Path(l.get("targetUri", l.get("uri"))).name,
                    (l.get("targetSelectionRange") or l["range"])["start"]) for l in found]
        if here:
            holds = (file.name, places[here]) in targets
        else:
            holds = any(name == there for name, _ in targets)
        shown = ", ".join(f"{n}:{p['line'] + 1}:{p['character'] + 1}" for n, p in targets)
        say(holds, f"definition {name}", shown or "none")

    def completion(name, expected, absent=(), most=None):
        found = server.ask("textDocument/completion", at(name)) or {"items": []}
        items = found["items"] if isinstance(found, dict) else found
        labels = [i["label"].split("(")[0].split(" ")[0].rstrip("…") for i in items]
        holds = all(e in labels for e in expected) and not any(a in labels for a in absent)
        holds = holds and (most is None or len(labels) <= most)
        say(holds, f"completion {name}", f"{len(labels)} items, among them {', '.join(l for l in labels if l in expected) or 'none expected'}; first {', '.join(labels[:6])}")

    found = server.ask("textDocument/diagnostic", {"textDocument": document})["items"]
    end = places["h_function"]["line"]
    sound = [d["message"] for d in found if d["range"]["start"]["line"] <= end and d.get("severity", 1) <= 2]
    faulty = [d for d in found if d["range"]["start"]["line"] > end]
    say(not sound and faulty, "diagnostics", f"{len(sound)} in the sound block, {len(faulty)} behind it {sound[:1] or ''}")
    hover("h_conv", "pub fn conv2d(", "convolution", "# Shapes")
    hover("h_kernel", "pub const kernel: Extents", "size of the window")
    hover("h_word", "`same` or `valid`")
    hover("h_relu", "pub fn relu()")
    hover("h_init", "Gaussian")
    hover("h_loss", "pub fn huber(", "# Gradient")
    hover("h_loss_argument", "pub const delta: Number")
    hover("h_attribute", "#[loss(huber, delta = 2.0)]")
    hover("h_type", "without the batch")
    hover("h_function", "pub fn tanh(")
    hover("u_block", "A layer with a way around it")
    definition("h_conv", "layers.rs")
    definition("h_kernel", "arguments.rs")
    definition("h_word", "words.rs")
    definition("h_init", "initialisers.rs")
    definition("h_loss", "losses.rs")
    definition("u_image", None, "d_image")
    definition("u_block", None, "d_block")
    definition("u_argument", None, "d_argument")
    definition("u_const", None, "d_const")
    definition("u_hidden", None, "d_hidden")
    definition("u_formula", None, "d_formula")
    definition("u_y", None, "d_y")
    completion("c_dot", ["dense", "conv2d", "relu", "dropout"], ["Some", "clone"], 80)
    completion("c_started", ["conv2d", "connected", "concat"], ["Some", "clone"], 80)
    completion("c_argument", ["units", "bias", "init", "l2", "name"], ["Some", "kernel"], 20)
    completion("c_second", ["eps", "name"], ["Some", "kernel"], 20)
    completion("c_word", ["same", "valid"], ["Some", "kernel"], 4)
    completion("c_init", ["he_normal", "zeros", "orthogonal"], ["Some", "kernel"], 20)
    completion("c_loss", ["mean_squared_error", "mean_absolute_error"], ["Some"], 30)
    completion("c_name", ["first", "second", "image"])
    completion("c_path", ["ROWS"])
    completion("c_method", ["predict", "parameters"])
    return failed


if __name__ == "__main__":
    main()
