"""E-mail addresses that are one buyer's though a marketplace or a plus sign makes them differ."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

# Marketplaces that write the transaction behind the plus: what stands before it is the buyer.
_MASKED = r"[+][^@]*@((?:[a-z0-9-]+\.)*(?:allegromail\.[a-z]+|user\.allegrogroup\.[a-z]+))$"


@dataclass(frozen=True)
class Tagged:
    """How many addresses of marketplaces are how many buyers; and others that a plus tells apart.

    ``tagged`` counts addresses elsewhere that are another's but for what stands behind a plus.
    """

    masked: int
    buyers: int
    tagged: int
    of: int


def without_transaction(text: str) -> str:
    """SQL: an address in lower case, as its marketplace knows the buyer."""
    return f"regexp_replace({text}, '{_MASKED}', '@\\1')"


def count_tagged(con: duckdb.DuckDBPyConnection, relation: str, text: str) -> Tagged:
    """Count the addresses of a column, in lower case, that have a plus sign."""
    masked, buyers, tagged, of = con.execute(
        f"""WITH found AS (SELECT DISTINCT {text} AS x FROM {relation} WHERE contains({text}, '@')),
        judged AS (SELECT x, regexp_matches(x, '{_MASKED}') AS masked,
                {without_transaction("x")} AS buyer,
                regexp_replace(x, '[+][^@]*@', '@') AS bare FROM found),
        other AS (SELECT bare, count(*) AS n FROM judged WHERE NOT masked GROUP BY bare)
        SELECT count_if(masked), count(DISTINCT buyer) FILTER (masked),
            (SELECT sum(n - 1) FROM other), count(*) FROM judged"""
    ).fetchall()[0]
    return Tagged(int(masked or 0), int(buyers or 0), int(tagged or 0), int(of or 0))
