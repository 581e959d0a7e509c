"""A child process that is asked and told in lines of JSON, as `cairn coprocess` is.

Its CPU time is read from its own clock in the kernel, all threads together, so that every
optimizer, in whatever language, is measured alike and without its help.
"""

import json
import os
import subprocess
import time


class ChildFailed(Exception):
    """It ended, complained, or said what is no answer; says so with its last words."""


def surroundings():
    """The environment of every optimizer: one thread, and no store or kernel from outside."""
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("CAIRN_", "OPENBLAS_"))
    }
    threads = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]
    return kept | dict.fromkeys(threads, "1") | {"PYTHONWARNINGS": "ignore"}


class Child:
    def __init__(self, command, directory, environment=None):
        self.errors = open(os.path.join(directory, "stderr"), "w+b")
        self.process = subprocess.Popen(
            command, cwd=directory, env=environment, bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
        )
        self.unread = b""

    def exchange(self, request):
        """Sends one request and returns the answer, which may be {"error": …}."""
        try:
            os.write(self.process.stdin.fileno(), json.dumps(request).encode() + b"\n")
            while b"\n" not in self.unread:
                more = os.read(self.process.stdout.fileno(), 65536)
                if not more:
                    raise ChildFailed(f"it ended: {self.last_words()}")
                self.unread += more
        except BrokenPipeError as error:
            raise ChildFailed(f"it ended: {self.last_words()}") from error
        line, _, self.unread = self.unread.partition(b"\n")
        try:
            return json.loads(line)
        except ValueError as error:
            raise ChildFailed(f"it answered {line!r}") from error

    def demand(self, request):
        """The same, where an error ends the run."""
        answer = self.exchange(request)
        if "error" in answer:
            raise ChildFailed(f"{answer['error']} {self.last_words()}".strip())
        return answer

    def wait_until_ready(self):
        """Returns once it has read and answered something: whatever it had to load is loaded."""
        self.exchange({"op": "hello"})

    def cpu_seconds(self):
        """User and system time of all its threads so far."""
        # Clock 2 of a process is CPUCLOCK_SCHED; glibc's clock_getcpuclockid does the same.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def last_words(self):
        self.errors.flush()
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self):
        """Ends its input, waits for it a while, and then does not wait any longer."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()
