#!/usr/bin/env python3
"""Compares `sre budget` over an access log with DuckDB: budget.py SRE LOG TARGET

DuckDB reads the lines as text and takes time and status out of them by a regular expression of its
own. At every instant given below and at the end of the data, every window's good, bad and all events,
the share of good ones, the burn rates, and what is allowed, spent and left must be the same numbers.
The log is also given shuffled, on standard input. Needs the Python package `duckdb`.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from fractions import Fraction

import duckdb

program, log, target = sys.argv[1], pathlib.Path(sys.argv[2]), Fraction(sys.argv[3])
SLO = f"""apiVersion: sre/v1
kind: SLO
metadata: {{name: api, owner: us}}
spec:
  target: {float(target)}
  window: 30d
  sli: {{events: {{good: status < 500}}}}
"""

database = duckdb.connect()
database.execute("SET TimeZone = 'UTC'")
database.execute(
    f"""
    CREATE TABLE requests AS
    SELECT strptime(regexp_extract(line, '\\[([^\\]]+)\\]', 1), '%d/%b/%Y:%H:%M:%S %z') AS time,
           CAST(regexp_extract(line, '\\] "[^"]*" ([0-9]{{3}}) ', 1) AS INTEGER) AS status
    FROM read_csv('{log}', delim = '\x01', quote = '', escape = '', header = false,
                  columns = {{'line': 'VARCHAR'}})
    """
)


def row(query, values=()):
    return database.execute(query, list(values)).fetchall()[0]


first, last, count = row("SELECT min(time), max(time), count(*) FROM requests")


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def counted(start, end):
    query = """SELECT count(*) FILTER (status < 500), count(*) FROM requests
               WHERE time >= ?::TIMESTAMPTZ AND time < ?::TIMESTAMPTZ"""
    return row(query, [start.isoformat(), end.isoformat()])


def close(ours, theirs, what):
    if theirs is None or ours is None:
        assert ours is theirs, f"{what}: {ours} is not {theirs}"
        return
    theirs = float(theirs)
    assert abs(ours - theirs) <= 1e-11 * max(1.0, abs(theirs)), f"{what}: {ours} is not {theirs}"


def check(answer, what):
    item = answer["items"][0]
    windows = [(item["window"]["from"], item["window"]["to"], item)]
    windows += [(burn["from"], burn["to"], burn) for burn in item["burn_rates"]]
    for start, end, window in windows:
        where = f"{what}, {start} to {end}"
        good, total = counted(instant(start), instant(end))
        assert (window["good"], window["total"]) == (good, total), f"{where}: {window} {good} {total}"
        assert window["bad"] == total - good, where
        rate = Fraction(total - good, total) / (1 - target) if total else None
        if window.get("reason") is None or total:
            close(window["burn_rate"], rate, f"{where}: burn rate")
    good, total = counted(instant(item["window"]["from"]), instant(item["window"]["to"]))
    if not total:
        assert item["sli"] is None and item["state"] == "no_data", what
        return
    allowed = (1 - target) * total
    close(item["sli"], Fraction(good, total), f"{what}: sli")
    close(item["budget"]["allowed"], allowed, f"{what}: allowed")
    close(item["budget"]["spent"], total - good, f"{what}: spent")
    close(item["budget"]["remaining"], allowed - (total - good), f"{what}: remaining")
    close(item["budget"]["remaining_ratio"], 1 - (total - good) / allowed, f"{what}: left")


def ask(folder, arguments, stdin=None):
    command = [program, "budget", "--slo", str(folder / "api.yaml"), "--format", "json", "-q"]
    command += ["--fail-on", "never", "--max-bad-lines", "100%", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, (command, done.stderr.decode())
    return done.stdout


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "api.yaml").write_text(SLO)
    whole = ask(folder, ["--data", str(log)])
    check(json.loads(whole), "end of the data")
    generator = random.Random(1)
    shuffled = log.read_bytes().splitlines(keepends=True)
    generator.shuffle(shuffled)
    piped = json.loads(ask(folder, ["--data", "-"], b"".join(shuffled)))
    direct = json.loads(whole)
    for answer in (piped, direct):
        answer["items"][0].pop("source")
    assert piped == direct, "the order of lines changes the answer"
    moments = [first, last, last + timedelta(seconds=1), first + timedelta(days=31)]
    span = int((last - first).total_seconds())
    moments += [first + timedelta(seconds=generator.randrange(span)) for _ in range(40)]
    for moment in moments:
        at = moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        check(json.loads(ask(folder, ["--data", str(log), "--at", at])), f"at {at}")
    for _ in range(20):
        start, end = sorted(first + timedelta(seconds=generator.randrange(span)) for _ in range(2))
        period = [moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (start, end)]
        if period[0] == period[1]:
            continue
        answer = json.loads(ask(folder, ["--data", str(log), "--from", period[0], "--to", period[1]]))
        item = answer["items"][0]
        good, total = counted(start, end)
        assert (item["good"] or 0, item["total"] or 0) == (good, total), (period, item["total"], total)

print(f"{count} lines, {len(moments) + 1} instants and 20 periods: the same as DuckDB {duckdb.__version__}")
