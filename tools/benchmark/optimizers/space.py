"""Search spaces as the benchmark knows them: floats, integers, choices, conditions, constraints.

A space travels to every optimizer as the JSON document that Cairn reads from `--space`
(schema/search-space.json), so that all of them are told the same.
"""

import math
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Union

Value = Union[float, int, str]


@dataclass(frozen=True)
class Parameter:
    """What all parameters have: a name, and the values of others while which it exists."""

    name: str
    # Another parameter's name and the values of it with which this one exists; all must hold.
    when: Dict[str, List[Value]] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Float(Parameter):
    low: float
    high: float
    log: bool = False

    def sample(self, generator):
        return self.at(generator.random())

    def at(self, unit):
        """The value at `unit`, a place in 0…1 along the (logarithmic) range."""
        low, high = self.low, self.high
        if self.log:
            value = math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
        else:
            value = low + unit * (high - low)
        return min(max(value, low), high)

    def unit(self, value):
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def document(self):
        return {"type": "float", "low": self.low, "high": self.high, "log": self.log}


@dataclass(frozen=True)
class Integer(Parameter):
    low: int
    high: int
    log: bool = False

    def sample(self, generator):
        return self.at(generator.random())

    def at(self, unit):
        """The integer whose share of the range holds `unit`."""
        low, high = self.low - 0.5, self.high + 0.5
        if self.log:
            value = math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
        else:
            value = low + unit * (high - low)
        return min(max(math.floor(value + 0.5), self.low), self.high)

    def unit(self, value):
        low, high = self.low - 0.5, self.high + 0.5
        if self.log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def document(self):
        return {"type": "int", "low": self.low, "high": self.high, "log": self.log}


@dataclass(frozen=True)
class Choice(Parameter):
    choices: List[str]

    def sample(self, generator):
        return self.choices[int(generator.integers(len(self.choices)))]

    def document(self):
        return {"type": "choice", "choices": list(self.choices)}


@dataclass(frozen=True)
class Space:
    """Parameters, parents before children, and constraints, each an expression of names,
    numbers and operators that Python and SQL read alike (`layers * units <= 256`)."""

    parameters: List[Parameter]
    constraints: List[str] = field(default_factory=list)

    def __getitem__(self, name):
        return next(parameter for parameter in self.parameters if parameter.name == name)

    @property
    def has_conditions(self):
        return any(parameter.when for parameter in self.parameters)

    def active(self, values):
        """`values` without the parameters that do not exist beside the others."""
        kept = {}
        for parameter in self.parameters:
            if all(kept.get(name) in wanted for name, wanted in parameter.when.items()):
                kept[parameter.name] = values[parameter.name]
        return kept

    def allows(self, values):
        """Whether every constraint holds; one over a parameter that does not exist does."""
        return all(
            eval(compiled, {"__builtins__": {}}, values)
            for compiled in map(_compiled, self.constraints)
            if all(name in values for name in compiled.co_names)
        )

    def sample(self, generator, attempts=100_000):
        """A configuration drawn uniformly among those that are allowed."""
        for _ in range(attempts):
            drawn = {parameter.name: parameter.sample(generator) for parameter in self.parameters}
            values = self.active(drawn)
            if self.allows(values):
                return values
        raise ValueError(f"none of {attempts} random configurations keeps {self.constraints}")

    def document(self):
        parameters = {}
        for parameter in self.parameters:
            parameters[parameter.name] = parameter.document()
            if parameter.when:
                parameters[parameter.name]["when"] = parameter.when
        document = {"parameters": parameters}
        if self.constraints:
            document["constraints"] = self.constraints
        return document

    @staticmethod
    def from_document(document):
        return Space(
            [_parameter(name, entry) for name, entry in document["parameters"].items()],
            document.get("constraints", []),
        )


_cache: Dict[str, object] = {}


def _compiled(expression):
    if expression not in _cache:
        _cache[expression] = compile(expression, "constraint", "eval")
    return _cache[expression]


def _parameter(name, entry) -> Parameter:
    when: Optional[dict] = entry.get("when")
    rest = {"when": when} if when else {}
    if entry["type"] == "choice":
        return Choice(name, entry["choices"], **rest)
    kind = {"float": Float, "int": Integer}[entry["type"]]
    return kind(name, entry["low"], entry["high"], entry["log"], **rest)
