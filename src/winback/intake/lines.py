"""Reads files of one header into lines of text made dates, numbers and ids, with reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from winback.errors import UsageError
from winback.intake.cells import FALSE_WORDS, as_text, cleaned, is_text, listed, literal, one_row
from winback.intake.columns import (
    ORDER_TOTALS,
    amounts_differ,
    document_kind,
    find_columns,
    find_mail,
    holds_documents,
    normalised,
)
from winback.intake.dates import read_dates
from winback.intake.findings import Findings, quoted
from winback.intake.ids import read_ids
from winback.intake.numbers import read_numbers
from winback.intake.reading import load
from winback.intake.sources import Source
from winback.results.base import Fact, Value, fact

_REVERSED = (
    "cancel", "refund", "anulowan", "zwroc", "zwrot", "storn", "return", "erstattet", "closed",
    "chargeback", "wycofan", "rueckgabe", "ruckgabe", "reversed", "undeliver", "notdeliver",
    "nieodebr", "niedostarcz", "niezrealiz", "nichtzugestellt", "unavailable",
)  # fmt: skip
_UNPAID = (
    "unpaid", "pending", "fail", "draft", "void", "test", "expired", "declined", "nieoplacon",
    "nieudan", "oczekuje", "oczekiwanie", "unbezahlt", "offen", "fehlgeschlagen", "abandoned",
    "porzucon", "authorized", "authorised", "awaitingpayment", "incomplete", "rejected", "odrzucon",
    "bought", "filledin", "robocz", "entwurf", "onhold", "holded", "wstrzyman", "notpaid",
    "awaitingbankwire", "awaitingcheck", "paymenterror", "niezaplac", "bladplatn", "nichtbezahlt",
)  # fmt: skip
_KEPT = (
    "complete", "paid", "process", "ship", "deliver", "zrealizowan", "wyslan", "odebran", "oplacon",
    "zaplacon", "realizacj", "nowe", "new", "created", "approved", "invoiced", "succeeded", "sent",
    "purchase", "order", "sale", "bezahlt", "versandt", "geliefert", "abgeschlossen", "dostarczon",
    "fulfilled", "success", "settled", "captured", "confirmed", "pickedup", "ready", "sprzedaz",
    "przyjet", "potwierdzon", "gotow", "zakonczon", "neu", "verkauf", "bearbeitung",
)  # fmt: skip
_OTHER_EVENTS = (
    "view", "cart", "session", "click", "search", "scroll", "visit", "checkout", "impression",
    "wishlist", "login", "signup", "firstopen", "engagement", "promotion", "paymentinfo",
    "shippinginfo", "proforma", "wycena", "angebot", "quotation", "kosztorys",
)  # fmt: skip
_LINES = """line BIGINT, line_hash UBIGINT, customer_id VARCHAR, order_id VARCHAR,
    ordered_at TIMESTAMP, known_at TIMESTAMP, product_id VARCHAR, quantity DOUBLE, value DOUBLE,
    state UTINYINT, cancelled_at TIMESTAMP, refunded DOUBLE, currency VARCHAR, consent VARCHAR,
    reason VARCHAR, bad_column VARCHAR, bad_value VARCHAR"""
# Twice as much, in ten-thousandths, is still a whole number of 64 bits.
MOST_AMOUNT = "1e14"
# A line's number is its file's, moved left by this, and its place in there.
SRC_BITS = 40
# A line's state after its status: as it stands, sent back or cancelled, or a refund event.
_MEASURED = ("date", "known_at", "cancelled_at", "quantity", "refunded", "discount")
STANDS, REVERSAL, REFUND_EVENT, PARTLY = 0, 1, 2, 3


class Group:
    """Files with the same header: their columns, and the SQL that reads them."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        number: int,
        sources: Sequence[tuple[int, Source]],
        *,
        given: Mapping[str, str],
        contacts: Sequence[str],
        scratch: Path,
    ) -> None:
        self.con = con
        self.first = sources[0][1]
        self.label = self.first.label
        shape = self.first.shape
        self.names, self.types = shape.names, shape.types
        self.findings = Findings()
        self.turned = 0
        self.roles = find_columns(self.first, given, self.findings)
        lowered = [name.lower() for name in self.names]
        for name in contacts:
            if name.strip().lower() not in lowered:
                raise UsageError(
                    f"{self.label}: there is no column '{name}' to pass on as contact; columns: "
                    f"{', '.join(self.names[:20])}."
                )
        self.contacts = [lowered.index(name.strip().lower()) for name in contacts]
        wanted = sorted({*self.roles.values(), *self.contacts})
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
        ids = [self.column(role) for role in ("customer", "order", "product") if role in self.roles]
        self.relation, self.plain = cleaned(con, relation, texts, ids, f"clean{number}")
        self.currencies: dict[str, int] = {}

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
        self.understand("column", role=role, column=self.name(role), note=note)

    def understand(self, code: str, **values: Value | Fact) -> None:
        """Note what was understood of the files as a whole."""
        self.findings.understood.append(fact(f"intake.{code}", **values))

    def parse(self, *, day_first: bool | None, timezone: str | None) -> tuple[str, bool]:
        """SQL of the group's lines, each with the first reason against it.

        Also says whether the source is typed and tidy enough for that to cost no more than
        reading it, so that the lines can stay where they are.
        """
        con, roles = self.con, self.roles
        parsed = {
            name: "CAST(NULL AS VARCHAR)"
            for name in ("order_id", "product_id", "currency", "consent")
        }
        id_roles = [role for role in ("customer", "order", "product") if role in roles]
        ids_of = read_ids(
            con,
            self.relation,
            {role: (self.column(role), self.kind(role)) for role in id_roles},
            self.plain,
        )
        customer = ids_of["customer"]
        for role, ids in ids_of.items():
            parsed[f"{role}_id"] = ids.sql
            self.note(role, ids.note)
            self.findings.doubts += ids.doubts
            if role == "order" and ids.damaged != "false":
                test = ids.damaged.format(ids.sql)
                damaged = one_row(con, f"SELECT count_if({test}) FROM {self.relation}")[0]
                if damaged:
                    self.understand("orders_damaged", ids=damaged, file=self.label)
        if "order" not in roles:
            self.understand("no_order_column")
        for role in ("currency", "consent", "status"):
            if role in roles:
                parsed[role] = as_text(self.column(role), self.kind(role))
        for role in ("date", "known_at", "cancelled_at"):
            if role not in roles:
                parsed[role] = "CAST(NULL AS TIMESTAMP)"
                continue
            empty = (
                role != "date"
                and not one_row(
                    con,
                    f"SELECT count({self.column(role)}) FROM {self.relation}",
                )[0]
            )
            if empty:
                parsed[role] = "CAST(NULL AS TIMESTAMP)"
                continue
            dates = read_dates(
                con,
                self.relation,
                self.column(role),
                self.kind(role),
                self.name(role),
                self.label,
                day_first=day_first,
                timezone=timezone,
                zone=self.first.shape.zones.get(roles[role]),
            )
            day_first = dates.day_first if day_first is None else day_first
            parsed[role] = dates.sql
            self.note(role, dates.note)
            self.findings.doubts += dates.doubts
        if "clock" in roles:
            clock = as_text(self.column("clock"), self.kind("clock"))
            padded = f"CASE WHEN {clock}[2] = ':' THEN '0' || {clock} ELSE {clock} END"
            padded = f"CASE WHEN length({clock}) < 6 THEN ({padded}) || ':00' ELSE {padded} END"
            time = f"coalesce(try_cast({padded} AS TIME), TIME '00:00:00')"
            parsed["date"] = f"(CAST({parsed['date']} AS DATE) + {time})"
            self.note("clock", fact("intake.clock"))
        for role in ("quantity", "amount", "price", "refunded", "discount"):
            if role not in roles:
                if role != "discount":
                    parsed[role] = "CAST(NULL AS DOUBLE)"
                continue
            numbers = read_numbers(
                con, self.relation, self.column(role), self.kind(role), self.name(role)
            )
            parsed[role] = numbers.sql
            self.note(role, numbers.note)
            if role in ("amount", "price") and "currency" not in roles:
                self.currencies = numbers.currencies
        money = "amount" if "amount" in roles else "price"
        value = "amount"
        if money == "price":
            value = "price"
            if "quantity" in roles:
                value = "price * quantity"
                self.understand("price_times_quantity")
            if "discount" in roles:
                value += " - coalesce(discount, 0)"
        parts = ", ".join(f"{sql} AS {name}" for name, sql in parsed.items() if name != "status")
        status = parsed.get("status", "NULL")
        state, kept_out, events = "0", "NULL", False
        if "status" in roles:
            state, kept_out, events = self._states(status)
        quantity_cell = self.column("quantity") if "quantity" in roles else "NULL"
        contacts = "".join(
            f", {as_text(f'c{i}', self.types[i])} AS k{n}" for n, i in enumerate(self.contacts)
        )
        refunded = "refunded"
        if self._is_stripe():
            divisor = self._stripe_divisor()
            value = f"({value}) / {divisor}"
            refunded = f"refunded / {divisor}"
        source = (
            f"SELECT file_no, src, line_hash, {parts}, {status} AS status, "
            f"{self.column('date')} AS date_cell, {self.column(money)} AS money_cell, "
            f"{quantity_cell} AS quantity_cell"
            f"{contacts} FROM {self.relation}"
        )
        typed = all(
            not is_text(self.kind(role)) for role in roles if role in _MEASURED or role == money
        ) and all(ids_of[role].sql == self.column(role) for role in id_roles)
        in_place = typed and bool(self.first.relation) and self.relation.startswith("(")
        filled = self._filled_down(source)
        in_place = in_place and filled == source
        # Where an order's own fields are written once, its other lines are no guests'.
        self._tell_of_guests(customer.guests + (customer.blank if filled == source else 0))
        source = filled
        no_money = "money_cell IS NULL"
        if money == "amount" and self._is_order_total():
            in_place = False
            # Which line carries the total is settled by content, not by the source's row order.
            value = (
                "CASE WHEN order_id IS NULL OR row_number() OVER ("
                "PARTITION BY order_id, date, status "
                "ORDER BY amount IS NULL, line_hash, file_no, src) = 1 "
                f"THEN {value} ELSE 0 END"
            )
            no_money = "money_cell IS NULL AND order_id IS NULL"
        quantity_bad = f"{'quantity IS NULL' if value.find('* quantity') >= 0 else 'false'}"
        against = {
            "customer_id IS NULL AND date_cell IS NULL AND money_cell IS NULL": "'empty_row'",
            "customer_id IS NULL": "'no_customer'",
            customer.damaged.format("customer_id"): "'damaged_id'",
            "date IS NULL AND date_cell IS NULL": "'no_date'",
            "date IS NULL OR NOT date BETWEEN TIMESTAMP '0002-01-01' AND "
            "TIMESTAMP '9999-12-31 23:59:59'": "'unreadable_date'",
            "kept_out IS NOT NULL": "kept_out",
            f"{no_money} OR ({quantity_bad} AND quantity_cell IS NULL)": "'no_amount'",
            "value IS NULL": "'unreadable_amount'",
            f"abs(value) > {MOST_AMOUNT}": "'amount_too_large'",
        }
        # Nearly all lines have nothing against them; one look at those is cheaper than eight.
        nothing = "NOT (" + " OR ".join(f"({condition})" for condition in against) + ")"
        reason = f"CASE WHEN {nothing} THEN NULL " + " ".join(
            f"WHEN {condition} THEN {code}" for condition, code in against.items()
        )
        reason += " END"
        bad = {
            "no_customer": (self.name("customer"), "NULL"),
            "damaged_id": (self.name("customer"), "CAST(customer_id AS VARCHAR)"),
            "no_date": (self.name("date"), "NULL"),
            "unreadable_date": (self.name("date"), "CAST(date_cell AS VARCHAR)"),
            "no_amount": (self.name(money), "NULL"),
            "unreadable_amount": (
                self.name(money),
                "coalesce(CAST(money_cell AS VARCHAR), CAST(quantity_cell AS VARCHAR))",
            ),
            "amount_too_large": (self.name(money), "CAST(money_cell AS VARCHAR)"),
        }
        if "status" in roles:
            bad |= {r: (self.name("status"), "status") for r in ("not_paid", "not_a_purchase")}
        names = " ".join(f"WHEN '{r}' THEN {literal(name)}" for r, (name, _) in bad.items())
        values = " ".join(f"WHEN '{r}' THEN {sql}" for r, (_, sql) in bad.items())
        spare = "".join(f", k{n}" for n in range(len(self.contacts)))
        known_at = "greatest(coalesce(known_at, date), date)" if "known_at" in roles else "date"

        def lines_with(flip: str) -> str:
            return f"""WITH source AS ({source}),
            judged AS (SELECT *, {value} AS value, {state} AS state, {kept_out} AS kept_out
                FROM source),
            reasoned AS (SELECT *, {reason} AS reason FROM judged)
            SELECT (CAST(file_no AS BIGINT) << {SRC_BITS}) | src AS line, line_hash, customer_id,
                order_id, date AS ordered_at,
                {known_at} AS known_at, product_id, round(quantity, 3) AS quantity,
                CASE WHEN {flip} THEN -value ELSE value END AS value,
                state, cancelled_at, {refunded} AS refunded, upper(currency) AS currency,
                lower(consent) AS consent, reason, CASE reason {names} END AS bad_column,
                CASE reason {values} END AS bad_value{spare}
            FROM reasoned"""

        flip = "quantity < 0 AND value > 0"
        if events:
            # Where a shop writes credit notes with a minus, one with a plus takes one back.
            total, self.turned = one_row(
                con,
                f"SELECT round(sum(value), 4), count_if(value > 0) FROM ({lines_with(flip)}) "
                f"WHERE state = {REFUND_EVENT} AND reason IS NULL",
            )
            if (total or 0) > 0:
                flip = f"(state = {REFUND_EVENT} AND value > 0) OR ({flip})"
            else:
                self.turned = 0
        return lines_with(flip), in_place

    def _tell_of_guests(self, guests: int) -> None:
        """Name the column of e-mail addresses where lines have no customer but mostly have one."""
        mail = find_mail(self.first.shape, self.roles["customer"]) if guests else None
        if mail is not None:
            column = self.name("customer")
            self.findings.doubts.append(
                fact("intake.guests_with_mail", lines=guests, column=column, mail=mail)
            )

    def _is_order_total(self) -> bool:
        """Does the amount repeat the whole order's total on each line of the order?"""
        if "order" not in self.roles:
            return False
        named = normalised(self.name("amount")) in ORDER_TOTALS
        order = as_text(self.column("order"), self.kind("order"))
        amount = self.column("amount")
        # A refund that repeats its order's total is an event of its own, not another line.
        same = "".join(
            f" AND min({self.column(role)}) IS NOT DISTINCT FROM max({self.column(role)})"
            for role in ("date", "status")
            if role in self.roles
        )
        sample = self.first.shape.sample
        if amounts_differ(sample, self.roles["order"], self.roles["date"], self.roles["amount"]):
            return False
        several, constant, values, partial = one_row(
            self.con,
            f"""SELECT count(*), count(*) FILTER (one = other), count(DISTINCT one),
                count(*) FILTER (filled < n)
                FROM (SELECT min({amount}) AS one, max({amount}) AS other,
                count({amount}) AS filled, count(*) AS n FROM {self.relation}
                WHERE {order} IS NOT NULL GROUP BY {order}
                HAVING min(line_hash) < max(line_hash){same})""",
        )
        repeats = constant > 0 and constant == several
        found = repeats and (named or (several >= 20 and values >= 10 and not partial))
        if found:
            self.understand("order_total", column=self.name("amount"))
        return bool(found)

    def _is_stripe(self) -> bool:
        keys = {normalised(name) for name in self.names}
        marks = {"amountrefunded", "amountcaptured", "paymentintent", "balancetransaction"}
        return {"amount", "created", "currency"} <= keys and bool(marks & keys)

    def _stripe_divisor(self) -> str:
        self.understand("smallest_unit")
        return (
            "(CASE WHEN upper(currency) IN ('JPY', 'KRW', 'CLP', 'VND', 'ISK') THEN 1 ELSE 100 END)"
        )

    def _filled_down(self, source: str) -> str:
        """Give blank lines of an order its own fields, where an export writes them only once."""
        if "order" not in self.roles:
            return source
        fields = ["customer_id", "date", "date_cell", "status", "currency", "consent"]
        fields += ["cancelled_at", "known_at", *(f"k{n}" for n in range(len(self.contacts)))]
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
        """SQL of a line's state and of the reason to leave it out, both from its status.

        Also says whether some lines are refunds of their own.
        """
        found = self.con.execute(
            f"SELECT s, count(*) AS n FROM (SELECT lower({status}) AS s FROM {self.relation}) "
            "WHERE s IS NOT NULL GROUP BY s ORDER BY n DESC, s LIMIT 1000"
        ).fetchall()
        header = normalised(self.name("status"))
        classes: dict[str, list[str]] = {}
        documents = holds_documents(header, (value for value, _ in found))
        for value, _ in found:
            kind = document_kind(value, alone=not documents)
            word = {"credit_note": "refund_event", "invoice": "kept"}.get(kind or "")
            classes.setdefault(word or _status_class(value, header), []).append(value)
        for word in ("refund_event", "reversed", "not_paid", "not_a_purchase", "unknown"):
            if values := classes.get(word):
                shown, more = quoted(values[:5]), len(values) - 5
                if more > 0:
                    shown = (*shown[:-1], fact("intake.and_more", last=shown[-1], more=more))
                self.note("status", fact(f"intake.status_{word}", values=shown))
        if not set(classes) - {"kept", "partly"}:
            self.note("status", fact("intake.status_purchases"))

        def among(name: str) -> str:
            values = classes.get(name)
            return f"lower(status) IN {listed(values)}" if values else "false"

        state = (
            f"(CASE WHEN {among('refund_event')} THEN {REFUND_EVENT} "
            f"WHEN {among('reversed')} THEN {REVERSAL} "
            f"WHEN {among('partly')} THEN {PARTLY} ELSE {STANDS} END)"
        )
        # A cancelled order may still carry an unpaid status: never paid, never bought.
        kept_out = (
            f"(CASE WHEN {among('not_paid')} THEN 'not_paid' "
            f"WHEN {among('not_a_purchase')} THEN 'not_a_purchase' END)"
        )
        return state, kept_out, "refund_event" in classes


def _status_class(value: str, header: str) -> str:
    word = normalised(value).removeprefix("wc")
    event = header.startswith("event")
    if header == "valid":
        return "not_paid" if value in FALSE_WORDS else "kept"
    if event:
        if "refund" in word:
            return "refund_event"
        bought = word in ("purchase", "order", "sale", "buy", "transaction", "ecommercepurchase")
        return "kept" if bought else "not_a_purchase"
    if "partial" in word or "czesciow" in word or "teilweise" in word:
        return "partly"
    if any(part in word for part in _OTHER_EVENTS) and word != "checkoutcompleted":
        return "not_paid" if "checkout" in word else "not_a_purchase"
    if re.search("refund|zwrot|zwroc", word):
        return "kept" if re.search("fail|reject|declin|denied|odrzuc|odmow", word) else "reversed"
    # An order that waits for its parcel has been paid.
    if re.search("pending|awaiting|oczeki|oczekuj", word) and re.search(
        "ship|fulfil|deliver|pickup|wysyl|dostaw|odbior|realizac|versand", word
    ):
        return "kept"
    if any(part in word for part in _UNPAID):
        return "not_paid"
    if any(part in word for part in _REVERSED):
        return "reversed"
    if any(part in word for part in _KEPT):
        return "kept"
    return "unknown"


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
