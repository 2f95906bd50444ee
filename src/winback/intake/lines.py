"""Reads files of one header into lines of text made dates, numbers and ids, with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from winback.errors import UsageError
from winback.intake.cells import as_text, cleaned, is_text, literal, one_row
from winback.intake.clocks import clock_sql
from winback.intake.columns import find_columns, find_mail
from winback.intake.contents import Table
from winback.intake.converted import FACTORS, in_one_currency
from winback.intake.currencies import one_meaning
from winback.intake.dates import read_dates
from winback.intake.dating import joined_parts
from winback.intake.discounts import discount_at_stake, less_discount
from winback.intake.filling import written_once
from winback.intake.findings import Findings, joined, quoted
from winback.intake.flags import Lines, find_flags, told_flags
from winback.intake.headers import normalised
from winback.intake.identities import Columns, Identity, ask_for_several, hold, others
from winback.intake.ids import Ids, read_ids
from winback.intake.judges import Judges
from winback.intake.marks import Hints, mark_shown
from winback.intake.numbers import read_numbers
from winback.intake.parents import cells_of, find_kinship, set_aside_parts
from winback.intake.phones import looks_like_phones
from winback.intake.plain import plain_types
from winback.intake.reading import load
from winback.intake.refunds import (
    BESIDE,
    UNSURE,
    doubts_of_refunds,
    is_refund_date,
    under_parents,
)
from winback.intake.shapes import Source
from winback.intake.statuses import REFUND_EVENT, REVERSAL, STANDS
from winback.intake.stores import numbers_by_store, order_of_store
from winback.intake.told import Told
from winback.intake.totals import counted_once, find_order_total
from winback.intake.units import Units
from winback.results.base import Fact, Value, fact

_LINES = """line BIGINT, line_hash UBIGINT, customer_id VARCHAR, order_id VARCHAR,
    ordered_at TIMESTAMP, known_at TIMESTAMP, product_id VARCHAR, quantity DOUBLE, value DOUBLE,
    state UTINYINT, cancelled_at TIMESTAMP, refunded DOUBLE, currency VARCHAR, reason VARCHAR,
    bad_column VARCHAR, bad_value VARCHAR"""
# Twice as much, in ten-thousandths, is still a whole number of 64 bits.
MOST_AMOUNT = "1e14"
# A line's number is its file's, moved left by this, and its place in there.
SRC_BITS = 40
_LINE = f"((CAST(file_no AS BIGINT) << {SRC_BITS}) | src)"
_NO_TEXT = "CAST(NULL AS VARCHAR)"
_NUMBERS = ("quantity", "amount", "price", "refunded", "discount")
_ID_ROLES = ("customer", "order", "product")
# Guests with an address, of all lines: more are no few that nobody need know.
_FEW = 0.02
# What a shop's pages report of a purchase.
_EVENT_ORDERS = ("transactionid", "ecommercetransactionid", "eventtransactionid")
_EVENT_COLUMNS = frozenset(
    ("eventname", "event", "eventtype", "userpseudoid", "eventtimestamp", "gasessionid")
)
# Of all lines: so many can be left out of each question at little cost.
_FEW = 0.05
_LATER = ("cancelled_at", "known_at")
_MEASURED = ("date", "known_at", "cancelled_at", "quantity", "refunded", "discount", *BESIDE)


@dataclass(frozen=True)
class _Lines:
    """SQL of the lines' source and of what is judged of each of them."""

    source: str
    value: str
    state: str
    kept_out: str
    refunded: str
    reason: str


class Group:
    """Files with the same header: their columns, and the SQL that reads them.

    ``unsure`` are ids of customers that may be nobody's; ``is_phone`` says that ids are numbers
    of phones.
    """

    unsure: tuple[str, ...] = ()
    is_phone = False

    names: tuple[str, ...]
    types: tuple[str, ...]
    findings: Findings

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        number: int,
        sources: Sequence[tuple[int, Source]],
        *,
        told: Told,
        contacts: Sequence[str],
        scratch: Path,
        watched: Sequence[str] = (),
    ) -> None:
        self._begin(con, sources, told)
        self.roles = find_columns(self.first, told, self.findings)
        self.money = "amount" if "amount" in self.roles else "price"
        lowered = [name.lower() for name in self.names]
        for name in contacts:
            if name.strip().lower() not in lowered:
                raise UsageError(
                    "intake.no_contact_column", file=self.label, column=name,
                    columns=self.names[:20],
                )  # fmt: skip
        self.contacts = [lowered.index(name.strip().lower()) for name in contacts]
        # A file without the column has lines all the same.
        self.watched = [self.names.index(x) if x in self.names else None for x in watched]
        table, customer = Table(self.first), self.roles["customer"]
        self.is_phone = looks_like_phones(table.keys[customer], table.cells[customer])
        ask_for_several(table, customer)
        # What the user told is settled.
        self.suspects: list[Identity] = []
        if "customer" not in told.columns:
            self.suspects = others(table, self.roles, told.guests)
        held = [one.column for one in self.suspects]
        self.flags = told_flags(self.label, self.names, told)
        self.flags += find_flags(Table(self.first), tuple(self.roles.values()), told)
        flagged = [flag.column for flag in self.flags]
        # Lines may be parts of others, which have their money already.
        self.kinship = find_kinship(self.first, self.roles)
        related = self.kinship.columns if self.kinship else []
        read = {*self.roles.values(), *self.contacts, *flagged, *related, *held}
        wanted = sorted({*read, *(i for i in self.watched if i is not None)})
        # A running number makes two copies of a line differ; it says nothing about the order.
        numbering = ("unnamed0", "index", "lp", "rownumber", "rowid", "column1", "")
        hashed = [
            i
            for i, name in enumerate(self.names)
            if i in wanted or normalised(name) not in numbering
        ]
        # Two exports of the same lines differ in the order of their columns at times.
        hashed.sort(key=lambda i: (normalised(self.names[i]), i))
        plain = {} if told.decimal_mark else plain_types(self.first.shape, self.roles)
        relation, self.plain_types = load(
            con, sources, f"raw{number}", wanted, hashed, scratch, plain
        )
        self.types = tuple(self.plain_types.get(i, kind) for i, kind in enumerate(self.types))
        texts = [f"c{i}" for i in sorted(read) if is_text(self.types[i])]
        ids = [self.column(role) for role in _ID_ROLES if role in self.roles]
        self.relation, self.plain = cleaned(con, relation, texts, ids, f"clean{number}")
        if self._joins_date("date"):
            parts = joined_parts([f"c{self.roles[part]}" for part in ("date", "month", "day")])
            self.relation = f"(SELECT *, {parts} AS date_parts FROM {self.relation})"
        self.currencies: dict[str, int] = {}
        self.computed = "discount" in self.roles
        loaded = Lines(con, self.relation, self.label, self.types, self.roles)
        self.judges = Judges(self.flags, loaded, told, self.findings)

    def _begin(
        self, con: duckdb.DuckDBPyConnection, sources: Sequence[tuple[int, Source]], told: Told
    ) -> None:
        """Take over what is known of the files before their columns are looked at."""
        self.con = con
        self.told = told
        self.first, self.files = sources[0][1], len(sources)
        self.label = self.first.label
        self.number, self.labels = sources[0][0], {source.label for _, source in sources}
        self.names = self.first.shape.names
        self.types = self.first.shape.types
        self.findings = Findings()
        for _, source in sources:
            self.findings.understood += source.understood
            self.findings.doubts += source.doubts
        self.turned = 0
        # Whether an order's total stands on each line and is counted on one.
        self.once = False
        # Whether money was divided, converted or reduced on the way.
        self.computed = False

    @property
    def exact(self) -> bool:
        """Whether the amounts are decimals as they stand, which no computation made noisy."""
        decimal = self.money == "amount" and self.kind("amount").startswith("DECIMAL")
        return decimal and not self.computed

    def _joins_date(self, role: str) -> bool:
        """Whether the date stands in three columns: year, month and day."""
        return role == "date" and "month" in self.roles

    def column(self, role: str) -> str:
        """Give the SQL name of a role's column."""
        return "date_parts" if self._joins_date(role) else f"c{self.roles[role]}"

    def name(self, role: str) -> str:
        """Give the header of a role's column."""
        if self._joins_date(role):
            return " ".join(self.names[self.roles[part]] for part in ("date", "month", "day"))
        return self.names[self.roles[role]]

    def _name_or(self, role: str) -> str:
        return self.name(role) if role in self.roles else ""

    def _parent(self) -> str:
        """SQL of the id of the order that a line is a refund of, as text."""
        found = read_ids(
            self.con, self.relation, {"parent": (self.column("parent"), self.kind("parent"))}, ()
        )
        return f"CAST({found['parent'].sql} AS VARCHAR)"

    def kind(self, role: str) -> str:
        """Give the DuckDB type of a role's column."""
        if self._joins_date(role):
            return "VARCHAR"
        return self.types[self.roles[role]]

    def note(self, role: str, note: Fact) -> None:
        """Note how a column was understood."""
        rule = self.findings.rules.get(role, "fits")
        self.understand("column", role=role, column=self.name(role), note=note, rule=rule)

    def understand(self, code: str, **values: Value | Fact) -> None:
        """Note what was understood of the files as a whole."""
        self.findings.understood.append(fact(f"intake.{code}", **values))

    def parse(self) -> tuple[str, bool]:
        """SQL of the group's lines, each with the first reason against it.

        Also says whether the source is typed and tidy enough for that to cost no more than
        reading it, so that the lines can stay where they are.
        """
        ids = self._ids()
        parsed = {"currency": _NO_TEXT, "status": "NULL"}
        parsed |= {role: self._text(role) for role in parsed if role in self.roles}
        parsed |= self._times() | self._numbers()
        self.judges.read_flags()
        if "status" in self.roles:
            dated = any(
                role in self.roles and not self._is_empty(role)
                for role in ("cancelled_at", "refunded")
            )
            keys = [normalised(name) for name in self.names]
            self.judges.read_status(self.name("status"), parsed["status"], keys, dated=dated)
        state, kept_out = self.judges.sql()
        stated = {"refunded", "adjusted", "pieces_back"} & set(self.roles)
        if stated and not is_refund_date(normalised(self._name_or("cancelled_at"))):
            # Cancelled is the whole order; a day of a refund may be that of a part.
            state = (
                f"(CASE WHEN cancelled_at IS NOT NULL AND {state} = {STANDS} THEN {REVERSAL} "
                f"ELSE {state} END)"
            )
        value, refunded = self._value()
        parsed |= {f"{role}_id": ids[role].sql for role in _ID_ROLES}
        parsed["nobody"] = ids["customer"].nobody
        if "parent" in self.roles:
            parsed["parent"] = self._parent()
            if "store" in self.roles:
                parsed["parent"] = order_of_store(parsed["parent"], self._text("store"))
        source = self._source(parsed)
        in_place = self._is_typed(ids) and self.relation.startswith("(")
        filled = self._filled_down(source)
        whole = filled == source
        if "parent" in self.roles:
            filled, in_place = under_parents(filled, state, self.money), False
            state = f"(CASE WHEN is_child THEN {REFUND_EVENT} ELSE {state} END)"
            self.understand("refunds_of_parents", column=self.name("parent"))
        if self.judges.events:
            filled = f"SELECT * REPLACE (({state} = {REFUND_EVENT}) AS is_refund) FROM ({filled})"
        # Where an order's own fields are written once, its other lines are no guests'.
        customer = ids["customer"]
        self._hold_customers(customer, customer.guests + (customer.blank if whole else 0))
        if self.money == "amount" and "order" in self.roles:
            total = find_order_total(
                self.con, filled, self.name("amount"), self.told.amount_is,
                sample=self.first.shape.sample, roles=self.roles,
            )  # fmt: skip
            self.findings.understood += total.understood
            self.findings.doubts += total.doubts
            self.once = total.once
            if self.once:
                filled, value = counted_once(filled, value, odd=total.odd)
        if self.kinship is not None and not self.once:
            understood, doubts = set_aside_parts(
                self.con, filled, value, self.kinship, self.names, _LINE, self.told.copies
            )
            self.findings.understood += understood
            self.findings.doubts += doubts
        once = self.once
        reason = self._reason(
            customer.damaged, by_pieces="* quantity" in value, once=once, named=self._are_named()
        )
        lines = _Lines(filled, value, state, kept_out, refunded, reason)
        reasoned = f"WITH {_reasoned(lines)} SELECT * FROM reasoned"
        self.judges.tell_stakes(reasoned)
        unsure = {role: self.name(role) for role in self._back() if role in UNSURE}
        self.findings.doubts += doubts_of_refunds(self.con, reasoned, unsure)
        return self._signed(lines), in_place and whole and not once

    def _text(self, role: str) -> str:
        """SQL of a role's cells as text."""
        return as_text(self.column(role), self.kind(role))

    def _ids(self) -> dict[str, Ids]:
        """The ids of customers, orders and products, noted; null where there is no column."""
        columns = {
            role: (self.column(role), self.kind(role)) for role in _ID_ROLES if role in self.roles
        }
        read = read_ids(
            self.con, self.relation, columns, self.plain, self.told.guests,
            phones=("customer",) if self.is_phone else (),
        )  # fmt: skip
        self.unsure = read["customer"].unsure
        for role, ids in read.items():
            self.note(role, ids.note)
            self.findings.doubts += ids.doubts
            if role == "order" and ids.damaged != "false":
                test = ids.damaged.format(ids.sql)
                damaged = one_row(self.con, f"SELECT count_if({test}) FROM {self.relation}")[0]
                if damaged:
                    self.understand("orders_damaged", ids=damaged, file=self.label)
        if "order" not in self.roles:
            self.understand("no_order_column")
        elif "store" in self.roles and self._counts_by_store():
            self.understand("numbers_by_store", column=self.name("store"))
            order = read["order"]
            text = order.sql if is_text(self.kind("order")) else f"CAST({order.sql} AS VARCHAR)"
            read["order"] = replace(order, sql=order_of_store(text, self._text("store")))
        else:
            self.roles.pop("store", None)
        absent = Ids(_NO_TEXT, fact("intake.text_ids"))
        return {role: read.get(role, absent) for role in _ID_ROLES}

    def _counts_by_store(self) -> bool:
        """Whether each store numbers its orders by itself."""
        return "store" in self.told.columns or numbers_by_store(
            self.con, self.relation, order=self.column("order"), store=self.column("store"),
            customer=self.column("customer"),
        )  # fmt: skip

    def _times(self) -> dict[str, str]:
        """SQL of the times; of the day's order what was found in one column holds for all."""
        parsed, day_first = {}, self.told.day_first
        for role in ("date", "known_at", "cancelled_at"):
            parsed[role] = "CAST(NULL AS TIMESTAMP)"
            if role not in self.roles or (role != "date" and self._is_empty(role)):
                continue
            dates = read_dates(
                self.con, self.relation, self.column(role), self.kind(role), self.name(role),
                self.label, day_first=day_first, timezone=self.told.timezone,
                zone=self.first.shape.zones.get(self.roles[role]),
            )  # fmt: skip
            day_first = dates.day_first if day_first is None else day_first
            parsed[role] = dates.sql
            written = self.roles[role] in self.plain_types
            self.note(role, _from_text(dates.note) if written else dates.note)
            self.findings.doubts += dates.doubts
        if "clock" in self.roles:
            time = clock_sql(self.con, self.relation, self._text("clock"))
            parsed["date"] = f"(date_trunc('day', {parsed['date']}) + {time})"
            self.note("clock", fact("intake.clock"))
        return parsed

    def _is_empty(self, role: str) -> bool:
        return not one_row(self.con, f"SELECT count({self.column(role)}) FROM {self.relation}")[0]

    def _numbers(self) -> dict[str, str]:
        """SQL of the numbers, and the currencies written beside the money."""
        roles = (*_NUMBERS, *self._back())
        parsed = dict.fromkeys(roles, "CAST(NULL AS DOUBLE)")
        for role in (*roles, *FACTORS):
            if role not in self.roles:
                continue
            column = self.column(role)
            if role == "discount" and is_text(self.kind(role)):
                column = f"replace({column}, '%', '')"
            numbers = read_numbers(
                self.con, self.relation, column, self.kind(role), self.name(role),
                self._hints(role),
            )  # fmt: skip
            parsed[role] = numbers.sql
            if role not in BESIDE:
                written = self.plain_types.get(self.roles[role]) == "DOUBLE"
                self.note(role, fact("intake.numbers_point") if written else numbers.note)
            if role == self.money:
                if numbers.marks:
                    # Told of money, a value is the sign or the word beside it, not the number.
                    self.judges.lines.marks[self.roles[role]] = numbers.marks
                if "currency" not in self.roles:
                    self.currencies = numbers.currencies
        return self._in_whole_units(parsed)

    def _hints(self, role: str) -> Hints:
        """What helps to read the numbers of a role."""
        told, shape = self.told, self.first.shape
        currency = told.currency or ""
        if "currency" in self.roles:
            cells = Counter(row[self.roles["currency"]] or "" for row in shape.sample)
            del cells[""]
            codes = one_meaning(cells, told.currency)
            currency = next(iter(codes)) if len(codes) == 1 else ""
        refunds = [
            value
            for column, values in told.refunds.items()
            if column.strip().lower() == self.name(role).lower()
            for value in values
        ]
        return Hints(
            file=self.label,
            decimal={"point": ".", "comma": ","}.get(told.decimal_mark or ""),
            elsewhere=lambda: mark_shown(shape.sample, shape.types, self.roles[role]),
            pieces=role == "quantity",
            currency=currency,
            refunds=refunds,
            asks=role in ("quantity", self.money, "refunded", "discount"),
        )

    def _in_whole_units(self, parsed: Mapping[str, str]) -> dict[str, str]:
        """SQL of the numbers, money in whole units of one currency."""
        found = dict(parsed)
        if "currency" in self.roles:
            found["currency"] = self._text("currency")
        elif len(self.currencies) > 1:
            marks = self.judges.lines.marks[self.roles[self.money]]
            found["currency"], self.currencies = marks, {}
        headers = {role: self.name(role) for role in self.roles}
        keys = {normalised(name) for name in self.names}
        units = Units(self.con, self.relation, headers, found, keys, self.told, self.findings)
        divisors = units.divisors()
        found |= {role: f"({found[role]}) / {by}" for role, by in divisors.items()}
        turned = in_one_currency(found, self.findings.settled)
        self.computed = self.computed or bool(divisors) or self.money in turned
        found |= turned
        if "discount_unsure" in self.findings.settled:
            form = self.findings.settled["discount_unsure"]
            off, lines = discount_at_stake(self.con, self.relation, found, self._gross(), form)
            column = self.name("discount")
            self.findings.doubts.append(
                fact("intake.discount_taken", column=column, money=off, lines=lines)
            )
        return {role: sql for role, sql in found.items() if role not in FACTORS}

    def _gross(self) -> str:
        """SQL of a line's money before a discount."""
        by_pieces = self.money == "price" and "quantity" in self.roles
        return "price * quantity" if by_pieces else self.money

    def _back(self) -> list[str]:
        """The roles there are of what else tells money that was, or was not, paid."""
        return [role for role in BESIDE if role in self.roles]

    def _value(self) -> tuple[str, str]:
        """SQL of a line's value, and of what was refunded of its order."""
        value, refunded = self._gross(), "refunded"
        if value == "price * quantity":
            self.understand("price_times_quantity")
        if "gift" in self.roles:
            value = f"{value} + coalesce(abs(gift), 0)"
            self.understand("gift_added", column=self.name("gift"))
        if "discount" in self.roles:
            value = less_discount(value, self.findings.settled.get("discount", "line"))
        if "adjusted" in self.roles:
            refunded = "greatest(order_total - adjusted, 0)"
            names = {"total": self.name("order_total"), "column": self.name("adjusted")}
            self.understand("refunded_by_total", **names)
        if "pieces_back" in self.roles:
            refunded = f"(pieces_back * ({value}) / nullif(quantity, 0))"
            self.understand("refunded_by_pieces", column=self.name("pieces_back"))
        return value, refunded

    def _source(self, parsed: Mapping[str, str]) -> str:
        """SQL of the lines with cells made dates, numbers and ids, and the cells they came from."""
        parts = ", ".join(f"{sql} AS {name}" for name, sql in parsed.items())
        quantity = self.column("quantity") if "quantity" in self.roles else "NULL"
        contacts = "".join(
            f", {as_text(f'c{i}', self.types[i])} AS k{n}" for n, i in enumerate(self.contacts)
        )
        contacts += "".join(
            f", {_NO_TEXT if i is None else as_text(f'c{i}', self.types[i])} AS w{n}"
            for n, i in enumerate(self.watched)
        )
        flags = "".join(
            f", {self.judges.lines.of_flag(flag.column)} AS f{n}"
            for n, flag in enumerate(self.flags)
        )
        related = cells_of(self.kinship, self.types) if self.kinship else ""
        return (
            f"SELECT file_no, src, line_hash, {parts}, {self.column('date')} AS date_cell, "
            f"{self.column(self.money)} AS money_cell, {quantity} AS quantity_cell, "
            f"false AS is_refund{contacts}{flags}{related} FROM {self.relation}"
        )

    def _is_typed(self, ids: Mapping[str, Ids]) -> bool:
        """Whether nothing need be parsed: reading a cell gives what it means."""
        measured = [role for role in self.roles if role in (*_MEASURED, self.money)]
        return (
            bool(self.first.relation or self.plain_types)
            and all(not is_text(self.kind(role)) for role in measured)
            and all(ids[role].sql == self.column(role) for role in _ID_ROLES if role in self.roles)
        )

    def _are_named(self) -> bool:
        """Whether the lines are events whose orders nearly all have an id, so that each needs one.

        A purchase that a shop's pages report without its id is a page loaded again, or a test.
        """
        if "order" not in self.roles:
            return False
        keys = {normalised(name) for name in self.names}
        events = normalised(self._name_or("status")).startswith("event")
        named = normalised(self.name("order")) in _EVENT_ORDERS
        if not (events or (named and keys & _EVENT_COLUMNS)):
            return False
        some, lines = one_row(
            self.con,
            f"SELECT count({self.column('order')}), count(*) FROM {self.relation} "
            f"WHERE {self.column(self.money)} IS NOT NULL",
        )
        return bool(0.5 * lines < some < lines)

    def _reason(self, damaged: str, *, by_pieces: bool, once: bool, named: bool) -> str:
        """SQL of the first reason against a line; null where there is none.

        With `by_pieces` a line needs a quantity; with `once` only one line of an order an amount;
        `named` purchases need an order's id.
        """
        no_money = "money_cell IS NULL" + (" AND order_id IS NULL" if once else "")
        no_quantity = "quantity IS NULL" if by_pieces else "false"
        against = {
            "customer_id IS NULL AND date_cell IS NULL AND money_cell IS NULL": "'empty_row'",
            "customer_id IS NULL": "'no_customer'",
            damaged.format("customer_id"): "'damaged_id'",
            "date IS NULL AND date_cell IS NULL": "'no_date'",
            "date IS NULL OR NOT date BETWEEN TIMESTAMP '0002-01-01' AND "
            "TIMESTAMP '9999-12-31 23:59:59'": "'unreadable_date'",
            "kept_out IS NOT NULL": "kept_out",
            f"{str(named).lower()} AND order_id IS NULL AND state = {STANDS}": "'no_order'",
            f"{no_money} OR ({no_quantity} AND quantity_cell IS NULL)": "'no_amount'",
            "value IS NULL": "'unreadable_amount'",
            f"abs(value) > {MOST_AMOUNT}": "'amount_too_large'",
        }
        # Nearly all lines have nothing against them; one look at those is cheaper than eight.
        nothing = "NOT (" + " OR ".join(f"({condition})" for condition in against) + ")"
        cases = " ".join(f"WHEN {condition} THEN {code}" for condition, code in against.items())
        return f"CASE WHEN {nothing} THEN NULL {cases} END"

    def _bad_cells(self) -> tuple[str, str]:
        """SQL of the column that a reason speaks of, and of what stood there."""
        customer, date, money = (self.name(role) for role in ("customer", "date", self.money))
        bad = {
            "no_customer": (customer, "nobody"),
            "damaged_id": (customer, "CAST(customer_id AS VARCHAR)"),
            "no_date": (date, "NULL"),
            "unreadable_date": (date, "CAST(date_cell AS VARCHAR)"),
            "no_order": (self.name("order") if "order" in self.roles else "", "NULL"),
            "no_amount": (money, "NULL"),
            "unreadable_amount": (
                money,
                "coalesce(CAST(money_cell AS VARCHAR), CAST(quantity_cell AS VARCHAR))",
            ),
            "amount_too_large": (money, "CAST(money_cell AS VARCHAR)"),
        }
        names = " ".join(f"WHEN '{r}' THEN {literal(name)}" for r, (name, _) in bad.items())
        values = " ".join(f"WHEN '{r}' THEN {sql}" for r, (_, sql) in bad.items())
        name, cell = f"CASE reason {names} END", f"CASE reason {values} END"
        return self.judges.bad_cells(name, cell)

    def _signed(self, lines: _Lines) -> str:
        """SQL of the lines with refunds below zero."""
        flip = "quantity < 0 AND value > 0"
        if self.judges.events:
            # Where a shop writes credit notes with a minus, one with a plus takes one back.
            total, turned = one_row(
                self.con,
                "SELECT round(sum(value), 4), count_if(value > 0) FROM "
                f"({self._select(lines, flip)}) WHERE state = {REFUND_EVENT} AND reason IS NULL",
            )
            if total > 0:
                self.turned = turned
                flip = f"(state = {REFUND_EVENT} AND value > 0) OR ({flip})"
        return self._select(lines, flip)

    def _select(self, lines: _Lines, flip: str) -> str:
        """SQL of the lines as `_LINES` has them; where `flip` holds the value changes its sign."""
        spare = "".join(f", k{n}" for n in range(len(self.contacts)))
        spare += "".join(f", w{n}" for n in range(len(self.watched)))
        bad_column, bad_value = self._bad_cells()
        known_at = "date"
        if "known_at" in self.roles:
            known_at = "greatest(coalesce(known_at, date), date)"
        return f"""WITH {_reasoned(lines)}
            SELECT {_LINE} AS line, line_hash, customer_id,
                order_id, date AS ordered_at,
                {known_at} AS known_at, product_id, round(quantity, 3) AS quantity,
                CASE WHEN {flip} THEN -value ELSE value END AS value,
                state, cancelled_at, {lines.refunded} AS refunded, upper(currency) AS currency,
                reason, {bad_column} AS bad_column,
                {bad_value} AS bad_value{spare}
            FROM reasoned"""

    def _hold_customers(self, customer: Ids, guests: int) -> None:
        """Ask, or doubt, where another column tells customers apart otherwise than this one."""
        if "customer" in self.told.columns:
            return
        if self.suspects:
            key = self._text("order") if "order" in self.roles else self._text("date")
            chosen = Columns(self.label, self.name("customer"), customer.sql, key, self.types)
            hold(self.con, self.relation, chosen, self.suspects)
        if not guests:
            return
        mail = find_mail(self.first.shape, self.roles["customer"], self.told.guests)
        if mail is None:
            return
        column = self.name("customer")
        of = one_row(self.con, f"SELECT count(*) FROM {self.relation}")[0]
        if guests > _FEW * of:
            raise UsageError(
                "intake.guests_or_mail", file=self.label, lines=guests, of=of, column=column,
                mail=mail,
            )  # fmt: skip
        self.findings.doubts.append(
            fact("intake.guests_with_mail", lines=guests, column=column, mail=mail)
        )

    def _filled_down(self, source: str) -> str:
        """Give blank lines of an order its own fields, where an export writes them only once."""
        if "order" not in self.roles:
            return source
        roles = {"customer_id": "customer"} | {
            name: name for name in ("date", "status", "currency", *_LATER)
        }
        columns = {name: self.roles[role] for name, role in roles.items() if role in self.roles}
        columns |= {f"k{n}": column for n, column in enumerate(self.contacts)}
        columns |= {f"f{n}": flag.column for n, flag in enumerate(self.flags)}
        order = self._text("order")
        if "store" in self.roles:
            order = order_of_store(order, self._text("store"))
        sample = self.first.shape.sample
        fields, orders = written_once(
            self.con, self.relation, order, columns, sample, self.roles["order"]
        )
        if not fields:
            return source
        names = tuple(dict.fromkeys(self.names[columns[name]] for name in fields))
        self.findings.understood.append(
            fact("intake.filled_once", orders=orders, columns=quoted(names, most=8))
        )
        if "date" in fields:
            fields.append("date_cell")
        whole = ", ".join(
            f"CASE WHEN count(DISTINCT {f}) = 1 THEN min({f}) END AS {f}" for f in fields
        )
        replaced = ", ".join(f"coalesce(l.{f}, o.{f}) AS {f}" for f in fields)
        return (
            f"WITH l AS ({source}), o AS (SELECT order_id, {whole} FROM l "
            f"WHERE order_id IS NOT NULL GROUP BY order_id) "
            f"SELECT l.* REPLACE ({replaced}) FROM l LEFT JOIN o USING (order_id)"
        )


def _reasoned(lines: _Lines) -> str:
    """SQL of the lines, as `reasoned`, with their value, state and the reason against them."""
    return f"""source AS ({lines.source}),
            judged AS (SELECT *, {lines.value} AS value, {lines.state} AS state,
                {lines.kept_out} AS kept_out FROM source),
            reasoned AS (SELECT *, {lines.reason} AS reason FROM judged)"""


def _from_text(note: Fact) -> Fact:
    """The note on dates of which it is their text that is known, and no type of a file."""
    if note.code == "intake.both":
        first = note.values["first"]
        assert isinstance(first, Fact)
        return joined(_from_text(first), note.values["second"])  # type: ignore[arg-type]
    return fact("intake.dates_from_year")


def create_tables(
    con: duckdb.DuckDBPyConnection, contact_count: int, watched_count: int = 0
) -> None:
    """Make the empty tables the groups are read into."""
    spare = "".join(f", k{n} VARCHAR" for n in range(contact_count))
    spare += "".join(f", w{n} VARCHAR" for n in range(watched_count))
    con.execute(f"CREATE TEMP TABLE loaded ({_LINES}{spare})")
    con.execute("CREATE TEMP TABLE file_starts (file_no INTEGER, first BIGINT, top INTEGER)")
    con.execute("CREATE TEMP TABLE rejected (file_no INTEGER, row_no BIGINT)")
    con.execute("CREATE TEMP TABLE set_aside (line BIGINT, reason VARCHAR, bad_value VARCHAR)")
    con.execute("CREATE TEMP TABLE turned (line BIGINT)")
    con.execute("CREATE TEMP TABLE withheld (customer_id VARCHAR, why VARCHAR)")


def settle_lines(con: duckdb.DuckDBPyConnection, in_place: Sequence[str]) -> None:
    """Define `lines`: all lines read, loaded or in place, and `kept`: those not set aside.

    Groups parsed in place stay there if all groups do and few lines are to be set aside: then
    each question reads only the columns it asks for. Else they are loaded.
    """
    source = " UNION ALL ".join(f"({select})" for select in in_place)
    con.execute(
        "CREATE TEMP TABLE against (line BIGINT, reason VARCHAR, bad_column VARCHAR, "
        "bad_value VARCHAR)"
    )
    stay = not one_row(con, "SELECT count(*) FROM loaded")[0]
    if stay:
        con.execute(
            "INSERT INTO against SELECT line, reason, bad_column, bad_value "
            f"FROM ({source}) WHERE reason IS NOT NULL"
        )
        faulty, all_lines = one_row(
            con, f"SELECT (SELECT count(*) FROM against), (SELECT count(*) FROM ({source}))"
        )
        stay = faulty <= _FEW * all_lines
    if stay:
        # Told to the optimizer, so that no later question looks for reasons again.
        none = ", ".join(
            f"CAST(NULL AS VARCHAR) AS {n}" for n in ("reason", "bad_column", "bad_value")
        )
        without = " ANTI JOIN against USING (line)" if faulty else ""
        con.execute(f"CREATE TEMP VIEW placed AS SELECT * REPLACE ({none}) FROM ({source})")
        con.execute(f"CREATE TEMP VIEW usable AS SELECT * FROM placed{without}")
        lines = "SELECT * FROM placed"
        if faulty:
            told = ", ".join(f"a.{n} AS {n}" for n in ("reason", "bad_column", "bad_value"))
            lines = f"SELECT p.* REPLACE ({told}) FROM placed p LEFT JOIN against a USING (line)"
        con.execute(f"CREATE TEMP VIEW lines AS {lines}")
    else:
        for select in in_place:
            con.execute(f"INSERT INTO loaded {select}")
        con.execute("CREATE TEMP VIEW lines AS SELECT * FROM loaded")
        con.execute("CREATE TEMP VIEW usable AS SELECT * FROM loaded WHERE reason IS NULL")
    define_kept(con)


def define_kept(con: duckdb.DuckDBPyConnection) -> None:
    """Define `kept` anew: the lines without a reason against them, as they are to be counted."""
    aside, turned, withheld = one_row(
        con,
        "SELECT (SELECT count(*) FROM set_aside), (SELECT count(*) FROM turned), "
        "(SELECT count(*) FROM withheld)",
    )
    columns = "*"
    if turned:
        columns = (
            "* REPLACE (CASE WHEN line IN (SELECT line FROM turned) THEN -value ELSE value END "
            "AS value, CASE WHEN line IN (SELECT line FROM turned) THEN -abs(quantity) "
            "ELSE quantity END AS quantity)"
        )
    without = " ANTI JOIN set_aside USING (line)" if aside else ""
    without += " ANTI JOIN withheld USING (customer_id)" if withheld else ""
    con.execute(f"CREATE OR REPLACE TEMP VIEW kept AS SELECT {columns} FROM usable{without}")
