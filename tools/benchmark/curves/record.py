"""Records the learning curves of real models that `tools/bench pruners` judges by.

    python3 -m venv /tmp/models
    /tmp/models/bin/pip install -r tools/benchmark/curves/requirements.txt
    /tmp/models/bin/python tools/benchmark/curves/record.py [NAME…]

The sets are kept in tools/benchmark/results/curves; one that is there is not recorded again.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "optimizers"))

import numpy  # noqa: E402

import networks  # noqa: E402, F401
import policy  # noqa: E402, F401
from curve_set import CurveSet  # noqa: E402
from models import MODELS, STEPS  # noqa: E402

CONFIGURATIONS = 100


def record(model):
    generator = numpy.random.default_rng([len(model.name), *model.name.encode()])
    params = [model.space.sample(generator) for _ in range(CONFIGURATIONS)]
    curves = [list(model.train(config, seed)) for seed, config in enumerate(params)]
    CurveSet(
        model.name, model.about, model.direction, model.metric, STEPS, model.space.document(),
        [{name: plain(value) for name, value in config.items()} for config in params], curves,
    ).write()


def plain(value):
    return float(f"{value:.6g}") if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of sets; all by default", default=[])
    names = parser.parse_args().names or list(MODELS)
    for name in names:
        if name not in MODELS:
            parser.error(f"there is no model {name}; there are {', '.join(MODELS)}")
        path = CurveSet(name, "", "", "", 0, {}, [], []).path
        if path.exists():
            continue
        begun = time.monotonic()
        record(MODELS[name])
        print(f"{name}  {path.stat().st_size} bytes  {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
