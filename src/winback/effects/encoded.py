"""Columns of people as numbers that a penalty can compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from winback.arrays import Floats

_MOST_LEVELS = 30
_LEAST_OF_A_LEVEL = 30
# Beyond this skewness a column that is never negative is read by its logarithm.
_SKEWED = 1.5


@dataclass(frozen=True)
class Column:
    """How one number of a person is made: of which column, which way, and its middle and spread.

    Attributes:
        source: the column of the table.
        way: ``number``, ``log`` (of one more), ``level`` (1 where the text is ``level``) or
            ``missing`` (1 where nothing stands).
        level: of ``level``.
        low, high: what the number is held to, before it is standardised.
        fill: in place of a number that is missing.
    """

    source: str
    way: str
    level: str
    low: float
    high: float
    fill: float
    mean: float
    scale: float

    @property
    def name(self) -> str:
        """What the number is called."""
        match self.way:
            case "level":
                return f"{self.source} = {self.level}"
            case "missing":
                return f"{self.source} missing"
            case _:
                return self.source

    def raw(self, values: pd.Series) -> Floats:
        """The number of each person, before it is standardised."""
        if self.way == "level":
            return np.asarray(values.astype("string").fillna("") == self.level, np.float64)
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
        if self.way == "missing":
            return np.asarray(np.isnan(numbers), np.float64)
        numbers = np.where(np.isfinite(numbers), numbers, self.fill)
        shown = np.log1p(np.maximum(numbers, 0.0)) if self.way == "log" else numbers
        return np.asarray(np.clip(shown, self.low, self.high))

    def made(self, values: pd.Series) -> Floats:
        """The number of each person, standardised."""
        return np.asarray((self.raw(values) - self.mean) / self.scale)


def columns_of(table: pd.DataFrame, names: list[str]) -> tuple[Column, ...]:
    """How each column becomes numbers: of text its common levels, of numbers their middle range.

    Args:
        table: people to learn from.
        names: the columns that were known before the treatment.
    """
    found: list[Column] = []
    for name in names:
        values = table[name]
        numbers = pd.to_numeric(values, errors="coerce")
        if values.dtype == bool:
            numbers = values.astype(float)
        told = values.notna()
        if numbers.notna().sum() < told.sum() or not told.any():
            found += _levels(name, values)
            continue
        distinct = np.unique(numbers.dropna().to_numpy(np.float64))
        if numbers.isna().sum() >= _LEAST_OF_A_LEVEL:
            found.append(_standard(Column(name, "missing", "", 0, 1, 0, 0, 1), values))
        if len(distinct) < 2:
            continue
        held = numbers.dropna().to_numpy(np.float64)
        skewed = held.min() >= 0 and _skew(held) > _SKEWED
        shown = np.log1p(held) if skewed else held
        low, high = np.quantile(shown, [0.005, 0.995])
        if low == high:
            low, high = shown.min(), shown.max()
        column = Column(
            name, "log" if skewed else "number", "", float(low), float(high),
            float(np.median(held)), 0.0, 1.0,
        )  # fmt: skip
        found.append(_standard(column, values))
    return tuple(column for column in found if column.scale > 0)


def encoded(table: pd.DataFrame, columns: tuple[Column, ...]) -> Floats:
    """One row a person, one standardised number a column."""
    if not columns:
        return np.zeros((len(table), 0))
    return np.column_stack([column.made(table[column.source]) for column in columns])


def _levels(name: str, values: pd.Series) -> list[Column]:
    counts = values.astype("string").fillna("").value_counts()
    # Of two levels one says all; ties by name, so that the order of rows says nothing.
    ordered = sorted(counts.items(), key=lambda each: (-each[1], str(each[0])))
    kept = [str(level) for level, n in ordered if n >= _LEAST_OF_A_LEVEL][:_MOST_LEVELS]
    if len(counts) == 2 and len(kept) == 2:
        kept = kept[1:]
    elif len(counts) <= 1:
        kept = []
    return [
        _standard(Column(name, "level", level, 0, 1, 0, 0, 1), values) for level in sorted(kept)
    ]


def _standard(column: Column, values: pd.Series) -> Column:
    raw = column.raw(values)
    mean, scale = float(raw.mean()), float(raw.std())
    return Column(
        column.source, column.way, column.level, column.low, column.high, column.fill, mean,
        scale if scale > 1e-9 else 0.0,
    )  # fmt: skip


def _skew(values: Floats) -> float:
    centred = values - values.mean()
    spread = centred.std()
    return float((centred**3).mean() / spread**3) if spread > 0 else 0.0
