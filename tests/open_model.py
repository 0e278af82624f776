#!/usr/bin/env python3
"""Opens model files with numpy and safetensors, and compares with what the program predicts.

    python3 -m venv /tmp/open-model
    /tmp/open-model/bin/pip install numpy safetensors
    /tmp/open-model/bin/python tests/open_model.py target/debug/fair-maml

The program trains, adapts and predicts on tables that this script makes. The script then goes from
the cells of the table to the logits with nothing but the model file. Each logit and probability has
to differ from the program's by at most 1e-12, absolute or relative, and each decision has to be the
same. The code that docs/own-data.md shows is taken from there and run too.
"""

import csv
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
from decimal import Decimal

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

PAGE = pathlib.Path(__file__).parents[1] / "docs" / "own-data.md"
TOLERANCE = 1e-12
HEAD = ["id", "shop", "sold", "sex", "age", "hours", "color", "size", "constant"]
TRAIN = [
    "--data", "t.csv", "--task", "shop", "--label", "sold", "--positive", "yes",
    "--sensitive", "sex", "--protected", "f", "--drop", "id",
    "--iterations", "20", "--folds", "2", "--gammas", "1",
]
ACTIVATIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky-relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "leaky-relu-0.2": lambda z: np.where(z > 0, z, 0.2 * z),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}


def read(path):
    """The weights of a model file, and its description."""
    with safe_open(path, framework="numpy") as file:
        entry = json.loads(file.metadata()["fair_maml"])
    return load_file(path), json.loads(entry["model"])


def value(text):
    """The number that a text is, as 1 and 1.0 are one value, else the text; 007 is a code."""
    decimal = re.fullmatch(r"[-+]?(0|[1-9]\d*)?(\.\d*)?([eE][-+]?\d+)?", text, re.ASCII)
    return Decimal(text) if decimal and re.match(r"[-+]?\.?\d", text) else text


def number(cell, missing):
    """The number of a cell, which the program reads in single precision; None if it is missing."""
    return None if value(cell) in missing else float(np.float32(cell))


def features(model, rows):
    """The features of rows, each of which has the text of every column: (rows, features)."""
    missing = [value(text) for text in model["recipe"]["reading"]["missing"]]
    # A model with a scaling within each task has the center and scale of its task once adapted.
    scaled = model["schema"]["scaling"] != "none"
    x = []
    for feature in model["schema"]["features"]:
        (kind, feature), = feature.items()
        cells = [row[feature["column"]].strip() for row in rows]
        absent = [float(value(cell) in missing) for cell in cells]
        if kind == "numeric":
            center, scale = (feature["center"], feature["scale"]) if scaled else (0.0, 1.0)
            fill = 0.0 if scaled else feature["center"]
            numbers = [number(cell, missing) for cell in cells]
            x.append([fill if n is None else (n - center) / scale for n in numbers])
        else:
            levels = [value(level) for level in feature["levels"]]
            cells = [value(cell) for cell in cells]
            x += [[float(cell == level) for cell in cells] for level in levels]
            # Without an indicator, a missing cell is one of the other texts.
            known = levels + (missing if feature["indicator"] else [])
            x.append([float(cell not in known) for cell in cells])
        if feature["indicator"]:
            x.append(absent)
    return np.array(x).T


def logits(weights, model, x):
    """The logits of the negative and the positive class: (rows, 2)."""
    activation = ACTIVATIONS[model["network"]["activation"]]
    layers = len(model["network"]["layers"]) - 1
    for layer in range(1, layers + 1):
        x = x @ weights[f"W{layer}"] + weights[f"b{layer}"]
        x = activation(x) if layer < layers else x
    return x


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def table(rng, rows):
    """Shops with numbers and texts, some of them missing or rare."""
    lines = []
    for i in range(rows):
        age = rng.choice(["", "NA", "?"]) if rng.random() < 0.1 else f"{rng.gauss(40, 12):.3f}"
        hours = f"{rng.uniform(0, 60):.1f}"
        color = rng.choice(["red", "green", "blue", "", "red", f"rare {i % 7}"])
        size = rng.choice(["small", "large", "large, or so"])
        sex = rng.choice("fm")
        sold = "yes" if float(hours) + rng.gauss(0, 15) + 10 * (sex == "m") > 35 else "no"
        lines.append([f"r{i}", f"shop {i % 6}", sold, sex, age, hours, color, size, "7"])
    return lines


def new_rows(rng):
    """Rows with texts that the training has not, missing cells where it has none, and spaces."""
    rows = table(rng, 120)
    for i, row in enumerate(rows):
        row[5] = "" if i % 11 == 0 else row[5]
        row[6] = ["violet", "rare 1", row[6], f" {row[6]} "][i % 4]
        row[7] = ["huge", "null", row[7]][i % 3]
        row[5] = f" {row[5]}" if i % 5 == 0 else row[5]
    return rows


def write(name, rows):
    with open(name, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *rows])


def compare(name, what, ours, theirs):
    """Fails if two arrays differ; returns how much."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape and ours.size > 0, (name, what, ours.shape, theirs.shape)
    worst = (np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))).max()
    if not worst <= TOLERANCE:
        sys.exit(f"error: {name}: {what} differ by {worst:.1e}, more than {TOLERANCE}")
    return worst


def check(program, name, model_file):
    """Predicts with the program and with numpy. Returns the features and logits."""
    program("predict", "--model", model_file, "--data", "new.csv", "--logits", "--out", "p.csv",
            "--force")
    with open("p.csv", newline="", encoding="utf-8") as file:
        predicted = list(csv.DictReader(file))
    with open("new.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    weights, model = read(model_file)
    x = features(model, rows)
    z = logits(weights, model, x)
    of_program = [[float(row[f"logit_{c}"]) for c in ("negative", "positive")] for row in predicted]
    worst = compare(name, "logits", of_program, z)
    probabilities = softmax(z)[:, 1]
    compare(name, "probabilities", [float(row["probability"]) for row in predicted], probabilities)
    decisions = ["yes" if p > 0.5 else "no" for p in probabilities]
    assert model["decision"] == "half" and decisions == [row["decision"] for row in predicted], name
    print(f"{name}: {len(rows)} rows of {x.shape[1]} features, logits differ by at most {worst:.1e}")
    return x, z


def code_of_page():
    """The Python code that the page shows."""
    _, after = PAGE.read_text(encoding="utf-8").split("```python\n", 1)
    return after.split("```", 1)[0]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: open_model.py PROGRAM")
    path = pathlib.Path(sys.argv[1]).resolve()

    def program(*arguments):
        done = subprocess.run([path, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"error: {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")

    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            write("t.csv", table(rng, 360))
            write("new.csv", new_rows(rng))
            run(program)
        finally:
            os.chdir("/")


def run(program):
    for scaling in ("all", "task", "none"):
        model = f"{scaling}.safetensors"
        program("train", *TRAIN, "--scaling", scaling, "--out", model)
        if scaling != "task":  # Such a model predicts only after it is adapted.
            check(program, f"scaling {scaling}", model)
        program("adapt", "--model", model, "--data", "t.csv", "--task", "shop 2",
                "--out", "adapted.safetensors", "--force")
        x, z = check(program, f"scaling {scaling}, adapted", "adapted.safetensors")
        names = {"x": x}
        exec(code_of_page(), names)
        compare("the code of the page", "logits", names["logits"], z)

    # Other networks, and an algorithm that learns a rate beside each weight.
    for activation in ACTIVATIONS:
        with open("all.toml", encoding="utf-8") as file:
            settings = file.read()
        changed = settings.replace('activation = "relu"', f'activation = "{activation}"')
        assert changed != settings or activation == "relu"
        with open("changed.toml", "w", encoding="utf-8") as file:
            file.write(changed)
        program("train", "--config", "changed.toml", "--algorithm", "meta-sgd",
                "--out", "other.safetensors", "--force")
        assert "rates.W1" in load_file("other.safetensors")
        check(program, f"Meta-SGD, {activation}", "other.safetensors")


if __name__ == "__main__":
    main()
