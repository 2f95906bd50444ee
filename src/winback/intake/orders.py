"""Settles what the lines mean: repeats, purchases, refunds, amounts, the days that count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import duckdb

from winback.errors import UsageError, WinbackError
from winback.intake.cells import day_text, one_row
from winback.intake.contents import Table
from winback.intake.converted import pair_beside
from winback.intake.currencies import one_meaning
from winback.intake.doubts import LEAST_GAP_DAYS, LEAST_PURCHASES, Day, doubts_of_days, sparse_end
from winback.intake.lines import Group, define_kept
from winback.intake.statuses import PARTLY, REFUND_EVENT, REVERSAL
from winback.results.base import Fact, fact

# Of 64 bits one is the sign's, and one is left free.
_LARGEST_SUM = 1 << 62
# More lines than this would fill the memory, or the disk, of a small machine.
_MOST_HELD = 30_000_000
SCALES = (1, 100, 1000, 10000)
# Where a database counts to six places, and only where that holds every amount exactly.
_FINEST = 1_000_000
_EXACT_IN_DOUBLE = 1 << 53
_LONG_GAP_DAYS = 365


def settle_currency(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], currency: str | None
) -> str:
    """Give the one currency of all lines; several are an error that names them."""
    marks: dict[str, int] = dict(
        con.execute(
            "SELECT currency, count(*) FROM kept WHERE currency IS NOT NULL GROUP BY currency"
        ).fetchall()
    )
    for group in groups:
        for code, count in group.currencies.items():
            marks[code] = marks.get(code, 0) + count
    told = currency.strip().upper() if currency else None
    counts = one_meaning(marks, told)
    if len(counts) > 1:
        found = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
        shown = tuple(fact("intake.currency_lines", currency=code, lines=n) for code, n in found)
        kept = found[0][0]
        several = [g for g in groups if "currency" in g.roles or g.judges.lines.marks] or groups
        raise UsageError(
            "intake.several_currencies", file=several[0].label, currencies=shown, kept=kept,
            other=_other_pair(several[0]),
            column=several[0].name(
                "currency" if "currency" in several[0].roles else several[0].money
            ),
            values=",".join(m for m in sorted(marks) if kept not in one_meaning({m: 1}, told)),
        )  # fmt: skip
    written = next(iter(counts), "")
    if told and written and told != written:
        raise UsageError("intake.other_currency", written=written, given=told)
    return written or told or ""


def _other_pair(group: Group) -> Fact | str:
    """The flags of a column of converted amounts and that of their currency, if they are there."""
    pair = pair_beside(Table(group.first), group.roles)
    if pair is None:
        return ""
    return fact("intake.converted_beside", amount=pair[0], currency=pair[1])


def settle_scale(con: duckdb.DuckDBPyConnection, *, exact: bool) -> tuple[int, int]:
    """Find the smallest scale that holds all amounts exactly, and how many it rounds.

    ``exact``: each is the number nearest to a decimal, none was computed.
    """

    def off(scale: int) -> str:
        if exact:
            return f"round(value * {scale}) / {scale} <> value"
        v = f"abs(value * {scale})"
        # Float noise grows with the number, but half a cent is never noise.
        return f"abs({v} - round({v})) > least(1e-6 * greatest({v}, 1), 1e-3)"

    for scale in SCALES:
        # The first miss ends the search: only the scale that fits reads all lines.
        query = f"SELECT 1 FROM kept WHERE {off(scale)} LIMIT 1"
        if not con.execute(query).fetchall():
            return scale, 0
    if not con.execute(f"SELECT 1 FROM kept WHERE {off(_FINEST)} LIMIT 1").fetchall():
        count, most = one_row(con, f"SELECT count(*), max(abs(value)) * {_FINEST} FROM kept")
        if most <= _EXACT_IN_DOUBLE and most * count <= _LARGEST_SUM:
            return _FINEST, 0
    query = f"SELECT count(*) FROM kept WHERE {off(SCALES[-1])}"
    return SCALES[-1], int(one_row(con, query)[0])


def flip_credit_notes(con: duckdb.DuckDBPyConnection) -> int:
    """Turn the sign of `C123` lines written as positive while the customer has an order 123."""
    kind = con.execute("SELECT typeof(order_id) FROM kept LIMIT 1").fetchall()
    condition = "value > 0 AND regexp_matches(order_id, '^[Cc][0-9]+$')"
    if kind != [("VARCHAR",)] or not one_row(con, f"SELECT count_if({condition}) FROM kept")[0]:
        return 0
    con.execute(
        f"INSERT INTO turned SELECT line FROM kept WHERE {condition} AND EXISTS (SELECT 1 FROM "
        "lines o WHERE o.customer_id = kept.customer_id AND o.order_id = substr(kept.order_id, 2))"
    )
    define_kept(con)
    return int(one_row(con, "SELECT count(*) FROM turned")[0])


def settle_kinds(con: duckdb.DuckDBPyConnection, scale: int) -> tuple[int, int, int]:
    """Say for each line whether it is a purchase's, a refund's or free.

    Judged together are the lines of a customer, order and day that became known on one day: what
    becomes known later, such as a reversal, changes nothing of what was known before.

    Gives the number of lines, the largest amount and the sum of all.

    Only groups (customer, order, local day) with a line that is not above zero need a
    second look; their kinds go to the table `odd`, all other lines are `order` and make
    the view `bought`.
    """
    lines, ids, early, least, most, total = one_row(
        con,
        "SELECT count(*), count(order_id), min(ordered_at) < TIMESTAMP '1000-01-01', "
        f"CAST(round(min(value) * {scale}) AS BIGINT), "
        f"CAST(round(max(value) * {scale}) AS BIGINT), "
        f"sum(CAST(round(value * {scale}) AS BIGINT)) FROM kept",
    )
    if max(-least, most) * lines > _LARGEST_SUM:
        size = one_row(con, f"SELECT sum(abs(value)) * {scale} FROM kept")[0]
        if size > _LARGEST_SUM:
            total = f"{size / scale:.3g}"
            raise WinbackError("intake.amounts_too_large", total=total, scale=scale)
    # Instants sort like their text, and need not become one before they are written.
    order = "ordered_at"
    if ids or early:
        order = "strftime(ordered_at, '%Y-%m-%dT%H:%M:%S')"
        order = f"coalesce(CAST(order_id AS VARCHAR), {order})" if ids < lines else "order_id"
    con.execute(
        f"""CREATE TEMP VIEW canonical AS
        SELECT line, customer_id, {order} AS order_id, ordered_at, known_at, product_id, quantity,
            CAST(round(value * {scale}) AS BIGINT) AS amount, CAST(ordered_at AS DATE) AS day,
            state, cancelled_at, refunded
        FROM kept"""
    )
    con.execute("CREATE TEMP TABLE odd (line BIGINT, kind VARCHAR)")
    if least <= 0:
        _find_odd(con)
    others = one_row(con, "SELECT count(*) FROM odd WHERE kind <> 'order'")[0]
    without = "ANTI JOIN (SELECT line FROM odd WHERE kind <> 'order') o USING (line)"
    con.execute(f"CREATE TEMP VIEW bought AS SELECT * FROM canonical {without if others else ''}")
    return lines, most, total


def _find_odd(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        f"""INSERT INTO odd
        WITH looked_at AS (
            SELECT *, CAST(known_at AS DATE) AS known_on FROM canonical c SEMI JOIN (
                SELECT DISTINCT customer_id, order_id, day FROM canonical WHERE amount <= 0
            ) o USING (customer_id, order_id, day) WHERE state <> {REFUND_EVENT}),
        seen AS (SELECT *, max(ordered_at) FILTER (amount > 0) OVER g AS last_placed,
                sum(amount) OVER g AS total FROM looked_at
            WINDOW g AS (PARTITION BY customer_id, order_id, day, known_on)),
        placed AS (SELECT *, amount >= 0 OR coalesce(ordered_at <= last_placed, false) AS placed
            FROM seen),
        summed AS (SELECT *, coalesce(sum(amount) FILTER (placed) OVER g, 0) AS placed_sum
            FROM placed WINDOW g AS (PARTITION BY customer_id, order_id, day, known_on))
        SELECT line, CASE
            WHEN last_placed IS NULL THEN CASE WHEN total < 0 THEN 'refund' ELSE 'free' END
            WHEN placed_sum < 0 OR NOT placed THEN 'refund'
            WHEN placed_sum > 0 THEN 'order' ELSE 'free' END AS kind
        FROM summed
        UNION ALL SELECT line, CASE WHEN amount = 0 THEN 'free' ELSE 'refund' END
        FROM canonical WHERE state = {REFUND_EVENT}"""
    )


def find_lonely_days(
    con: duckdb.DuckDBPyConnection, cutoff: date | None, scale: int
) -> tuple[date, date, list[date], list[Fact]]:
    """Give the first and last believable day of purchases, the days left out, and doubts.

    If there are 30 purchases in all, those beyond a gap of more than 60 days and three times
    any other gap are a typing error or a test: up to three (at most 0.1 %, one at least), or,
    beyond more than a year, up to 1 % (one at least) of them all, unless they come on three days
    or more at a tenth of the former rate: that is a shop that opened again. So are placeholders
    such as 1900-01-01 when all else is decades later. Doubts are those of `doubts_of_days`.
    """
    limit = f"WHERE day < DATE '{cutoff.isoformat()}'" if cutoff else ""
    days = [
        Day(*row)
        for row in con.execute(
            f"SELECT day, count(*), sum(amount) FROM bought {limit} GROUP BY day ORDER BY day"
        ).fetchall()
    ]
    if not days:
        raise _no_purchase(con, cutoff)
    if days[0].day.year == date.max.year:
        raise WinbackError("intake.last_day_of_all", day=days[-1].day)
    gaps = any((b.day - a.day).days > LEAST_GAP_DAYS for a, b in pairwise(days))
    if not gaps and (cutoff or not sparse_end([(one.day, one.lines) for one in days])):
        doubts = doubts_of_days(days, (), chosen_cutoff=cutoff is not None, scale=scale)
        return days[0].day, days[-1].day, [], doubts
    kept: list[tuple[date, int]] = con.execute(
        "SELECT day, count(*) FROM (SELECT DISTINCT customer_id, order_id, day "
        f"FROM bought {limit}) GROUP BY day ORDER BY day"
    ).fetchall()
    lonely: list[date] = []
    decade = timedelta(days=3650)
    early = sum(day.year < 1990 for day, _ in kept)
    if 0 < early < len(kept) and kept[early][0] - kept[early - 1][0] > decade:
        lonely += [day for day, _ in kept[:early]]
        kept = kept[early:]
    late = sum(day.year > 2099 for day, _ in kept)
    if 0 < late < len(kept) and kept[-late][0] - kept[-late - 1][0] > decade:
        lonely += [day for day, _ in kept[-late:]]
        kept = kept[:-late]
    if sum(n for _, n in kept) >= LEAST_PURCHASES:
        cut = _tail_length([(day.toordinal(), n) for day, n in kept])
        lonely += [day for day, _ in kept[len(kept) - cut :]]
        kept = kept[: len(kept) - cut]
        cut = _tail_length([(-day.toordinal(), n) for day, n in reversed(kept)])
        lonely += [day for day, _ in kept[:cut]]
        kept = kept[cut:]
    first, last = kept[0][0], kept[-1][0]
    believed = [one for one in days if first <= one.day <= last]
    doubts = doubts_of_days(believed, kept, chosen_cutoff=cutoff is not None, scale=scale)
    return first, last, sorted(lonely), doubts


def _no_purchase(con: duckdb.DuckDBPyConnection, cutoff: date | None) -> WinbackError:
    """What to say of files without a purchase, with the commonest reason against their lines."""
    first = con.execute("SELECT min(day) FROM bought").fetchall()[0][0]
    what = fact("intake.no_purchase")
    if cutoff:
        what = fact("intake.no_purchase_before", cutoff=cutoff)
        if first:
            what = fact("intake.no_purchase_before_first", cutoff=cutoff, first=first)
    reasons = con.execute(
        "SELECT reason, count(*) AS n FROM (SELECT reason FROM lines WHERE reason IS NOT NULL "
        "UNION ALL SELECT reason FROM set_aside) GROUP BY reason ORDER BY n DESC, reason"
    ).fetchall()
    if not reasons:
        return WinbackError("intake.no_purchase", what=what)
    reason, most = reasons[0]
    aside = sum(n for _, n in reasons)
    total = one_row(con, "SELECT count(*) FROM lines")[0]
    return WinbackError(
        "intake.no_purchase_aside", what=what, aside=aside, total=total, most=most, reason=reason
    )


def _tail_length(counts: list[tuple[int, int]]) -> int:
    """How many days at the end hold so few purchases after such a gap that they are errors."""
    total = sum(n for _, n in counts)
    few, some = max(1, min(3, total // 1000)), max(1, total // 100)
    # The longest gap up to each day.
    longest_before = [0]
    for (a, _), (b, _) in pairwise(counts):
        longest_before.append(max(longest_before[-1], b - a))
    beyond, longest = 0, 0
    for cut in range(1, len(counts)):
        beyond += counts[-cut][1]
        if beyond > some:
            break
        first, last_before = counts[-cut][0], counts[-cut - 1][0]
        gap, rest = first - last_before, len(counts) - cut
        if gap <= max(LEAST_GAP_DAYS, 3 * longest_before[rest - 1]):
            continue
        rate = (total - beyond) / (last_before - counts[0][0] + 1)
        reopened = cut >= 3 and beyond / (counts[-1][0] - first + 1) >= rate / 10
        if beyond <= few or (gap > _LONG_GAP_DAYS and not reopened):
            longest = cut
    return longest


def set_aside_lonely(con: duckdb.DuckDBPyConnection, lonely: Sequence[date]) -> int:
    """Set all lines of the lonely days aside; give their number."""
    if not lonely:
        return 0
    days = ", ".join(f"DATE '{day.isoformat()}'" for day in lonely)
    con.execute(
        "INSERT INTO set_aside SELECT line, 'lonely_date', "
        "CAST(CAST(ordered_at AS DATE) AS VARCHAR) FROM kept "
        f"WHERE CAST(ordered_at AS DATE) IN ({days})"
    )
    define_kept(con)
    return int(one_row(con, "SELECT count(*) FROM set_aside WHERE reason = 'lonely_date'")[0])


def add_refunds(con: duckdb.DuckDBPyConnection, scale: int, cutoff: date) -> tuple[int, int]:
    """Add refund rows for cancelled, sent back and partly refunded orders.

    Negative copies of a purchase's lines, dated when it was cancelled, or at the order
    itself if the source does not say. Returns rows added and how many are back-dated.
    """
    con.execute(
        f"""CREATE TEMP TABLE added AS
        WITH touched AS (
            SELECT * FROM bought WHERE state IN ({REVERSAL}, {PARTLY}) OR cancelled_at IS NOT NULL
                OR refunded IS NOT NULL AND refunded <> 0),
        given_back AS (SELECT c.customer_id, c.order_id, sum(c.amount) AS amount,
                min(c.ordered_at) AS since FROM canonical c JOIN odd USING (line)
            WHERE odd.kind = 'refund' GROUP BY c.customer_id, c.order_id),
        -- An order with refund lines of its own has been told already.
        unlinked AS (SELECT t.* FROM touched t ANTI JOIN given_back r
            ON t.customer_id = r.customer_id AND t.order_id = r.order_id),
        {_told_elsewhere() if _has_refunds(con) else ""}
        fresh AS (SELECT u.* FROM unlinked u
            {"ANTI JOIN elsewhere e USING (customer_id, order_id)" if _has_refunds(con) else ""}),
        stated AS (SELECT *, max(abs(refunded)) OVER (PARTITION BY customer_id, order_id, day)
                AS most FROM fresh),
        -- One cancelled line dates the others of its order if they do not say; a stated amount
        -- says more than a day.
        whole AS (SELECT *, state = {REVERSAL} OR (cancelled_at IS NOT NULL AND
                state <> {PARTLY} AND coalesce(most, 0) = 0) AS undone FROM stated)
        SELECT customer_id, order_id, greatest(coalesce(cancelled_at, ordered_at), ordered_at)
                AS ordered_at, greatest(known_at, cancelled_at) AS known_at, product_id,
            -quantity AS quantity, -amount AS amount, cancelled_at IS NULL AS back_dated
        FROM whole WHERE undone
        UNION ALL
        SELECT customer_id, order_id, max(greatest(coalesce(cancelled_at, ordered_at), ordered_at)),
            max(greatest(known_at, cancelled_at)), NULL, NULL,
            -CAST(round({_paid_back(con)} * {scale}) AS BIGINT), max(cancelled_at) IS NULL
        FROM whole WHERE NOT undone AND most <> 0
        GROUP BY customer_id, order_id, day HAVING max(abs(refunded)) > 0"""
    )
    con.execute(f"DELETE FROM added WHERE ordered_at >= {day_text(cutoff)} OR amount = 0")
    rows, back_dated = one_row(con, "SELECT count(*), count_if(back_dated) FROM added")
    return int(rows), int(back_dated)


def _has_refunds(con: duckdb.DuckDBPyConnection) -> bool:
    return bool(con.execute("SELECT 1 FROM odd WHERE kind = 'refund' LIMIT 1").fetchall())


def _told_elsewhere() -> str:
    """SQL of undone orders that a refund without an order of its own pays back.

    It is of the same customer and size, and later; each is of one order.
    """
    return f"""loose AS (SELECT r.*, row_number() OVER (PARTITION BY customer_id, amount
                ORDER BY since, order_id) AS n FROM given_back r ANTI JOIN bought b
                ON r.customer_id = b.customer_id AND r.order_id = b.order_id),
        undone AS (SELECT *, row_number() OVER (PARTITION BY customer_id, amount
                ORDER BY since, order_id) AS n FROM (
            SELECT customer_id, order_id, sum(amount) AS amount, min(ordered_at) AS since
            FROM unlinked WHERE state = {REVERSAL} OR cancelled_at IS NOT NULL
            GROUP BY customer_id, order_id)),
        elsewhere AS (SELECT u.customer_id, u.order_id FROM undone u JOIN loose r
            ON r.customer_id = u.customer_id AND r.amount = -u.amount AND r.n = u.n
                AND r.since >= u.since),"""


def _paid_back(con: duckdb.DuckDBPyConnection) -> str:
    """SQL of what was paid back of an order, from the amounts stated on its lines.

    They are the lines' own where they differ, and the order's where each line repeats it.
    """
    differing, repeating = one_row(
        con,
        "SELECT count_if(low < high), count_if(low = high) FROM (SELECT "
        "min(abs(refunded)) AS low, max(abs(refunded)) AS high FROM bought "
        "WHERE refunded IS NOT NULL GROUP BY customer_id, order_id, day "
        "HAVING count(*) > 1 AND max(abs(refunded)) > 0)",
    )
    if not differing:
        return "max(abs(refunded))"
    if differing > repeating:
        return "sum(abs(refunded))"
    low, high, whole = (f"{of}(abs(refunded))" for of in ("min", "max", "sum"))
    return f"CASE WHEN {low} < {high} THEN {whole} ELSE {high} END"


def define_written(con: duckdb.DuckDBPyConnection, cutoff: date) -> None:
    """Define `written`: the rows of orders.parquet, lines before the cutoff and added refunds."""
    odd, added = one_row(con, "SELECT (SELECT count(*) FROM odd), (SELECT count(*) FROM added)")
    columns = "customer_id, order_id, ordered_at, known_at, product_id, quantity, amount"
    before = f"WHERE ordered_at < {day_text(cutoff)}"
    if not one_row(con, f"SELECT max(ordered_at) >= {day_text(cutoff)} FROM canonical")[0]:
        before = ""
    rows = f"SELECT {columns}, 'order' AS kind FROM canonical {before}"
    if odd:
        rows = (
            f"SELECT {columns}, coalesce(odd.kind, 'order') AS kind FROM canonical "
            f"LEFT JOIN odd USING (line) {before}"
        )
        rows = (
            "SELECT * REPLACE (CASE WHEN kind = 'refund' AND amount < 0 THEN -abs(quantity) "
            f"ELSE quantity END AS quantity) FROM ({rows})"
        )
    if added:
        rows += f" UNION ALL SELECT {columns}, 'refund' AS kind FROM added"
    aside, lines = one_row(
        con,
        "SELECT (SELECT count(*) FROM set_aside) + (SELECT count(*) FROM against) "
        "+ (SELECT count(*) FROM turned), (SELECT count(*) FROM canonical)",
    )
    # A dozen questions follow; what has to be joined for each is better joined once.
    joined = (odd or added or aside) and lines <= _MOST_HELD
    con.execute(f"CREATE TEMP {'TABLE' if joined else 'VIEW'} written AS {rows}")
