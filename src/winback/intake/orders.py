"""Makes canonical order lines out of a shop's lines; what cannot be used keeps its reason."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import duckdb

from winback.errors import UsageError, WinbackError
from winback.intake.columns import ORDER_TOTALS, find_columns, normalised
from winback.intake.reading import Source, load
from winback.intake.values import (
    as_text,
    cleaned,
    day_text,
    is_text,
    listed,
    literal,
    read_dates,
    read_ids,
    read_numbers,
)

REASONS = {
    "wrong_column_count": "the row does not have the header's number of columns",
    "empty_row": "no cell of the row that matters is filled",
    "no_customer": "no customer: guest checkouts cannot be scored",
    "damaged_id": "the customer id was turned into scientific notation by a spreadsheet",
    "no_date": "no date",
    "unreadable_date": "the date cannot be read",
    "no_amount": "no amount",
    "unreadable_amount": "the amount is not a number",
    "not_paid": "the order was never paid (pending, failed, draft, voided or a test)",
    "not_a_purchase": "the row is another event than a purchase or a refund",
    "duplicate": "an exact copy of another line of the same order",
    "lonely_date": "a placeholder, or far from all other orders: probably a wrong date",
}
SCALES = (1, 100, 1000, 10000)
ROW_GROUP = 1 << 19
_REVERSED = (
    "cancel", "refund", "anulowan", "zwroc", "zwrot", "storn", "return", "erstattet", "closed",
    "chargeback", "wycofan", "rueckgabe", "ruckgabe", "reversed",
)  # fmt: skip
_UNPAID = (
    "unpaid", "pending", "fail", "draft", "void", "test", "expired", "declined", "nieoplacon",
    "nieudan", "oczekuje", "oczekiwanie", "unbezahlt", "offen", "fehlgeschlagen", "abandoned",
    "porzucon", "authorized", "authorised", "awaitingpayment", "incomplete", "rejected", "odrzucon",
    "bought", "filledin", "robocz", "entwurf", "onhold", "holded", "wstrzyman",
)  # fmt: skip
_KEPT = (
    "complete", "paid", "process", "ship", "deliver", "zrealizowan", "wyslan", "odebran", "oplacon",
    "zaplacon", "realizacj", "nowe", "new", "created", "approved", "invoiced", "succeeded", "sent",
    "purchase", "order", "sale", "bezahlt", "versandt", "geliefert", "abgeschlossen", "dostarczon",
    "fulfilled", "success", "settled", "captured", "confirmed", "pickedup", "ready", "sprzedaz",
    "przyjet", "potwierdzon", "gotow", "zakonczon", "neu", "verkauf", "bearbeitung", "unavailable",
)  # fmt: skip
_OTHER_EVENTS = (
    "view", "cart", "session", "click", "search", "scroll", "visit", "checkout", "impression",
    "wishlist", "login", "signup", "firstopen", "engagement", "promotion", "paymentinfo",
    "shippinginfo",
)  # fmt: skip
_TRUE = ("true", "yes", "y", "t", "1", "tak", "ja", "prawda", "wahr", "opt-in", "subscribed")
_FALSE = ("false", "no", "n", "f", "0", "nie", "nein", "fałsz", "falsch", "opt-out", "unsubscribed")
_LINES = """file_no INTEGER, src BIGINT, line_hash UBIGINT, customer_id VARCHAR, order_id VARCHAR,
    ordered_at TIMESTAMP, known_at TIMESTAMP, product_id VARCHAR, quantity DOUBLE, value DOUBLE,
    state UTINYINT, cancelled_at TIMESTAMP, refunded DOUBLE, currency VARCHAR, consent VARCHAR,
    reason VARCHAR, bad_column VARCHAR, bad_value VARCHAR"""
# A line's state after its status: as it stands, sent back or cancelled, or a refund event.
_STANDS, _REVERSAL, _REFUND_EVENT, _PARTLY = 0, 1, 2, 3


def _row(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    # All of it: DuckDB refuses further work while a result is half read.
    # A count over no rows at all is null in DuckDB's count_if.
    return tuple(0 if cell is None else cell for cell in con.execute(query).fetchall()[0])


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
        self.roles = find_columns(self.first, given)
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
        relation = load(con, sources, f"raw{number}", wanted, hashed, scratch)
        texts = [f"c{i}" for i in wanted if is_text(self.types[i])]
        ids = [self.column(role) for role in ("customer", "order", "product") if role in self.roles]
        self.relation, self.plain = cleaned(con, relation, texts, ids, f"clean{number}")
        self.understood: list[str] = []
        self.currencies: dict[str, int] = {}

    def column(self, role: str) -> str:
        return f"c{self.roles[role]}"

    def name(self, role: str) -> str:
        return self.names[self.roles[role]]

    def kind(self, role: str) -> str:
        return self.types[self.roles[role]]

    def say(self, role: str, note: str) -> None:
        self.understood.append(f"{role}: column '{self.name(role)}' ({note})")

    def insert_lines(
        self, *, day_first: bool | None, timezone: str | None, contact_count: int
    ) -> None:
        """Parse the whole group into `lines`, each with the first reason against it."""
        con, roles = self.con, self.roles
        parsed = {name: "NULL" for name in ("order_id", "product_id", "currency", "consent")}
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
            self.say(role, ids.note)
            if role == "order" and ids.damaged != "false":
                test = ids.damaged.format(ids.sql)
                damaged = _row(con, f"SELECT count_if({test}) FROM {self.relation}")[0]
                if damaged:
                    self.understood.append(
                        f"{damaged:,} order ids of {self.label} were turned into scientific "
                        "notation by a spreadsheet; such orders of one customer and day are "
                        "counted as one"
                    )
        if "order" not in roles:
            self.understood.append(
                "order: no column; lines of one customer at one instant are one order"
            )
        for role in ("currency", "consent", "status"):
            if role in roles:
                parsed[role] = as_text(self.column(role), self.kind(role))
        for role in ("date", "known_at", "cancelled_at"):
            if role not in roles:
                parsed[role] = "NULL"
                continue
            empty = (
                role != "date"
                and not _row(
                    con,
                    f"SELECT count({as_text(self.column(role), self.kind(role))}) FROM {self.relation}",
                )[0]
            )
            if empty:
                parsed[role] = "NULL"
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
            self.say(role, dates.note)
        for role in ("quantity", "amount", "price", "refunded"):
            if role not in roles:
                parsed[role] = "NULL"
                continue
            numbers = read_numbers(
                con, self.relation, self.column(role), self.kind(role), self.name(role)
            )
            parsed[role] = numbers.sql
            self.say(role, numbers.note)
            if role in ("amount", "price") and "currency" not in roles:
                self.currencies = numbers.currencies
        money = "amount" if "amount" in roles else "price"
        value = "amount"
        if money == "price":
            value = "price"
            if "quantity" in roles:
                value = "price * quantity"
                self.understood.append("amount: unit price times quantity")
        parts = ", ".join(f"{sql} AS {name}" for name, sql in parsed.items() if name != "status")
        status = parsed.get("status", "NULL")
        state, kept_out = self._states(status) if "status" in roles else ("0", "NULL")
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
            f"{as_text(self.column('date'), self.kind('date'))} AS date_text, "
            f"{as_text(self.column(money), self.kind(money))} AS money_text, "
            f"{as_text(self.column('quantity'), self.kind('quantity')) if 'quantity' in roles else 'NULL'} AS quantity_text"
            f"{contacts} FROM {self.relation}"
        )
        source = self._filled_down(source)
        if money == "amount" and self._is_order_total():
            # Which line carries the total is settled by content, not by the source's row order.
            value = (
                f"CASE WHEN order_id IS NULL OR row_number() OVER (PARTITION BY order_id "
                f"ORDER BY amount IS NULL, line_hash, file_no, src) = 1 THEN {value} ELSE 0 END"
            )
            money_text = "coalesce(money_text, CASE WHEN order_id IS NOT NULL THEN '0' END)"
        else:
            money_text = "money_text"
        quantity_bad = f"{'quantity IS NULL' if value.find('* quantity') >= 0 else 'false'}"
        reason = f"""CASE
            WHEN customer_id IS NULL AND date_text IS NULL AND money_text IS NULL THEN 'empty_row'
            WHEN customer_id IS NULL THEN 'no_customer'
            WHEN {customer.damaged.format("customer_id")} THEN 'damaged_id'
            WHEN date IS NULL AND date_text IS NULL THEN 'no_date'
            WHEN date IS NULL OR date < TIMESTAMP '0002-01-01' OR date > TIMESTAMP '9999-12-31 23:59:59'
                THEN 'unreadable_date'
            WHEN kept_out IS NOT NULL THEN kept_out
            WHEN {money_text} IS NULL OR ({quantity_bad} AND quantity_text IS NULL) THEN 'no_amount'
            WHEN value IS NULL OR abs(value) > 1e12 THEN 'unreadable_amount'
            END"""
        bad = {
            "no_customer": (self.name("customer"), "NULL"),
            "damaged_id": (self.name("customer"), "customer_id"),
            "no_date": (self.name("date"), "NULL"),
            "unreadable_date": (self.name("date"), "date_text"),
            "no_amount": (self.name(money), "NULL"),
            "unreadable_amount": (self.name(money), "coalesce(money_text, quantity_text)"),
        }
        if "status" in roles:
            bad |= {r: (self.name("status"), "status") for r in ("not_paid", "not_a_purchase")}
        names = " ".join(f"WHEN '{r}' THEN {literal(name)}" for r, (name, _) in bad.items())
        values = " ".join(f"WHEN '{r}' THEN {sql}" for r, (_, sql) in bad.items())
        spare = "".join(f", k{n}" for n in range(contact_count))
        flip = f"(state = {_REFUND_EVENT} AND value > 0) OR (quantity < 0 AND value > 0)"
        con.execute(
            f"""INSERT INTO lines
            WITH source AS ({source}),
            judged AS (SELECT *, {value} AS value, {state} AS state, {kept_out} AS kept_out
                FROM source),
            reasoned AS (SELECT *, {reason} AS reason FROM judged)
            SELECT file_no, src, line_hash, customer_id, order_id, date,
                greatest(coalesce(known_at, date), date), product_id,
                round(CASE WHEN state = {_REFUND_EVENT} THEN -abs(quantity) ELSE quantity END, 3),
                CASE WHEN {flip} THEN -value ELSE value END,
                state, cancelled_at, {refunded}, upper(currency), lower(consent), reason,
                CASE reason {names} END, CASE reason {values} END{spare}
            FROM reasoned"""
        )

    def _is_order_total(self) -> bool:
        """Does the amount repeat the whole order's total on each line of the order?"""
        if "order" not in self.roles:
            return False
        named = normalised(self.name("amount")) in ORDER_TOTALS
        order = as_text(self.column("order"), self.kind("order"))
        amount = self.column("amount")
        several, constant, values, partial = _row(
            self.con,
            f"""SELECT count(*), count(*) FILTER (kinds = 1), count(DISTINCT one), count(*) FILTER (
                filled < n) FROM (SELECT count(DISTINCT {amount}) AS kinds, min({amount}) AS one,
                count({amount}) AS filled, count(*) AS n FROM {self.relation}
                WHERE {order} IS NOT NULL GROUP BY {order}
                HAVING count(*) > 1 AND count(DISTINCT line_hash) > 1)""",
        )
        repeats = constant > 0 and constant == several
        found = repeats and (named or (several >= 20 and values >= 10 and not partial))
        if found:
            self.understood.append(
                f"amount: column '{self.name('amount')}' holds the total of the order on each of its "
                "lines and is counted once"
            )
        return bool(found)

    def _is_stripe(self) -> bool:
        keys = {normalised(name) for name in self.names}
        marks = {"amountrefunded", "amountcaptured", "paymentintent", "balancetransaction"}
        return {"amount", "created", "currency"} <= keys and bool(marks & keys)

    def _stripe_divisor(self) -> str:
        self.understood.append("amounts are in the currency's smallest unit, as Stripe writes them")
        return (
            "(CASE WHEN upper(currency) IN ('JPY', 'KRW', 'CLP', 'VND', 'ISK') THEN 1 ELSE 100 END)"
        )

    def _filled_down(self, source: str) -> str:
        """Give blank lines of an order the order's own customer, date and status."""
        if "order" not in self.roles:
            return source
        fields = ["customer_id", "date", "date_text", "status", "currency", "consent"]
        fields += ["cancelled_at", "known_at", *(f"k{n}" for n in range(len(self.contacts)))]
        text = as_text(self.column("date"), self.kind("date"))
        customer = as_text(self.column("customer"), self.kind("customer"))
        order = as_text(self.column("order"), self.kind("order"))
        blank = _row(
            self.con,
            f"SELECT count(*) FROM (SELECT 1 FROM {self.relation} GROUP BY {order} "
            f"HAVING {order} IS NOT NULL AND ((count({customer}) BETWEEN 1 AND count(*) - 1) "
            f"OR (count({text}) BETWEEN 1 AND count(*) - 1)))",
        )[0]
        if not blank:
            return source
        self.understood.append(
            f"customer, date and status of {blank:,} orders are filled only on some of their lines "
            "and hold for all of them"
        )
        whole = ", ".join(
            f"CASE WHEN count(DISTINCT {f}) = 1 THEN min({f}) END AS {f}" for f in fields
        )
        replaced = ", ".join(f"coalesce(l.{f}, o.{f}) AS {f}" for f in fields)
        return (
            f"WITH l AS ({source}), o AS (SELECT order_id, {whole} FROM l "
            f"WHERE order_id IS NOT NULL GROUP BY order_id) "
            f"SELECT l.* REPLACE ({replaced}) FROM l LEFT JOIN o USING (order_id)"
        )

    def _states(self, status: str) -> tuple[str, str]:
        """SQL of a line's state and of the reason to leave it out, both from its status."""
        found = self.con.execute(
            f"SELECT s, count(*) AS n FROM (SELECT lower({status}) AS s FROM {self.relation}) "
            "WHERE s IS NOT NULL GROUP BY s ORDER BY n DESC, s LIMIT 1000"
        ).fetchall()
        header = normalised(self.name("status"))
        classes: dict[str, list[str]] = {}
        for value, _ in found:
            classes.setdefault(_status_class(value, header), []).append(value)
        for word, meaning in (
            ("reversed", "cancelled or sent back"),
            ("not_paid", "not paid"),
            ("not_a_purchase", "not a purchase"),
            ("unknown", "unknown and kept"),
        ):
            if values := classes.get(word):
                shown = ", ".join(f"'{v}'" for v in values[:5])
                more = f" and {len(values) - 5} more" if len(values) > 5 else ""
                self.say("status", f"{meaning}: {shown}{more}")
        if not set(classes) & {"reversed", "not_paid", "not_a_purchase", "unknown"}:
            self.say("status", "all count as purchases")

        def among(name: str) -> str:
            values = classes.get(name)
            return f"lower(status) IN {listed(values)}" if values else "false"

        state = (
            f"(CASE WHEN {among('refund_event')} THEN {_REFUND_EVENT} "
            f"WHEN {among('reversed')} THEN {_REVERSAL} "
            f"WHEN {among('partly')} THEN {_PARTLY} ELSE {_STANDS} END)"
        )
        # A cancelled order may still carry an unpaid status: never paid, never bought.
        kept_out = (
            f"(CASE WHEN {among('not_paid')} THEN 'not_paid' "
            f"WHEN {among('not_a_purchase')} THEN 'not_a_purchase' END)"
        )
        return state, kept_out


def _status_class(value: str, header: str) -> str:
    word = normalised(value).removeprefix("wc")
    event = header.startswith("event")
    if header == "valid":
        return "not_paid" if value in _FALSE else "kept"
    if event:
        if "refund" in word:
            return "refund_event"
        bought = word in ("purchase", "order", "sale", "buy", "transaction", "ecommercepurchase")
        return "kept" if bought else "not_a_purchase"
    if "partial" in word or "czesciow" in word or "teilweise" in word:
        return "partly"
    if any(part in word for part in _OTHER_EVENTS) and word != "checkoutcompleted":
        return "not_paid" if "checkout" in word else "not_a_purchase"
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
    con.execute(f"CREATE TEMP TABLE lines ({_LINES}{spare})")
    con.execute("CREATE TEMP TABLE file_starts (file_no INTEGER, first BIGINT, top INTEGER)")
    con.execute("CREATE TEMP TABLE rejected (file_no INTEGER, row_no BIGINT)")


def settle_currency(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], currency: str | None
) -> str:
    """Give the one currency of all lines; several are an error that names them."""
    counts: dict[str, int] = dict(
        con.execute(
            "SELECT currency, count(*) FROM lines WHERE reason IS NULL AND currency IS NOT NULL "
            "GROUP BY currency"
        ).fetchall()
    )
    for group in groups:
        for code, count in group.currencies.items():
            counts[code] = counts.get(code, 0) + count
    if len(counts) > 1:
        shown = ", ".join(
            f"{code} ({n:,} lines)"
            for code, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))
        )
        raise WinbackError(
            f"{groups[0].label}: the amounts are in several currencies: {shown}. They cannot be "
            "added up; split the file and run each currency by itself, or convert it first."
        )
    written = next(iter(counts), "")
    if currency and written and currency.upper() != written:
        raise UsageError(f"The amounts are in {written}, not in {currency.upper()}.")
    return written or (currency or "").upper()


def settle_scale(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Find the smallest scale that holds all amounts exactly, and how many it rounds."""

    def off(scale: int) -> str:
        v = f"abs(value * {scale})"
        # Float noise grows with the number, but half a cent is never noise.
        return f"abs({v} - round({v})) > least(1e-6 * greatest({v}, 1), 1e-3)"

    for scale in SCALES:
        # The first miss ends the search: only the scale that fits reads all lines.
        query = f"SELECT 1 FROM lines WHERE reason IS NULL AND {off(scale)} LIMIT 1"
        if not con.execute(query).fetchall():
            return scale, 0
    query = f"SELECT count(*) FROM lines WHERE reason IS NULL AND {off(SCALES[-1])}"
    return SCALES[-1], int(_row(con, query)[0])


def set_aside_duplicates(con: duckdb.DuckDBPyConnection) -> int:
    """Mark exact copies within an order; count possible repeats of lines without one."""
    con.execute(
        "CREATE TEMP TABLE copies AS SELECT line_hash FROM lines WHERE reason IS NULL "
        "GROUP BY line_hash HAVING count(*) > 1"
    )
    if not _row(con, "SELECT count(*) FROM copies")[0]:
        return 0
    con.execute(
        "UPDATE lines SET reason = 'duplicate', bad_value = lines.order_id FROM ("
        "SELECT l.rowid AS rid FROM lines l SEMI JOIN copies c USING (line_hash) "
        "WHERE l.reason IS NULL AND l.order_id IS NOT NULL "
        "QUALIFY row_number() OVER (PARTITION BY l.line_hash, l.order_id "
        "ORDER BY l.file_no, l.src) > 1) d WHERE lines.rowid = d.rid"
    )
    return int(
        _row(
            con,
            "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) - 1 AS n FROM lines l SEMI JOIN copies c "
            "USING (line_hash) "
            "WHERE order_id IS NULL AND reason IS NULL GROUP BY line_hash)",
        )[0]
    )


def flip_credit_notes(con: duckdb.DuckDBPyConnection) -> int:
    """Turn the sign of `C123` lines written as positive while the customer has an order 123."""
    condition = "reason IS NULL AND value > 0 AND regexp_matches(order_id, '^[Cc][0-9]+$')"
    if not _row(con, f"SELECT count(*) FROM lines WHERE {condition}")[0]:
        return 0
    return int(
        _row(
            con,
            "UPDATE lines SET value = -value, quantity = -abs(quantity) WHERE "
            f"{condition} AND EXISTS (SELECT 1 FROM lines o WHERE o.customer_id = lines.customer_id "
            "AND o.order_id = substr(lines.order_id, 2))",
        )[0]
    )


def settle_kinds(con: duckdb.DuckDBPyConnection, scale: int) -> None:
    """Say for each line whether it is a purchase's, a refund's or free.

    Only groups (customer, order, local day) with a line that is not above zero need a
    second look; their kinds go to the table `odd`, all other lines are `order`.
    """
    con.execute(
        f"""CREATE TEMP VIEW canonical AS
        SELECT rowid AS line, customer_id,
            coalesce(order_id, strftime(ordered_at, '%Y-%m-%dT%H:%M:%S')) AS order_id,
            ordered_at, known_at, product_id, quantity,
            CAST(round(value * {scale}) AS BIGINT) AS amount, CAST(ordered_at AS DATE) AS day,
            state, cancelled_at, refunded
        FROM lines WHERE reason IS NULL"""
    )
    con.execute(
        """CREATE TEMP TABLE odd AS
        WITH looked_at AS (
            SELECT * FROM canonical c SEMI JOIN (
                SELECT DISTINCT customer_id, order_id, day FROM canonical WHERE amount <= 0
            ) o USING (customer_id, order_id, day)),
        seen AS (SELECT *, max(ordered_at) FILTER (amount > 0) OVER g AS last_placed,
                sum(amount) OVER g AS total FROM looked_at
            WINDOW g AS (PARTITION BY customer_id, order_id, day)),
        placed AS (SELECT *, amount >= 0 OR coalesce(ordered_at <= last_placed, false) AS placed
            FROM seen),
        summed AS (SELECT *, coalesce(sum(amount) FILTER (placed) OVER g, 0) AS placed_sum
            FROM placed WINDOW g AS (PARTITION BY customer_id, order_id, day))
        SELECT line, CASE
            WHEN last_placed IS NULL THEN CASE WHEN total < 0 THEN 'refund' ELSE 'free' END
            WHEN placed_sum < 0 OR NOT placed THEN 'refund'
            WHEN placed_sum > 0 THEN 'order' ELSE 'free' END AS kind
        FROM summed"""
    )
    con.execute(
        """CREATE TEMP TABLE purchases AS SELECT customer_id, order_id, day FROM canonical c
        ANTI JOIN (SELECT line FROM odd WHERE kind <> 'order') o USING (line) GROUP BY ALL"""
    )


def find_lonely_days(
    con: duckdb.DuckDBPyConnection, cutoff: date | None
) -> tuple[date, date, list[date]]:
    """Give the first and last believable day of purchases, and the days left out.

    A few purchases (at most 0.1 %, three at most, one at least) beyond a gap of more than
    60 days and three times any other gap are a typing error or a test, if there are 30
    purchases in all. So are placeholders such as 1900-01-01 when all else is decades later.
    """
    limit = f"WHERE day < DATE '{cutoff.isoformat()}'" if cutoff else ""
    counts: list[tuple[date, int]] = con.execute(
        f"SELECT day, count(*) FROM purchases {limit} GROUP BY day ORDER BY day"
    ).fetchall()
    if not counts:
        raise WinbackError(
            f"There is no purchase before the cutoff {cutoff}."
            if cutoff
            else "There is no purchase in these files: no order whose lines sum above zero."
        )
    kept, lonely = list(counts), []
    decade = timedelta(days=3650)
    early = sum(day.year < 1990 for day, _ in kept)
    if 0 < early < len(kept) and kept[early][0] - kept[early - 1][0] > decade:
        lonely += [day for day, _ in kept[:early]]
        kept = kept[early:]
    late = sum(day.year > 2099 for day, _ in kept)
    if 0 < late < len(kept) and kept[-late][0] - kept[-late - 1][0] > decade:
        lonely += [day for day, _ in kept[-late:]]
        kept = kept[:-late]
    total = sum(n for _, n in kept)
    if total >= 30:
        allowed = max(1, min(3, total // 1000))
        kept, cut = _without_tail(kept, allowed)
        lonely += cut
        back = [(-day.toordinal(), n) for day, n in reversed(kept)]
        cut_back = _tail_length(back, allowed)
        lonely += [day for day, _ in kept[:cut_back]]
        kept = kept[cut_back:]
    return kept[0][0], kept[-1][0], sorted(lonely)


def _without_tail(
    counts: list[tuple[date, int]], allowed: int
) -> tuple[list[tuple[date, int]], list[date]]:
    cut = _tail_length([(day.toordinal(), n) for day, n in counts], allowed)
    return (counts[:-cut], [day for day, _ in counts[-cut:]]) if cut else (counts, [])


def _tail_length(counts: list[tuple[int, int]], allowed: int) -> int:
    """How many days at the end hold at most `allowed` purchases after too long a gap."""
    beyond, longest = 0, 0
    for cut in range(1, len(counts)):
        beyond += counts[-cut][1]
        if beyond > allowed:
            break
        gap = counts[-cut][0] - counts[-cut - 1][0]
        rest = counts[: len(counts) - cut]
        earlier = max((b[0] - a[0] for a, b in zip(rest, rest[1:], strict=False)), default=0)
        if gap > max(60, 3 * earlier):
            longest = cut
    return longest


def set_aside_lonely(
    con: duckdb.DuckDBPyConnection, first: date, last: date, lonely: Sequence[date]
) -> None:
    """Mark all lines of the lonely days."""
    days = ", ".join(f"DATE '{day.isoformat()}'" for day in lonely)
    con.execute(
        f"UPDATE lines SET reason = 'lonely_date', bad_value = CAST(CAST(ordered_at AS DATE) AS VARCHAR) "
        f"WHERE reason IS NULL AND CAST(ordered_at AS DATE) IN ({days})"
    )
    con.execute(f"DELETE FROM purchases WHERE day IN ({days})")


def add_refunds(con: duckdb.DuckDBPyConnection, scale: int, cutoff: date) -> tuple[int, int]:
    """Add refund rows for cancelled, sent back and partly refunded orders.

    Negative copies of a purchase's lines, dated when it was cancelled, or at the order
    itself if the source does not say. Returns rows added and how many are back-dated.
    """
    con.execute(
        f"""CREATE TEMP TABLE added AS
        WITH touched AS (
            SELECT c.* FROM canonical c ANTI JOIN (SELECT line FROM odd WHERE kind <> 'order') o
                USING (line)
            WHERE state IN ({_REVERSAL}, {_PARTLY}) OR cancelled_at IS NOT NULL
                OR refunded IS NOT NULL AND refunded <> 0),
        -- An order with refund lines of its own has been told already.
        fresh AS (SELECT t.* FROM touched t ANTI JOIN (
            SELECT DISTINCT c.customer_id, c.order_id FROM canonical c
            JOIN odd USING (line) WHERE odd.kind = 'refund') r
            ON t.customer_id = r.customer_id AND t.order_id = r.order_id),
        -- One cancelled line dates the others of its order if they do not say.
        whole AS (SELECT *, state = {_REVERSAL} OR (cancelled_at IS NOT NULL AND
                (state <> {_PARTLY})) AS undone FROM fresh)
        SELECT customer_id, order_id, greatest(coalesce(cancelled_at, ordered_at), ordered_at)
                AS ordered_at, greatest(known_at, cancelled_at) AS known_at, product_id,
            -quantity AS quantity, -amount AS amount, cancelled_at IS NULL AS back_dated
        FROM whole WHERE undone
        UNION ALL
        SELECT customer_id, order_id, max(greatest(coalesce(cancelled_at, ordered_at), ordered_at)),
            max(greatest(known_at, cancelled_at)), NULL, NULL,
            -CAST(round(max(abs(refunded)) * {scale}) AS BIGINT), max(cancelled_at) IS NULL
        FROM whole WHERE NOT undone AND refunded <> 0
        GROUP BY customer_id, order_id, day"""
    )
    con.execute(f"DELETE FROM added WHERE ordered_at >= {day_text(cutoff)} OR amount = 0")
    rows, back_dated = _row(con, "SELECT count(*), count_if(back_dated) FROM added")
    return int(rows), int(back_dated)


def find_suspicious(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Name customers that look like a till, staff or a test account.

    Nobody is more than a twentieth of a shop and twenty times the average customer; and
    nobody orders five times on every day they order at all, a hundred orders long.
    """
    found = con.execute(
        """WITH people AS (SELECT customer_id, count(*) AS n FROM purchases GROUP BY customer_id),
        shop AS (SELECT sum(n) AS total, avg(n) AS mean FROM people),
        busy AS (SELECT p.customer_id, any_value(n) AS n, count(DISTINCT day) AS days
            FROM people p JOIN purchases USING (customer_id), shop
            WHERE n >= 100 OR (n > 0.05 * total AND n > 20 * mean) GROUP BY p.customer_id)
        SELECT customer_id, n, n / total FROM busy, shop
        WHERE (n > 0.05 * total AND n > 20 * mean) OR (n >= 100 AND n >= 5 * days)
        ORDER BY n DESC, customer_id LIMIT 20"""
    ).fetchall()
    return [
        {"customer_id": masked(name), "purchases": int(n), "share_of_purchases": round(share, 4)}
        for name, n, share in found
    ]


def masked(name: str) -> str:
    """Hide an e-mail address that serves as an id."""
    if "@" not in name:
        return name
    user, _, host = name.partition("@")
    return f"{user[:1]}***@{host[:1]}***"


def write_orders(
    con: duckdb.DuckDBPyConnection, path: Path, cutoff: date, facts: Mapping[str, str]
) -> tuple[int, str]:
    """Write the canonical lines in their fixed order; give their number and their hash.

    The hash covers the rows' content and the facts (scale, currency), not the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            pa.field("customer_id", pa.string(), nullable=False),
            pa.field("order_id", pa.string(), nullable=False),
            pa.field("ordered_at", pa.timestamp("s"), nullable=False),
            pa.field("known_at", pa.timestamp("s"), nullable=False),
            pa.field("product_id", pa.string()),
            pa.field("quantity", pa.float64()),
            pa.field("amount", pa.int64(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
        ],
        metadata=dict(facts),
    )
    # Ties end in content, never in the source's row order: two equal rows are the same row.
    reader = con.sql(
        f"""SELECT customer_id, order_id, CAST(ordered_at AS TIMESTAMP_S) AS ordered_at,
            CAST(known_at AS TIMESTAMP_S) AS known_at, product_id, quantity, amount, kind
        FROM (
            SELECT customer_id, order_id, ordered_at, known_at, product_id,
                CASE WHEN kind = 'refund' AND amount < 0 THEN -abs(quantity) ELSE quantity END
                    AS quantity, amount, kind
            FROM (SELECT c.*, coalesce(o.kind, 'order') AS kind
                FROM canonical c LEFT JOIN odd o USING (line)
                WHERE ordered_at < {day_text(cutoff)})
            UNION ALL
            SELECT customer_id, order_id, ordered_at, known_at, product_id, quantity, amount,
                'refund' FROM added
        ) ORDER BY customer_id, CAST(ordered_at AS DATE), order_id, ordered_at, kind, product_id,
            amount, quantity, known_at"""
    ).to_arrow_reader(1 << 17)
    digests = [hashlib.sha256() for _ in schema.names]
    rows = 0
    temporary = path.with_name(path.name + ".part")
    repeating = ["customer_id", "product_id", "quantity", "kind"]
    # Hashing and writing keep their own order, each beside the sort that feeds them.
    with (
        pq.ParquetWriter(temporary, schema, compression="zstd", use_dictionary=repeating) as writer,
        ThreadPoolExecutor(1) as hashing,
        ThreadPoolExecutor(1) as writing,
    ):
        last: list[Future[None]] = []
        for chunk in _row_groups(reader, schema):
            for job in last:
                job.result()
            rows += chunk.num_rows
            last = [
                hashing.submit(_feed, digests, chunk),
                writing.submit(writer.write_table, chunk, row_group_size=ROW_GROUP),
            ]
        for job in last:
            job.result()
    os.replace(temporary, path)
    total = hashlib.sha256(repr((rows, sorted(facts.items()))).encode())
    for digest in digests:
        total.update(digest.digest())
    return rows, total.hexdigest()


def _row_groups(reader: Any, schema: Any) -> Iterator[Any]:
    """Cut a stream of batches into row groups of one size, so that equal rows make equal bytes."""
    import pyarrow as pa

    waiting: list[Any] = []
    size = 0
    for batch in reader:
        waiting.append(batch.cast(schema))
        size += batch.num_rows
        while size >= ROW_GROUP:
            whole = pa.Table.from_batches(waiting)
            yield whole.slice(0, ROW_GROUP)
            waiting = whole.slice(ROW_GROUP).to_batches()
            size -= ROW_GROUP
    if size:
        yield pa.Table.from_batches(waiting, schema)


def _feed(digests: Sequence[Any], chunk: Any) -> None:
    """Add each column's values to its hash, so that batch boundaries leave no trace."""
    for digest, column in zip(digests, chunk.columns, strict=True):
        for part in column.chunks:
            _feed_values(digest, part)


def _feed_values(digest: Any, column: Any) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    # Through buffers, not to_numpy: that would import pandas.
    valid = pc.cast(column.is_valid(), pa.uint8())
    digest.update(np.frombuffer(valid.buffers()[1], np.uint8, len(valid), valid.offset))
    if pa.types.is_string(column.type):
        present = column.drop_null()
        offsets = np.frombuffer(
            present.buffers()[1], np.int32, len(present) + 1, 4 * present.offset
        )
        # Lengths tell ("a", "bc") from ("ab", "c").
        digest.update(np.diff(offsets))
        if len(present) and offsets[-1] > offsets[0]:
            digest.update(memoryview(present.buffers()[2])[offsets[0] : offsets[-1]])
        return
    numbers = pc.cast(column, pa.int64()) if pa.types.is_timestamp(column.type) else column
    numbers = pc.fill_null(numbers, 0) if numbers.null_count else numbers
    digest.update(np.frombuffer(numbers.buffers()[1], np.int64, len(numbers), 8 * numbers.offset))


def write_contacts(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    contact_names: Sequence[str],
    cutoff: date,
    suppressed: Sequence[str] | None,
) -> None:
    """Write one row per customer: consent, suppression, and the named contact columns."""
    con.execute("CREATE TEMP TABLE kept_out (customer_id VARCHAR)")
    if suppressed:
        import pyarrow as pa

        con.register("suppressed_ids", pa.table({"customer_id": pa.array(list(suppressed))}))
        con.execute("INSERT INTO kept_out SELECT DISTINCT customer_id FROM suppressed_ids")
    consent = (
        f"CASE WHEN consent IN {listed(_TRUE)} THEN true WHEN consent IN {listed(_FALSE)} "
        "THEN false END"
    )
    # Equal instants are settled by the value, so that the source's row order does not matter.
    last = "".join(
        f", arg_max(k{n}, (ordered_at, k{n})) FILTER (k{n} IS NOT NULL) AS k{n}"
        for n in range(len(contact_names))
    )
    named = "".join(
        f', k{n} AS "{name.replace(chr(34), chr(34) * 2)}"' for n, name in enumerate(contact_names)
    )
    temporary = path.with_name(path.name + ".part")
    con.execute(
        f"""COPY (
        WITH people AS (SELECT customer_id,
                arg_max(agreed, (ordered_at, NOT agreed)) FILTER (agreed IS NOT NULL) AS consented
                {last}
            FROM (SELECT *, {consent} AS agreed FROM lines
                WHERE reason IS NULL AND ordered_at < {day_text(cutoff)})
            GROUP BY customer_id)
        SELECT customer_id, consented,
            lower(customer_id) IN (SELECT lower(customer_id) FROM kept_out) AS suppressed{named}
        FROM people ORDER BY customer_id)
        TO {literal(str(temporary))} (FORMAT parquet, COMPRESSION zstd)"""
    )
    os.replace(temporary, path)


def write_quarantine(
    con: duckdb.DuckDBPyConnection, path: Path, labels: Sequence[str]
) -> dict[str, int]:
    """Write every line set aside with its place and reason; give the counts by reason."""
    files = ", ".join(f"({n}, {literal(label)})" for n, label in enumerate(labels))
    codes = ", ".join(f"({literal(code)}, {literal(text)})" for code, text in REASONS.items())
    con.execute(
        """CREATE TEMP TABLE shifts AS SELECT file_no, row_no - top - n + 1 AS from_row, max(n) AS shift
        FROM (SELECT *, row_number() OVER (PARTITION BY file_no ORDER BY row_no) AS n FROM rejected)
        JOIN file_starts USING (file_no) GROUP BY file_no, from_row"""
    )
    con.execute(
        """CREATE TEMP TABLE aside AS
        WITH bad AS (SELECT l.file_no, src - coalesce(first, 0) AS place, coalesce(top, 1) AS top,
                reason, bad_column, bad_value
            FROM lines l LEFT JOIN file_starts s USING (file_no) WHERE reason IS NOT NULL),
        shifted AS (SELECT bad.*, coalesce(shift, 0) AS shift FROM bad ASOF LEFT JOIN shifts h
            ON bad.file_no = h.file_no AND bad.place >= h.from_row)
        SELECT file_no, place + top + shift AS row_no, reason, bad_column,
            CASE WHEN contains(bad_value, '@') OR NOT regexp_matches(bad_value, '[0-9]')
                    AND (length(bad_value) > 16 OR contains(bad_value, ' ')) THEN '(text)'
                ELSE left(bad_value, 40) END AS bad_value FROM shifted
        UNION ALL
        SELECT file_no, row_no, 'wrong_column_count', NULL, NULL FROM rejected"""
    )
    temporary = path.with_name(path.name + ".part")
    con.execute(
        f"""COPY (SELECT f.label AS source_file, row_no AS row_number, bad_column AS column_name,
            bad_value AS found, reason, c.meaning AS explanation
        FROM aside JOIN (VALUES {files}) f(file_no, label) USING (file_no)
        JOIN (VALUES {codes}) c(reason, meaning) USING (reason)
        ORDER BY file_no, row_no, reason) TO {literal(str(temporary))} (FORMAT csv, HEADER)"""
    )
    os.replace(temporary, path)
    counts = con.execute("SELECT reason, count(*) FROM aside GROUP BY reason").fetchall()
    by_reason = {cast(str, reason): int(n) for reason, n in counts}
    return {code: by_reason[code] for code in REASONS if code in by_reason}
