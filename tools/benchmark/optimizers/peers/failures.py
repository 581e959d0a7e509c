"""What an optimizer that knows no failed trials is told instead."""


class WorstSoFar:
    """Stands in for the value of a failed trial: the worst value seen, 0 before the first."""

    def __init__(self):
        self.worst = None

    def value(self, value):
        if value is None:
            return 0.0 if self.worst is None else self.worst
        self.worst = value if self.worst is None else max(self.worst, value)
        return value
