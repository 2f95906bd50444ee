"""Reads letters and words beside a number that say on which side of an account it stands."""

from __future__ import annotations

from collections.abc import Mapping

from winback.errors import UsageError
from winback.intake.findings import quoted
from winback.intake.marks import Hints
from winback.results.base import Fact, fact

_DEBIT = frozenset(("dr", "db", "d", "debit", "debet", "s", "soll", "wn"))
_CREDIT = frozenset(("cr", "c", "credit", "kredit", "h", "haben", "ma"))
_MINUS = frozenset(("minus", "neg"))
WORDS = _DEBIT | _CREDIT | _MINUS
# So much of all lines is clearly the larger part.
_CLEAR = 2 / 3


def is_side(mark: str) -> bool:
    """Whether a mark is such a letter or word."""
    return _plain(mark) in WORDS


def refund_marks(
    lines: Mapping[str, int], unmarked: int, *, hints: Hints, column: str
) -> tuple[list[str], Fact | None]:
    """Which of the marks beside a column's numbers make a refund, and what to say of it.

    ``lines`` has how many numbers bear which mark, ``unmarked`` how many bear none. In the
    ledger of a customer a debit is a sale and a credit a refund, in a bank's list the other way
    round: the side that most lines are on is the sales'. Raises UsageError where neither side
    clearly is, unless the user ``told`` the marks of refunds.
    """
    sides = {
        side: {mark: n for mark, n in lines.items() if _plain(mark) in words}
        for side, words in (("debit", _DEBIT), ("credit", _CREDIT))
    }
    # A minus says so itself.
    minus = [mark for mark in lines if _plain(mark) in _MINUS]
    wanted = {_plain(mark) for mark in hints.refunds}
    if wanted & {_plain(mark) for mark in lines}:
        refunds = [mark for mark in lines if _plain(mark) in wanted]
    else:
        debit, credit = (sum(sides[side].values()) for side in ("debit", "credit"))
        if not debit or not credit:
            # Only one side is marked: the other is what bears no mark.
            marked = debit or credit
            debit, credit = (marked, unmarked) if debit else (unmarked, marked)
        total = debit + credit
        if not debit or not credit:
            refunds = []
        elif hints.asks and max(debit, credit) < _CLEAR * total:
            few = sorted(sides["credit"] or sides["debit"])
            raise UsageError(
                "intake.sides_unclear", file=hints.file, column=column,
                marks=_counted({**sides["debit"], **sides["credit"]}), value=few[0],
            )  # fmt: skip
        else:
            refunds = list(sides["credit" if debit > credit else "debit"])
    refunds = sorted({*refunds, *minus})
    if not refunds:
        return [], None
    return refunds, fact(
        "intake.sides", refunds=quoted(refunds), lines=sum(lines[mark] for mark in refunds)
    )


def _counted(lines: Mapping[str, int]) -> tuple[Fact, ...]:
    ordered = sorted(lines.items(), key=lambda one: (-one[1], one[0]))
    return tuple(fact("intake.currency_lines", currency=mark, lines=n) for mark, n in ordered)


def _plain(mark: str) -> str:
    return mark.strip().lower().rstrip(".")
