"""Pieces that the sections of the page are put together from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import pandas as pd
from markupsafe import Markup

from winback.report.material import Material
from winback.report.pictures.canvas import Picture, figure_svg
from winback.results.planned import OfferTrial, Planned
from winback.said.folds import TEXTS
from winback.said.words import Figure, Language, Words

MOST_ROWS = 20
"""Rows of a table that grows with the shop's catalogue or its files, at most."""

Row = TypeVar("Row")

_EMAIL = re.compile(r"([^@\s])[^@\s]*@([^@\s.])[^@\s]*(\.[^@\s.]+)")


@dataclass(frozen=True)
class Table:
    """A table as the template draws it; the first column heads its rows."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    texts: frozenset[int] = frozenset({0})
    total: Sequence[Any] | None = None
    note: str = ""


@dataclass(frozen=True)
class Drawn:
    """A picture with its finding, in two widths of which a reader sees one."""

    title: str
    shows: str
    foot: str
    wide: Markup
    narrow: Markup


@dataclass
class Section:
    """A part of the page: an anchor, a title and what stands under it, in order."""

    key: str
    title: str
    parts: list[tuple[str, Any]] = field(default_factory=list)

    def add(self, kind: str, part: Any) -> None:
        """Append a part unless there is nothing in it."""
        if part:
            self.parts.append((kind, part))


@dataclass(frozen=True)
class Fold:
    """A heading of the page with what opens under it.

    Attributes:
        told: what is inside, in a line with its main figure.
        sections: those with nothing in them are left out; without any the heading stays shut.
    """

    key: str
    title: str
    told: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Note:
    """A short answer of the first screen, what stands under it and where there is more.

    Attributes:
        lines: sentences; each may be HTML.
        more: where a link leads, and its words; None without one.
    """

    title: str
    lines: Sequence[str]
    more: tuple[str, str] | None = None


@dataclass(frozen=True)
class Taken:
    """A file to take: its place from the page, and how many are in it.

    Attributes:
        files: place and name of each; several where one is split.
        told: for whom, and how many people.
        control: place and words of those to be left alone; None where they have no file.
    """

    files: Sequence[tuple[str, str]]
    told: str
    control: tuple[str, str] | None = None


@dataclass(frozen=True)
class Opening:
    """The first screen under its sentence."""

    doubts: Note | None
    reasons: Note | None
    files: Note
    taken: Sequence[Taken]
    changes: Note | None


def meant(key: str, value: float | date | str | None, text: str) -> Markup:
    """A figure as a reader sees it, marked up with what it says and its value.

    ``meant("target.n_listed", 5358, "5,358")``. The key is the result's name and the path in its
    JSON, the value the one that stands there; equal keys are held to equal values. A sentence
    that is filled with a `Figure` marks it up by itself.
    """
    return Figure(key, value).marked(text)


def cut(rows: Sequence[Row], w: Words, most: int = MOST_ROWS) -> tuple[Sequence[Row], str]:
    """The first rows, and how many of all these are; nothing is said where all are shown."""
    if len(rows) <= most:
        return rows, ""
    return rows[:most], w.fill(TEXTS["cut"], {"shown": most, "of": len(rows)})


def drawn(name: str, draw: Callable[[bool], Picture | None], foot: str) -> Drawn | None:
    """A picture at both widths; None where either has nothing to show."""
    wide, narrow = draw(False), draw(True)
    if wide is None or narrow is None:
        return None
    return Drawn(
        wide.finding,
        wide.shows,
        foot,
        figure_svg(wide, f"{name}-wide"),
        figure_svg(narrow, f"{name}-narrow"),
    )


def on_result(
    draw: Callable[..., Picture | None], result: object, language: Language
) -> Callable[[bool], Picture | None]:
    """A picture of one result, left to be drawn at either width."""
    return lambda narrow: draw(result, language=language, narrow=narrow)


@dataclass(frozen=True)
class Group:
    """Customers of one segment or one risk, what they spent and what is expected of them."""

    name: str
    customers: int
    spend_total: float
    order_value_mean: float
    expected_net_spend: float | None
    p_return: float | None
    high: int
    high_spend: float


def grouped(scores: pd.DataFrame, column: str) -> list[Group]:
    """Customers, worth and mean chance by the values of a column, in a fixed order."""
    rows = []
    for value, group in scores.groupby(column, sort=True):
        at_risk = (group["risk_band"] == "high").fillna(False).astype(bool)
        rows.append(
            Group(
                name=str(value),
                customers=len(group),
                spend_total=float(group["spend_total"].sum()),
                order_value_mean=float(group["order_value_mean"].sum()),
                expected_net_spend=_total(group, "expected_net_spend"),
                p_return=float_of(group["p_return"].astype("float64").mean()),
                high=int(at_risk.sum()),
                high_spend=float(group.loc[at_risk, "spend_total"].sum()),
            )
        )
    return rows


def _total(group: pd.DataFrame, column: str) -> float | None:
    known = group[column].dropna()
    return float(known.astype("float64").sum()) if len(known) else None


def listed(texts: Iterable[str]) -> str:
    """Texts with commas between them."""
    return ", ".join(texts)


def offer_names(list_rows: pd.DataFrame | None) -> dict[str, str]:
    """What the list calls its offers, by code."""
    if list_rows is None or not {"offer", "offer_label"} <= set(list_rows.columns):
        return {}
    pairs = list_rows[["offer", "offer_label"]].dropna().drop_duplicates("offer")
    return {str(offer): str(label) for offer, label in pairs.itertuples(index=False)}


def tested_offers(target: Planned) -> Mapping[str, OfferTrial]:
    """The test's figures by offer of unknown effect."""
    return target.test.offers if target.test else {}


def lost_of(target: Planned) -> float:
    """What the tested offers cost if they change nothing."""
    return sum(offer.cost for offer in tested_offers(target).values())


def float_of(value: Any) -> float | None:
    """A number, or None where none stands."""
    return float(value) if text_of(value) else None


def text_of(value: Any) -> str:
    """Text, empty where nothing stands."""
    return "" if value is None or pd.isna(value) else str(value)


def masked(value: Any) -> str:
    """Text in which an e-mail address is no longer one."""
    return _EMAIL.sub(r"\1***@\2***\3", text_of(value))


def of_first_days(m: Material) -> list[str]:
    """That the sums of the test are of a part of the horizon, where they are."""
    tested = m.evaluation.horizon_days if m.evaluation else m.horizon_days
    if tested >= m.horizon_days:
        return []
    numbers = {"tested": m.w.number(tested), "horizon": m.w.number(m.horizon_days)}
    return [m.w("value_part", **numbers)]
