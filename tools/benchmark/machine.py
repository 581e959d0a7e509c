"""What the numbers were measured on."""

import importlib.metadata
import os
import platform
import sqlite3
import statistics
import subprocess
import time


def line_starting(path, prefix):
    """What follows the colon in the first line of `path` that starts with `prefix`."""
    with open(path) as file:
        for line in file:
            if line.startswith(prefix):
                return line.split(":", 1)[1].strip()
    return "unknown"


def output(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"


def file_system(directory):
    """Type and device of the mount that holds `directory`."""
    path = os.path.realpath(directory)
    best = ("", "unknown", "")
    with open("/proc/mounts") as file:
        for line in file:
            device, mount, kind = line.split()[:3]
            mount = mount.encode().decode("unicode_escape")
            inside = path == mount or path.startswith(mount.rstrip("/") + "/")
            if inside and len(mount) >= len(best[0]):
                best = (mount, kind, device)
    return f"{best[1]} on {best[2]}"


def sync_microseconds(directory, count=200):
    """Median time to append 64 bytes to a file and have them on disk."""
    path = os.path.join(directory, "sync")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    times = []
    for _ in range(count):
        start = time.perf_counter()
        os.write(descriptor, bytes(64))
        os.fdatasync(descriptor)
        times.append(time.perf_counter() - start)
    os.close(descriptor)
    os.unlink(path)
    return statistics.median(times) * 1e6


def describe(directory, repository):
    """Facts by name, in the order to print them."""
    memory = int(line_starting("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    return {
        "processor": f"{line_starting('/proc/cpuinfo', 'model name')}, "
        f"{len(os.sched_getaffinity(0))} cores",
        "memory": f"{memory:.1f} GiB",
        "kernel": platform.release(),
        "file system": file_system(directory),
        "append + fdatasync": f"{sync_microseconds(directory):.0f} µs",
        "load": f"{os.getloadavg()[0]:.2f} (mean of the last minute)",
        "cairn": output("git", "-C", repository, "describe", "--always", "--dirty"),
        "swift": output("swift", "--version"),
        "python": platform.python_version(),
        "optuna": importlib.metadata.version("optuna"),
        "sqlalchemy": importlib.metadata.version("sqlalchemy"),
        "sqlite of python": sqlite3.sqlite_version,
    }
