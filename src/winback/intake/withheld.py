"""Who is kept out of everything that is stored: those not to be profiled, and those erased."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from winback.intake.cells import file_literal
from winback.intake.erased import KeyKind, hashes_to_ask
from winback.intake.matching import everybody

REASONS = ("erased", "no_profiling")
"""Why lines are withheld, the strictest first."""


@dataclass(frozen=True)
class Forgotten:
    """Keyed hashes of the people who were forgotten, and the salt they are made with."""

    hashes: frozenset[str] = frozenset()
    salt: str = ""

    def among(self, keys: Iterable[tuple[KeyKind, str]]) -> set[str]:
        """Those of the keys that a forgotten person was known by."""
        if not self.hashes:
            return set()
        return {
            key
            for kind, key in keys
            if not self.hashes.isdisjoint(hashes_to_ask([(kind, key)], self.salt))
        }


@dataclass(frozen=True)
class Withheld:
    """Everything that those who are kept out are known by, with why; it is never written.

    ``unless`` are people who may be profiled though they have no orders; None where everybody
    may who is not kept out.
    """

    keys: tuple[tuple[str, str], ...] = ()
    forgotten: Forgotten = field(default_factory=Forgotten)
    unless: frozenset[str] | None = None

    @property
    def nobody(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.keys or self.forgotten.hashes or self.unless is not None)


def withhold(
    con: duckdb.DuckDBPyConnection, withheld: Withheld | None, orders: Path | None
) -> dict[str, int]:
    """Delete from ``lines`` what is of people who are kept out; how many lines, by reason.

    Whoever has lines in the canonical ``orders`` is not kept out, however alike the ids.
    """
    if withheld is None or withheld.nobody:
        return {}
    import pyarrow as pa

    con.execute("CREATE TEMP TABLE out_of_it (x VARCHAR, reason VARCHAR)")
    theirs = "SELECT DISTINCT customer_id AS x FROM lines WHERE customer_id IS NOT NULL"
    if withheld.keys:
        keys, why = zip(*withheld.keys, strict=True)
        con.register("out_keys", pa.table({"x": list(keys), "who": list(why)}))
        pairs = everybody(theirs, "SELECT x, who FROM out_keys")
        con.execute(f"INSERT INTO out_of_it SELECT x, who FROM ({pairs})")
        con.unregister("out_keys")
    ids = [x for (x,) in con.execute(theirs).fetchall()] if withheld.forgotten.hashes else []
    gone = withheld.forgotten.among(("id", x) for x in ids)
    gone |= withheld.forgotten.among(("phone", x) for x in ids)
    if gone:
        con.register("out_keys", pa.table({"x": sorted(gone)}))
        con.execute("INSERT INTO out_of_it SELECT x, 'erased' FROM out_keys")
        con.unregister("out_keys")
    if orders is not None:
        kept = f"SELECT customer_id FROM read_parquet({file_literal(orders)})"
        con.execute(f"DELETE FROM out_of_it WHERE x IN ({kept})")
        if withheld.unless is not None:
            con.register(
                "out_keys", pa.table({"x": pa.array(sorted(withheld.unless), pa.string())})
            )
            con.execute(
                f"INSERT INTO out_of_it SELECT x, 'no_profiling' FROM ({theirs}) WHERE x NOT IN "
                f"({kept}) AND x NOT IN (SELECT x FROM out_keys)"
            )
            con.unregister("out_keys")
    # 'erased' comes first in the alphabet, as it does in strictness.
    counts = con.execute(
        """SELECT o.why, count(*) FROM lines JOIN (SELECT x, min(reason) AS why FROM out_of_it
        GROUP BY x) o ON o.x = lines.customer_id GROUP BY o.why"""
    ).fetchall()
    con.execute("DELETE FROM lines WHERE customer_id IN (SELECT x FROM out_of_it)")
    con.execute("DROP TABLE out_of_it")
    by_reason = {str(why): int(n) for why, n in counts}
    return {why: by_reason[why] for why in REASONS if why in by_reason}
