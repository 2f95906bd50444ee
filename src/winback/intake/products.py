"""What a shop sells: names, categories and stock of its products, by the ids of its orders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from winback.errors import EmptyTable, UsageError
from winback.intake.cells import (
    FALSE_WORDS,
    TRUE_WORDS,
    as_text,
    cleaned,
    day_text,
    file_literal,
    is_text,
    listed,
    literal,
    one_row,
)
from winback.intake.engine import workshop
from winback.intake.findings import Findings, distinct, quoted, ranked
from winback.intake.folders import list_files
from winback.intake.headers import normalised
from winback.intake.ids import read_ids
from winback.intake.lines import create_tables
from winback.intake.matching import bare
from winback.intake.reading import load
from winback.intake.shapes import Source
from winback.intake.sources import by_header, is_frame, open_files, open_frame
from winback.params import MEMORY_LIMIT
from winback.results.base import Fact, fact
from winback.results.intake import ProductSummary
from winback.tables.recommended import PRODUCT_TABLE

# Headers by role, without case and punctuation, the likeliest first.
_ROLES: Mapping[str, tuple[str, ...]] = {
    "product_id": (
        "productid", "sku", "variantsku", "productsku", "productcode", "productno", "stockcode",
        "itemid", "itemcode", "itemno", "articleid", "articleno", "id", "code", "idproduktu",
        "kodproduktu", "kodtowaru", "symboltowaru", "symbol", "indeks", "nrartykulu", "kod",
        "artikelnummer", "artikelnr", "artikelid", "produktid", "produktnummer", "variantid",
        "ean", "ean13", "gtin", "barcode", "variantbarcode", "asin", "offerid", "handle",
        "product", "item", "article", "produkt", "towar", "artykul", "artikel",
    ),
    "name": (
        "name", "productname", "title", "producttitle", "itemname", "lineitemname", "nazwa",
        "nazwaproduktu", "nazwatowaru", "tytul", "produktname", "artikelname",
        "artikelbezeichnung", "bezeichnung", "itemdescription", "productdescription",
        "description", "opis", "beschreibung", "product", "item", "article", "produkt", "towar",
        "artykul", "artikel", "productid",
    ),
    "category": (
        "category", "categoryname", "productcategory", "categories", "maincategory", "kategoria",
        "kategorie", "nazwakategorii", "kategoriaproduktu", "producttype", "productgroup",
        "department", "dzial", "grupatowarowa", "grupaproduktow", "warengruppe",
        "produktkategorie", "abteilung", "type", "typ", "rodzaj", "collection",
        "googleproductcategory",
    ),
    "in_stock": (
        "instock", "isinstock", "available", "isavailable", "availability", "availableforsale",
        "stockstatus", "dostepny", "dostepnosc", "verfuegbar", "verfugbar", "verfugbarkeit",
        "lieferbar", "stock", "stockquantity", "stockqty", "variantinventoryqty",
        "inventoryquantity", "inventory", "quantity", "qty", "stan", "stanmagazynowy",
        "stanmagazynu", "ilosc", "iloscwmagazynie", "bestand", "lagerbestand", "lager",
    ),
    "tags": ("tags", "tag", "labels", "tagi", "etykiety", "schlagworte", "etiketten"),
}  # fmt: skip
_IN = (
    *TRUE_WORDS, "in stock", "instock", "available", "active", "low stock", "limited",
    "on backorder", "onbackorder", "backorder", "dostępny", "dostępne", "dostępna", "jest",
    "w magazynie", "na stanie", "lieferbar", "verfügbar", "auf lager", "vorrätig", "in_stock",
    "continue",
)  # fmt: skip
_OUT = (
    *FALSE_WORDS, "out of stock", "outofstock", "out_of_stock", "sold out", "soldout",
    "unavailable", "not available", "discontinued", "archived", "draft", "none", "brak",
    "niedostępny", "niedostępne", "niedostępna", "wyprzedany", "wyprzedane", "wycofany",
    "ausverkauft",
    "nicht verfügbar", "nicht lieferbar", "vergriffen",
)  # fmt: skip
_COUNT = r"^([-+]?[0-9]+([.,][0-9]+)?)\s*(szt|pcs|pc|stk|stück|units?|items?|x|kg|g|l|m)?\.?$"
# Of the orders' lines: with fewer that the table knows, ids are written otherwise.
_LEAST_KNOWN = 0.5


@dataclass(frozen=True)
class ProductTable:
    """What was understood of a table of products, and what is in doubt; it lies where it was asked.

    ``summary`` is None where there was no source.
    """

    summary: ProductSummary | None
    understood: tuple[Fact, ...] = ()
    doubts: tuple[Fact, ...] = ()


def read_products(
    source: Any, path: Path, *, orders: Path, columns: Mapping[str, str] | None = None,
    memory_limit: str = MEMORY_LIMIT, threads: int | None = None,
    progress: Callable[[Fact], None] | None = None,
) -> ProductTable:  # fmt: skip
    """Read what the shop sells into ``product_table.parquet``, one row per product.

    Columns: ``product_id`` as the orders have it, ``name``, ``category``, ``in_stock`` (of several
    rows of a product any one), ``tags``. Which of its columns holds the ids is told by those that
    the orders know. A table of names that lies there, out of the orders' own lines, fills what
    the source leaves open.

    Args:
        source: CSV, Parquet or workbook, pattern, folder, DataFrame; None adds nothing.
        path: where the table goes.
        orders: the canonical orders, whose ids count.
        columns: header by role (``ingest.product_columns``).
        memory_limit: most memory.
        threads: threads for reading.
        progress: told a fact at each step.

    Raises:
        UsageError: a column is missing, or told and not there.
        WinbackError: a file holds no usable table.
    """
    say = progress or (lambda _: None)
    with workshop(path.parent, "products", memory_limit=memory_limit, threads=threads) as (
        con, scratch,
    ):  # fmt: skip
        create_tables(con, 0)
        con.execute(
            "CREATE TEMP TABLE found (product_id VARCHAR, name VARCHAR, category VARCHAR, "
            "in_stock BOOLEAN, tags VARCHAR, place BIGINT)"
        )
        con.execute(
            "CREATE TEMP TABLE sold AS SELECT product_id AS x, count(*) AS n FROM "
            f"read_parquet({file_literal(orders)}) WHERE product_id IS NOT NULL GROUP BY 1"
        )
        findings, summary = Findings(), None
        if source is not None:
            sources = _opened(con, source, path, scratch)
            labels = [one.label for one in sources]
            if not sources:
                files = () if is_frame(source) else list_files(source)
                labels = [file.name for file in files] or ["the table"]
                findings.doubts.append(fact("intake.products_empty", file=_named(labels)))
            say(fact("progress.reading_products", files=tuple(labels[:3])))
            for members in by_header(sources):
                _Group(con, members, columns or {}, findings, scratch).load()
            summary = _summed(con, labels, findings)
        _write(con, path)
    return ProductTable(summary, distinct(findings.understood), ranked(findings.doubts))


def _opened(con: duckdb.DuckDBPyConnection, source: Any, path: Path, scratch: Path) -> list[Source]:
    if is_frame(source):
        return [open_frame(con, source)] if len(source) else []
    files = list_files(source)
    if path.resolve() in [file.resolve() for file in files]:
        raise UsageError("intake.overwritten", file=path.name)
    try:
        return open_files(con, files, scratch)
    except EmptyTable:
        return []


class _Group:
    """Files of one header: their columns, and the SQL that reads them into ``found``."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, members: Sequence[tuple[int, Source]],
        given: Mapping[str, str], findings: Findings, scratch: Path,
    ) -> None:  # fmt: skip
        self.con, self.findings = con, findings
        self.number, first = members[0]
        self.shape, self.label = first.shape, first.label
        self.headers = [normalised(name) for name in self.shape.names]
        self.given = self._given(given)
        self.at = dict(self.given)
        for role in ("name", "category", "in_stock", "tags"):
            for word in _ROLES[role]:
                free = word in self.headers and self.headers.index(word) not in self.at.values()
                if role not in self.at and free:
                    self.at[role] = self.headers.index(word)
        ids = self._candidates()
        wanted = sorted({*self.at.values(), *ids, *self._handle()})
        relation, _ = load(con, members, f"raw{self.number}", wanted, wanted, scratch)
        # What stands for nothing elsewhere says of a stock that there is none.
        words = {self.at["in_stock"]} if "in_stock" in self.at else set()
        texts = [f"c{i}" for i in wanted if i not in words and is_text(self.shape.types[i])]
        self.relation, plain = cleaned(
            con, relation, texts, [f"c{i}" for i in ids], f"clean{self.number}"
        )
        self.ids = {
            i: read_ids(con, self.relation, {"product": (f"c{i}", self.shape.types[i])}, plain)[
                "product"
            ]
            for i in ids
        }

    def _given(self, given: Mapping[str, str]) -> dict[str, int]:
        lowered = [name.lower() for name in self.shape.names]
        found = {}
        for role, name in given.items():
            if role not in _ROLES:
                raise UsageError(
                    "intake.no_side_role", file=self.label, noun="products", role=role,
                    key="ingest.product_columns", roles=tuple(_ROLES),
                )  # fmt: skip
            if name.strip().lower() not in lowered:
                raise UsageError(
                    "intake.no_given_column", file=self.label, column=name,
                    columns=self.shape.names[:20],
                )  # fmt: skip
            found[role] = lowered.index(name.strip().lower())
        return found

    def _candidates(self) -> list[int]:
        """Columns that may hold the ids of the orders, the likeliest first."""
        if "product_id" in self.at:
            return [self.at["product_id"]]
        named = [self.headers.index(w) for w in _ROLES["product_id"] if w in self.headers]
        # Orders may tell products by their names alone.
        named += [self.at["name"]] if "name" in self.at else []
        if not named:
            raise UsageError(
                "intake.no_side_column", file=self.label, role="product_id", noun="products",
                columns=self.shape.names[:20], key="ingest.product_columns",
            )  # fmt: skip
        return list(dict.fromkeys(named))

    def _handle(self) -> list[int]:
        return [self.headers.index("handle")] if "handle" in self.headers else []

    def _id(self) -> int:
        """The candidate by which most lines of the orders are known."""

        def known(column: int) -> int:
            theirs = (
                f"SELECT DISTINCT CAST({self.ids[column].sql} AS VARCHAR) AS x FROM {self.relation}"
            )
            exact = f"x IN ({theirs})"
            alike = f"{bare('x')} IN (SELECT {bare('x')} FROM ({theirs}))"
            return int(one_row(self.con, f"SELECT sum(n) FROM sold WHERE {exact} OR {alike}")[0])

        candidates = list(self.ids)
        return max(candidates, key=known) if len(candidates) > 1 else candidates[0]

    def load(self) -> None:
        """Read the files into ``found``."""
        at = self.at | {"product_id": self._id()}
        if "product_id" not in self.given and at.get("name") == at["product_id"]:
            # Orders that name products by what they are called.
            at["name"] = at["product_id"]
        texts = {
            role: f"nullif(trim({as_text(f'c{at[role]}', self.shape.types[at[role]])}), '')"
            for role in ("name", "category", "tags")
            if role in at
        }
        if "category" in at and self.headers[at["category"]] in ("categories", "kategorie"):
            texts["category"] = f"trim(regexp_extract({texts['category']}, '^[^,;|]*'))"
        if handle := self._handle():
            # One row of several variants says it for all.
            for role in ("name", "category", "tags"):
                if role in texts:
                    texts[role] = (
                        f"coalesce({texts[role]}, first_value({texts[role]} IGNORE NULLS) OVER "
                        f"(PARTITION BY c{handle[0]} ORDER BY file_no, src))"
                    )
        stock = self._stock(at["in_stock"]) if "in_stock" in at else "CAST(NULL AS BOOLEAN)"
        name, category, tags = (texts.get(r, "NULL") for r in ("name", "category", "tags"))
        self.con.execute(
            f"""INSERT INTO found SELECT CAST({self.ids[at["product_id"]].sql} AS VARCHAR),
            {name}, {category}, {stock}, {tags}, (CAST(file_no AS BIGINT) << 40) | src
            FROM {self.relation}"""
        )
        self.findings.understood += [
            fact("intake.column_of_file", file=self.label, role=role,
                 column=self.shape.names[at[role]], note=fact("intake.text"))
            for role in _ROLES if role in at
        ]  # fmt: skip
        for left in ("raw", "clean"):
            self.con.execute(f"DROP TABLE IF EXISTS {left}{self.number}")

    def _stock(self, column: int) -> str:
        """SQL of whether a product can be bought; what is not understood is null and doubted."""
        cell, kind = f"c{column}", self.shape.types[column]
        if kind == "BOOLEAN":
            return cell
        if not is_text(kind):
            return f"({cell} > 0)"
        text = f"lower(trim({cell}))"
        # A count may have its unit behind it.
        plain = f"regexp_extract({text}, {literal(_COUNT)}, 1)"
        number = f"TRY_CAST(replace({plain}, ',', '.') AS DOUBLE)"
        sql = (
            f"CASE WHEN {number} IS NOT NULL THEN {number} > 0 WHEN {text} IN {listed(_IN)} "
            f"THEN true WHEN {text} IN {listed(_OUT)} THEN false END"
        )
        unread = self.con.execute(
            f"SELECT {text} AS t, count(*) AS n FROM {self.relation} WHERE nullif({text}, '') IS "
            f"NOT NULL AND ({sql}) IS NULL GROUP BY 1 ORDER BY n DESC, t"
        ).fetchall()
        if unread:
            self.findings.doubts.append(
                fact("intake.stock_unread", column=self.shape.names[column], file=self.label,
                     lines=sum(int(n) for _, n in unread),
                     values=quoted([str(value)[:40] for value, _ in unread[:3]]))
            )  # fmt: skip
        return sql


def _named(labels: Sequence[str]) -> str:
    """What files of one kind are called together."""
    return labels[0] + (f" (+{len(labels) - 1})" if len(labels) > 1 else "")


def _summed(
    con: duckdb.DuckDBPyConnection, labels: Sequence[str], findings: Findings
) -> ProductSummary:
    """Give products the ids of the orders where these came through changed, and count."""
    file = _named(labels)
    con.execute("DELETE FROM found WHERE product_id IS NULL")
    con.execute(
        f"""CREATE TEMP TABLE mended AS
        WITH strange AS (SELECT DISTINCT product_id AS x FROM found
                WHERE product_id NOT IN (SELECT x FROM sold)),
            lost AS (SELECT x FROM sold WHERE x NOT IN (SELECT product_id FROM found))
        SELECT g.x, min(k.x) AS who FROM (SELECT x, {bare("x")} AS b FROM strange) g
        JOIN (SELECT x, {bare("x")} AS b FROM lost) k USING (b)
        GROUP BY g.x HAVING count(*) = 1"""
    )
    mended = int(one_row(con, "SELECT count(*) FROM mended")[0])
    if mended:
        con.execute("UPDATE found SET product_id = who FROM mended WHERE product_id = x")
        findings.understood.append(fact("intake.products_mended", ids=mended, file=file))
    rows, ids = one_row(con, "SELECT count(*), count(DISTINCT product_id) FROM found")
    lines, known, strange = one_row(
        con,
        "SELECT sum(n), sum(n) FILTER (x IN (SELECT product_id FROM found)), "
        "count(*) FILTER (x NOT IN (SELECT product_id FROM found)) FROM sold",
    )
    share = float(known) / float(lines) if lines else 1.0
    if rows and lines and known < lines:
        told = fact("intake.products_unknown", products=int(strange), share=1.0 - share, file=file)
        if share < _LEAST_KNOWN:
            findings.doubts.append(
                fact("intake.products_doubted", products=int(strange), share=1.0 - share, file=file)
            )
        else:
            findings.understood.append(told)
    return ProductSummary(
        files=tuple(labels), rows=int(rows), products=int(ids), ids_mended=mended,
        share_of_lines=round(share, 6),
    )  # fmt: skip


def _write(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The rows of each product as one; names of the orders' lines where the source has none."""
    import pyarrow.parquet as pq

    if path.is_file():
        con.execute(
            "INSERT INTO found SELECT product_id, name, category, in_stock, tags, "
            f"9223372036854775807 FROM read_parquet({file_literal(path)})"
        )
    told = ", ".join(
        f"arg_min({x}, place) FILTER ({x} IS NOT NULL) AS {x}" for x in ("name", "category")
    )
    # Bound early: the file itself is replaced.
    rows = con.sql(
        f"SELECT product_id, {told}, bool_or(in_stock) AS in_stock, "
        "arg_min(tags, place) FILTER (tags IS NOT NULL) AS tags FROM found GROUP BY product_id "
        "ORDER BY product_id"
    ).to_arrow_table()
    temporary = path.with_name(path.name + ".part")
    pq.write_table(
        rows.cast(PRODUCT_TABLE.schema), temporary, compression="zstd", store_schema=False
    )
    os.replace(temporary, path)


# --- names that stand on the orders' own lines --------------------------------------------------

_NAMES_OF_LINES = """
    productname lineitemname itemname producttitle variantname nazwaproduktu nazwatowaru
    produktname artikelname artikelbezeichnung bezeichnung productdescription itemdescription
    description beschreibung opisproduktu opis title product item article produkt towar artykul
    artikel"""
_CATEGORIES_OF_LINES = """
    category categoryname productcategory maincategory kategoria kategoriaproduktu nazwakategorii
    producttype productgroup department dzial grupatowarowa grupaproduktow produktkategorie
    warengruppe abteilung"""
# Of the names: with fewer than so many a product the column speaks of something else.
_LEAST_NAMES, _LEAST_ALIKE = 0.2, 0.6


def find_names(sources: Iterable[Source]) -> tuple[str, str]:
    """Headers of the orders' names and categories of products; empty where there are none."""
    headers = dict.fromkeys(name for one in sources for name in one.shape.names)

    def first(words: str) -> str:
        ranks = {word: rank for rank, word in enumerate(words.split())}
        found = [(ranks[normalised(name)], name) for name in headers if normalised(name) in ranks]
        return min(found)[1] if found else ""

    return first(_NAMES_OF_LINES), first(_CATEGORIES_OF_LINES)


def write_names(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, category: str, cutoff: date
) -> None:
    """Write the newest name and category that the lines of each product bear.

    ``name`` and ``category`` are columns of ``kept``, empty where there are none. A column that
    mostly changes within a product, or names few for many, is of something else.
    """
    told = {"name": name, "category": category}
    known = f"FROM kept WHERE product_id IS NOT NULL AND ordered_at < {day_text(cutoff)}"
    picked = {}
    for role, column in told.items():
        cell = f"nullif(trim({column}), '')" if column else ""
        picked[role] = "CAST(NULL AS VARCHAR)"
        if column and _speaks_of_products(con, known, cell, few=role == "category"):
            picked[role] = f"arg_max({cell}, (ordered_at, {cell})) FILTER ({cell} IS NOT NULL)"
    if all(sql.startswith("CAST") for sql in picked.values()):
        return
    temporary = path.with_name(path.name + ".part")
    con.execute(
        f"""COPY (SELECT CAST(product_id AS VARCHAR) AS product_id, {picked["name"]} AS name,
            {picked["category"]} AS category, CAST(NULL AS BOOLEAN) AS in_stock,
            CAST(NULL AS VARCHAR) AS tags {known} GROUP BY product_id ORDER BY 1)
        TO {literal(str(temporary))} (FORMAT parquet, COMPRESSION zstd)"""
    )
    os.replace(temporary, path)


def _speaks_of_products(
    con: duckdb.DuckDBPyConnection, known: str, cell: str, *, few: bool
) -> bool:
    """Whether lines of one product mostly bear one value, and many products not all the same."""
    products, values, lines, alike = one_row(
        con,
        f"""WITH counted AS (SELECT product_id, {cell} AS v, count(*) AS n {known}
                AND {cell} IS NOT NULL GROUP BY ALL),
            most AS (SELECT product_id, max(n) AS most, sum(n) AS n FROM counted GROUP BY 1)
        SELECT (SELECT count(*) FROM most), (SELECT count(DISTINCT v) FROM counted),
            (SELECT sum(n) FROM most), (SELECT sum(most) FROM most)""",
    )
    enough = values > 1 if few else values >= _LEAST_NAMES * products
    return bool(products and enough and alike >= _LEAST_ALIKE * lines)
