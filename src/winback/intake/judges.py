"""Puts together what a file's status and marks make of its lines, and what of it is in doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from winback.errors import UsageError
from winback.intake.cells import literal, one_row
from winback.intake.findings import Findings, quoted
from winback.intake.flags import MOST_VALUES, WORTH_ASKING, Flag, Lines, Stake, forms, read_flag
from winback.intake.headers import normalised
from winback.intake.statuses import (
    KEPT_OUT,
    STANDS,
    TOLD,
    classes_of,
    holds,
    numbered_states,
    state_sql,
)
from winback.intake.told import Told
from winback.results.base import Fact, fact

# So few orders that wait for their money may be an accident in a list of those that were paid.
_LEAST_UNPAID = 3
_SHOWN = 5


@dataclass(frozen=True)
class _Judge:
    """A column that says what a line is: its cell and text in SQL, its values by class."""

    name: str
    cell: str
    text: str
    classes: Mapping[str, Sequence[str]]


def _invalid(judge: _Judge, reason: str) -> Sequence[str]:
    return judge.classes.get("not_valid", ()) if reason == "not_paid" else ()


class Judges:
    """The columns of a file that say what its lines are.

    ``seen`` has the values of the columns the user tells of, by name, and ``states`` those of the
    status, all in lower case.
    """

    def __init__(self, flags: Sequence[Flag], lines: Lines, told: Told, findings: Findings) -> None:
        self.flags, self.lines, self.told, self.findings = flags, lines, told, findings
        self.seen: dict[str, set[str]] = {}
        self.states: set[str] = set()
        self._judges: list[_Judge] = []
        self._stakes: list[tuple[str, str, Stake]] = []

    def read_flags(self) -> None:
        """Take the values of each flag for what they mean."""
        for n, flag in enumerate(self.flags):
            counts = self.lines.counts(flag.column)
            text = f"coalesce(f{n}, '')"
            if flag.mark == "told":
                found = self.seen.setdefault(flag.name.strip().lower(), set())
                found.update(value for value, _ in counts)
            reading = read_flag(flag, counts, self.lines)
            if reading.note is not None:
                self.findings.understood.append(
                    fact("intake.flag", column=flag.name, note=reading.note)
                )
            if reading.classes:
                self._judges.append(_Judge(flag.name, f"f{n}", text, reading.classes))
            if reading.stake is not None:
                self._stakes.append((text, flag.name, reading.stake))

    def read_status(self, name: str, text: str, keys: Sequence[str], *, dated: bool) -> None:
        """Take the values of the status for what they mean.

        ``keys`` are the normalised headers; ``dated`` says whether cancellations have a day, or
        an amount. Raises UsageError for events none of which is a purchase.
        """
        counts: list[tuple[str, int]] = self.lines.con.execute(
            f"SELECT s, count(*) AS n FROM (SELECT lower({text}) AS s FROM {self.lines.relation}) "
            f"WHERE s IS NOT NULL GROUP BY s ORDER BY n DESC, s LIMIT {MOST_VALUES}"
        ).fetchall()
        key, values = normalised(name), [value for value, _ in counts]
        self.states |= set(values)
        told = {form: TOLD[m] for v, m in self.told.states.items() for form in forms(v)}
        classes = classes_of(values, key, told, numbered_states(keys, key))
        of = {word: sum(n for v, n in counts if v in found) for word, found in classes.items()}
        total = sum(n for _, n in counts)
        if key.startswith("event") and values and "kept" not in classes:
            if len(values) > 1:
                raise UsageError(
                    "intake.no_bought_event", file=self.lines.label, column=name,
                    values=quoted(values), one=values[0],
                )  # fmt: skip
            classes = {"kept": values}
        self._settle_cancelled(classes, of, total, dated=dated)
        notes = [
            (word, classes[word])
            for word in ("refund_event", "reversed", "never_paid", *KEPT_OUT, "unknown")
            if word in classes
        ]
        for word, found in notes:
            note = fact(f"intake.status_{word}", values=quoted(found))
            self._note(name, note)
        if "never_paid" in classes:
            classes["not_paid"] = [*classes["not_paid"], *classes.pop("never_paid")]
        if not set(classes) - {"kept", "partly"}:
            self._note(name, fact("intake.status_purchases"))
        self._judges.append(_Judge(name, "status", "lower(status)", classes))
        unknown = classes.get("unknown", [])
        if len(values) > 1 and of.get("unknown", 0) > WORTH_ASKING * total:
            stake = Stake("states_unknown", Flag(-1, name, "status"), tuple(unknown))
            self._stakes.append(("lower(status)", name, stake))

    def _settle_cancelled(
        self, classes: dict[str, list[str]], of: Mapping[str, int], total: int, *, dated: bool
    ) -> None:
        """Say what cancelled orders were.

        A list that holds orders which still wait for their money holds those, too, that were
        called off before they were paid; where nothing was paid back, on no day, none was bought.
        """
        if "cancelled" not in classes:
            return
        unpaid = of.get("not_paid", 0)
        many = unpaid >= _LEAST_UNPAID and unpaid > WORTH_ASKING * total
        word = "never_paid" if many and not dated else "reversed"
        classes.setdefault(word, []).extend(classes.pop("cancelled"))

    def _note(self, name: str, note: Fact) -> None:
        rule = self.findings.rules.get("status", "fits")
        self.findings.understood.append(
            fact("intake.column", role="status", column=name, note=note, rule=rule)
        )

    def sql(self) -> tuple[str, str]:
        """SQL of a line's state and of the reason to leave it out."""
        if not self._judges:
            return "0", "NULL"
        return state_sql([(one.text, one.classes) for one in self._judges])

    @property
    def events(self) -> bool:
        """Whether some lines are refunds of their own."""
        return any("refund_event" in one.classes for one in self._judges)

    def bad_cells(self, name: str, cell: str) -> tuple[str, str]:
        """SQL of the column that speaks against a line, and of its cell; else those given."""
        cases = [
            (f"reason = '{reason}' AND {holds(one.text, found)}", one)
            for one in self._judges
            for reason in KEPT_OUT
            if (found := [*one.classes.get(reason, ()), *_invalid(one, reason)])
        ]
        if not cases:
            return name, cell
        names = " ".join(f"WHEN {test} THEN {literal(one.name)}" for test, one in cases)
        cells = " ".join(f"WHEN {test} THEN {one.cell}" for test, one in cases)
        return f"CASE {names} ELSE {name} END", f"CASE {cells} ELSE {cell} END"

    def tell_stakes(self, reasoned: str) -> None:
        """Add a doubt for each value that may speak against lines, with their number and money.

        ``reasoned`` is SQL of the lines with reason, state and value.
        """
        if not self._stakes:
            return
        tests = []
        for text, _, stake in self._stakes:
            base = f"reason IS NULL AND state = {STANDS}"
            if stake.code == "subscriptions_out":
                base = "reason = 'not_a_purchase'"
            tests.append(f"{holds(text, stake.values)} AND {base}")
        found = one_row(
            self.lines.con,
            "SELECT "
            + ", ".join(f"count_if({t}), abs(sum(value) FILTER ({t}))" for t in tests)
            + f" FROM ({reasoned})",
        )
        for (_, name, stake), lines, money in zip(
            self._stakes, found[::2], found[1::2], strict=True
        ):
            if lines:
                shown = stake.values[:_SHOWN]
                self.findings.doubts.append(
                    fact(
                        f"intake.{stake.code}",
                        column=name,
                        values=quoted(stake.values),
                        lines=int(lines),
                        money=float(money),
                        example=stake.values[0]
                        if stake.code == "states_unknown"
                        else ",".join(shown),
                    )
                )
