#!/usr/bin/env python3
"""Compares `sre budget` with DuckDB: good and total events per minute of a large file.

usage: measure.py SRE FOLDER [RUNS]

SRE is the program (`cargo build --release`); FOLDER holds events.csv, events.jsonl and events.log as
written by generate.py; what is missing is left out. Needs the Python package duckdb. Both run in turn,
each as a process of its own, on the same number of threads. Ours is timed as a whole process, from its
start to its last byte of JSON, with burn rates, alerts and forecast; DuckDB by its query alone, without
its start (the whole process is shown beside). The counts must be the same, and ours the same to the
byte on one processor and on all.
"""
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

THREADS = os.cpu_count()
OBJECTIVE = """\
apiVersion: sre/v1
kind: SLO
metadata: {name: availability}
spec:
  target: 99%
  window: 30d
  sli: {events: {good: status < 500}}
"""
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
    SELECT sum(good)::BIGINT, sum(total)::BIGINT FROM (
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
    print(json.dumps({"seconds": time.perf_counter() - begin, "counts": counts}))


class Run:
    """One finished run of a command: its output, seconds, seconds of processor time and MiB of memory."""

    def __init__(self, command):
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"{command} failed")
        self.seconds = time.perf_counter() - begin
        self.processor = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024


def compare(sre, path, runs):
    budget = [sre, "budget", "--slo", objective, "--data", path, "--now", NOW, "--format", "json"]
    ours, alone, theirs, queries = [], [], [], []
    for _ in range(runs):
        ours.append(Run(budget))
        alone.append(Run(["taskset", "-c", "0", *budget]))
        theirs.append(Run([sys.executable, __file__, "--duckdb", path]))
        query = json.loads(theirs[-1].output)
        queries.append(query["seconds"])
        if ours[-1].output != alone[-1].output:
            sys.exit(f"{path}: another answer on one processor")
        answer = json.loads(ours[-1].output)["items"][0]
        if [answer["good"], answer["total"]] != query["counts"]:
            sys.exit(f"{path}: {answer['good']}, {answer['total']} here, {query['counts']} in DuckDB")
    middle = lambda runs, of: statistics.median(getattr(run, of) for run in runs)
    describe = lambda runs: (
        f"{middle(runs, 'seconds'):6.2f} s, processor {middle(runs, 'processor'):6.2f} s, "
        f"{middle(runs, 'memory'):4.0f} MiB"
    )
    print(f"{Path(path).name}, {os.path.getsize(path) / 1e6:.0f} MB, {answer['total']} events")
    print(f"  sre budget             {describe(ours)}")
    print(f"  sre budget, 1 core     {describe(alone)}")
    print(f"  DuckDB, whole process  {describe(theirs)}")
    print(f"  DuckDB, query alone    {statistics.median(queries):6.2f} s")
    ratio = statistics.median(mine.seconds / query for mine, query in zip(ours, queries))
    cpu = statistics.median(mine.processor / other.processor for mine, other in zip(ours, theirs))
    print(f"  sre budget / DuckDB's query {ratio:.2f}; processor / whole process {cpu:.2f}", flush=True)


if sys.argv[1] == "--duckdb":
    duckdb_query(sys.argv[2])
else:
    NOW = "2026-02-01T00:00:00Z"
    sre, folder = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    # Not imported: the memory of a child counts from that of this process.
    print(f"DuckDB {importlib.metadata.version('duckdb')}, Python {sys.version.split()[0]}, {THREADS} threads, {runs} runs")
    with tempfile.TemporaryDirectory() as catalog:
        objective = os.path.join(catalog, "availability.yaml")
        Path(objective).write_text(OBJECTIVE)
        for form in SOURCES:
            path = os.path.join(folder, f"events.{form}")
            if os.path.exists(path):
                compare(sre, path, runs)
