"""Serves a peer in the manner of `cairn coprocess`: lines of JSON, a request and an answer.

    serve.py MODULE.CLASS SPACE.json SEED

A peer is a class made with a space and a seed, with `ask()`, which returns a whole assignment by
name and whatever it wants back with the result, and `tell(token, value)`, with None for a trial
that failed; some also have `add(trials)`, for a history of pairs of values and result. What is
proposed for parameters that do not exist beside the others is left out here.
"""

import importlib
import json
import os
import sys
from pathlib import Path

# Answers have standard output for themselves, whatever the peer prints.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from space import Space  # noqa: E402


class Session:
    def __init__(self, peer, space):
        self.peer = peer
        self.space = space
        self.asked = {}
        self.number = 0

    def answer(self, request):
        if request["op"] == "ask":
            values, token = self.peer.ask()
            self.asked[self.number] = token
            self.number += 1
            return {"trial": self.number - 1, "params": self.space.active(values)}
        if request["op"] == "tell":
            failed = request.get("state") == "failed"
            self.peer.tell(
                self.asked.pop(request["trial"]), None if failed else request["value"]
            )
            return {"ok": True}
        if request["op"] == "add":
            self.peer.add(request["trials"])
            return {"ok": True}
        return {"error": f"no such request: {request['op']}"}


def main():
    where, space_file, seed = sys.argv[1:]
    module, name = where.split(".")
    with open(space_file) as file:
        space = Space.from_document(json.load(file))
    peer = getattr(importlib.import_module(module), name)(space, int(seed))
    session = Session(peer, space)
    for line in sys.stdin:
        answers.write(json.dumps(session.answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
