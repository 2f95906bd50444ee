"""What a shop declares itself: measures, signals, attributes, and a way out for all else."""

from __future__ import annotations

import importlib
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from winback.arrays import Floats, Integers
from winback.errors import UsageError
from winback.features import (
    NEEDED_WINDOWS_DAYS,
    Attribute,
    Custom,
    Events,
    FeatureSet,
    Measure,
    Purchases,
    Signal,
)
from winback.params import Called, DeclaredMeasure, SnapshotSettings
from winback.results.base import Fact, fact
from winback.results.scored import ToldColumn
from winback.snapshots.sandbox import changing, is_clock, open_sealed

if TYPE_CHECKING:
    from winback.results.intake import SideSummary

# Thousandths of two million such numbers of one customer still add up; Unix seconds fit.
LARGEST = 4e9
_ALONE = 20  # purchases that are measured each alone, to see whether others change them
_FUNCTION = re.compile(r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")


def declared_features(settings: SnapshotSettings) -> FeatureSet:
    """The built-in features and those that params.yaml declares.

    Raises:
        UsageError: a column is declared twice, or an expression or a function cannot be used;
            the message names the declaration.
    """
    features = FeatureSet(
        windows_days=tuple(sorted({*settings.windows_days, *NEEDED_WINDOWS_DAYS})),
        own_measures=tuple(_measure(m) for m in settings.measures),
        signals=tuple(
            Signal(
                s.name, s.windows_days, _with_open(s.aggregates, s.closed_by), s.closed_by,
                s.meaning,
            )
            for s in settings.signals
        ),
        attributes=tuple(Attribute(a.name, a.levels, a.meaning) for a in settings.attributes),
        custom=tuple(
            Custom(c.columns, c.sql, c.function, c.meaning or "as its author says")
            for c in settings.custom
        ),
    )  # fmt: skip
    _check_windows(features)
    seen: set[str] = {"customer_id", "cutoff", "first_order_on", "last_order_on"}
    for column in features.columns():
        if column.name in seen:
            raise UsageError("snapshots.column_twice", column=column.name)
        seen.add(column.name)
    for custom in features.custom:
        if custom.function:
            load_function(custom.function, "snapshot.custom")
    return features


def told_columns(settings: SnapshotSettings) -> dict[str, ToldColumn]:
    """How people are told of each column that params.yaml declares, by its name.

    A label is the one declared, else the meaning, else the name with blanks. Nothing is computed
    and no function of the shop is loaded.
    """
    told: dict[str, ToldColumn] = {}

    def tell(name: str, label: Called | None, meaning: str, *columns: tuple[str, Any, Any]) -> None:
        said = meaning or name.replace("_", " ")
        words = {"en": label.en, "pl": label.pl} if label else {"en": said, "pl": said}
        for column, how, windows in columns:
            told[column] = ToldColumn(name=name, label=words, how=how, windows_days=windows)

    for m in settings.measures:
        own = Measure(m.name, lambda _: np.empty(0, np.int64), "", aggregates=m.aggregates,
                      windows_days=m.windows_days)  # fmt: skip
        tell(m.name, m.label, m.meaning, *own.columns(()))
    for s in settings.signals:
        signal = Signal(s.name, s.windows_days, _with_open(s.aggregates, s.closed_by))
        for measure in signal.measures():
            kind = "total" if measure.name != s.name else None
            columns = [(c, kind or how, w) for c, how, w in measure.columns(())]
            tell(s.name, s.label, s.meaning, *columns)
        if "days_since" in signal.aggregates:
            tell(s.name, s.label, s.meaning, (f"days_since_last_{s.name}", "days_since", (None,)))
        if "open" in signal.aggregates:
            tell(s.name, s.label, s.meaning, (f"{s.name}_open", "open", (None,)))
    for a in settings.attributes:
        tell(a.name, a.label, a.meaning, (a.name, "value", (None,)),
             (f"days_since_{a.name}_set", "set", (None,)))  # fmt: skip
        told[a.name] = told[a.name].model_copy(update={"levels": a.levels})
    for c in settings.custom:
        for column in c.columns:
            tell(
                column, c.label, "" if len(c.columns) > 1 else c.meaning, (column, "value", (None,))
            )
    return told


def _with_open(aggregates: tuple[Any, ...], closed_by: str | None) -> tuple[Any, ...]:
    return (*aggregates, "open") if closed_by and "open" not in aggregates else aggregates


def _check_windows(features: FeatureSet) -> None:
    """A share is over the purchases of the same window, a ratio over another window."""
    for measure in features.measures:
        missing = set(measure.windows(features.windows_days)) - set(features.windows_days)
        if "share" in measure.aggregates and missing:
            raise UsageError("snapshots.share", name=measure.name, days=min(missing))
        if "ratio" in measure.aggregates and len(set(measure.windows(features.windows_days))) < 2:
            raise UsageError("snapshots.ratio", name=measure.name)


# What looks at the value of a signal; the rest looks at its happening.
_OF_VALUES = {"sum", "mean", "sd", "distinct", "first", "last", "max"}


class Held(NamedTuple):
    """What a file of signals or attributes holds: lines, and lines with a value, by name."""

    files: tuple[str, ...]
    names: Mapping[str, int]
    values: Mapping[str, int]
    set_aside: int = 0

    @classmethod
    def of(cls, read: SideSummary | None) -> Held | None:
        """What the intake told of it."""
        if read is None:
            return None
        return cls(read.files, read.names, read.values, read.lines_set_aside.total)


def check_declared(features: FeatureSet, signals: Held | None, attributes: Held | None) -> None:
    """Refuse what is declared of a name, or of values, that no file has.

    Args:
        features: as declared.
        signals: what was read of them; None where there is no file. A file without lines has no
            names, which is no slip of the pen.
        attributes: the same.

    Raises:
        UsageError: a name, a file or all values are missing; the message says which.
    """
    called = [n for s in features.signals for n in (s.name, s.closed_by) if n]
    _check_names("signals", called, signals)
    _check_names("attributes", [attribute.name for attribute in features.attributes], attributes)
    for signal in features.signals:
        looks = sorted(_OF_VALUES & set(signal.aggregates))
        if signals is not None and looks and signals.values.get(signal.name) == 0:
            raise UsageError(
                "snapshots.no_values", files=signals.files[:3], name=signal.name, looks=looks
            )


def _check_names(noun: str, names: Sequence[str], held: Held | None) -> None:
    if names and held is None:
        raise UsageError("snapshots.no_file", noun=noun, name=names[0])
    missing = [name for name in names if held is not None and name not in held.names]
    if held is not None and held.names and missing:
        code = "snapshots.no_name_but_aside" if held.set_aside else "snapshots.no_name"
        raise UsageError(
            code, noun=noun, files=held.files[:3], name=missing[0],
            known=sorted(held.names)[:20], aside=held.set_aside,
        )  # fmt: skip


def load_function(name: str, place: str) -> Callable[..., Any]:
    """The function ``module:name`` of the project or an installed package.

    Raises:
        UsageError: there is no such module or function.
    """
    module, _, function = name.partition(":")
    if str(Path.cwd()) not in sys.path:
        # The folder where the command runs, as `python -m` would have it; commands do not.
        sys.path.append(str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), function)
    except ImportError as error:
        raise UsageError(
            "snapshots.no_module", place=place, name=name, module=module, why=str(error)
        ) from error
    except AttributeError:
        raise UsageError(
            "snapshots.no_function", place=place, name=name, module=module, function=function
        ) from None
    made: Callable[..., Any] = found
    return made


def run_function(function: Callable[..., Any], place: str, *given: Any) -> Any:
    """What a shop's own function returns.

    Raises:
        UsageError: it failed; the message names it and what it raised.
    """
    try:
        return function(*given)
    except Exception as error:
        raise UsageError(
            "snapshots.failed", place=place, kind=type(error).__name__, why=str(error)
        ) from error


def _measure(settings: DeclaredMeasure) -> Measure:
    place = f"snapshot.measures: {settings.name}"
    if _FUNCTION.match(settings.value):
        value = _from_function(load_function(settings.value, place), place)
    else:
        value = _from_expression(settings.value, place)
    return Measure(
        settings.name,
        value,
        settings.meaning or f"`{settings.value}`",
        "value",
        windows_days=settings.windows_days,
        aggregates=settings.aggregates,
    )


def _from_function(function: Callable[..., Any], place: str) -> Callable[[Events], Integers]:
    """A measure from a function of `Purchases`; NaN counts as 0."""
    checked: list[bool] = []

    def called(purchases: Purchases) -> Floats:
        made = run_function(function, place, purchases)
        try:
            found = np.asarray(made, np.float64)
        except (TypeError, ValueError):
            raise UsageError(
                "snapshots.measure_kind", place=place, found=np.asarray(made).dtype.name
            ) from None
        if found.shape != purchases.day.shape:
            raise UsageError(
                "snapshots.measure_shape", place=place, wanted=len(purchases.day),
                found=str(found.shape),
            )  # fmt: skip
        return np.where(np.isnan(found), 0.0, found)

    def value(events: Events) -> Integers:
        purchases = Purchases.of(events)
        found = called(purchases)
        if not checked and len(found) > 1:
            checked.append(True)  # once is enough: each run declares its features anew
            for part in _parts(events):
                if not np.allclose(called(purchases.where(part)), found[part], 1e-9, 1e-9):
                    raise UsageError("snapshots.measure_sees_others", place=place)
        if not (np.abs(found) <= LARGEST).all():
            raise UsageError("snapshots.measure_large", place=place, most=LARGEST)
        thousandths: Integers = np.rint(found * 1000).astype(np.int64)
        return thousandths

    return value


def _parts(events: Events) -> Iterator[NDArray[np.bool_]]:
    """The earlier purchases of every other customer, and some purchases each alone."""
    size = len(events.day)
    first = (events.new_day == 1) & (events.gap_days == 0)
    begins = np.flatnonzero(first)
    customer = np.cumsum(first) - 1
    lengths = np.diff(np.append(begins, size))
    yield (customer % 2 == 0) & (2 * (np.arange(size) - begins[customer]) < lengths[customer])
    for number in np.unique(np.linspace(0, size - 1, _ALONE).astype(np.int64)):
        yield np.arange(size) == number


def _from_expression(expression: str, place: str) -> Callable[[Events], Integers]:
    """A measure from a SQL expression over a purchase's columns; null counts as 0."""
    _refuse_beyond_a_row(expression, place)

    def value(events: Events) -> Integers:
        import duckdb

        columns = Purchases.of(events)
        day = pa.array(columns.day.astype(np.int32)).cast(pa.date32())
        purchases = pa.table(
            {n: day if n == "day" else getattr(columns, n) for n in _OF_A_PURCHASE}
        )
        with _database().cursor() as con:
            con.register("purchases", purchases)
            try:
                found = con.sql(
                    f"SELECT CAST(round(1000 * coalesce(CAST(({expression}) AS DOUBLE), 0)) AS "
                    "BIGINT) AS value FROM purchases"
                ).to_arrow_table()
            except duckdb.Error as error:
                raise UsageError(
                    "snapshots.expression", place=place, sql=expression,
                    why=str(error).splitlines()[0], known=_OF_A_PURCHASE,
                ) from None  # fmt: skip
        if len(found) != len(purchases):
            raise UsageError("snapshots.expression_rows", place=place, sql=expression)
        thousandths = np.asarray(found["value"].to_numpy(), np.int64)
        if len(found) and max(thousandths.max(), -thousandths.min()) > LARGEST * 1000:
            raise UsageError(
                "snapshots.expression_large", place=place, sql=expression, most=LARGEST
            )
        return thousandths

    value(_NO_EVENTS)
    return value


_OF_A_PURCHASE = (
    "day", "hour", "weekday", "amount", "items", "lines", "repeat_lines", "new_day", "gap_days",
)  # fmt: skip


_BEYOND = {"SUBQUERY": "query", "WINDOW": "window", "STAR": "star"}


def _refuse_beyond_a_row(expression: str, place: str) -> None:
    """Raise UsageError where SQL could look at another purchase than its own, or at a clock."""
    with _database().cursor() as con:
        try:
            parsed = _parsed(con, expression)
        except ValueError as error:
            raise UsageError(
                "snapshots.expression_parsed", place=place, sql=expression, why=str(error)
            ) from None
        found = "query" if parsed["from_table"]["type"] != "EMPTY" else None
        found = found or next(_beyond_a_row(con, parsed["select_list"]), None)
    if found:
        kind = found if found in _BEYOND.values() else "named"
        raise UsageError(f"snapshots.beyond_{kind}", place=place, sql=expression, found=found)


def _parsed(con: Any, expression: str) -> Any:
    """DuckDB's own tree of an expression."""
    said = con.execute("SELECT json_serialize_sql(?)", [f"SELECT ({expression})"]).fetchall()
    tree = json.loads(said[0][0])
    if tree["error"]:
        raise ValueError(tree["error_message"].splitlines()[0])
    return tree["statements"][0]["node"]


def _beyond_a_row(con: Any, tree: Any) -> Iterator[str]:
    """What in a tree looks beyond the purchase's own row: a value of `_BEYOND`, or its name."""
    if isinstance(tree, list):
        for part in tree:
            yield from _beyond_a_row(con, part)
    if not isinstance(tree, dict):
        return
    kind = tree.get("class")
    if kind in _BEYOND:
        yield _BEYOND[kind]
    if kind == "COLUMN_REF" and is_clock(tree["column_names"][-1]):
        yield tree["column_names"][-1]
    if kind == "FUNCTION":
        name = tree["function_name"].lower()
        yield from changing(con, tree)
        known = con.execute(
            "SELECT DISTINCT function_type, macro_definition FROM duckdb_functions() "
            "WHERE lower(function_name) = ?", [name],
        ).fetchall()  # fmt: skip
        for which, definition in known:
            if which == "aggregate":
                yield f"{name}()"
            elif which == "macro":
                yield from _beyond_a_row(con, _parsed(con, definition)["select_list"])
    for part in tree.values():
        yield from _beyond_a_row(con, part)


# --- attributes ----------------------------------------------------------------------------------

_SPACED = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2007'’](?=\d{3}(?!\d))")
_GROUPED = (
    (re.compile(r"\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}"), "."),
    (re.compile(r"\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}"), ","),
)
_PLAIN = re.compile(r"([-+−–]?)\s*(\d+(?:[.,]\d+)?)\s*%?")


def number_of(text: str) -> float | None:
    """The number a text says, else null: ``12,5``, ``1 200``, ``1.200,50``, ``15%`` (15).

    A single comma or point is the decimal mark.
    """
    text = _SPACED.sub("", text.strip())
    for grouped, mark in _GROUPED:
        if grouped.fullmatch(text.strip("-+−–% ")):
            text = text.replace(mark, "")
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    size = float(found[2].replace(",", "."))
    if not np.isfinite(size):
        return None
    return -size if found[1] in ("-", "−", "–") else size


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def positions(texts: Sequence[str | None], levels: Sequence[str]) -> Floats:
    """The place of each text among the levels, whatever its case; without levels its number.

    NaN where it fits none.
    """
    exact = {level: float(place) for place, level in enumerate(levels)}
    folded = {_folded(level): place for level, place in reversed(exact.items())}

    def place_of(text: str | None) -> float | None:
        if text is None:
            return None
        return exact.get(text, folded.get(_folded(text))) if levels else number_of(text)

    return np.array([place_of(text) for text in texts], np.float64)


def doubts_of_attributes(
    attributes: Sequence[Attribute], path: Path | str, label: str = ""
) -> list[Fact]:
    """Doubts of declared attributes some of whose values fit no level, or are no number.

    Args:
        attributes: as declared.
        path: the canonical ``attributes.parquet``.
        label: the file as its owner knows it.

    Raises:
        UsageError: not one value of an attribute fits.
    """
    import duckdb

    doubts = []
    with duckdb.connect(config={"threads": 1}) as con:
        for attribute in attributes:
            counted = con.execute(
                "SELECT value, count(*) FROM read_parquet(?) WHERE name = ? AND value IS NOT NULL "
                "GROUP BY value ORDER BY count(*) DESC, value", [str(path), attribute.name],
            ).fetchall()  # fmt: skip
            lost = np.isnan(positions([value for value, _ in counted], attribute.levels))
            some = [one for one, is_lost in zip(counted, lost, strict=True) if is_lost]
            if not some:
                continue
            lines, out = sum(n for _, n in counted), sum(n for _, n in some)
            # What holds a space or an @ may be somebody's name or address.
            shown = ", ".join(
                "(text)" if re.search("[@ ]", value.strip()) else value[:40]
                for value, _ in some[:5]
            )
            levels = ", ".join(attribute.levels)
            if out == lines:
                code = "snapshots.fits_no_level" if levels else "snapshots.fits_no_number"
                raise UsageError(
                    code, file=label or Path(path).name, name=attribute.name, levels=levels,
                    found=shown,
                )  # fmt: skip
            counts = {"values": out, "of": lines, "attribute": attribute.name, "found": shown}
            if levels:
                doubts.append(fact("intake.values_of_no_level", levels=levels, **counts))
            else:
                doubts.append(fact("intake.values_no_numbers", **counts))
    return doubts


@cache
def _database() -> Any:
    """What expressions run in: opening one takes longer than most batches do."""
    return open_sealed()


_NOTHING = np.zeros(0, np.int64)
_NO_EVENTS = Events(
    _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING
)
