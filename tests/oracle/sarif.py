#!/usr/bin/env python3
"""Validates a SARIF file against the official schema of SARIF 2.1.0.

Usage: sarif.py FILE [SCHEMA]

The schema is the one of OASIS as the Rust crate `serde-sarif` carries it; without SCHEMA it is
looked for among the crates that cargo has fetched, and fetched if it is not there.
Needs the Python package `jsonschema`.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

CRATE = "serde-sarif"
VERSION = "0.8.0"


def find_schema():
    home = os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo")
    pattern = os.path.join(home, "registry", "src", "*", f"{CRATE}-{VERSION}", "src", "schema.json")
    return next(iter(sorted(glob.glob(pattern))), None)


def fetch_schema():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "src"))
        open(os.path.join(folder, "src", "lib.rs"), "w").close()
        with open(os.path.join(folder, "Cargo.toml"), "w", encoding="utf-8") as manifest:
            manifest.write(
                '[package]\nname = "schema"\nversion = "0.0.0"\nedition = "2021"\n'
                f'[dependencies]\n{CRATE} = {{ version = "={VERSION}", default-features = false }}\n'
                "[workspace]\n"
            )
        subprocess.run(["cargo", "fetch", "--quiet"], cwd=folder, check=True)
    return find_schema()


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    schema_path = arguments[1] if len(arguments) == 2 else find_schema() or fetch_schema()
    if schema_path is None:
        sys.exit(f"the schema is not in the crate {CRATE} {VERSION}")
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    with open(arguments[0], encoding="utf-8") as file:
        log = json.load(file)
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    validator = jsonschema.Draft7Validator(schema, format_checker=checker)
    errors = sorted(validator.iter_errors(log), key=lambda error: list(map(str, error.path)))
    for error in errors:
        print(f"{arguments[0]}: {error.json_path}: {error.message}", file=sys.stderr)
    results = sum(len(run.get("results", [])) for run in log.get("runs", []))
    if errors:
        sys.exit(1)
    print(f"{arguments[0]}: valid SARIF {log['version']} with {results} results")


if __name__ == "__main__":
    main(sys.argv[1:])
