#!/usr/bin/env python3
"""Times whole commands in turn: python3 compare.py [-n RUNS] COMMAND [COMMAND ...]

Every COMMAND is one argument for the shell. After one run of each that is not counted, all run in turn,
A B C A B C …, so that a machine that grows slower does so for all of them. Shown are the medians of the
processor time (user and system), the time on the clock and the largest memory of a process, as the
system accounts them, and the median of the ratios to the first command, run by run.
"""
import os
import statistics
import subprocess
import sys
import time


def run(command):
    begin = time.perf_counter()
    process = subprocess.Popen(
        ["sh", "-c", "exec " + command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    return {
        "processor": usage.ru_utime + usage.ru_stime,
        "clock": seconds,
        "memory": usage.ru_maxrss / 1024,
        "exit": os.waitstatus_to_exitcode(status),
    }


arguments = sys.argv[1:]
runs = 5
if arguments[0] == "-n":
    runs, arguments = int(arguments[1]), arguments[2:]
for command in arguments:
    run(command)
taken = [[run(command) for command in arguments] for _ in range(runs)]
print(f"{'processor':>12}{'clock':>12}{'memory':>12}{'processor':>11}{'clock':>7}  exit")
for at, command in enumerate(arguments):
    median = lambda of: statistics.median(turn[at][of] for turn in taken)
    ratio = lambda of: statistics.median(turn[at][of] / turn[0][of] for turn in taken)
    print(
        f"{median('processor'):10.3f} s{median('clock'):10.3f} s{median('memory'):8.0f} MiB"
        f"{ratio('processor'):10.2f}×{ratio('clock'):6.2f}×{taken[-1][at]['exit']:6}  {command}"
    )
