"""Settles what the lines mean: repeats, purchases, refunds, amounts, the days that count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import duckdb

from winback.errors import UsageError, WinbackError
from winback.intake.lines import PARTLY, REVERSAL, Group
from winback.intake.values import day_text, one_row

SCALES = (1, 100, 1000, 10000)


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
    return SCALES[-1], int(one_row(con, query)[0])


def set_aside_duplicates(con: duckdb.DuckDBPyConnection) -> int:
    """Mark exact copies within an order; count possible repeats of lines without one."""
    con.execute(
        "CREATE TEMP TABLE copies AS SELECT line_hash FROM lines WHERE reason IS NULL "
        "GROUP BY line_hash HAVING count(*) > 1"
    )
    if not one_row(con, "SELECT count(*) FROM copies")[0]:
        return 0
    con.execute(
        "UPDATE lines SET reason = 'duplicate', bad_value = lines.order_id FROM ("
        "SELECT l.rowid AS rid FROM lines l SEMI JOIN copies c USING (line_hash) "
        "WHERE l.reason IS NULL AND l.order_id IS NOT NULL "
        "QUALIFY row_number() OVER (PARTITION BY l.line_hash, l.order_id "
        "ORDER BY l.file_no, l.src) > 1) d WHERE lines.rowid = d.rid"
    )
    return int(
        one_row(
            con,
            "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) - 1 AS n FROM lines l "
            "SEMI JOIN copies c USING (line_hash) "
            "WHERE order_id IS NULL AND reason IS NULL GROUP BY line_hash)",
        )[0]
    )


def flip_credit_notes(con: duckdb.DuckDBPyConnection) -> int:
    """Turn the sign of `C123` lines written as positive while the customer has an order 123."""
    condition = "reason IS NULL AND value > 0 AND regexp_matches(order_id, '^[Cc][0-9]+$')"
    if not one_row(con, f"SELECT count(*) FROM lines WHERE {condition}")[0]:
        return 0
    return int(
        one_row(
            con,
            "UPDATE lines SET value = -value, quantity = -abs(quantity) WHERE "
            f"{condition} AND EXISTS (SELECT 1 FROM lines o "
            "WHERE o.customer_id = lines.customer_id AND o.order_id = substr(lines.order_id, 2))",
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
        earlier = max((b[0] - a[0] for a, b in pairwise(rest)), default=0)
        if gap > max(60, 3 * earlier):
            longest = cut
    return longest


def set_aside_lonely(
    con: duckdb.DuckDBPyConnection, first: date, last: date, lonely: Sequence[date]
) -> None:
    """Mark all lines of the lonely days."""
    days = ", ".join(f"DATE '{day.isoformat()}'" for day in lonely)
    con.execute(
        "UPDATE lines SET reason = 'lonely_date', "
        "bad_value = CAST(CAST(ordered_at AS DATE) AS VARCHAR) "
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
            WHERE state IN ({REVERSAL}, {PARTLY}) OR cancelled_at IS NOT NULL
                OR refunded IS NOT NULL AND refunded <> 0),
        -- An order with refund lines of its own has been told already.
        fresh AS (SELECT t.* FROM touched t ANTI JOIN (
            SELECT DISTINCT c.customer_id, c.order_id FROM canonical c
            JOIN odd USING (line) WHERE odd.kind = 'refund') r
            ON t.customer_id = r.customer_id AND t.order_id = r.order_id),
        -- One cancelled line dates the others of its order if they do not say.
        whole AS (SELECT *, state = {REVERSAL} OR (cancelled_at IS NOT NULL AND
                (state <> {PARTLY})) AS undone FROM fresh)
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
    rows, back_dated = one_row(con, "SELECT count(*), count_if(back_dated) FROM added")
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
    """Hide an e-mail address or a person's name that serves as an id."""
    if "@" in name:
        user, _, host = name.partition("@")
        return f"{user[:1]}***@{host[:1]}***"
    return f"{name[:1]}***" if " " in name else name
