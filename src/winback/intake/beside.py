"""Leaves alone tables that lie in a folder of orders and hold none, such as one of customers."""

from __future__ import annotations

from collections.abc import Sequence

from winback.errors import UsageError
from winback.intake.cells import nothing
from winback.intake.columns import find_columns
from winback.intake.consents import unused_columns
from winback.intake.containers import is_called
from winback.intake.findings import quoted
from winback.intake.folders import own_table
from winback.intake.shapes import Source
from winback.intake.told import Told
from winback.results.base import Fact, fact

# What a table lacks that has none of the columns of orders, or none of those told.
_LACKING = ("intake.no_column", "intake.no_such_column")
# Fewer customers may well have come once each.
_LEAST_CUSTOMERS = 20

Members = list[tuple[int, Source]]


def of_orders(
    groups: Sequence[Members], told: Told, asked: Sequence[str] = ()
) -> tuple[list[Members], list[Fact]]:
    """Files of one header together: those that can hold orders, and doubts that name the others.

    Of a table that is ``asked`` for consents there is no doubt.

    Only files that nobody named can be left alone, and only beside others with orders.
    """
    if len(groups) < 2:
        return list(groups), []
    left: dict[int, Fact] = {}
    plain: list[int] = []
    numbered = False
    for place, members in enumerate(groups):
        first = members[0][1]
        if own_table(first.shape.names):
            continue
        loose = all(one.loose for _, one in members)
        names = quoted([one.label for _, one in members])
        try:
            roles = find_columns(first, told)
        except UsageError as error:
            if loose and error.code in _LACKING:
                left[place] = fact("intake.no_orders_in", files=names)
            continue
        numbered |= "order" in roles
        if loose and "order" not in roles and _each_once(first, roles["customer"]):
            plain.append(place)
    if numbered:
        left |= {
            place: fact("intake.register_in", files=quoted([one.label for _, one in groups[place]]))
            for place in plain
        }
    if len(left) == len(groups):
        return list(groups), []
    used = {
        place
        for place in left
        if all(any(is_called(one.label, name) for name in asked) for _, one in groups[place])
    }
    doubts = [
        doubt
        for place, told_of in left.items()
        if place not in used
        for doubt in (
            told_of,
            *unused_columns(
                [one.shape for _, one in groups[place]], (),
                quoted([one.label for _, one in groups[place]]),
            ),
        )
    ]  # fmt: skip
    return [g for place, g in enumerate(groups) if place not in left], doubts


def _each_once(source: Source, customer: int) -> bool:
    """Whether each row is another customer's, as in a register of them."""
    cells = [row[customer] for row in source.shape.sample if not nothing(row[customer])]
    return len(cells) >= _LEAST_CUSTOMERS and len(set(cells)) == len(cells)
