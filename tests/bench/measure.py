#!/usr/bin/env python3
"""Compares the measurement readers with DuckDB: good and total events per minute of a large file.

usage: measure.py SCAN FOLDER [RUNS]

SCAN is the built example (`cargo build --release --example scan`); FOLDER holds events.csv,
events.jsonl and events.log as written by generate.py; what is missing is left out. Needs the Python
package duckdb. Both run in turn, each as a process of its own, on the same number of threads. Ours is
timed as a whole process; DuckDB by its query alone, without its start. The counts must be the same.
"""
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

THREADS = os.cpu_count()
LINES = "read_csv({path}, columns = {{'line': 'VARCHAR'}}, delim = '\\x01', quote = '', header = false)"
SOURCES = {
    "csv": "SELECT time::TIMESTAMP AS time, status FROM read_csv({path})",
    "jsonl": "SELECT time::TIMESTAMP AS time, status FROM read_json({path}, format = 'newline_delimited')",
    "log": (
        "SELECT strptime(substr(split_part(line, '[', 2), 1, 20), '%d/%b/%Y:%H:%M:%S') AS time, "
        "substr(split_part(line, '\" ', 2), 1, 3)::INTEGER AS status FROM " + LINES
    ),
}
QUERY = """
    SELECT sum(total)::BIGINT, sum(good)::BIGINT, count(*) FROM (
        SELECT date_trunc('minute', time) AS minute, count(*) AS total,
            count(*) FILTER (WHERE status < 500) AS good
        FROM ({source}) GROUP BY minute)
"""


def duckdb_query(path):
    """Runs in a process of its own: prints the seconds and the counts."""
    import duckdb

    database = duckdb.connect()
    database.execute(f"SET threads = {THREADS}")
    source = SOURCES[path.rsplit(".", 1)[1]].format(path=repr(path))
    begin = time.perf_counter()
    counts = database.execute(QUERY.format(source=source)).fetchone()
    print(time.perf_counter() - begin, *counts, peak_memory())


def run(command):
    """Seconds, seconds of processor time and standard output of a command."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command} failed")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, output


def peak_memory():
    """The most memory that this process has had, in KiB, as Linux counts it."""
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM:"))


def compare(scan, path, runs):
    ours, theirs = [], []
    for _ in range(runs):
        command = [scan, "--good", "status < 500", "--threads", str(THREADS), path]
        seconds, processor, output = run(command)
        words = output.split()
        counts = [words[1], words[3], words[5]]
        ours.append((seconds, processor, int(words[-1].removesuffix("kB")) / 1024))
        _, processor, output = run([sys.executable, __file__, "--duckdb", path])
        seconds, *their_counts, memory = output.split()
        theirs.append((float(seconds), processor, int(memory) / 1024))
        if counts != their_counts:
            sys.exit(f"{path}: {counts} here, {their_counts} in DuckDB")
    middle = lambda values, at: statistics.median(value[at] for value in values)
    describe = lambda values: (
        f"{middle(values, 0):6.2f} s, processor {middle(values, 1):6.2f} s, {middle(values, 2):4.0f} MiB"
    )
    ratios = [mine[0] / other[0] for mine, other in zip(ours, theirs)]
    print(f"{Path(path).name}, {os.path.getsize(path) / 2**20:.0f} MiB")
    print(f"  ours    {describe(ours)}")
    print(f"  DuckDB  {describe(theirs)}")
    print(f"  ratio of the times {statistics.median(ratios):.2f}")


def main():
    if sys.argv[1] == "--duckdb":
        return duckdb_query(sys.argv[2])
    import duckdb

    scan, folder = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    print(f"DuckDB {duckdb.__version__}, Python {sys.version.split()[0]}, {THREADS} threads, {runs} runs")
    for form in SOURCES:
        path = os.path.join(folder, f"events.{form}")
        if os.path.exists(path):
            compare(scan, path, runs)


main()
