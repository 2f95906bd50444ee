"""Columns by whose values a shop's lines are counted day by day, for the watch alone.

Canonical orders keep none of them: a channel that falls silent, or a currency that is new, would
go unseen.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import duckdb

from winback.errors import UsageError
from winback.intake.cells import day_text, literal, nothing
from winback.intake.headers import normalised
from winback.intake.shapes import Source
from winback.tables.history import MOST_VALUES, REST

# Headers as `normalised` has them, of what tells lines of a shop apart and is no person's.
_NAMES = """
    channel channelid channelname saleschannel orderchannel marketplace source ordersource
    sourcename platform device devicetype kanal kanalsprzedazy kanalzamowienia zrodlo
    zrodlozamowienia platforma verkaufskanal vertriebskanal quelle
    store storeid storecode storename shop shopid shopname website websiteid branch outlet sklep
    idsklepu nazwasklepu oddzial filiale
    category categoryname productcategory producttype productgroup department maincategory
    kategoria kategoriaproduktu nazwakategorii dzial grupatowarowa grupaproduktow kategorie
    produktkategorie warengruppe abteilung
    currency currencycode waluta kodwaluty waehrung wahrung
    paymentmethod paymenttype formaplatnosci metodaplatnosci sposobplatnosci zahlungsart
    shippingmethod deliverymethod formadostawy sposobdostawy metodadostawy versandart lieferart
    country countrycode shippingcountry kraj land"""
_RANK = {name: k for k, name in enumerate(_NAMES.split())}
_MOST_COLUMNS = 6
_LONGEST_VALUE = 60


def find_watched(sources: Iterable[Source], told: Sequence[str] | None) -> tuple[str, ...]:
    """Headers of the columns to count by: those told, else those whose name and cells say so.

    Raises:
        UsageError: a column that was told is in no file.
    """
    shapes = [one.shape for one in sources]
    headers = dict.fromkeys(name for shape in shapes for name in shape.names)
    if told is not None:
        by_name = {name.lower(): name for name in headers}
        missing = [name for name in told if name.strip().lower() not in by_name]
        if missing:
            raise UsageError(
                "intake.no_watched_column", column=missing[0], columns=tuple(headers)[:20]
            )
        return tuple(dict.fromkeys(by_name[name.strip().lower()] for name in told))
    found = []
    for name in headers:
        cells = {
            row[shape.names.index(name)]
            for shape in shapes if name in shape.names for row in shape.sample
        }  # fmt: skip
        values = [cell for cell in cells if cell is not None and not nothing(cell)]
        plain = all("@" not in cell and len(cell) <= _LONGEST_VALUE for cell in values)
        if normalised(name) in _RANK and values and len(values) <= MOST_VALUES and plain:
            found.append(name)
    # A column of categories is not pushed out by seven others because it stands last.
    found.sort(key=lambda name: _RANK[normalised(name)])
    return tuple(found[:_MOST_COLUMNS])


def write_marks(
    con: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[str], cutoff: date
) -> None:
    """Write how many lines of purchases each day had by the values of the columns.

    The values beyond the most frequent ones are one.
    """
    parts = [
        f"SELECT {literal(name)} AS column_name, CAST(ordered_at AS DATE) AS day, "
        f"coalesce(trim(w{k}), '') AS value, count(*) AS n FROM kept "
        f"WHERE value > 0 AND ordered_at < {day_text(cutoff)} GROUP BY ALL"
        for k, name in enumerate(columns)
    ]
    counted = " UNION ALL ".join(parts) or (
        "SELECT NULL::VARCHAR AS column_name, NULL::DATE AS day, NULL::VARCHAR AS value, "
        "0::BIGINT AS n LIMIT 0"
    )
    temporary = path.with_name(path.name + ".part")
    con.execute(
        f"""COPY (
            WITH counted AS ({counted}),
            ranked AS (SELECT column_name, value, row_number() OVER (PARTITION BY column_name
                    ORDER BY sum(n) DESC, value) AS rank FROM counted GROUP BY column_name, value)
            SELECT day, column_name, CASE WHEN rank < {MOST_VALUES} THEN value
                    ELSE {literal(REST)} END AS value, CAST(sum(n) AS BIGINT) AS lines
            FROM counted JOIN ranked USING (column_name, value)
            GROUP BY ALL ORDER BY column_name, day, value
        ) TO {literal(str(temporary))} (FORMAT parquet, COMPRESSION zstd)"""
    )
    os.replace(temporary, path)
