"""Reads what a line is off columns beside the status: those the user names, and marks of a shop."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from winback.errors import UsageError
from winback.intake.cells import as_text, listed, literal, nothing, one_row
from winback.intake.contents import Table
from winback.intake.doubts import masked
from winback.intake.findings import joined, quoted
from winback.intake.headers import normalised
from winback.intake.kinds import (
    NO,
    YES,
    are_sides,
    are_subscriptions,
    is_kind,
    is_side,
    kind_class,
    mark_by_values,
    mark_of,
)
from winback.intake.statuses import ANY, bad_states, is_status, second_class
from winback.intake.told import Told
from winback.results.base import Fact, fact

# Of so many different values at most, each is looked at.
MOST_VALUES = 1000
_MOST_KINDS = 50
_FEW_VALUES = 10
# A mark on more lines than this is no mark, or means something else.
_MOST_MARKED = 0.5
_MOST_UNPAID = 0.2
_MOST_REFUNDS = 0.3
# So many lines of unknown values are worth a look.
WORTH_ASKING = 0.01


_USUAL = frozenset((
    "ok", "normal", "regular", "live", "prod", "production", "active", "sale", "sold", "none",
    "valid", "purchase", "order", "sprzedaz", "zamowienie", "verkauf", "bestellung",
))  # fmt: skip
_READ_KINDS = ("refund_event", "not_a_purchase")
_READ_STATES = ("reversed", "refund_event", "not_paid")


@dataclass(frozen=True)
class Flag:
    """A column that may say what its lines are.

    ``mark`` is ``told``, ``kind``, ``side``, ``status``, or what `mark_of` says of its name;
    ``classes`` its values, in lower case, by what they make of a line, once they are known; ""
    is an empty cell.
    """

    column: int
    name: str
    mark: str
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Stake:
    """A doubt about lines of some values of a flag, whose number and money are still to be told."""

    code: str
    flag: Flag
    values: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What the values of a flag are taken to mean, what to say of it, and what is in doubt."""

    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    note: Fact | None = None
    stake: Stake | None = None


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
                found.append(Flag(at, names[at], "told", {word: wanted}))
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


def find_flags(table: Table, taken: Sequence[int], told: Told) -> list[Flag]:
    """Columns that nobody has taken and that are named like a mark, a kind or another status."""
    settled = {name.strip().lower() for name in (*told.leave_out, *told.refunds)}
    found = []
    for i, key in enumerate(table.keys):
        values = set(table.cells[i])
        if i in taken or table.names[i].strip().lower() in settled or not values:
            continue
        mark = mark_of(key)
        if is_side(key):
            mark = "side"
        elif is_kind(key):
            mark = "kind"
        elif is_status(key):
            mark = "status"
        elif mark is None and len(values) <= _FEW_VALUES:
            mark = mark_by_values(key, values)
            if mark is None and len(bad_states(values)) > 1:
                mark = "states"
        of_days = table.is_date(i) and not table.is_number(i)
        dated = mark == "void" and of_days
        if of_days and not dated:
            continue
        most = _FEW_VALUES if mark == "hint" else _MOST_KINDS
        if mark is None or (len(values) > most and not dated):
            continue
        if mark == "hint" and (values <= NO or len(values | set(_blank(table, i))) < 2):
            continue
        found.append(Flag(i, table.names[i], mark, {"marked": [ANY]} if dated else {}))
    return found


def _blank(table: Table, column: int) -> list[str]:
    return [""] if len(table.cells[column]) < len(table.rows) else []


def read_flag(flag: Flag, counts: Sequence[tuple[str, int]], lines: Lines) -> Reading:
    """Say what the values of a flag mean; ``counts`` has each, in lower case, and its lines.

    Raises UsageError where a side of an account may be that of the sales or of the refunds.
    """
    total = sum(n for _, n in counts)
    match flag.mark:
        case "told":
            return Reading(flag.classes)
        case "side":
            return _side(flag, dict(counts), total, lines)
        case "kind":
            return _kind(flag, counts, total)
        case "status":
            return _second_status(flag, counts)
        case "states":
            bad = bad_states([value for value, _ in counts if value])
            return Reading(stake=Stake("flag_unread", flag, tuple(bad)) if bad else None)
    return _mark(flag, counts, total, lines)


def _mark(flag: Flag, counts: Sequence[tuple[str, int]], total: int, lines: Lines) -> Reading:
    """A column of yes and no, or of a word and nothing."""
    if flag.classes:
        return Reading(flag.classes, fact("intake.status_marked_by_date"))
    no_is_bad = flag.mark in ("live", "paid", "valid")

    def says(value: str) -> bool | None:
        word = normalised(value)
        if value in YES or (value not in NO and mark_of(word) == flag.mark):
            return True
        if value in NO or word in _USUAL:
            return False
        return True if flag.mark == "void" and mark_of(word) == "cancelled" else None

    said = {value: says(value) for value, _ in counts}
    against = [v for v, yes in said.items() if yes is not None and yes != no_is_bad and (v or yes)]
    unclear = sum(n for value, n in counts if said[value] is None)
    if flag.mark == "hint" or unclear > 0.02 * total:
        commonest = max(counts, key=lambda c: (c[1], c[0]))[0] if counts else ""
        some = tuple(v for v, _ in counts if v not in ("", commonest))
        values = tuple(against) if not unclear else some
        return Reading(stake=Stake("flag_unread", flag, values) if values else None)
    if not against:
        return Reading()
    marked = sum(n for value, n in counts if value in against)
    most = _MOST_UNPAID if flag.mark == "paid" else _MOST_MARKED
    # What was sent may be paid on delivery.
    sent = flag.mark == "paid" and "status" in lines.roles
    if sent or marked > most * total:
        return Reading(stake=Stake("flag_unread", flag, tuple(against)))
    word = {"void": "marked", "live": "marked"}.get(flag.mark, "reversed")
    if flag.mark in ("paid", "valid"):
        note = fact("intake.status_not_paid", values=quoted(against))
        return Reading({"not_valid": against}, note)
    if flag.mark in ("return", "returned"):
        paired = lines.paired(flag, against)
        named = flag.mark == "return" and normalised(flag.name).startswith("is")
        if paired >= (0.5 if flag.mark == "return" else 0.8) or named:
            word = "refund_event"
    return Reading({word: against}, fact(f"intake.status_{word}", values=quoted(against)))


def _kind(flag: Flag, counts: Sequence[tuple[str, int]], total: int) -> Reading:
    """A column of orders, returns, drafts and so on."""
    classes: dict[str, list[str]] = {}
    for value, _ in counts:
        classes.setdefault(kind_class(value) if value else "empty", []).append(value)
    of = {word: sum(n for v, n in counts if v in found) for word, found in classes.items()}
    refunds, others = classes.get("refund_event", []), classes.get("not_a_purchase", [])
    if not refunds and not others:
        return Reading()
    sold = of.get("kept", 0)
    if others and not (sold or refunds):
        # Drafts beside no orders are ways to pay.
        return Reading()
    if of.get("refund_event", 0) > _MOST_MARKED * total:
        return Reading(stake=Stake("flag_unread", flag, (*refunds, *others)))
    read = {word: found for word, found in classes.items() if word in _READ_KINDS}
    notes = [fact(f"intake.status_{word}", values=quoted(found)) for word, found in read.items()]
    unknown = of.get("unknown", 0)
    stake = None
    if contracts := are_subscriptions(others):
        stake = Stake("subscriptions_out", flag, tuple(contracts))
    elif WORTH_ASKING * total < unknown < sold:
        stake = Stake("flag_unread", flag, tuple(classes["unknown"]))
    return Reading(read, joined(*notes), stake)


def _side(flag: Flag, counts: Mapping[str, int], total: int, lines: Lines) -> Reading:
    """A column of debit and credit, or of in and out: the rarer side is that of refunds."""
    sides = [value for value in counts if value]
    if sides == ["+"] and "" in counts:
        # A minus alone is read as an empty cell.
        sides.append("")
    if not are_sides([side or "-" for side in sides]):
        return Reading()
    less = min(sides, key=lambda side: (counts[side], side))
    if lines.has_minus(flag, less):
        return Reading()
    if counts[less] > _MOST_REFUNDS * total:
        raise UsageError(
            "intake.which_side", file=lines.label, column=flag.name, values=quoted(sorted(sides)),
            one=less, lines=counts[less], total=total,
        )  # fmt: skip
    return Reading(
        {"refund_event": [less]}, fact("intake.status_refund_event", values=quoted([less]))
    )


def _second_status(flag: Flag, counts: Sequence[tuple[str, int]]) -> Reading:
    """A status beside the one that is read: what it takes back is taken back."""
    key = normalised(flag.name)
    classes: dict[str, list[str]] = {}
    for value, _ in counts:
        classes.setdefault(second_class(value, key) if value else "kept", []).append(value)
    if "unknown" in classes and set(classes) <= {"unknown", "kept", "doubted"}:
        return Reading()
    doubted = tuple(classes.get("doubted", ()))
    read = {word: found for word, found in classes.items() if word in _READ_STATES}
    notes = [fact(f"intake.status_{word}", values=quoted(found)) for word, found in read.items()]
    stake = Stake("flag_unread", flag, doubted) if doubted else None
    return Reading(read, joined(*notes) if notes else None, stake)


@dataclass(frozen=True)
class Lines:
    """The lines of a file as they were loaded, to compare those a flag marks with the others."""

    con: duckdb.DuckDBPyConnection
    relation: str
    label: str
    types: Sequence[str]
    roles: Mapping[str, int]
    # SQL of what stands for a column's cells instead: of money, the sign or word beside it.
    marks: dict[int, str] = field(default_factory=dict)

    def text(self, column: int) -> str:
        """SQL of a column's text in lower case; an empty cell is an empty text."""
        return f"coalesce(lower({as_text(f'c{column}', self.types[column])}), '')"

    def of_flag(self, column: int) -> str:
        """SQL of the text by which a column says what its lines are, in lower case."""
        return f"lower({self.marks.get(column, as_text(f'c{column}', self.types[column]))})"

    def counts(self, column: int) -> list[tuple[str, int]]:
        """The different values of a column, the most frequent first."""
        text = f"coalesce({self.of_flag(column)}, '')"
        return self.con.execute(
            f"SELECT s, count(*) AS n FROM (SELECT {text} AS s FROM {self.relation}) "
            f"GROUP BY s ORDER BY n DESC, s LIMIT {MOST_VALUES}"
        ).fetchall()

    def _money(self) -> int:
        return self.roles["amount"] if "amount" in self.roles else self.roles["price"]

    def paired(self, flag: Flag, values: Sequence[str]) -> float:
        """The share of marked lines that another line of the customer equals but for the mark."""
        same = [self.roles[role] for role in ("customer", "product") if role in self.roles]
        key = ", ".join([f"c{i}" for i in same] + [f"trim({self.text(self._money())}, '-() ')"])
        marked = f"{self.text(flag.column)} IN {listed(values)}"
        both, all_marked = one_row(
            self.con,
            f"SELECT sum(CASE WHEN m < n THEN least(m, n - m) ELSE 0 END), sum(m) FROM ("
            f"SELECT count_if({marked}) AS m, count(*) AS n FROM {self.relation} GROUP BY {key})",
        )
        return float(both / all_marked) if all_marked else 0.0

    def has_minus(self, flag: Flag, value: str) -> bool:
        """Whether most amounts on the lines of a value have a sign already."""
        minus = f"regexp_matches({self.text(self._money())}, '^[(]?[^0-9]*[-−–]|^[(]|[-−–]$')"
        signed, lines = one_row(
            self.con,
            f"SELECT count_if({minus}), count(*) FROM {self.relation} "
            f"WHERE {self.text(flag.column)} = {literal(value)}",
        )
        return bool(signed > 0.5 * lines)
