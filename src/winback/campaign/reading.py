"""The two files behind a measurement: who was drawn for what, and who was really sent it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.arrays import Mask
from winback.errors import UsageError, WinbackError
from winback.intake.ids import as_in_orders
from winback.results.offered import CONTROL

_WORDS = ("planned_offer", "stratum", "segment", "risk_band")
_NUMBERS = ("expected_gain", "p_return_days")
# Words for an empty cell, in columns that hold no names.
_EMPTY = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>")
_KEPT = ("customer_id", "arm", "assigned_at", "probability", "p_return", *_WORDS, *_NUMBERS)


@dataclass(frozen=True)
class Sent:
    """What the CRM says it really sent, by assigned customer.

    Attributes:
        sent: whether anything went out within the customer's window.
        offer: what did; null where the file does not say or nothing was sent.
        rows: rows read.
        not_assigned, never_left, outside_window, repeated: how many were left out, and why.
    """

    sent: Mask
    offer: pd.Series[Any]
    rows: int
    not_assigned: int
    never_left: int
    outside_window: int
    repeated: int


def read_assignment(
    source: pd.DataFrame | Path | str, control: str, timezone: str | None
) -> tuple[pd.DataFrame, int]:
    """One row per customer, sorted; and how many further rows repeated a customer.

    Beside the columns of the file, null where it has none: ``treated``, and ``in_both`` for
    a customer with rows in both arms.
    """
    rows, name = _table(source, "assignment")
    for column in ("customer_id", "arm", "assigned_at"):
        _require(rows, column, name)
    if not len(rows):
        raise WinbackError("campaign.no_rows", file=name)
    rows["customer_id"] = as_in_orders(rows["customer_id"])
    arms = rows["arm"].astype("string").str.strip()
    # An empty arm is not equal to anything, and to mask() that would do.
    is_control = (arms.str.lower() == control.strip().lower()).fillna(False)
    rows["arm"] = arms.mask(is_control.astype(bool), CONTROL)
    for column in ("customer_id", "arm"):
        _refuse_empty(rows[column].fillna("") == "", column, name)
    if "campaign_id" in rows and rows["campaign_id"].nunique() > 1:
        found = sorted(rows["campaign_id"].dropna().astype(str).unique())[:5]
        raise WinbackError("campaign.several_campaigns", file=name, campaigns=found)
    rows["assigned_at"] = _instants(rows["assigned_at"], "assigned_at", name, timezone)
    _refuse_empty(rows["assigned_at"].isna(), "assigned_at", name)
    for column in ("probability", "p_return"):
        rows[column] = _numbers(rows, column, name, 1.0)
    unknown = rows["probability"].isna()
    if unknown.any() and not unknown.all():
        raise WinbackError(
            "campaign.some_probabilities",
            file=name, n=int(unknown.sum()), all=len(rows), rows=_places(unknown),
        )  # fmt: skip
    for column in _NUMBERS:
        rows[column] = _numbers(rows, column, name, None)
    for column in _WORDS:
        if column in rows:
            said = rows[column].astype("string").str.strip()
            rows[column] = said.mask(said == "")
        else:
            rows[column] = pd.Series(pd.NA, index=rows.index, dtype="string")
    rows["treated"] = rows["arm"] != CONTROL
    sides = rows.groupby("customer_id")["treated"].nunique()
    rows = rows.sort_values(["customer_id", "assigned_at", "arm"], kind="stable")
    first = rows.drop_duplicates("customer_id").reset_index(drop=True)
    first["in_both"] = first["customer_id"].map(sides).to_numpy() > 1
    return first[[*_KEPT, "treated", "in_both"]], len(rows) - len(first)


def read_sent(
    source: pd.DataFrame | Path | str,
    assigned: pd.DataFrame,
    window_days: int,
    timezone: str | None,
) -> Sent:
    """The CRM's file of who was really sent what, beside the assignment.

    Grain: a row per message, with ``customer_id`` and, where known, ``sent_at`` and
    ``offer``. A row whose ``sent_at`` (or, without that column, ``offer``) is empty, or whose
    offer is ``control``, is a message that never left. One sent before the customer's
    assignment or after the window closed is none of this campaign's.
    """
    rows, name = _table(source, "sent")
    _require(rows, "customer_id", name)
    rows = rows.assign(customer_id=as_in_orders(rows["customer_id"])).reset_index(drop=True)
    if "offer" in rows:
        offer = rows["offer"].astype("string").str.strip()
        offer = offer.mask(offer == "")
    else:
        offer = pd.Series(pd.NA, index=rows.index, dtype="string")
    row_of = pd.Series(np.arange(len(assigned)), index=_matched(assigned, rows["customer_id"]))
    place = rows["customer_id"].map(row_of)
    known = place.notna()
    left = offer.fillna("") != CONTROL
    inside = pd.Series(True, index=rows.index)
    sent_at = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]")
    if "sent_at" in rows:
        sent_at = _instants(rows["sent_at"], "sent_at", name, timezone)
        left &= sent_at.notna()
        began = place.map(assigned["assigned_at"].dt.normalize())
        ends = began + pd.Timedelta(days=window_days)
        inside = ~known | ~left | ((sent_at >= began) & (sent_at < ends))
    elif "offer" in rows:
        left &= offer.notna()
    counted = known & left & inside
    table = pd.DataFrame({"row": place, "offer": offer, "sent_at": sent_at})[counted]
    table = table.sort_values(["row", "sent_at", "offer"], kind="stable")
    first = table.drop_duplicates("row")
    sent = np.zeros(len(assigned), np.bool_)
    sent[first["row"].to_numpy(np.int64)] = True
    offers = pd.Series(pd.NA, index=assigned.index, dtype="string")
    offers.iloc[first["row"].to_numpy(np.int64)] = first["offer"].to_numpy(object)
    if len(rows) and not known.any():
        raise WinbackError("campaign.sent_to_others", file=name, n=len(rows))
    return Sent(
        sent,
        offers,
        rows=len(rows),
        not_assigned=int((~known).sum()),
        never_left=int((known & ~left).sum()),
        outside_window=int((known & ~inside).sum()),
        repeated=len(table) - len(first),
    )


def without_zeros(ids: pd.Series[Any], known: pd.Series[Any]) -> Mapping[str, str] | None:
    """Which known id each id is once leading zeros are ignored; None where that decides nothing.

    A spreadsheet on the way turns ``00042`` into ``42``. Only whole columns are mended: where
    any id is known as it stands, the others are strangers.
    """
    if ids.isin(known).any():
        return None
    bare = known.str.lstrip("0")
    if bare.duplicated().any():
        return None
    found = dict(zip(bare, known, strict=True))
    return {one: found[one.lstrip("0")] for one in ids.unique() if one.lstrip("0") in found} or None


def _matched(assigned: pd.DataFrame, ids: pd.Series[Any]) -> pd.Series[Any]:
    """The assignment's ids in the spelling of the other file."""
    spelt = without_zeros(assigned["customer_id"], ids.drop_duplicates())
    own: pd.Series[Any] = assigned["customer_id"]
    return own if spelt is None else own.map(lambda one: spelt.get(one, one))


def _table(source: pd.DataFrame | Path | str, noun: str) -> tuple[pd.DataFrame, str]:
    if isinstance(source, pd.DataFrame):
        rows, name = source.copy(), noun
    else:
        path = Path(source)
        name = path.name
        if not path.is_file():
            raise UsageError("campaign.no_file", file=str(path))
        rows = _from_file(path)
    rows.columns = [str(column).strip().lower() for column in rows.columns]
    twice = sorted(set(rows.columns[rows.columns.duplicated()]))
    if twice:
        raise UsageError("campaign.column_twice", file=name, column=twice[0])
    return rows.reset_index(drop=True), name


def _from_file(path: Path) -> pd.DataFrame:
    try:
        if path.suffix in (".parquet", ".pq"):
            stored: pd.DataFrame = pq.read_table(path).to_pandas()
            return stored
        text = path.read_text(encoding="utf-8-sig")
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise UsageError("campaign.unreadable", file=str(path)) from error
    header = text.split("\n", 1)[0]
    separator = max(",;\t|", key=header.count)
    try:
        rows = pd.read_csv(
            path, sep=separator, dtype=str, encoding="utf-8-sig", keep_default_na=False
        )
    except ValueError as error:
        problem = str(error).splitlines()[0]
        raise UsageError("campaign.no_table", file=str(path), problem=problem) from error
    for column in rows.columns:
        # An arm may be called None, and a customer NA.
        words = _EMPTY[:1] if column.strip().lower() in ("customer_id", "arm") else _EMPTY
        rows[column] = rows[column].mask(rows[column].str.strip().isin(words))
    return rows


def _require(rows: pd.DataFrame, column: str, name: str) -> None:
    if column in rows:
        return
    near = difflib.get_close_matches(column, list(rows.columns), n=1, cutoff=0.4)
    found = list(rows.columns)[:12]
    if near:
        raise UsageError(
            "campaign.no_column_near", file=name, column=column, found=found, near=near[0]
        )
    raise UsageError("campaign.no_column", file=name, column=column, found=found)


def _refuse_empty(empty: pd.Series[bool], column: str, name: str) -> None:
    if empty.any():
        raise WinbackError(
            "campaign.empty_cells",
            file=name, n=int(empty.sum()), column=column, rows=_places(empty),
        )  # fmt: skip


def _places(rows: pd.Series[bool]) -> str:
    """Where the first of some rows stand."""
    return str([int(row) + 1 for row in np.flatnonzero(rows)[:5]])


def _instants(column: pd.Series[Any], what: str, name: str, timezone: str | None) -> pd.Series[Any]:
    """Wall times of the shop; null where the cell is empty."""
    zone = None if timezone is None else _zone(timezone)
    if pd.api.types.is_datetime64_any_dtype(column):
        if column.dt.tz is not None and zone is not None:
            column = column.dt.tz_convert(zone)
        bare: pd.Series[Any] = column.dt.tz_localize(None).astype("datetime64[s]")
        return bare
    text = column.astype("string").str.strip()
    text = text.mask(text == "")
    text = text.str.replace(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})", r"\3-\2-\1", regex=True)
    offset = text.str.contains(":", na=False) & text.str.contains(
        r"(?:Z|[+-]\d{2}:?\d{2})$", regex=True, na=False
    )
    # The wall time as written: an offset says where, and the orders are wall time too.
    walls = text.mask(offset, text.str.replace(r"\s*(Z|[+-]\d{2}:?\d{2})$", "", regex=True))
    found = pd.to_datetime(walls, errors="coerce", format="mixed", yearfirst=True)
    if zone is not None and offset.any():
        moments = pd.to_datetime(text[offset], errors="coerce", format="mixed", utc=True)
        found[offset] = moments.dt.tz_convert(zone).dt.tz_localize(None)
    bad = text.notna() & (found.isna() | ~text.str.match(r"\d{4}-?\d{1,2}-?\d{1,2}", na=False))
    if bad.any():
        said = ", ".join(repr(str(value)) for value in column[bad].unique()[:5])
        raise WinbackError("campaign.no_date", file=name, column=what, values=said)
    return found.astype("datetime64[s]")


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError("campaign.timezone", timezone=timezone) from None


def _numbers(rows: pd.DataFrame, column: str, name: str, most: float | None) -> pd.Series[Any]:
    """A column of numbers, or of shares up to ``most``; null where empty or not there."""
    if column not in rows:
        return pd.Series(np.nan, index=rows.index)
    numbers = pd.to_numeric(rows[column], errors="coerce").astype("float64")
    given = rows[column].notna() & (rows[column].astype("string").str.strip() != "")
    bad = given & (numbers.isna() if most is None else ~numbers.between(0, most))
    if bad.any():
        said = ", ".join(repr(str(value)) for value in rows.loc[bad, column].unique()[:5])
        code = "campaign.no_number" if most is None else "campaign.no_share"
        raise WinbackError(code, file=name, column=column, values=said)
    return numbers
