"""Results that are kept in the repository: what a run came to, without its trials.

The first line tells machine and versions; each other line is one run as a list: optimizer,
problem, seed, pending, trials, kind, [regret at 25, 50, 100 trials], CPU seconds a suggestion.
"""

import json
from pathlib import Path

import report

FILE = Path(__file__).resolve().parent.parent / "results" / "optimizers.jsonl"
FIELDS = ["optimizer", "problem", "seed", "pending", "trials", "kind"]


def read(path=FILE):
    if not path.exists():
        return
    lines = path.read_text().splitlines()
    for line in lines[1:]:
        *fields, regrets, cpu = json.loads(line)
        regret = {
            str(trials): found
            for trials, found in zip(report.CHECKPOINTS, regrets) if found != "unknown"
        }
        yield dict(zip(FIELDS, fields)) | {"regret": regret, "cpu": cpu}


def write(runs, facts, path=FILE):
    """Replaces the file by `runs`, whole or kept ones, of one machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(facts, ensure_ascii=False)]
    for run in sorted(runs, key=lambda run: [str(run[field]) for field in FIELDS]):
        regrets = [short(regret_after(run, trials)) for trials in report.CHECKPOINTS]
        row = [run[field] for field in FIELDS] + [regrets, short(report.mean_cost(run))]
        lines.append(json.dumps(row, separators=(",", ":")))
    path.write_text("\n".join(lines) + "\n")


def regret_after(run, trials):
    """As stored, "unknown" where the run was shorter; null is a run whose trials all failed."""
    regret = run["regret"]
    if isinstance(regret, dict):
        return regret.get(str(trials), "unknown")
    return regret[trials - 1] if len(regret) >= trials else "unknown"


def short(number):
    return float(f"{number:.4g}") if isinstance(number, float) else number
