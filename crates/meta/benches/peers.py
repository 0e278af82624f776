"""One Fair-MAML meta-iteration in this project, in JAX and in PyTorch, measured in turn on one machine.

    cargo build --release
    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install jax numpy torch
    /tmp/peers/bin/python crates/meta/benches/peers.py [ROUNDS]

A meta-iteration is, for every task, an inner gradient step on the support batch, the query loss at
the adapted weights and the exact second-order meta-gradient; then the sum over tasks and one Adam
update. Each round runs all programs in both precisions, one after the other; the table gives the
median over rounds of each and of its ratio to ours within a round, which is what a noisy machine
leaves comparable. Ours runs on all cores, and once more on one thread. JAX is compiled, its tasks
are vmapped, and it is timed called step by step and as one scanned loop: the better of the two
counts. PyTorch runs eagerly, its tasks vmapped by torch.func, on as many threads as it chooses and
on one: the better counts, since its threads wait for each other actively and lose a factor of 30
where something else occupies a core. It is a few GB; without it its column says so.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

BINARY = Path(__file__).parents[3] / "target" / "release" / "fair-maml"
WORKLOADS = {
    "synthetic": ([2, 20, 20, 2], 5, 32, 1000),
    "communities": ([95, 20, 20, 2], 10, 8, 1000),
    "wide": ([95, 256, 256, 2], 10, 8, 60),
}
ALPHA, BETA, GAMMA = 0.3, 1e-3, 2.0
TORCH_SECONDS = 1.0  # Eager iterations take milliseconds: a second of them is enough.


def ours(precision, *options):
    """Median microseconds of each workload, from the project's own benchmark."""
    command = [str(BINARY), "bench", "--json", "--precision", precision, *options]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    timings = [json.loads(line) for line in lines.splitlines()]
    return {t["workload"]: t["median_us"] for t in timings if t["workload"] in WORKLOADS}


def jax_program(precision):
    """Runs as a program of its own: JAX cannot change its precision once it has started."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_enable_x64", precision == "f64")
    real = jnp.float64 if precision == "f64" else jnp.float32

    def logits(theta, x):
        for layer, (w, b) in enumerate(theta):
            x = x @ w + b
            x = x if layer + 1 == len(theta) else jax.nn.relu(x)
        return x

    def fair_loss(theta, x, y, protected):
        log_p = jax.nn.log_softmax(logits(theta, x))
        loss = -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()
        members = protected.sum()
        mean = (protected * jnp.exp(log_p[:, 1])).sum() / jnp.maximum(members, 1)
        return loss + GAMMA * jnp.where(members > 0, 1 - mean, 0.0)

    def query_loss(theta, support, query):
        gradient = jax.grad(fair_loss)(theta, *support)
        adapted = jax.tree.map(lambda t, g: t - ALPHA * g, theta, gradient)
        return fair_loss(adapted, *query)

    def meta_loss(theta, batch):
        return jax.vmap(query_loss, in_axes=(None, 0, 0))(theta, *batch).sum()

    def iterate(state, batch):
        theta, m, v, t = state
        t = t + 1
        g = jax.grad(meta_loss)(theta, batch)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        step = lambda p, m, v: p - BETA * (m / c1) / (jnp.sqrt(v / c2) + 1e-8)
        return jax.tree.map(step, theta, m, v), m, v, t

    results = {}
    for name, (widths, k, tasks, n) in WORKLOADS.items():
        rng = np.random.default_rng(0)

        def half():
            x = jnp.asarray(rng.normal(size=(tasks, k, widths[0])), real)
            y = jnp.asarray(rng.integers(0, 2, (tasks, k)))
            return x, y, jnp.asarray(rng.integers(0, 2, (tasks, k)), real)

        batches = [(half(), half()) for _ in range(20)]
        weights = [rng.normal(size=(i, o)) * (2 / i) ** 0.5 for i, o in zip(widths, widths[1:])]
        theta = [(jnp.asarray(w, real), jnp.zeros(w.shape[1], real)) for w in weights]
        zero = jax.tree.map(jnp.zeros_like, theta)
        start = (theta, zero, zero, jnp.asarray(0.0, real))
        stacked = jax.tree.map(lambda *x: jnp.stack(x), *batches)
        at = lambda i: jax.tree.map(lambda x: x[i % 20], stacked)
        body = lambda state, i: (iterate(state, at(i)), None)
        scanned = jax.jit(lambda state: jax.lax.scan(body, state, jnp.arange(n))[0])
        step = jax.jit(iterate)

        def stepped(state):
            for i in range(n):
                state = step(state, batches[i % 20])
            return state

        ways = {}
        for way, run in (("stepped", stepped), ("scanned", scanned)):
            jax.block_until_ready(run(start))
            begin = time.perf_counter()
            jax.block_until_ready(run(start))
            ways[way] = (time.perf_counter() - begin) / n * 1e6
        results[name] = min(ways.values())
    print(json.dumps(results))


def torch_program(precision):
    """A program of its own too, so that its threads and JAX's are never alive together."""
    import numpy as np
    import torch
    from torch.func import grad, vmap

    real = torch.float64 if precision == "f64" else torch.float32
    chosen_threads = torch.get_num_threads()

    def logits(theta, x):
        for layer, (w, b) in enumerate(theta):
            x = x @ w + b
            x = x if layer + 1 == len(theta) else torch.relu(x)
        return x

    def fair_loss(theta, x, y, protected):
        log_p = torch.log_softmax(logits(theta, x), dim=1)
        loss = -log_p.gather(1, y[:, None]).mean()
        members = protected.sum()
        mean = (protected * log_p[:, 1].exp()).sum() / members.clamp(min=1)
        return loss + GAMMA * torch.where(members > 0, 1 - mean, 0.0)

    def query_loss(theta, support, query):
        gradient = grad(fair_loss)(theta, *support)
        step = lambda t, g: t - ALPHA * g
        adapted = [(step(w, dw), step(b, db)) for (w, b), (dw, db) in zip(theta, gradient)]
        return fair_loss(adapted, *query)

    def meta_loss(theta, batch):
        return vmap(query_loss, in_dims=(None, 0, 0))(theta, *batch).sum()

    def iterate(theta, optimizer, batch):
        gradient = grad(meta_loss)(theta, batch)
        for layer, slopes in zip(theta, gradient):
            for parameter, slope in zip(layer, slopes):
                parameter.grad = slope
        optimizer.step()

    results = {}
    for name, (widths, k, tasks, n) in WORKLOADS.items():
        rng = np.random.default_rng(0)

        def half():
            x = torch.tensor(rng.normal(size=(tasks, k, widths[0])), dtype=real)
            y = torch.tensor(rng.integers(0, 2, (tasks, k)))
            return x, y, torch.tensor(rng.integers(0, 2, (tasks, k)), dtype=real)

        batches = [(half(), half()) for _ in range(20)]
        weights = [rng.normal(size=(i, o)) * (2 / i) ** 0.5 for i, o in zip(widths, widths[1:])]
        theta = [(torch.tensor(w, dtype=real), torch.zeros(w.shape[1], dtype=real)) for w in weights]
        parameters = [parameter for layer in theta for parameter in layer]
        optimizer = torch.optim.Adam(parameters, lr=BETA)

        def seconds_each():
            begin, done, elapsed = time.perf_counter(), 0, 0.0
            while done < n and elapsed < TORCH_SECONDS:
                iterate(theta, optimizer, batches[done % 20])
                done, elapsed = done + 1, time.perf_counter() - begin
            return elapsed / done

        ways = []
        for threads in (chosen_threads, 1):
            torch.set_num_threads(threads)
            iterate(theta, optimizer, batches[0])
            ways.append(seconds_each() * 1e6)
        results[name] = min(ways)
    print(json.dumps(results))


PROGRAMS = {"jax": jax_program, "torch": torch_program}


def installed(peer):
    return subprocess.run([sys.executable, "-c", f"import {peer}"], capture_output=True).returncode == 0


def theirs(peer, precision):
    command = [sys.executable, __file__, f"--{peer}", precision]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def comparison(runs, peer, name):
    """A peer's two columns: its median time, and the median and range of its ratio to ours."""
    if peer not in runs[0]:
        return f"{'not installed':>13} {'':>29}"
    other = statistics.median(run[peer][name] for run in runs)
    ratios = [run[peer][name] / run["ours"][name] for run in runs]
    spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
    return f"{other:13.1f} {statistics.median(ratios):15.2f} {spread:<13}"


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    peers = [peer for peer in PROGRAMS if installed(peer)]
    labels = ("1 thread", "JAX", "torch")
    heads = "".join(f" {label + ' µs':>13} {label + ' / ours':>15} {'':<13}" for label in labels)
    print(f"{'workload':<12} {'precision':<9} {'ours µs':>9}{heads} ({rounds} rounds)")
    for precision in ("f64", "f32"):
        runs = [
            {"alone": ours(precision, "--threads", "1"), "ours": ours(precision)}
            | {peer: theirs(peer, precision) for peer in peers}
            for _ in range(rounds)
        ]
        for name in WORKLOADS:
            mine = statistics.median(run["ours"][name] for run in runs)
            columns = " ".join(comparison(runs, peer, name) for peer in PROGRAMS)
            alone = comparison(runs, "alone", name)
            print(f"{name:<12} {precision:<9} {mine:9.1f} {alone} {columns}")


if __name__ == "__main__":
    peer = sys.argv[1].removeprefix("--") if len(sys.argv) == 3 else None
    if peer in PROGRAMS:
        PROGRAMS[peer](sys.argv[2])
    else:
        main()
