"""Drives a program that speaks Cairn's coprocess protocol, or one that only echoes.

    coprocess.py [--batch] [--one-core] TRIALS REPORTS -- PROGRAM…

Asks for a trial, reports, tells, all as lines of JSON, and waits for the answer to each line; with
`--batch` a trial's reports are written at once and their answers read at once. Prints one line of
JSON: operations, counted as for a storage (an `ask` creates a trial and sets its 5 parameters),
and seconds. `cat` as the program shows what the driver and the pipes cost by themselves.
"""

import argparse
import json
import os
import subprocess
import sys
import time

PARAMETERS = 5


class Program:
    """A child on two pipes, spoken to without any buffering in between."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self.input = self.process.stdin.fileno()
        self.output = self.process.stdout.fileno()

    def exchange(self, lines, count):
        """Writes `count` lines and returns as many."""
        os.write(self.input, lines)
        answer = os.read(self.output, 65536)
        while answer.count(b"\n") < count:
            more = os.read(self.output, 65536)
            if not more:
                sys.exit(f"the program ended after {answer!r}")
            answer += more
        return answer

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit(f"the program ended with status {self.process.returncode}")


def run_trial(program, number, reports, batch):
    answer = program.exchange(b'{"op":"ask"}\n', 1)
    trial = json.loads(answer).get("trial", number)  # an echo answers without one
    lines = [
        b'{"op":"report","trial":%d,"step":%d,"value":%.17g}\n'
        % (trial, step, 1 / (step + number + 1))
        for step in range(reports)
    ]
    if batch:
        lines = [b"".join(lines)]
    for line in lines:
        answer = program.exchange(line, line.count(b"\n"))
        if b'"error"' in answer:
            sys.exit(f"the program complained: {answer!r}")
    tell = b'{"op":"tell","trial":%d,"value":%.17g}\n' % (trial, 1 / (reports + number))
    answer = program.exchange(tell, 1)
    if b'"error"' in answer:
        sys.exit(f"the program complained: {answer!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", action="store_true")
    parser.add_argument(
        "--one-core", action="store_true",
        help="driver and program on one core: handing over a line then costs what a pipe costs, "
        "and not what waking a sleeping core costs",
    )
    parser.add_argument("trials", type=int)
    parser.add_argument("reports", type=int)
    parser.add_argument("program", nargs="+")
    arguments = parser.parse_args()
    if arguments.one_core:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    program = Program(arguments.program)

    start = time.perf_counter()
    for number in range(arguments.trials):
        run_trial(program, number, arguments.reports, arguments.batch)
    seconds = time.perf_counter() - start

    program.close()
    operations = arguments.trials * (PARAMETERS + arguments.reports + 2)
    print(json.dumps({"operations": operations, "seconds": seconds}))


if __name__ == "__main__":
    main()
