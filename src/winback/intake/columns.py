"""Decides which column of an export is what, by its name and, failing that, its content."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from winback.errors import UsageError
from winback.intake.cells import nothing
from winback.intake.clocks import find_clock
from winback.intake.contents import Table
from winback.intake.converted import settle_currencies
from winback.intake.dating import better_dates, date_parts, of_orders, running_days
from winback.intake.discounts import find_line_discount
from winback.intake.documents import MOST_KINDS, document_kind, holds_documents
from winback.intake.doubts import masked
from winback.intake.findings import Findings, quoted
from winback.intake.giftcards import find_gift_cards
from winback.intake.guests import is_nobody
from winback.intake.headers import (
    ALIASES,
    DOCUMENT_TYPES,
    FLAGS,
    ID_WORDS,
    NOT_WORDS,
    ROLES,
    WEAK_STATES,
    WORDS,
    is_word_of,
)
from winback.intake.money import doubt_amount, find_discount
from winback.intake.numbers import rough_number
from winback.intake.prices import settle_price
from winback.intake.refunds import find_refunds
from winback.intake.shapes import Shape, Source
from winback.intake.statuses import bad_states
from winback.intake.told import Told
from winback.intake.units import find_divisor
from winback.results.base import Fact, fact

# No column without a cell in it can be one of these.
_NEEDED = ("customer", "date", "amount", "price", "quantity", "product")
_ORDER_STATE = re.compile(
    r"complete|cancel|process|pending|paid|closed|refund|ship|deliver|anulow|zreal"
)
_MUTE = re.compile(
    r"^.{0,3}$|^(col|column|kolumna|spalte|field|pole|feld|var)\d*$|id|key|code|kod|nr|num"
)


def find_columns(source: Source, told: Told, findings: Findings | None = None) -> dict[str, int]:
    """Say which column plays which role: {role: position}.

    What the user told of the columns wins. Customer, date and amount
    (or price) are needed; the rest may be missing. Names decide first, in the order of
    likelihood, then content. What the content decided against a name goes to `findings`.
    Raises UsageError when a needed role has no column or more than one equally likely.
    """
    findings = findings if findings is not None else Findings()
    table, given = Table(source), told.columns
    search = _Search(table, _given(table, given), findings.rules)
    found, rules = search.found, findings.rules
    rules |= dict.fromkeys(found, "told")
    for rule, look in (
        ("shop", search.by_shop), ("usual", search.by_usual_names),
        ("documents", search.by_documents), ("usual", search.by_short_names),
        ("usual", search.by_parts_of_a_date),
        ("words", search.by_words), ("content", search.by_content),
    ):  # fmt: skip
        look()
        for role in found:
            rules.setdefault(role, rule)
    for role in ("customer", "date", "amount"):
        if role not in found and not (role == "amount" and "price" in found):
            _ask(table, role, [], _unfit(table, role, found))
    if "date" not in given and "month" not in found:
        findings.understood += search.better_date()
    doubt_amount(table, found, set(given), findings)
    before = dict(found)
    settle_price(table, found, told, findings)
    find_refunds(table, found)
    settle_currencies(table, found, told, findings)
    find_divisor(table, found, told)
    if search.is_shopify and "amount" not in found and "quantity" in found and "order" in found:
        find_discount(table, found, findings)
    else:
        find_line_discount(table, found, before, told, findings)
    find_gift_cards(table, found, set(given))
    findings.doubts += _unused_credit_notes(table, found)
    search.clock()
    for role in found:
        rules.setdefault(role, "fits")
    return found


class _Search:
    """The search for the columns of one table; whatever is found is taken for all that follows."""

    def __init__(self, table: Table, found: dict[str, int], rules: dict[str, str]) -> None:
        self.table, self.found, self.rules = table, found, rules
        self.is_shopify = {"lineitemprice", "lineitemquantity", "name"} <= set(table.keys)

    def _fits(self, role: str, column: int) -> bool:
        """Whether what stands in a column can play a role."""
        table, key = self.table, self.table.keys[column]
        match role:
            case "order":
                return table.is_order(column, self.found)
            case "date" | "known_at" | "cancelled_at":
                return table.is_date(column)
            case "amount" | "price" | "quantity":
                return table.is_number(column)
            case "refunded":
                return table.is_number(column) and not table.is_switch(column)
            case "status" if key in DOCUMENT_TYPES:
                # A kind of transaction may be a way of paying.
                return table.mostly(column, lambda c: document_kind(c, alone=False) == "invoice")
            case "status":
                # "State" is as often a part of America as a state of the order.
                if key in WEAK_STATES:
                    return bool(bad_states(set(table.cells[column])))
                return key != "state" or any(map(_ORDER_STATE.search, table.words(column)))
        return True

    def free(self, role: str) -> list[int]:
        """Columns nobody has taken whose content can play the role."""
        taken, cells = set(self.found.values()), self.table.cells
        return [
            i
            for i in range(len(cells))
            if i not in taken
            and (bool(cells[i]) or role not in _NEEDED)
            and (not cells[i] or self._fits(role, i))
        ]

    def by_shop(self) -> None:
        """What is certain where the export of a known shop is recognised."""
        keys = self.table.keys
        if self.is_shopify and "order" not in self.found:
            self.found["order"] = keys.index("name")
        if "date" not in self.found and "ordercreationdate" in keys:
            self.found["date"] = keys.index("ordercreationdate")

    def by_usual_names(self) -> None:
        """Roles whose column is called as shops call it, the likeliest name first."""
        table = self.table
        for role in ROLES:
            if role in self.found:
                continue
            ranks = ALIASES[role]
            ranked = sorted(
                (ranks[table.keys[i]], i) for i in self.free(role) if table.keys[i] in ranks
            )
            if ranked:
                if role == "date":
                    fit = of_orders(table, [i for _, i in ranked], self.found.get("customer"))
                    ranked = [one for one in ranked if one[1] in fit]
                same = [i for rank, i in ranked if rank == ranked[0][0]]
                if len(same) > 1 and not table.equal(same):
                    _ask(table, role, [table.names[i] for i in same])
                self.found[role] = ranked[0][1]

    def by_documents(self) -> None:
        """A column that holds nothing but kinds of documents is the status."""
        if "status" in self.found:
            return
        cells = self.table.cells
        papers = [i for i in self.free("status") if holds_documents("", cells[i])]
        # Of several the one that tells more.
        if papers:
            self.found["status"] = max(papers, key=lambda i: (len(set(cells[i])), -i))

    def by_short_names(self) -> None:
        """Names that say little, and only where nothing better is there."""
        keys = self.table.keys
        for role, short in (("order", "id"), ("order", "number"), ("product", "name")):
            if role not in self.found and short in keys and keys.index(short) in self.free(role):
                self.found[role] = keys.index(short)

    def by_words(self) -> None:
        """Names that hold a word for the role, and none that speaks of something else."""
        table = self.table
        for role, words in WORDS.items():
            if role == "order" and "date" not in self.found:
                self._date_by_content()
            if role in self.found or (role == "price" and "amount" in self.found):
                continue
            near = [
                i
                for i in self.free(role)
                if words.search(table.keys[i]) and not NOT_WORDS[role].search(table.keys[i])
            ]
            if role == "date":
                near = of_orders(table, near, self.found.get("customer"))
            if role == "order":
                # A name that only mentions orders may speak of their channel or number of pieces.
                near = [i for i in near if table.tells_orders_apart(i, self.found)]
                numbers = [i for i in near if ID_WORDS.search(table.keys[i])]
                near = numbers if len(near) > 1 else near
            if len(near) > 1:
                near = [i for i in near if _varies(table, i)] or near
            if len(near) == 1:
                self.found[role] = near[0]
            elif near and role in ("customer", "date", "amount") and "price" not in self.found:
                _ask(table, role, [table.names[i] for i in near])

    def by_content(self) -> None:
        """The needed roles that no name gave away, as far as the content is clear."""
        found, table = self.found, self.table
        money = "amount" in found or "price" in found
        if "customer" in found and "date" in found and money:
            return
        open_columns = [
            i for i in range(len(table.cells)) if table.cells[i] and i not in found.values()
        ]
        if "date" not in found:
            self._date_by_content()
            if "date" not in found:
                return
            open_columns.remove(found["date"])
        if not money:
            self._amount_by_content(open_columns)
        if "customer" not in found:
            self._customer_by_content(open_columns)

    def _date_by_content(self) -> None:
        """Take the only column of dates, of several the only one not known to be another."""
        table, taken = self.table, set(self.found.values())
        dates = [
            i
            for i in range(len(table.cells))
            if table.cells[i]
            and i not in taken
            and table.is_date(i)
            and (not table.is_number(i) or table.is_compact_date(i))
        ]
        dates = of_orders(table, dates, self.found.get("customer"))
        if len(dates) > 1:
            likely = [i for i in dates if not NOT_WORDS["date"].search(table.keys[i])]
            if len(likely) != 1:
                _ask(table, "date", [table.names[i] for i in likely or dates])
            dates = likely
        if dates:
            self.found["date"], self.rules["date"] = dates[0], "content"

    def _amount_by_content(self, open_columns: list[int]) -> None:
        """Take the only column of numbers with fractions."""
        table = self.table
        fractions = [i for i in open_columns if table.is_number(i) and table.mostly_any(i, ".,")]
        if len(fractions) > 1:
            _ask(table, "amount", [table.names[i] for i in fractions])
        if fractions:
            self.found["amount"] = fractions[0]
            open_columns.remove(fractions[0])

    def _customer_by_content(self, open_columns: list[int]) -> None:
        """Take the column whose values repeat, and come with one order each time."""
        found, table = self.found, self.table
        if "quantity" not in found:
            small = [i for i in open_columns if table.is_number(i) and table.is_count(i)]
            if len(small) == 1 and len(open_columns) > 1:
                found["quantity"] = small[0]
                open_columns.remove(small[0])

        def values(column: int) -> int:
            return len(set(table.cells[column]))

        varied = [i for i in open_columns if values(i) > 1 and not table.mostly_any(i, ".")]
        repeated = [i for i in varied if values(i) < len(table.cells[i])]
        if "order" not in found:
            orders = [i for i in varied if table.determines(i, found["date"])]
            if orders and len(varied) > 1:
                order = max(orders, key=values)
                people = [i for i in repeated if i != order and table.determines(order, i)]
                if people:
                    found["order"] = order
                    repeated = [max(people, key=values)]
        else:
            people = [i for i in repeated if table.determines(found["order"], i)]
            repeated = [max(people, key=values)] if people else repeated
        # A header that speaks of something else must not become a customer by its content.
        repeated = [i for i in repeated if _MUTE.search(table.keys[i])]
        varied = [i for i in varied if _MUTE.search(table.keys[i])]
        if not repeated and len(varied) == 1:
            repeated = varied
        if len(repeated) > 1:
            _ask(table, "customer", [table.names[i] for i in repeated])
        if repeated:
            found["customer"] = repeated[0]

    def by_parts_of_a_date(self) -> None:
        """Year, month and day in three columns."""
        if "date" not in self.found:
            parts = date_parts(self.table, set(self.found.values()))
            if parts is not None:
                self.found |= {"date": parts["year"], "month": parts["month"], "day": parts["day"]}

    def better_date(self) -> list[Fact]:
        """Take a column of dates for the one that was found where it says more of the orders."""
        dates, reasons = better_dates(self.table, self.found)
        if len(dates) > 1:
            _ask(self.table, "date", [self.table.names[i] for i in dates])
        if reasons:
            self.found["date"] = dates[0]
            self.rules["date"] = "content"
        return reasons

    def clock(self) -> None:
        """A time of day beside a date without one."""
        if "clock" not in self.found:
            taken = set(self.found.values())
            clock = find_clock(
                self.table, taken, None if "month" in self.found else self.found["date"]
            )
            if clock is not None:
                self.found["clock"] = clock


def _given(table: Table, given: Mapping[str, str]) -> dict[str, int]:
    lowered = [name.lower() for name in table.names]
    found: dict[str, int] = {}
    for role, name in given.items():
        if role not in ROLES:
            raise UsageError("intake.unknown_role", role=role, roles=ROLES)
        wanted = name.strip().lower()
        if wanted not in lowered and (role, wanted) == ("discount", "none"):
            continue
        if wanted not in lowered:
            near = difflib.get_close_matches(wanted, lowered, 1, 0.0)
            raise UsageError(
                "intake.no_such_column", file=table.label, column=name, flag=FLAGS[role],
                nearest=table.names[lowered.index(near[0])], columns=_listed(table.names),
            )  # fmt: skip
        found[role] = lowered.index(wanted)
        twin = next((r for r in found if r != role and found[r] == found[role]), None)
        # A time of knowing may be read off a column that says something else too.
        if twin is not None and "known_at" not in (role, twin):
            raise UsageError(
                "intake.column_twice", file=table.label, column=name, one=FLAGS[twin],
                other=FLAGS[role],
            )  # fmt: skip
    return found


def _unused_credit_notes(table: Table, found: Mapping[str, int]) -> list[Fact]:
    """Tell of a column that calls lines credit notes which nobody reads as such."""
    money = [found[role] for role in ("amount", "price", "quantity") if role in found]

    def is_positive(row: Sequence[str | None]) -> bool:
        return all((rough_number(row[i]) or 0) > 0 for i in money)

    for i, key in enumerate(table.keys):
        if i in found.values():
            continue
        called = set(table.cells[i])
        if len(called) > MOST_KINDS:
            continue
        alone = not holds_documents(key, called)
        notes = {cell for cell in called if document_kind(cell, alone=alone) == "credit_note"}
        if any(row[i] in notes and is_positive(row) for row in table.rows):
            shown = quoted(sorted(notes)[:3])
            return [fact("intake.credit_notes_unused", column=table.names[i], values=shown)]
    return []


def find_mail(shape: Shape, customer: int, guests: Sequence[str]) -> str | None:
    """Name the column of e-mail addresses that tells customers apart where this one does not.

    None where most of the lines without a customer have no address either. ``guests`` are ids
    that the user called nobody.
    """

    def is_blank(cell: str | None) -> bool:
        return cell is None or nothing(cell) or cell in ("0", "0.0") or is_nobody(cell, guests)

    nobody = [row for row in shape.sample if is_blank(row[customer])]
    told = []
    for i in range(len(shape.names)):
        people = {row[i] for row in nobody if "@" in (row[i] or "") and not is_blank(row[i])}
        filled = sum(row[i] in people for row in nobody)
        # One address for all of them is the shop's.
        if i != customer and nobody and filled > 0.5 * len(nobody) and len(people) > 1:
            told.append((-len(people), i))
    return shape.names[min(told)[1]] if told else None


def _listed(names: Sequence[str]) -> tuple[Fact, ...]:
    return quoted(names, most=20)


def _unfit(table: Table, role: str, found: Mapping[str, int]) -> Fact | None:
    """A column with the name for a role but not the content, if there is one."""
    held = {"date": "date", "amount": "number"}.get(role)
    taken = set(found.values())
    named = [
        (rank, i)
        for i, key in enumerate(table.keys)
        if i not in taken
        for rank in (ALIASES[role].get(key, 99 if is_word_of(role, key) else None),)
        if rank is not None
    ]
    if role == "date" and (counted := running_days(table, [i for _, i in sorted(named)])):
        return counted
    if held is None or not named:
        return None
    at = min(named)[1]
    name, some = table.names[at], sorted(set(table.cells[at]))[:3]
    if not some:
        return fact("intake.named_but_empty", column=name)
    # Without a digit it may be a name.
    safe = [c[:40] if any(map(str.isdigit, c)) and "@" not in c else masked(c[:40]) for c in some]
    return fact(f"intake.named_but_no_{held}", column=name, cells=quoted(safe))


def _varies(table: Table, column: int) -> bool:
    return len(set(table.cells[column])) > 1


def _ask(table: Table, role: str, near: Sequence[str], unfit: Fact | None = None) -> NoReturn:
    # A column of one value is no answer.
    near = [name for name in near if _varies(table, table.names.index(name))] or near
    if near:
        raise UsageError(
            "intake.several_columns", file=table.label, role=role, columns=_listed(near),
            flag=FLAGS[role],
        )  # fmt: skip
    flags = fact("intake.flag_column", flag=FLAGS[role])
    raise UsageError(
        "intake.no_column", file=table.label, role=role, unfit=unfit or "",
        columns=_listed(table.names),
        flags=fact("intake.flag_amount") if role == "amount" else flags,
    )  # fmt: skip
