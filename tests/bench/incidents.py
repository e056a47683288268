#!/usr/bin/env python3
"""How long `sre incident` takes on a catalog of 5,000 incidents.

    python3 tests/bench/incidents.py [target/release/sre] [NUMBER]

The catalog is the same on every run. Each command runs once to warm the caches of the system, then five times; the best
and the worst are shown.
"""
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone

PROGRAM = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/sre")
NUMBER = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
NOW = datetime(2026, 12, 1, 12, tzinfo=timezone.utc)

RESPONSE = """apiVersion: sre/v1
kind: IncidentResponse
metadata: {name: shop}
spec:
  severity_levels:
    - {level: 1, name: SEV-1, response_time: 15m, update_every: 30m}
    - {level: 2, name: SEV-2, response_time: 30m, update_every: 1h}
    - {level: 3, name: SEV-3, response_time: 4h}
"""


def text(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def incident(number, dice):
    """An incident of ten events or so, of which one in two hundred is still open."""
    start = NOW - timedelta(minutes=dice.randrange(60, 3 * 365 * 1440))
    at = start
    events = [(at, "started", "")]
    for kind, mean in [("detected", 6), ("acknowledged", 9), ("declared", 2), ("update", 25), ("note", 5)]:
        at += timedelta(seconds=int(dice.expovariate(1 / (60 * mean))))
        events.append((at, kind, f", note: \"what was seen in step {len(events)}\""))
    if dice.random() > 0.005:
        for kind, spread in [("mitigated", 1.0), ("resolved", 1.3)]:
            at += timedelta(seconds=int(dice.lognormvariate(7.5, spread)))
            events.append((at, kind, ""))
    name = f"{start:%Y-%m-%d}-{number:05}"
    lines = "".join(
        f"    - {{at: {text(at)}, type: {kind}, by: alice{more}}}\n" for at, kind, more in events if at <= NOW
    )
    return name, (
        f"apiVersion: sre/v1\nkind: Incident\nmetadata: {{name: \"{name}\"}}\nspec:\n"
        f"  title: Something went wrong for the {number}th time\n  severity: SEV-{dice.randrange(1, 4)}\n"
        f"  causes: [{dice.choice(['deploy', 'capacity', 'provider', 'certificate'])}]\n  timeline:\n{lines}"
    )


def main():
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/incidents")
        with open(f"{folder}/sre.yaml", "w", encoding="utf-8"):
            pass
        with open(f"{folder}/response.yaml", "w", encoding="utf-8") as file:
            file.write(RESPONSE)
        for number in range(NUMBER):
            name, content = incident(number, dice)
            with open(f"{folder}/incidents/{name}.yaml", "w", encoding="utf-8") as file:
                file.write(content)
        environment = {**os.environ, "SRE_NOW": text(NOW)}
        ever = ["--from", "2020-01-01T00:00:00Z"]
        for arguments in [
            ["list"],
            ["list", "--all"],
            ["stats", *ever],
            ["stats", *ever, "--by", "cause", "--compare"],
            ["timeline"],
            ["timeline", *ever],
        ]:
            times = []
            for _ in range(6):
                begin = time.monotonic()
                subprocess.run(
                    [PROGRAM, "incident", *arguments, "-q"],
                    cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True,
                )
                times.append(time.monotonic() - begin)
            print(f"sre incident {' '.join(arguments):60} {min(times[1:]):6.2f} s to {max(times[1:]):.2f} s")


if __name__ == "__main__":
    main()
