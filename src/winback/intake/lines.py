"""Reads files of one header into lines of text made dates, numbers and ids, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from winback.errors import UsageError
from winback.intake.cells import as_text, cleaned, is_text, listed, literal, one_row
from winback.intake.columns import find_columns, find_mail
from winback.intake.dates import read_dates
from winback.intake.findings import Findings, quoted
from winback.intake.flags import MOST_VALUES, forms, told_flags
from winback.intake.headers import normalised
from winback.intake.ids import Ids, read_ids
from winback.intake.numbers import read_numbers
from winback.intake.reading import load
from winback.intake.shapes import Source
from winback.intake.statuses import KEPT_OUT, REFUND_EVENT, TOLD, classes_of, state_sql
from winback.intake.told import Told
from winback.intake.totals import counted_once, find_order_total
from winback.results.base import Fact, Value, fact

_LINES = """line BIGINT, line_hash UBIGINT, customer_id VARCHAR, order_id VARCHAR,
    ordered_at TIMESTAMP, known_at TIMESTAMP, product_id VARCHAR, quantity DOUBLE, value DOUBLE,
    state UTINYINT, cancelled_at TIMESTAMP, refunded DOUBLE, currency VARCHAR, consent VARCHAR,
    reason VARCHAR, bad_column VARCHAR, bad_value VARCHAR"""
# Twice as much, in ten-thousandths, is still a whole number of 64 bits.
MOST_AMOUNT = "1e14"
# A line's number is its file's, moved left by this, and its place in there.
SRC_BITS = 40
_NO_TEXT = "CAST(NULL AS VARCHAR)"
_ID_ROLES = ("customer", "order", "product")
_STRIPE_UNIT = (
    "(CASE WHEN upper(currency) IN ('JPY', 'KRW', 'CLP', 'VND', 'ISK') THEN 1 ELSE 100 END)"
)
_MEASURED = ("date", "known_at", "cancelled_at", "quantity", "refunded", "discount")


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
    """Files with the same header: their columns, and the SQL that reads them."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        number: int,
        sources: Sequence[tuple[int, Source]],
        *,
        told: Told,
        contacts: Sequence[str],
        scratch: Path,
    ) -> None:
        self.con = con
        self.told = told
        self.first = sources[0][1]
        self.label = self.first.label
        shape = self.first.shape
        self.names, self.types = shape.names, shape.types
        self.findings = Findings()
        for _, source in sources:
            self.findings.understood += source.understood
            self.findings.doubts += source.doubts
        self.turned = 0
        # Whether an order's total stands on each line and is counted on one.
        self.once = False
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
        self.flags = told_flags(self.label, self.names, told)
        # The values of columns told of, by lower-case header, and those of the status.
        self.seen: dict[str, set[str]] = {}
        self.states: set[str] = set()
        flagged = [flag.column for flag in self.flags]
        wanted = sorted({*self.roles.values(), *self.contacts, *flagged})
        # A running number makes two copies of a line differ; it says nothing about the order.
        numbering = ("unnamed0", "index", "lp", "rownumber", "rowid", "column1", "")
        hashed = [
            i
            for i, name in enumerate(self.names)
            if i in wanted or normalised(name) not in numbering
        ]
        # Two exports of the same lines differ in the order of their columns at times.
        hashed.sort(key=lambda i: (normalised(self.names[i]), i))
        relation = load(con, sources, f"raw{number}", wanted, hashed, scratch)
        texts = [f"c{i}" for i in wanted if is_text(self.types[i])]
        ids = [self.column(role) for role in _ID_ROLES if role in self.roles]
        self.relation, self.plain = cleaned(con, relation, texts, ids, f"clean{number}")
        self.currencies: dict[str, int] = {}
        # Columns that say what a line is: header, cell, text in lower case, values by class.
        self.judges: list[tuple[str, str, str, Mapping[str, Sequence[str]]]] = []

    @property
    def exact(self) -> bool:
        """Whether the amounts are decimals as they stand, which no computation made noisy."""
        return self.money == "amount" and self.kind("amount").startswith("DECIMAL")

    def column(self, role: str) -> str:
        """Give the SQL name of a role's column."""
        return f"c{self.roles[role]}"

    def name(self, role: str) -> str:
        """Give the header of a role's column."""
        return self.names[self.roles[role]]

    def kind(self, role: str) -> str:
        """Give the DuckDB type of a role's column."""
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
        parsed = {"currency": _NO_TEXT, "consent": _NO_TEXT, "status": "NULL"}
        parsed |= {role: self._text(role) for role in parsed if role in self.roles}
        parsed |= self._times() | self._numbers()
        state, kept_out, events = "0", "NULL", False
        if "status" in self.roles or self.flags:
            state, kept_out, events = self._states(parsed["status"])
        value, refunded = self._value()
        source = self._source(parsed | {f"{role}_id": ids[role].sql for role in _ID_ROLES})
        in_place = self._is_typed(ids) and self.relation.startswith("(")
        filled = self._filled_down(source)
        # Where an order's own fields are written once, its other lines are no guests'.
        customer, whole = ids["customer"], filled == source
        self._tell_of_guests(customer.guests + (customer.blank if whole else 0))
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
        once = self.once
        reason = self._reason(customer.damaged, by_pieces="* quantity" in value, once=once)
        lines = _Lines(filled, value, state, kept_out, refunded, reason)
        return self._signed(lines, events=events), in_place and whole and not once

    def _text(self, role: str) -> str:
        """SQL of a role's cells as text."""
        return as_text(self.column(role), self.kind(role))

    def _ids(self) -> dict[str, Ids]:
        """The ids of customers, orders and products, noted; null where there is no column."""
        columns = {
            role: (self.column(role), self.kind(role)) for role in _ID_ROLES if role in self.roles
        }
        read = read_ids(self.con, self.relation, columns, self.plain)
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
        absent = Ids(_NO_TEXT, fact("intake.text_ids"))
        return {role: read.get(role, absent) for role in _ID_ROLES}

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
            self.note(role, dates.note)
            self.findings.doubts += dates.doubts
        if "clock" in self.roles:
            clock = self._text("clock")
            padded = f"CASE WHEN {clock}[2] = ':' THEN '0' || {clock} ELSE {clock} END"
            padded = f"CASE WHEN length({clock}) < 6 THEN ({padded}) || ':00' ELSE {padded} END"
            time = f"coalesce(try_cast({padded} AS TIME), TIME '00:00:00')"
            parsed["date"] = f"(CAST({parsed['date']} AS DATE) + {time})"
            self.note("clock", fact("intake.clock"))
        return parsed

    def _is_empty(self, role: str) -> bool:
        return not one_row(self.con, f"SELECT count({self.column(role)}) FROM {self.relation}")[0]

    def _numbers(self) -> dict[str, str]:
        """SQL of the numbers, and the currencies written beside the money."""
        parsed = {}
        for role in ("quantity", "amount", "price", "refunded", "discount"):
            parsed[role] = "CAST(NULL AS DOUBLE)"
            if role not in self.roles:
                continue
            numbers = read_numbers(
                self.con, self.relation, self.column(role), self.kind(role), self.name(role)
            )
            parsed[role] = numbers.sql
            self.note(role, numbers.note)
            if role in ("amount", "price") and "currency" not in self.roles:
                self.currencies = numbers.currencies
        return parsed

    def _value(self) -> tuple[str, str]:
        """SQL of a line's value, and of what was refunded of its order."""
        value, refunded = self.money, "refunded"
        if self.money == "price":
            if "quantity" in self.roles:
                value = "price * quantity"
                self.understand("price_times_quantity")
            if "discount" in self.roles:
                value += " - coalesce(discount, 0)"
        if self._is_stripe():
            self.understand("smallest_unit")
            value, refunded = f"({value}) / {_STRIPE_UNIT}", f"refunded / {_STRIPE_UNIT}"
        return value, refunded

    def _source(self, parsed: Mapping[str, str]) -> str:
        """SQL of the lines with cells made dates, numbers and ids, and the cells they came from."""
        parts = ", ".join(f"{sql} AS {name}" for name, sql in parsed.items())
        quantity = self.column("quantity") if "quantity" in self.roles else "NULL"
        contacts = "".join(
            f", {as_text(f'c{i}', self.types[i])} AS k{n}" for n, i in enumerate(self.contacts)
        )
        flags = "".join(
            f", lower({as_text(f'c{flag.column}', self.types[flag.column])}) AS f{n}"
            for n, flag in enumerate(self.flags)
        )
        return (
            f"SELECT file_no, src, line_hash, {parts}, {self.column('date')} AS date_cell, "
            f"{self.column(self.money)} AS money_cell, {quantity} AS quantity_cell"
            f"{contacts}{flags} FROM {self.relation}"
        )

    def _is_typed(self, ids: Mapping[str, Ids]) -> bool:
        """Whether nothing need be parsed: reading a cell gives what it means."""
        measured = [role for role in self.roles if role in (*_MEASURED, self.money)]
        return (
            bool(self.first.relation)
            and all(not is_text(self.kind(role)) for role in measured)
            and all(ids[role].sql == self.column(role) for role in _ID_ROLES if role in self.roles)
        )

    def _reason(self, damaged: str, *, by_pieces: bool, once: bool) -> str:
        """SQL of the first reason against a line; null where there is none.

        With `by_pieces` a line needs a quantity; with `once` only one line of an order an amount.
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
            "no_customer": (customer, "NULL"),
            "damaged_id": (customer, "CAST(customer_id AS VARCHAR)"),
            "no_date": (date, "NULL"),
            "unreadable_date": (date, "CAST(date_cell AS VARCHAR)"),
            "no_amount": (money, "NULL"),
            "unreadable_amount": (
                money,
                "coalesce(CAST(money_cell AS VARCHAR), CAST(quantity_cell AS VARCHAR))",
            ),
            "amount_too_large": (money, "CAST(money_cell AS VARCHAR)"),
        }
        names = " ".join(f"WHEN '{r}' THEN {literal(name)}" for r, (name, _) in bad.items())
        values = " ".join(f"WHEN '{r}' THEN {sql}" for r, (_, sql) in bad.items())
        # Of the columns that say what a line is, the one against it.
        judged = [
            (f"reason = '{reason}' AND {text} IN {listed(found)}", header, cell)
            for header, cell, text, classes in self.judges
            for reason in KEPT_OUT
            if (found := classes.get(reason))
        ]
        judged_names = " ".join(f"WHEN {test} THEN {literal(n)}" for test, n, _ in judged)
        judged_cells = " ".join(f"WHEN {test} THEN {cell}" for test, _, cell in judged)
        name, cell = f"CASE reason {names} END", f"CASE reason {values} END"
        if not judged:
            return name, cell
        return f"CASE {judged_names} ELSE {name} END", f"CASE {judged_cells} ELSE {cell} END"

    def _signed(self, lines: _Lines, *, events: bool) -> str:
        """SQL of the lines with refunds below zero."""
        flip = "quantity < 0 AND value > 0"
        if events:
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
        bad_column, bad_value = self._bad_cells()
        known_at = "date"
        if "known_at" in self.roles:
            known_at = "greatest(coalesce(known_at, date), date)"
        return f"""WITH source AS ({lines.source}),
            judged AS (SELECT *, {lines.value} AS value, {lines.state} AS state,
                {lines.kept_out} AS kept_out FROM source),
            reasoned AS (SELECT *, {lines.reason} AS reason FROM judged)
            SELECT (CAST(file_no AS BIGINT) << {SRC_BITS}) | src AS line, line_hash, customer_id,
                order_id, date AS ordered_at,
                {known_at} AS known_at, product_id, round(quantity, 3) AS quantity,
                CASE WHEN {flip} THEN -value ELSE value END AS value,
                state, cancelled_at, {lines.refunded} AS refunded, upper(currency) AS currency,
                lower(consent) AS consent, reason, {bad_column} AS bad_column,
                {bad_value} AS bad_value{spare}
            FROM reasoned"""

    def _tell_of_guests(self, guests: int) -> None:
        """Name the column of e-mail addresses where lines have no customer but mostly have one."""
        mail = find_mail(self.first.shape, self.roles["customer"]) if guests else None
        if mail is not None:
            column = self.name("customer")
            self.findings.doubts.append(
                fact("intake.guests_with_mail", lines=guests, column=column, mail=mail)
            )

    def _is_stripe(self) -> bool:
        keys = {normalised(name) for name in self.names}
        marks = {"amountrefunded", "amountcaptured", "paymentintent", "balancetransaction"}
        return {"amount", "created", "currency"} <= keys and bool(marks & keys)

    def _filled_down(self, source: str) -> str:
        """Give blank lines of an order its own fields, where an export writes them only once."""
        if "order" not in self.roles:
            return source
        fields = ["customer_id", "date", "date_cell", "status", "currency", "consent"]
        fields += ["cancelled_at", "known_at", *(f"k{n}" for n in range(len(self.contacts)))]
        fields += [f"f{n}" for n in range(len(self.flags))]
        date, customer = self.column("date"), self.column("customer")
        order = as_text(self.column("order"), self.kind("order"))
        empty = one_row(
            self.con,
            f"SELECT count(*) FROM {self.relation} WHERE {customer} IS NULL OR {date} IS NULL",
        )[0]
        if not empty:
            return source
        # An export that writes an order's own fields once does so for (nearly) every order. A
        # cell missing here and there is missing; nobody is to be guessed.
        blank, several = one_row(
            self.con,
            f"SELECT count(*) FILTER (c = 1 OR d = 1), count(*) FROM ("
            f"SELECT count({customer}) AS c, count({date}) AS d FROM {self.relation} "
            f"WHERE {order} IS NOT NULL GROUP BY {order} HAVING count(*) > 1)",
        )
        if blank < 0.9 * several or not blank:
            return source
        self.understand("filled_once", orders=blank)
        whole = ", ".join(
            f"CASE WHEN count(DISTINCT {f}) = 1 THEN min({f}) END AS {f}" for f in fields
        )
        replaced = ", ".join(f"coalesce(l.{f}, o.{f}) AS {f}" for f in fields)
        return (
            f"WITH l AS ({source}), o AS (SELECT order_id, {whole} FROM l "
            f"WHERE order_id IS NOT NULL GROUP BY order_id) "
            f"SELECT l.* REPLACE ({replaced}) FROM l LEFT JOIN o USING (order_id)"
        )

    def _states(self, status: str) -> tuple[str, str, bool]:
        """SQL of a line's state and of the reason to leave it out, from its status and flags.

        Also says whether some lines are refunds of their own.
        """
        for n, flag in enumerate(self.flags):
            text = as_text(f"c{flag.column}", self.types[flag.column])
            self.seen.setdefault(flag.name.strip().lower(), set()).update(
                value for value, _ in self._values(f"coalesce({text}, '')")
            )
            self.judges.append((flag.name, f"f{n}", f"coalesce(f{n}, '')", flag.classes))
        if "status" in self.roles:
            found = [value for value, _ in self._values(status)]
            self.states |= set(found)
            told = {form: TOLD[m] for v, m in self.told.states.items() for form in forms(v)}
            classes = classes_of(found, normalised(self.name("status")), told)
            for word in ("refund_event", "reversed", "not_paid", "not_a_purchase", "unknown"):
                if values := classes.get(word):
                    self.note("status", fact(f"intake.status_{word}", values=quoted(values)))
            if not set(classes) - {"kept", "partly"}:
                self.note("status", fact("intake.status_purchases"))
            self.judges.append((self.name("status"), "status", "lower(status)", classes))
        events = any("refund_event" in classes for *_, classes in self.judges)
        return (*state_sql([(text, classes) for *_, text, classes in self.judges]), events)

    def _values(self, text: str) -> list[tuple[str, int]]:
        """The different values of a column's text in lower case, the most frequent first."""
        return self.con.execute(
            f"SELECT s, count(*) AS n FROM (SELECT lower({text}) AS s FROM {self.relation}) "
            f"WHERE s IS NOT NULL GROUP BY s ORDER BY n DESC, s LIMIT {MOST_VALUES}"
        ).fetchall()


def create_tables(con: duckdb.DuckDBPyConnection, contact_count: int) -> None:
    """Make the empty tables the groups are read into."""
    spare = "".join(f", k{n} VARCHAR" for n in range(contact_count))
    con.execute(f"CREATE TEMP TABLE loaded ({_LINES}{spare})")
    con.execute("CREATE TEMP TABLE file_starts (file_no INTEGER, first BIGINT, top INTEGER)")
    con.execute("CREATE TEMP TABLE rejected (file_no INTEGER, row_no BIGINT)")
    con.execute("CREATE TEMP TABLE set_aside (line BIGINT, reason VARCHAR, bad_value VARCHAR)")
    con.execute("CREATE TEMP TABLE turned (line BIGINT)")


def settle_lines(con: duckdb.DuckDBPyConnection, in_place: Sequence[str]) -> None:
    """Define `lines`: all lines read, loaded or in place, and `kept`: those not set aside.

    Groups parsed in place stay there if all groups do and no line is to be set aside: then
    each question reads only the columns it asks for. Else they are loaded.
    """
    source = " UNION ALL ".join(f"({select})" for select in in_place)
    loaded = one_row(con, "SELECT count(*) FROM loaded")[0]
    if not loaded and not one_row(con, f"SELECT count(reason) FROM ({source})")[0]:
        # Told to the optimizer, so that no later question looks for reasons again.
        none = ", ".join(
            f"CAST(NULL AS VARCHAR) AS {n}" for n in ("reason", "bad_column", "bad_value")
        )
        con.execute(f"CREATE TEMP VIEW lines AS SELECT * REPLACE ({none}) FROM ({source})")
    else:
        for select in in_place:
            con.execute(f"INSERT INTO loaded {select}")
        con.execute("CREATE TEMP VIEW lines AS SELECT * FROM loaded")
    define_kept(con)


def define_kept(con: duckdb.DuckDBPyConnection) -> None:
    """Define `kept` anew: the lines without a reason against them, as they are to be counted."""
    aside, turned = one_row(
        con, "SELECT (SELECT count(*) FROM set_aside), (SELECT count(*) FROM turned)"
    )
    columns, relation = "*", "lines"
    if turned:
        columns = (
            "* REPLACE (CASE WHEN line IN (SELECT line FROM turned) THEN -value ELSE value END "
            "AS value, CASE WHEN line IN (SELECT line FROM turned) THEN -abs(quantity) "
            "ELSE quantity END AS quantity)"
        )
    without = " ANTI JOIN set_aside USING (line)" if aside else ""
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW kept AS SELECT {columns} FROM {relation}{without} "
        "WHERE reason IS NULL"
    )
