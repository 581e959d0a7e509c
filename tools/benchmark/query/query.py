"""Asks a large study the same questions of Cairn, SQLite, DuckDB and pandas.

    query.py --binaries DIRECTORY --workplace DIRECTORY [--trials N] [--reports N] [--rounds N]

All have the same rows: Cairn its store, SQLite two tables with the indexes that the questions ask
for, DuckDB and pandas Parquet (zstd) of a wide table of trials, as Optuna's `trials_dataframe`
gives it, and a long one of reports.

*Cold* is a new process, files in the page cache: of Cairn and SQLite the whole process, of DuckDB
and pandas what comes after their import, which costs more than most of the questions. *Warm* is the
least time in a process that has asked the same before; pandas then has both frames in memory.
Memory is the most that the cold process had resident.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PARAMETERS = [f"x{n}" for n in range(8)] + ["lr", "opt"]

# What is asked: of Cairn, of SQLite, of DuckDB (where `trials` and `metrics` are the files), of
# pandas (`t` trials, `m` metrics).
QUESTIONS = {
    "two parameters, LIMIT 10": (
        "SELECT number, value, lr FROM bench WHERE lr < 0.01 AND x0 > 0.9 LIMIT 10",
        "SELECT number, value, lr FROM trials WHERE lr < 0.01 AND x0 > 0.9 LIMIT 10",
        "SELECT number, value, lr FROM trials WHERE lr < 0.01 AND x0 > 0.9 LIMIT 10",
        "t.loc[(t.lr < 0.01) & (t.x0 > 0.9), ['number', 'value', 'lr']].head(10)",
    ),
    "two parameters": (
        "SELECT number, value, lr FROM bench WHERE lr < 0.01 AND x0 > 0.9",
        "SELECT number, value, lr FROM trials WHERE lr < 0.01 AND x0 > 0.9",
        "SELECT number, value, lr FROM trials WHERE lr < 0.01 AND x0 > 0.9",
        "t.loc[(t.lr < 0.01) & (t.x0 > 0.9), ['number', 'value', 'lr']]",
    ),
    "best 10": (
        "SELECT * FROM bench WHERE state = 'complete' ORDER BY value LIMIT 10",
        "SELECT * FROM trials WHERE state = 'complete' ORDER BY value LIMIT 10",
        "SELECT * FROM trials WHERE state = 'complete' ORDER BY value LIMIT 10",
        "t[t.state == 'complete'].nsmallest(10, 'value')",
    ),
    "one curve": (
        "SELECT step, value FROM metrics WHERE study = 'bench' AND number = {middle}"
        " AND metric = 'loss'",
        "SELECT step, value FROM metrics WHERE number = {middle} AND metric = 'loss' ORDER BY step",
        "SELECT step, value FROM metrics WHERE number = {middle} AND metric = 'loss' ORDER BY step",
        "m.loc[(m.number == {middle}) & (m.metric == 'loss'), ['step', 'value']]",
    ),
    "min of a metric per trial": (
        "SELECT number, min FROM series WHERE study = 'bench' AND metric = 'loss'",
        "SELECT number, min(value) FROM metrics WHERE metric = 'loss' GROUP BY number",
        "SELECT number, min(value) FROM metrics WHERE metric = 'loss' GROUP BY number",
        "m[m.metric == 'loss'].groupby('number').value.min()",
    ),
    "mean by step": (
        "SELECT step, mean FROM steps WHERE study = 'bench' AND metric = 'loss'",
        "SELECT step, avg(value) FROM metrics WHERE metric = 'loss' GROUP BY step",
        "SELECT step, avg(value) FROM metrics WHERE metric = 'loss' GROUP BY step",
        "m[m.metric == 'loss'].groupby('step').value.mean()",
    ),
    "count by state and choice": (
        "SELECT state, value, trials FROM choices WHERE study = 'bench' AND name = 'opt'",
        "SELECT state, opt, count(*) FROM trials GROUP BY state, opt",
        "SELECT state, opt, count(*) FROM trials GROUP BY state, opt",
        "t.groupby(['state', 'opt']).size()",
    ),
    "mean by step, plain SQL": (
        "SELECT step, avg(value) FROM metrics WHERE study = 'bench' AND metric = 'loss'"
        " GROUP BY step",
        None, None, None,
    ),
    "count by state and choice, plain SQL": (
        "SELECT state, opt, count(*) FROM bench GROUP BY state, opt",
        None, None, None,
    ),
}

PANDAS = """
import sys, time
import pandas, pyarrow
start = time.perf_counter()
question, directory, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
names = {}
if "t." in question or "t[" in question:
    names["t"] = pandas.read_parquet(directory + "/trials.parquet")
if "m." in question or "m[" in question:
    names["m"] = pandas.read_parquet(directory + "/metrics.parquet")
rows = eval(question, names)
times = [time.perf_counter() - start]
for _ in range(rounds):
    start = time.perf_counter()
    rows = eval(question, names)
    times.append(time.perf_counter() - start)
print(times[0], min(times[1:] or times), len(rows))
"""

DUCKDB = """
import sys, time
import duckdb
start = time.perf_counter()
question, directory, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = duckdb.connect()
for table in ("trials", "metrics"):
    database.execute(f"CREATE VIEW {table} AS SELECT * FROM '{directory}/{table}.parquet'")
rows = database.execute(question).fetchall()
times = [time.perf_counter() - start]
for _ in range(rounds):
    start = time.perf_counter()
    rows = database.execute(question).fetchall()
    times.append(time.perf_counter() - start)
print(times[0], min(times[1:] or times), len(rows))
"""

SQLITE = """
import sys, time, sqlite3
question, directory, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = sqlite3.connect(directory + "/study.db")
times = []
for _ in range(rounds + 1):
    start = time.perf_counter()
    rows = database.execute(question).fetchall()
    times.append(time.perf_counter() - start)
print(times[0], min(times[1:] or times), len(rows))
"""


def process(command, output=subprocess.DEVNULL):
    """Seconds, megabytes resident at most, and what it printed if `output` is a pipe."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=output, env=environment)
    text = child.stdout.read().decode() if output == subprocess.PIPE else ""
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"error: {' '.join(map(str, command))} ended with {status}")
    return seconds, usage.ru_maxrss / 1024, text


def median_process(command, rounds):
    runs = [process(command) for _ in range(rounds)]
    return statistics.median(run[0] for run in runs), max(run[1] for run in runs)


class Data:
    """The files that are asked, made when they are not there."""

    def __init__(self, options):
        self.options = options
        self.directory = options.workplace / f"{options.trials}x{options.reports}"
        self.store = self.directory / "store"
        self.directory.mkdir(parents=True, exist_ok=True)
        if not (self.directory / "done").exists():
            self.make()

    def make(self):
        options = self.options
        if not (self.directory / "stored").exists():
            self.write_store()
        columns = ", ".join(["number", "state", "value", "started", "ended", *PARAMETERS])
        self.table("trials", f"SELECT {columns} FROM bench")
        self.table("metrics", "SELECT number, metric, step, value FROM metrics")
        self.sqlite()
        (self.directory / "done").touch()

    def write_store(self):
        options = self.options
        shutil.rmtree(self.store, ignore_errors=True)
        print(f"writing {options.trials} trials of {options.reports} reports", file=sys.stderr)
        seconds, megabytes, _ = process([
            options.binaries / "cairn-bench", "query-store", "--store", self.store,
            "--trials", str(options.trials), "--reports", str(options.reports),
        ])
        print(f"  store: {seconds:.1f} s, {megabytes:.0f} MB", file=sys.stderr)
        (self.directory / "stored").touch()

    def table(self, name, query):
        """The rows of `query` as Parquet."""
        import duckdb

        path = self.directory / f"{name}.csv"
        with open(path, "w") as file:
            subprocess.run(
                [self.options.binaries / "cairn", "query", query, "--store", self.store,
                 "--format", "csv"], stdout=file, check=True)
        duckdb.execute(
            f"COPY (SELECT * FROM read_csv('{path}')) TO '{self.directory}/{name}.parquet'"
            " (FORMAT parquet, COMPRESSION zstd)")
        path.unlink()

    def sqlite(self):
        import sqlite3

        import pyarrow.parquet

        path = self.directory / "study.db"
        path.unlink(missing_ok=True)
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode = OFF")
        kinds = {name: "REAL" for name in PARAMETERS} | {"opt": "TEXT"}
        database.execute(
            "CREATE TABLE trials (number INTEGER PRIMARY KEY, state TEXT, value REAL, started TEXT,"
            " ended TEXT, " + ", ".join(f"{name} {kind}" for name, kind in kinds.items()) + ")")
        database.execute(
            "CREATE TABLE metrics (number INTEGER, metric TEXT, step INTEGER, value REAL,"
            " PRIMARY KEY (number, metric, step)) WITHOUT ROWID")
        for name, width in (("trials", 5 + len(PARAMETERS)), ("metrics", 4)):
            file = pyarrow.parquet.ParquetFile(self.directory / f"{name}.parquet")
            marks = ", ".join("?" * width)
            for batch in file.iter_batches(100_000):
                columns = [
                    [str(v) if name == "trials" and i in (3, 4) else v for v in column.to_pylist()]
                    for i, column in enumerate(batch.columns)]
                database.executemany(f"INSERT INTO {name} VALUES ({marks})", zip(*columns))
        for name, columns in [("parameters", "lr, x0"), ("best", "state, value"),
                              ("choices", "state, opt")]:
            database.execute(f"CREATE INDEX {name} ON trials ({columns})")
        database.execute("CREATE INDEX steps ON metrics (metric, step, value)")
        database.execute("ANALYZE")
        database.commit()
        database.close()

    def size(self, *names):
        return sum(
            file.stat().st_size
            for name in names
            for file in ([self.directory / name] if (self.directory / name).is_file()
                         else (self.directory / name).rglob("*"))
            if file.is_file()) / 1e6


def ask(data, options, name, forms):
    """For each contestant: cold and warm milliseconds, megabytes, rows."""
    cairn, sqlite, duckdb, pandas = (
        form and form.replace("{middle}", str(options.trials // 2)) for form in forms)
    rounds = options.rounds
    result = {}
    seconds, megabytes = median_process(
        [options.binaries / "cairn", "query", cairn, "--store", data.store, "--format", "csv"],
        rounds)
    _, _, text = process(
        [options.binaries / "cairn-bench", "query", "--store", data.store, "--rounds", str(rounds),
         cairn], subprocess.PIPE)
    warm, rows = text.split()
    result["Cairn"] = (seconds * 1e3, float(warm), megabytes, int(rows))
    for contestant, script, question in [
        ("SQLite", SQLITE, sqlite), ("DuckDB", DUCKDB, duckdb), ("pandas", PANDAS, pandas),
    ]:
        if question is None:
            continue
        command = [sys.executable, "-c", script, question, str(data.directory)]
        _, megabytes, text = process([*command, "0"], subprocess.PIPE)
        cold, _, rows = text.split()
        _, _, text = process([*command, str(rounds)], subprocess.PIPE)
        _, warm, _ = text.split()
        cold = float(cold) * 1e3
        if contestant == "SQLite":
            cold, megabytes = median_process(
                ["sqlite3", data.directory / "study.db", question], rounds)
            cold *= 1e3
        result[contestant] = (cold, float(warm) * 1e3, megabytes, int(rows))
    counts = {count for *_, count in result.values()}
    if len(counts) > 1:
        sys.exit(f"error: {name}: they found {counts} rows")
    return result


def tool(options, data):
    """Whole processes of everyday commands."""
    commands = {
        "best": ["best", "bench"], "studies": ["studies"], "show": ["show", "bench"],
        "show, a trial": ["show", "bench", str(options.trials // 2)],
        "trials --limit 10": ["trials", "bench", "--limit", "10"],
        "trials --sort value --limit 10": ["trials", "bench", "--sort", "value", "--limit", "10"],
        "trials --where … --limit 10": [
            "trials", "bench", "--where", "lr < 0.01 and x0 > 0.9", "--limit", "10"],
        "metrics, a trial": ["metrics", "bench", str(options.trials // 2)],
    }
    return {
        name: median_process([options.binaries / "cairn", *words, "--store", data.store],
                             max(5, options.rounds))
        for name, words in commands.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", type=Path, required=True)
    parser.add_argument("--workplace", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--reports", type=int, default=10, help="a trial")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    data = Data(options)
    print(f"store {data.size('store/checkpoints'):.0f} MB and log {data.size('store/log'):.0f} MB, "
          f"SQLite {data.size('study.db'):.0f} MB, "
          f"Parquet {data.size('trials.parquet', 'metrics.parquet'):.0f} MB")
    results = {"tool": {}, "questions": {}}
    small = argparse.Namespace(**(vars(options) | {"trials": 1000}))
    for each in (small, options):
        for name, (seconds, megabytes) in tool(each, Data(each)).items():
            results["tool"][f"{each.trials}: {name}"] = (seconds * 1e3, megabytes)
            print(f"{seconds * 1e3:9.1f} ms {megabytes:7.0f} MB  {each.trials} trials: {name}")
    print(f"{'':38}{'cold ms':>12}{'warm ms':>10}{'MB':>7}{'rows':>9}")
    for name, forms in QUESTIONS.items():
        found = ask(data, options, name, forms)
        results["questions"][name] = found
        for contestant, (cold, warm, megabytes, rows) in found.items():
            print(f"{name if contestant == 'Cairn' else '':<30}{contestant:<8}"
                  f"{cold:12.1f}{warm:10.1f}{megabytes:7.0f}{rows:9}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
