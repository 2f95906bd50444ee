"""The rules that the fakes hold to, read from rules.yaml: one place, each with its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PATH = Path(__file__).with_name("rules.yaml")


@dataclass(frozen=True)
class Rule:
    """One rule of a destination.

    Attributes:
        name: by which the fake asks for it, such as ``hubspot.batch_most``.
        value: a number, a text or a list of them.
        section: of the reference on formats, such as ``4.1``.
        cites: words of one line of that section; None where no text settles it.
        assumed: why it is taken to be so where nothing is cited, or what the cited line leaves
            open.
    """

    name: str
    value: object
    section: str | None
    cites: str | None
    assumed: str | None


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by its name."""
    read = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return {
        f"{destination}.{name}": Rule(
            f"{destination}.{name}",
            rule["value"],
            rule.get("section"),
            rule.get("cites"),
            rule.get("assumed"),
        )
        for destination, rules in read.items()
        for name, rule in rules.items()
    }


ASKED: set[str] = set()
"""The rules that a fake has asked for since the process began."""


class Rules:
    """The rules of one destination; some may be set otherwise where no text settles them."""

    def __init__(self, destination: str, **otherwise: object) -> None:
        self.destination = destination
        self.otherwise = otherwise
        for name in otherwise:
            if all_rules()[f"{destination}.{name}"].assumed is None:
                raise ValueError(f"{name} is settled and cannot be otherwise")

    def __call__(self, name: str):
        """The value of a rule."""
        full = f"{self.destination}.{name}"
        ASKED.add(full)
        return self.otherwise.get(name, all_rules()[full].value)
