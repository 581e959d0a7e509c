"""How long a writer waits while the store is sealed.

    sealing.py --binaries DIRECTORY [--writers N] [--seconds S] [--trials N]

Processes report over `cairn coprocess`, each from its own driver thread, into a store that holds
a history already; first undisturbed, then while `cairn compact` and `cairn best` run over and
over. Prints, for both, how long the answer to a report takes: half of them, 99 %, 99.9 %, the
longest. With more writers than cores the longest is mostly the scheduler's.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import machine
from coprocess import Program

REPORTS = 20


def write(cairn, store, end, latencies):
    program = Program([cairn, "coprocess", "s", "--store", store])
    while time.monotonic() < end:
        trial = json.loads(program.exchange(b'{"op":"ask"}\n', 1))["trial"]
        for step in range(REPORTS):
            line = b'{"op":"report","trial":%d,"step":%d,"value":%.17g}\n' % (
                trial, step, 1 / (step + trial + 1))
            begin = time.monotonic()
            answer = program.exchange(line, 1)
            latencies.append(time.monotonic() - begin)
            if b'"error"' in answer:
                sys.exit(f"the program complained: {answer!r}")
        program.exchange(b'{"op":"tell","trial":%d,"value":0.5}\n' % trial, 1)
    program.close()


def measure(cairn, store, writers, seconds, sealing):
    end = time.monotonic() + seconds
    latencies = [[] for _ in range(writers)]
    threads = [
        threading.Thread(target=write, args=(cairn, store, end, each)) for each in latencies]
    for thread in threads:
        thread.start()
    compactions = 0
    while sealing and time.monotonic() < end:
        for command in ["compact", "best s"]:
            subprocess.run(
                [cairn, *command.split(), "--quiet", "--store", store], check=True,
                stdout=subprocess.DEVNULL)
        compactions += 1
    for thread in threads:
        thread.join()
    return sorted(latency for each in latencies for latency in each), compactions


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 2, 8])
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    cairn = os.path.join(options.binaries, "cairn")
    print(f"{os.cpu_count()} cores, {machine.line_starting('/proc/cpuinfo', 'model name')}")
    print("writers  sealing        reports   half   99 %  99.9 %  longest  (ms)")
    with tempfile.TemporaryDirectory(prefix="cairn-sealing-") as directory:
        for writers in options.writers:
            store = str(pathlib.Path(directory) / str(writers))
            parameters = [word for index in range(5) for word in ["-p", f"x{index}=0.0..1.0"]]
            subprocess.run(
                [cairn, "create", "s", *parameters, "--sampler", "random", "--trials", "10000000",
                 "--store", store], check=True, stderr=subprocess.DEVNULL)
            for sealing in [False, True]:
                latencies, compactions = measure(
                    cairn, store, writers, options.seconds, sealing)
                shown = "  ".join(
                    f"{1000 * latencies[min(len(latencies) - 1, int(share * len(latencies)))]:6.2f}"
                    for share in [0.5, 0.99, 0.999, 1])
                name = f"{compactions} times" if sealing else "not at all"
                print(f"{writers:7}  {name:12} {len(latencies):9}  {shown}", flush=True)


if __name__ == "__main__":
    main()
