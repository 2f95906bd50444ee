"""Sets aside lines that are there more than once, and keeps equal ones that were bought so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from winback.intake.cells import one_row
from winback.intake.findings import Findings
from winback.intake.headers import normalised
from winback.intake.lines import SRC_BITS, Group, define_kept
from winback.results.base import fact

_FILE = f"(line >> {SRC_BITS})"
_ORDER = "customer_id, order_id, CAST(ordered_at AS DATE)"
# Where whole orders come twice to one in fifty with a line twice, they do so by chance.
_BY_CHANCE = 0.02
# Shops that write pieces as a number do so on more lines than this.
_SOME_PIECES = 0.05
_NEARLY_ALL = 0.98
# With fewer lines, each may be there twice by chance.
_ALL_TWICE = 20
_REPORTED = frozenset(
    ("userpseudoid", "eventtimestamp", "eventname", "eventdate", "clientid", "fullvisitorid",
     "visitid", "sessionid", "gasessionid", "visitorid", "idvisitor", "transactionrevenue",
     "purchaserevenue", "ecommercepurchaserevenue", "ecommercetransactionid")
)  # fmt: skip


@dataclass
class Copies:
    """How many lines without an order equal another and are kept, and what to tell of all."""

    repeats: int = 0
    findings: Findings = field(default_factory=Findings)

    def tell(self, code: str, lines: int, money: float, *, doubt: bool = False) -> None:
        """Tell of lines and their money, if there are any."""
        if lines:
            told = self.findings.doubts if doubt else self.findings.understood
            told.append(fact(f"intake.{code}", lines=lines, money=round(money, 2)))


def set_aside_copies(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], told: str | None
) -> Copies:
    """Set aside what is in the lines twice, unless the user keeps (`told`) all equal lines.

    Across files an order's lines are the same where what was read of them is; each counts as
    often as in the file that has it most often. Within a file lines of an order that are equal
    in all cells are pieces, unless the whole order is there several times. A purchase that a
    page reported again, under its number, counts once.
    """
    copies = Copies()
    if told != "keep":
        _across_files(con, groups, copies)
    _within_orders(con, groups, told, copies)
    if told != "keep":
        _in_pairs(con, groups, told, copies)
        _reported_again(con, groups, told, copies)
    return copies


def _across_files(con: duckdb.DuckDBPyConnection, groups: Sequence[Group], copies: Copies) -> None:
    """Set aside lines of orders that another file has too: the newest file says how they stand.

    Exact copies, and lines that differ in nothing but the time of knowing, are the first file's.
    """
    files = sum(group.files for group in groups)
    if files < 2 or not any("order" in group.roles for group in groups):
        return
    told = "lines WHERE order_id IS NOT NULL AND (reason IS NULL OR reason = 'not_paid')"
    spans = con.execute(
        f"SELECT min(ordered_at), max(ordered_at) FROM {told} GROUP BY {_FILE} ORDER BY 1, 2"
    ).fetchall()
    latest = None
    for first, last in spans:
        if latest is not None and first <= latest:
            break
        latest = last
    else:
        return
    import pyarrow as pa

    once = any(group.once for group in groups)
    same = "customer_id, order_id, ordered_at, product_id, quantity" + ("" if once else ", value")
    con.register(
        "told_again", pa.table({"h": repeated(con, f"(SELECT * FROM {told})", f"hash({same})")})
    )
    # One total of an order stands on the newest file's lines alone.
    newest = "true" if once else (
        "min(line_hash) OVER w < max(line_hash) OVER w AND (count(reason) OVER w > 0 "
        "OR min(state) OVER w < max(state) OVER w OR min(known_at) OVER w = max(known_at) OVER w)"
    )  # fmt: skip
    con.execute(
        f"""CREATE TEMP TABLE across AS
        WITH numbered AS (SELECT *, {_FILE} AS file_no,
                row_number() OVER (PARTITION BY {_FILE}, {same} ORDER BY reason IS NOT NULL, line)
                    AS nth
            FROM {told} AND hash({same}) IN (SELECT h FROM told_again)),
        judged AS (SELECT *, {newest} AS newest, count(reason) OVER w > 0
                OR min(state) OVER w < max(state) OVER w AS changed
            FROM numbered WINDOW w AS (PARTITION BY {same}, nth)),
        ranked AS (SELECT *, row_number() OVER (PARTITION BY {same}, nth
                ORDER BY CASE WHEN newest THEN -file_no ELSE file_no END) AS place
            FROM judged)
        SELECT line, order_id, value, changed FROM ranked WHERE place > 1 AND reason IS NULL"""
    )
    con.execute(
        "INSERT INTO set_aside SELECT line, 'duplicate', CAST(order_id AS VARCHAR) FROM across"
    )
    define_kept(con)
    for changed, code in ((True, "older_replaced"), (False, "copies_across")):
        lines, money = one_row(
            con, f"SELECT count(*), sum(value) FROM across WHERE changed = {changed}"
        )
        copies.tell(code, lines, money)


def _within_orders(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], told: str | None, copies: Copies
) -> None:
    """Set aside orders that are there several times, and count equal lines that have no order."""
    import pyarrow as pa

    found = repeated(con, "kept", "line_hash")
    if not len(found):
        return
    con.register("copies", pa.table({"line_hash": found}))
    if told != "keep":
        _judge_orders(con, groups, told, copies)
    _judge_others(con, told, copies)


def _judge_others(con: duckdb.DuckDBPyConnection, told: str | None, copies: Copies) -> None:
    """Count equal lines that have no order; set them aside where all lines come so often."""
    alike = (
        "(SELECT line_hash, count(*) AS n, sum(value) AS money FROM kept "
        "SEMI JOIN copies USING (line_hash) WHERE order_id IS NULL GROUP BY line_hash)"
    )
    lines, repeats, times, money = one_row(
        con,
        "SELECT sum(n), sum(n - 1), list_reduce(list(n), lambda x, y: gcd(x, y)), sum(money) "
        f"FROM {alike}",
    )
    copies.repeats = int(repeats)
    if told == "keep" or times < 2 or lines < _ALL_TWICE:
        return
    if lines < one_row(con, "SELECT count(*) FROM kept WHERE order_id IS NULL")[0]:
        return
    con.execute(
        f"""INSERT INTO set_aside SELECT line, 'duplicate', NULL FROM kept
        JOIN {alike} a USING (line_hash) WHERE order_id IS NULL
        QUALIFY row_number() OVER (PARTITION BY line_hash ORDER BY line) > a.n // {times}"""
    )
    define_kept(con)
    copies.repeats -= int(lines - lines // times)
    copies.tell("all_twice", lines - lines // times, money - money / times, doubt=told is None)


def _judge_orders(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], told: str | None, copies: Copies
) -> None:
    con.execute(
        f"""CREATE TEMP TABLE touched AS
        SELECT line, {_ORDER} AS day, line_hash, value FROM kept SEMI JOIN (
            SELECT DISTINCT customer_id, order_id FROM kept SEMI JOIN copies USING (line_hash)
            WHERE order_id IS NOT NULL) USING (customer_id, order_id)"""
    )
    con.execute(
        """CREATE TEMP TABLE alike AS
        WITH counted AS (SELECT customer_id, order_id, day, line_hash, count(*) AS n
            FROM touched GROUP BY ALL)
        SELECT *, max(n) OVER w AS most, count(*) OVER w AS different,
            list_reduce(list(n) OVER w, lambda x, y: gcd(x, y)) AS times
        FROM counted WINDOW w AS (PARTITION BY customer_id, order_id, day)"""
    )
    whole, lone, pieces = one_row(
        con,
        """SELECT count_if(times > 1 AND different > 1), count_if(times > 1 AND different = 1),
            count_if(times = 1 AND most > 1)
        FROM (SELECT DISTINCT customer_id, order_id, day, times, different, most FROM alike)""",
    )
    drops_whole = told == "drop" or (whole > 0 and whole > _BY_CHANCE * pieces)
    drops_lone, sure = told == "drop", True
    if lone and told is None:
        drops_lone, sure = _drops_lone(con, groups, whole, lone, pieces)
    each = "1"
    if told is None:
        each = (
            f"CASE WHEN times > 1 AND (CASE WHEN different > 1 THEN {drops_whole} "
            f"ELSE {drops_lone} END) THEN n // times ELSE n END"
        )
    con.execute(
        f"""CREATE TEMP TABLE numbered AS
        SELECT line, order_id, value, different = 1 AS lone, {each} AS counted,
            row_number() OVER (PARTITION BY customer_id, order_id, day, line_hash ORDER BY line)
                AS nth
        FROM touched JOIN alike USING (customer_id, order_id, day, line_hash) WHERE n > 1"""
    )
    con.execute(
        "INSERT INTO set_aside SELECT line, 'duplicate', CAST(order_id AS VARCHAR) "
        "FROM numbered WHERE nth > counted"
    )
    define_kept(con)
    for code, which in (
        ("copies_dropped", "nth > counted"),
        ("copies_kept", "nth > 1 AND nth <= counted"),
    ):
        unsure = "lone" if told is None and not sure else "false"
        lines, money, lone_lines, lone_money = one_row(
            con,
            f"SELECT count_if(NOT {unsure}), sum(value) FILTER (NOT {unsure}), "
            f"count_if({unsure}), sum(value) FILTER ({unsure}) FROM numbered WHERE {which}",
        )
        if not round(lone_money, 2):
            # Where a total counts once an order, nothing hangs on its other lines.
            lines, lone_lines = lines + lone_lines, 0
        copies.tell(code, lines, money)
        copies.tell(f"{code}_unsure", lone_lines, lone_money, doubt=True)


def _drops_lone(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], whole: int, lone: int, pieces: int
) -> tuple[bool, bool]:
    """Whether an order of one line that is there twice is a copy, and whether that is sure.

    Orders of several lines tell: they are there twice as a whole, or hold a line twice beside
    others. Without them, whoever writes pieces as a number has no need of two lines.
    """
    if not any("product" in group.roles for group in groups):
        return True, True
    if whole or pieces:
        return whole >= pieces, min(whole, pieces) <= _BY_CHANCE * max(whole, pieces)
    several, filled, orders = one_row(
        con,
        f"SELECT count_if(quantity > 1), count(quantity), approx_count_distinct(hash({_ORDER})) "
        "FROM kept",
    )
    return several > _SOME_PIECES * filled or lone > 0.5 * orders, False


def _in_pairs(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], told: str | None, copies: Copies
) -> None:
    """Set aside one of two lines, of a product and of its variant, where all orders are of such.

    Shops write a piece once as the product that was chosen and once as what was sent.
    """
    if not all(_is_of_pairs(group) for group in groups):
        return
    same = f"{_ORDER}, quantity, value"
    con.execute(
        f"""CREATE TEMP TABLE second AS SELECT line, order_id, value, value <> 0
                AND row_number() OVER w > (count(*) OVER (PARTITION BY {same}) + 1) // 2 AS second
            FROM kept WHERE order_id IS NOT NULL WINDOW w AS (PARTITION BY {same}
                ORDER BY length(CAST(product_id AS VARCHAR)), product_id, line)"""
    )
    con.execute("INSERT INTO set_aside SELECT line, 'part_of_line', NULL FROM second WHERE second")
    define_kept(con)
    lines, money = one_row(con, "SELECT count(*), sum(value) FROM second WHERE second")
    copies.tell("in_pairs", lines, money, doubt=told is None)


def _is_of_pairs(group: Group) -> bool:
    """Whether the lines of nearly all orders looked at are pairs of one size and one product."""
    roles = group.roles
    if not {"order", "product"} <= set(roles) or group.once:
        return False
    rows = group.first.shape.sample
    if len({row[roles["order"]] for row in rows}) < _ALL_TWICE:
        return False
    money = [roles[role] for role in ("quantity", "amount", "price") if role in roles]
    orders: dict[Any, dict[Any, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows[:-1]:
        key = (row[roles["order"]], row[roles["customer"]], (row[roles["date"]] or "")[:10])
        orders[key][tuple(row[i] for i in money)].append(row[roles["product"]] or "")

    def paired(names: Sequence[str]) -> bool:
        ones = sorted(names)
        return len(ones) % 2 == 0 and all(
            other.startswith(one) for one, other in zip(ones[::2], ones[1::2], strict=True)
        )

    # The last order may go on behind the rows looked at.
    whole = [lines for lines in orders.values()][:-1]
    return sum(all(map(paired, one.values())) for one in whole) >= _NEARLY_ALL * len(whole)


def _reported_again(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], told: str | None, copies: Copies
) -> None:
    """Set aside purchases that come again later with number, customer and amount.

    Web analytics count a confirmation page as often as it is loaded. In other sources a number
    that comes again is only doubted; where numbers begin again, and other customers have them,
    nothing is said.
    """
    reported = all(_is_reported(group) for group in groups)
    if not reported and not all(_is_one_row_an_order(group) for group in groups):
        return
    rows, orders = one_row(con, "SELECT count(order_id), approx_count_distinct(order_id) FROM kept")
    if not rows or orders > 1.1 * rows:
        return
    con.execute(
        """CREATE TEMP TABLE again AS
        SELECT order_id, count(DISTINCT customer_id) AS people FROM kept
        WHERE order_id IS NOT NULL AND value > 0
        GROUP BY order_id HAVING min(ordered_at) < max(ordered_at)"""
    )
    numbers, alone = one_row(con, "SELECT count(*), count_if(people = 1) FROM again")
    if not numbers or alone < 0.9 * numbers or (not reported and numbers > 0.2 * orders):
        return
    same = "customer_id, order_id, product_id, quantity, value"
    con.execute(
        f"""CREATE TEMP TABLE later AS
        WITH numbered AS (SELECT *, row_number() OVER (PARTITION BY {same}, ordered_at
                ORDER BY line) AS nth
            FROM kept SEMI JOIN again USING (order_id) WHERE value > 0)
        SELECT line, order_id, value FROM numbered
        QUALIFY row_number() OVER (PARTITION BY {same}, nth ORDER BY ordered_at, line) > 1"""
    )
    lines, money = one_row(con, "SELECT count(*), sum(value) FROM later")
    if not reported and told is None:
        copies.tell("numbers_again", lines, money, doubt=True)
        return
    con.execute(
        "INSERT INTO set_aside SELECT line, 'duplicate', CAST(order_id AS VARCHAR) FROM later"
    )
    define_kept(con)
    copies.tell("reported_again", lines, money)


def _is_reported(group: Group) -> bool:
    """Whether a source is of events that a page reports, each under its transaction."""
    if "order" not in group.roles:
        return False
    return "transaction" in normalised(group.name("order")) and bool(
        _REPORTED & {normalised(name.rpartition(".")[2]) for name in group.names}
        | _REPORTED & {normalised(name) for name in group.names}
    )


def _is_one_row_an_order(group: Group) -> bool:
    """Whether the rows looked at are of orders, not of their lines."""
    if "order" not in group.roles or "product" in group.roles or group.once:
        return False
    order, date = group.roles["order"], group.roles["date"]
    rows = [(row[order], row[date]) for row in group.first.shape.sample if row[order]]
    return len(set(rows)) >= _NEARLY_ALL * len(rows) > 0


def repeated(con: duckdb.DuckDBPyConnection, relation: str, number: str) -> Any:
    """Values of an unsigned number that come more than once, by a sort: a third of grouping."""
    import numpy as np

    lines = int(one_row(con, f"SELECT count(*) FROM {relation}")[0])
    # So many at a time that half a gigabyte holds them.
    parts = lines // (1 << 26) + 1
    found = []
    for part in range(parts):
        chosen = f" WHERE {number} % {parts} = {part}" if parts > 1 else ""
        column = con.execute(f"SELECT {number} AS v FROM {relation}{chosen}").fetchnumpy()["v"]
        values = np.asarray(column)
        values.sort()
        found.append(np.unique(values[1:][values[1:] == values[:-1]]))
    return np.concatenate(found)
