"""Leaves out lines that are parts of another line, which has their money already."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from winback.intake.cells import as_text, listed, one_row
from winback.intake.contents import Table
from winback.intake.headers import normalised
from winback.intake.shapes import Source
from winback.results.base import Fact, fact

_PARENT = re.compile(
    r"^(order)?(parent|master|main|base)(order|line|sales)*(item|line|product|position|row)?"
    r"(id|no|nr|num|number|key|ref|sku)?$|^(id)?(rodzica|nadrzedn[ae]|pozycjanadrzedna)(id)?$|"
    r"^(ueber|uber)geordnete(position|zeile)?(id|nr)?$|^(eltern|haupt)(position|artikel)(id|nr)?$|"
    r"^bundle(parent)?(id|item)$"
)
_TYPE = re.compile(r"type|typ|art$|kind|rodzaj")
_WHOLES = (
    "configurable", "bundle", "grouped", "parent", "variable", "set", "kit", "master", "zestaw",
    "komplet", "buendel", "bundel", "haupt", "hauptartikel", "glowny", "nadrzedny",
    "konfigurowaln",
)  # fmt: skip
_PARTS = (
    "simple", "virtual", "child", "variant", "variation", "component", "option", "wariant",
    "skladnik", "prosty", "podrzedny", "variante", "einfach", "komponente",
)  # fmt: skip
_SAME = "0.0051"


@dataclass(frozen=True)
class Kinship:
    """Columns by which a line names the line it is a part of, by position.

    Either `parent` holds what `item` holds on another line, or `kind` says which lines are `wholes`
    and which are `parts`.
    """

    item: int | None = None
    parent: int | None = None
    kind: int | None = None
    wholes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def columns(self) -> list[int]:
        """The columns to load."""
        return [i for i in (self.item, self.parent, self.kind) if i is not None]


def find_kinship(source: Source, found: Mapping[str, int]) -> Kinship | None:
    """Columns of parent and child lines, as far as the rows looked at hold such lines."""
    if "order" not in found:
        return None
    keys = [normalised(name) for name in source.shape.names]
    if not any(_PARENT.search(key) or _TYPE.search(key) for key in keys):
        return None
    table = Table(source)
    for i, key in enumerate(table.keys):
        if not _PARENT.search(key) or not table.cells[i] or i == found["order"]:
            continue
        named = {_bare(cell) for cell in table.cells[i]} - {"0"}
        taken = {i, found["order"], found["customer"]}
        holders = [
            n
            for n in range(len(table.keys))
            if n not in taken
            and len(named & set(map(_bare, table.cells[n]))) >= 0.9 * len(named) > 0
        ]
        # Of two that hold them, the one that tells lines apart.
        if holders:
            best = max(holders, key=lambda n: (len(set(table.cells[n])), table.keys[n]))
            return Kinship(item=best, parent=i)
    for i, key in enumerate(table.keys):
        words = table.words(i)
        if not _TYPE.search(key) or len(words) > 12 or "product" not in found:
            continue
        cells = sorted({cell.lower() for cell in table.cells[i]})
        wholes = tuple(c for c in cells if c.startswith(_WHOLES))
        parts = tuple(c for c in cells if c.startswith(_PARTS))
        if wholes and parts:
            return Kinship(kind=i, wholes=wholes, parts=parts)
    return None


def _bare(cell: str) -> str:
    # A column with gaps goes through floats.
    return re.sub(r"\.0+$", "", cell.strip())


def cells_of(kinship: Kinship, types: Sequence[str]) -> str:
    """SQL of the further cells that `set_aside_parts` looks at, to be selected of a source."""

    def cell(column: int | None) -> str:
        if column is None:
            return "NULL"
        return f"regexp_replace({as_text(f'c{column}', types[column])}, '\\.0+$', '')"

    return (
        f", {cell(kinship.item)} AS kin_item, nullif({cell(kinship.parent)}, '0') AS kin_parent, "
        f"lower({cell(kinship.kind)}) AS kin_kind"
    )


def set_aside_parts(
    con: duckdb.DuckDBPyConnection, source: str, value: str, kinship: Kinship,
    names: Sequence[str], line: str, told: str | None,
) -> tuple[list[Fact], list[Fact]]:  # fmt: skip
    """Set aside lines whose money another line of the order has, and say what is understood.

    `source` is SQL of the parsed lines with `kin_item`, `kin_parent` and `kin_kind`. A part counts
    not where it costs what the whole does, or all parts together do; where the whole is free, its
    parts are what was paid. What does neither is doubted.
    """
    if told == "keep":
        return [], []
    lines = f"SELECT *, {line} AS line, {value} AS value FROM ({source})"
    if kinship.parent is not None:
        column = names[kinship.parent]
        pairs = (
            "SELECT c.line, c.value, p.value AS whole, sum(c.value) OVER "
            "(PARTITION BY c.file_no, c.order_id, c.kin_parent) AS together FROM lines_of c JOIN "
            "(SELECT order_id, kin_item, max(value) AS value FROM lines_of GROUP BY ALL) p "
            "ON c.order_id = p.order_id AND c.kin_parent = p.kin_item "
            "WHERE c.kin_item IS DISTINCT FROM c.kin_parent"
        )
    else:
        column = names[kinship.kind or 0]
        pairs = (
            "SELECT c.line, c.value, c.value AS whole, c.value AS together FROM lines_of c "
            f"SEMI JOIN (SELECT * FROM lines_of WHERE kin_kind IN {listed(kinship.wholes)}) p "
            "ON c.order_id = p.order_id AND c.customer_id IS NOT DISTINCT FROM p.customer_id "
            "AND c.quantity IS NOT DISTINCT FROM p.quantity "
            f"AND abs(c.value - p.value) < {_SAME} AND (starts_with(c.product_id, p.product_id) "
            "OR starts_with(p.product_id, c.product_id)) "
            f"WHERE c.kin_kind IN {listed(kinship.parts)}"
        )
    con.execute("DROP TABLE IF EXISTS parts")
    con.execute(
        f"CREATE TEMP TABLE parts AS WITH lines_of AS ({lines}) SELECT line, value, "
        f"abs(value - whole) < {_SAME} OR abs(together - whole) < {_SAME} * 3 AS fits "
        f"FROM ({pairs}) WHERE value <> 0 AND whole <> 0"
    )
    priced, fits, money, rest = one_row(
        con,
        "SELECT count(*), count_if(fits), round(sum(value) FILTER (fits), 2), "
        "round(sum(value) FILTER (NOT fits), 2) FROM parts",
    )
    which = "true"
    if told is None:
        # Parts that cost what the whole does by chance are few.
        alike = fits >= 0.5 * priced
        which = "fits" if alike else "false"
        fits, money, rest = (fits, money, rest) if alike else (0, 0.0, rest + money)
    else:
        fits, money, rest = priced, money + rest, 0.0
    understood, doubts = [], []
    if fits:
        con.execute(
            f"INSERT INTO set_aside SELECT line, 'part_of_line', NULL FROM parts WHERE {which}"
        )
        understood.append(fact("intake.parts_of_lines", lines=fits, column=column, money=money))
    if priced > fits:
        doubts.append(fact("intake.parts_unsure", lines=priced - fits, column=column, money=rest))
    return understood, doubts
