"""Measures recording in Cairn and in its peers, in one run on one machine.

Every contestant records the same: TRIALS trials of 5 parameters, REPORTS reports and a result.
Each is a command that prints one line of JSON with `operations` and `seconds`; its bytes are
what the files in its directory come to. Rounds are interleaved, so that a slow minute of the
machine meets all of them, and medians are compared.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, List, Optional

import machine

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
DURABILITIES = ["default", "relaxed", "strict"]


@dataclass
class Contestant:
    name: str
    # The command to measure, given an empty directory.
    command: Callable[[str], List[str]]
    # Run before it and not measured.
    prepare: Optional[Callable[[str], List[str]]] = None
    # Run after it; must print the number of reports.
    count_reports: Optional[Callable[[str], List[str]]] = None
    stores: bool = True
    # The contestant whose time is to be taken off: what driver and pipes cost alone.
    overhead: Optional[str] = None
    results: List[dict] = field(default_factory=list)
    failure: Optional[str] = None

    def median(self, value):
        return statistics.median(value(result) for result in self.results)

    @property
    def operations(self):
        return self.results[0]["operations"]

    @property
    def rate(self):
        """Operations a second."""
        return self.median(lambda result: result["operations"] / result["seconds"])

    @property
    def microseconds(self):
        """For one operation."""
        return 1e6 / self.rate

    @property
    def bytes(self):
        """For one operation."""
        return self.median(lambda result: result["bytes"] / result["operations"])

    @property
    def spread(self):
        """Slowest round over fastest."""
        seconds = [result["seconds"] for result in self.results]
        return max(seconds) / min(seconds)


def contestants(binaries, trials, reports):
    amount = [str(trials), str(reports)]
    cairn = str(binaries / "cairn")

    def optuna(kind):
        script = str(HERE / "optuna_storage.py")
        return Contestant(
            f"Optuna, {'SQLite' if kind == 'sqlite' else 'journal file'}",
            lambda directory: [sys.executable, script, kind, directory, *amount],
        )

    def library(durability):
        return Contestant(
            f"Cairn, library, {durability}",
            lambda directory: [
                str(binaries / "cairn-bench"), "record", "--store", f"{directory}/store",
                "--trials", str(trials), "--reports", str(reports),
                "--durability", durability,
            ],
            count_reports=count_reports,
        )

    def count_reports(directory):
        query = "SELECT count(*) FROM metrics"
        return [cairn, "query", query, "--store", f"{directory}/store", "--format", "csv"]

    def driven(name, options, program, **rest):
        script = str(HERE / "coprocess.py")
        return Contestant(
            name,
            lambda directory: [
                sys.executable, script, *options, *amount, "--", *program(directory)
            ],
            **rest,
        )

    def create(directory):
        parameters = [word for n in range(5) for word in ("-p", f"p{n}=0.0..1.0")]
        return [
            cairn, "create", "bench", "--store", f"{directory}/store", *parameters,
            "--sampler", "random", "--pruner", "none", "--seed", "1",
        ]

    def coprocesses():
        for manner, options in [
            ("line by line", ["--one-core"]),
            ("line by line, two cores", []),
            ("reports in one write", ["--one-core", "--batch"]),
        ]:
            echo = f"echo (cat), {manner}"
            yield driven(echo, options, lambda directory: ["cat"], stores=False)
            yield driven(
                f"Cairn, coprocess, {manner}", options,
                lambda directory: [cairn, "coprocess", "bench", "--store", f"{directory}/store"],
                prepare=create, count_reports=count_reports, overhead=echo,
            )

    return [
        optuna("sqlite"), optuna("journal"),
        *(library(durability) for durability in DURABILITIES),
        *coprocesses(),
    ]


def run(command, directory):
    # Elsewhere than in a directory that has a store above it, and without one in the environment.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
    try:
        done = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True
        )
    except OSError as error:
        raise RuntimeError(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        telling = next((line for line in reversed(lines) if "rror" in line), lines[-1])
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {telling}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def measure(contestant, workplace, reports):
    """One round in a directory of its own. Raises when what was stored is not all there."""
    directory = tempfile.mkdtemp(dir=workplace)
    try:
        if contestant.prepare:
            run(contestant.prepare(directory), directory)
        result = json.loads(run(contestant.command(directory), directory))
        result["bytes"] = sum(
            path.stat().st_size for path in Path(directory).rglob("*") if path.is_file()
        )
        if contestant.count_reports:
            counted = run(contestant.count_reports(directory), directory)
            if counted != str(reports):
                raise RuntimeError(f"{counted} reports are in the store and not {reports}")
        contestant.results.append(result)
    finally:
        shutil.rmtree(directory)


def table(field_rows):
    """Rows as text: the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in field_rows) for column in range(len(field_rows[0]))]
    for row in field_rows:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ]
        yield "  ".join(cells).rstrip()


def rows(measured):
    by_name = {contestant.name: contestant for contestant in measured}
    peers = [by_name.get("Optuna, SQLite"), by_name.get("Optuna, journal file")]
    yield ("", "ops/s", "µs/op", "less echo", "bytes/op", "÷ SQLite", "÷ journal", "spread")
    for contestant in measured:
        echo = by_name.get(contestant.overhead)
        yield (
            contestant.name,
            f"{contestant.rate:,.0f}",
            f"{contestant.microseconds:.2f}",
            f"{contestant.microseconds - echo.microseconds:.2f}" if echo else "",
            f"{contestant.bytes:.1f}" if contestant.stores else "",
            *(
                f"{contestant.rate / peer.rate:,.1f}" if peer and contestant.stores else ""
                for peer in peers
            ),
            f"{contestant.spread:.2f}",
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", type=Path, required=True, help="where cairn was built")
    parser.add_argument("--workplace", type=Path, required=True, help="on the disk to measure")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--reports", type=int, default=100, help="a trial")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="contestants whose name contains this")
    parser.add_argument("--json", type=Path, help="write all results there as well")
    arguments = parser.parse_args()

    arguments.binaries = arguments.binaries.resolve()
    arguments.workplace = arguments.workplace.resolve()
    arguments.workplace.mkdir(parents=True, exist_ok=True)
    facts = machine.describe(arguments.workplace, str(REPOSITORY))
    for name, fact in facts.items():
        print(f"{name:20}{fact}")
    print(
        f"\nrecording {arguments.trials} trials: create, 5 parameters, {arguments.reports} "
        f"reports, tell; medians of {arguments.rounds} rounds\n"
    )

    chosen = [
        contestant
        for contestant in contestants(arguments.binaries, arguments.trials, arguments.reports)
        if arguments.only.lower() in contestant.name.lower()
    ]
    for number in range(arguments.rounds):
        for contestant in chosen:
            if contestant.failure:
                continue
            print(f"round {number + 1}: {contestant.name}", file=sys.stderr)
            try:
                measure(contestant, arguments.workplace, arguments.trials * arguments.reports)
            except (RuntimeError, ValueError, KeyError) as error:
                contestant.failure = str(error)

    # One that failed in any round is not compared.
    measured = [contestant for contestant in chosen if not contestant.failure]
    for line in table(list(rows(measured))):
        print(line)
    failed = [contestant for contestant in chosen if contestant.failure]
    for contestant in failed:
        print(f"not measured: {contestant.name}: {contestant.failure}")
    print(
        "\n÷ SQLite, ÷ journal: operations a second over those of Optuna's storage of that name."
        "\nless echo: without what the driver and the pipes cost, as `cat` in the program's place"
        " shows.\nspread: the slowest round's time over the fastest's."
    )
    if arguments.json:
        results = {contestant.name: contestant.results for contestant in measured}
        text = json.dumps({"machine": facts, "results": results}, indent=2, ensure_ascii=False)
        arguments.json.write_text(text + "\n")
    sys.exit(1 if failed or not measured else 0)


if __name__ == "__main__":
    main()
