"""A set of learning curves: what each of many configurations reported, step by step.

Kept as gzipped JSON lines in tools/benchmark/results/curves/NAME.jsonl.gz: first what the set is,
then a line a configuration, {"params": …, "curve": […]}. Values have 4 significant digits; null
is one that was not finite. A curve may be shorter than `steps`: the model broke.
"""

import gzip
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

DIRECTORY = Path(__file__).resolve().parent.parent / "results" / "curves"


@dataclass
class CurveSet:
    name: str
    # What was trained on what, and what a step is.
    about: str
    # "minimize" or "maximize".
    direction: str
    # The value reported at each step.
    metric: str
    steps: int
    # A Cairn search space (schema/search-space.json); empty for invented curves.
    space: dict
    # Of each configuration: its parameters and its curve.
    params: List[dict]
    curves: List[List[Optional[float]]]

    @property
    def path(self):
        return DIRECTORY / f"{self.name}.jsonl.gz"

    def write(self):
        head = {
            "name": self.name, "about": self.about, "direction": self.direction,
            "metric": self.metric, "steps": self.steps, "space": self.space,
        }
        lines = [head] + [
            {"params": params, "curve": [rounded(value) for value in curve]}
            for params, curve in zip(self.params, self.curves)
        ]
        text = "\n".join(json.dumps(line, separators=(",", ":")) for line in lines) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Without time and name, so that equal curves are equal files.
        self.path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))

    @staticmethod
    def read(path):
        head, *lines = [
            json.loads(line) for line in gzip.decompress(Path(path).read_bytes()).splitlines()
        ]
        return CurveSet(
            **head, params=[line["params"] for line in lines],
            curves=[line["curve"] for line in lines],
        )

    @staticmethod
    def recorded():
        """All that are kept, by name."""
        return [CurveSet.read(path) for path in sorted(DIRECTORY.glob("*.jsonl.gz"))]


def rounded(value):
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.4g}")
