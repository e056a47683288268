#!/usr/bin/env python3
"""Writes large measurement files for benchmarks: the same bytes for the same arguments.

usage: generate.py FORMAT ROWS > FILE     FORMAT is csv, jsonl or log

Thirty days of requests in order of time, 0.4 % of them with a status of 500 and above.
"""
import random
import sys
from datetime import datetime, timedelta, timezone

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAYS = 30
PATHS = ["/", "/cart", "/checkout", "/healthz", "/api/v1/items", "/api/v1/users/42", "/login"]
STATUSES = [200] * 240 + [301] * 4 + [404] * 5 + [500, 503]
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"


def main():
    form, rows = sys.argv[1], int(sys.argv[2])
    choose = random.Random(2)
    # Rows are made from a small pool of tails: Python is slow and the readers do not care.
    pool = []
    for _ in range(4096):
        status, path = choose.choice(STATUSES), choose.choice(PATHS)
        duration = f"{choose.lognormvariate(-2.5, 1):.3f}"
        size = choose.randrange(100, 90000)
        host = f"192.0.2.{choose.randrange(1, 255)}"
        pool.append({
            "csv": (",", f",{status},{duration},{path}\n"),
            "jsonl": ('{"time":"', f'","status":{status},"duration":{duration},"path":"{path}"}}\n'),
            "log": (
                f"{host} - - [",
                f'] "GET {path} HTTP/1.1" {status} {size} "-" "{AGENT}" {duration}\n',
            ),
        }[form])
    write = sys.stdout.write
    if form == "csv":
        write("time,status,duration,path\n")
    per_second, rest = divmod(rows, DAYS * 86400)
    written = 0
    for second in range(DAYS * 86400):
        time = START + timedelta(seconds=second)
        count = per_second + (second * rest // (DAYS * 86400) < (second + 1) * rest // (DAYS * 86400))
        if form == "csv":
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ")
            lines = [stamp + pool[(written + i) * 2654435761 % 4093][1] for i in range(count)]
        else:
            style = "%d/%b/%Y:%H:%M:%S +0000" if form == "log" else "%Y-%m-%dT%H:%M:%SZ"
            stamp = time.strftime(style)
            tails = (pool[(written + i) * 2654435761 % 4093] for i in range(count))
            lines = [head + stamp + tail for head, tail in tails]
        written += count
        write("".join(lines))


main()
