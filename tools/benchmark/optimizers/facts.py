"""What the optimizers were measured on."""

import os
import platform
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from builds import digest  # noqa: E402
from contestants import HERE  # noqa: E402
from machine import line_starting, output  # noqa: E402


def describe(cairn):
    memory = int(line_starting("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    return {
        "processor": f"{line_starting('/proc/cpuinfo', 'model name')}, "
        f"{len(os.sched_getaffinity(0))} cores",
        "memory": f"{memory:.1f} GiB",
        "kernel": platform.release(),
        "load": f"{os.getloadavg()[0]:.2f} (mean of the last minute)",
        "python": platform.python_version(),
        **({"cairn": f"{output(str(cairn), '--version')}, {digest(cairn)}"} if cairn else {}),
        **{
            path.stem: " ".join(
                line for line in path.read_text().splitlines() if not line.startswith("#")
            )
            for path in sorted((HERE / "requirements").glob("*.txt"))
        },
    }
