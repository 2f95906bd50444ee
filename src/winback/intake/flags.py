"""Reads what a line is off columns beside the status: those the user names, and marks of a shop."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from winback.errors import UsageError
from winback.intake.cells import nothing
from winback.intake.doubts import masked
from winback.intake.findings import quoted
from winback.intake.told import Told

# Of so many different values at most, each is looked at.
MOST_VALUES = 1000


@dataclass(frozen=True)
class Flag:
    """A column, and the classes of its lines by its values, in lower case; "" is an empty cell."""

    column: int
    name: str
    classes: Mapping[str, Sequence[str]]


def forms(value: str) -> tuple[str, ...]:
    """A value as cells of text and of numbers hold it, in lower case."""
    plain = value.strip().lower()
    if nothing(plain):
        return ("", plain)
    if plain.removesuffix(".0").isdigit():
        return (plain.removesuffix(".0"), plain.removesuffix(".0") + ".0")
    return (plain,)


def told_flags(label: str, names: Sequence[str], told: Told) -> list[Flag]:
    """The columns of a file whose values the user tells to be refunds, or no purchases."""
    lowered = [name.strip().lower() for name in names]
    found = []
    for word, given in (("left_out", told.leave_out), ("refund_event", told.refunds)):
        for name, values in given.items():
            if name.strip().lower() in lowered:
                at = lowered.index(name.strip().lower())
                wanted = [form for value in values for form in forms(value)]
                found.append(Flag(at, names[at], {word: wanted}))
    return found


def check_told(
    label: str, names: Sequence[str], told: Told, seen: Mapping[str, set[str]], states: set[str]
) -> None:
    """Hold what the user told of columns and values against what the files hold.

    ``names`` are the headers of all files, ``seen`` the values of the columns told, by name, and
    ``states`` those of the status, all in lower case. Raises UsageError for a column that no file
    has, and for a value that stands in none of its cells.
    """
    lowered = {name.strip().lower(): name for name in names}
    for flag, given in (("--leave-out", told.leave_out), ("--refunds", told.refunds)):
        for name, values in given.items():
            if name.strip().lower() not in lowered:
                near = difflib.get_close_matches(name.strip().lower(), lowered, 1, 0.0)
                raise UsageError(
                    "intake.no_such_column", file=label, column=name, flag=flag,
                    nearest=lowered[near[0]], columns=quoted(names, most=20),
                )  # fmt: skip
            for value in values:
                _check_value(label, name, flag, value, seen.get(name.strip().lower(), set()))
    for value in told.states:
        if not states:
            raise UsageError(
                "intake.no_status", file=label, flag="--state", columns=quoted(names, most=20)
            )
        _check_value(label, "", "--state", value, states)


def _check_value(label: str, column: str, flag: str, value: str, seen: set[str]) -> None:
    if seen & set(forms(value)):
        return
    near = difflib.get_close_matches(value.strip().lower(), sorted(seen - {""}), 5, 0.0)
    # Among many values may be people.
    shown = [masked(one) if len(seen) > 50 else one for one in near]
    if column:
        raise UsageError(
            "intake.no_such_value", file=label, column=column, flag=flag, value=value,
            near=quoted(shown) if shown else "-",
        )  # fmt: skip
    raise UsageError(
        "intake.no_such_state", file=label, flag=flag, value=value,
        near=quoted(shown) if shown else "-",
    )  # fmt: skip
