"""Measures what a trial costs beside its objective: CPU and time of the tool and of a trial's
supervisor, next to a bare fork and exec of the same objective, and the memory of a supervisor.

    trials.py --binaries DIRECTORY [--trials N] [--rounds N]

All processes that a run starts count, also those that it leaves to others to wait for: this
process adopts them. What a run costs once (its start, the store) is taken off by a run of one
trial. Rounds are interleaved, and medians are compared.
"""

import argparse
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
OBJECTIVE = "/bin/echo"


def measured(work):
    """CPU seconds, of this process's children and of all they started, and elapsed seconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    elapsed = time.perf_counter() - started
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime), elapsed


def bare(count):
    """Starts the objective `count` times, one after the other, as a shell would."""
    null = os.open(os.devnull, os.O_RDWR)
    for _ in range(count):
        child = os.fork()
        if child == 0:
            os.dup2(null, 1)
            os.execv(OBJECTIVE, [OBJECTIVE, "1"])
        os.waitpid(child, 0)
    os.close(null)


def cairn(binaries, count, objective=(OBJECTIVE, "1")):
    """Runs a study of `count` trials in a new directory. Returns the directory's files' texts."""
    with tempfile.TemporaryDirectory(prefix="cairn-trials-") as directory:
        command = [
            str(binaries / "cairn"), "run", "s", "--trials", str(count), "--sampler", "random",
            "--seed", "1", "-p", "x=0.0..1.0", "--params-from-env", "-q", "--", *objective,
        ]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
        subprocess.run(command, cwd=directory, env=environment, check=True)
        return {path.name: path.read_text() for path in Path(directory).iterdir() if path.is_file()}


def memory(binaries):
    """Bytes of a supervisor while its objective runs: in all, and its own alone."""
    script = "cat /proc/$PPID/smaps_rollup > supervisor; echo 1"
    sizes = {}
    for line in cairn(binaries, 1, ("sh", "-c", script))["supervisor"].splitlines()[1:]:
        name, size = line.split(":")
        sizes[name] = int(size.split()[0]) * 1024
    return sizes["Rss"], sizes["Private_Clean"] + sizes["Private_Dirty"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("error: this system lets no process adopt others")
    results = {"fork and exec": [], "cairn": []}
    for _ in range(options.rounds):
        results["fork and exec"].append(
            [value / options.trials for value in measured(lambda: bare(options.trials))])
        once = measured(lambda: cairn(options.binaries, 1))
        many = measured(lambda: cairn(options.binaries, options.trials + 1))
        results["cairn"].append(
            [(whole - start) / options.trials for whole, start in zip(many, once)])
    print(f"{'a trial of ' + OBJECTIVE:24} {'CPU ms':>8} {'wall ms':>8}")
    for name, rounds in results.items():
        cpu, wall = (1000 * statistics.median(column) for column in zip(*rounds))
        print(f"{name:24} {cpu:8.2f} {wall:8.2f}")
    resident, own = memory(options.binaries)
    print(f"a supervisor: {resident / 2**20:.1f} MiB resident, {own / 2**20:.1f} of its own")


if __name__ == "__main__":
    main()
