"""What to put in the message: next products of the listed, and how right they would have been."""

from __future__ import annotations

import re

import pandas as pd
from markupsafe import Markup

from winback.report.material import Material
from winback.report.parts import Section, Table, masked, text_of
from winback.results.listed import Leads
from winback.results.recommended import JudgedList, Tried
from winback.said.message import TEXTS
from winback.said.words import Words

_MOST_ROWS = 6
_COLUMNS = [
    "customer_id", "offer", "offer_label", "next_product_reason",
    "next_product_1", "next_product_2", "next_product_3",
]  # fmt: skip
# What differs between two customers of one story.
_OWN = re.compile(r"\d+|„[^”]*”| in [^;,]*")


def message_section(m: Material) -> Section:
    """Nothing where no product is known to be next for anybody."""
    w, manifest = m.w, m.manifest
    section = Section("message", _said("section", w))
    leads = None if manifest is None else manifest.leads
    rows = m.list_rows
    if leads is None or rows is None or "next_product_1" not in rows or not len(rows):
        return section
    section.add("text", [_covered(leads, w), *_by_kind(leads, w)])
    section.add("table", _examples(rows, w))
    section.add("text", [_said("how", w)])
    tried = None if m.recommended is None else m.recommended.tried
    section.add("text", _recall(tried, w))
    return section


def _said(name: str, w: Words, **values: object) -> str:
    return w.fill(TEXTS[name], values)


def _covered(leads: Leads, w: Words) -> str:
    filled = leads.cart + leads.again + leads.new
    if not leads.nothing:
        return _said("covered_all", w, n=filled)
    return _said("covered", w, n=filled, of=filled + leads.nothing)


def _by_kind(leads: Leads, w: Words) -> list[str]:
    kinds = {"cart": leads.cart, "again": leads.again, "new": leads.new}
    told = [_said(f"kind_{name}", w, n=n) for name, n in kinds.items() if n]
    return [_said("by_kind", w, kinds="; ".join(told))] if told else []


def _examples(rows: pd.DataFrame, w: Words) -> Table:
    """One customer for each offer and story, in the order of the list."""
    shown: list[list[str]] = []
    stories = set()
    for row in rows.reindex(columns=_COLUMNS).itertuples(index=False, name=None):
        customer, offer, label, why, *products = map(text_of, row)
        story = (offer, _OWN.sub("", why))
        if not why or story in stories or len(shown) == _MOST_ROWS:
            continue
        stories.add(story)
        named = ", ".join(name for name in products if name) or _said("none", w)
        shown.append([masked(customer), label or w.term("arm", offer), named, why])
    return Table(
        _said("examples", w),
        [_said(f"column_{name}", w) for name in ("customer", "offer", "products", "why")],
        shown,
        texts=frozenset({0, 1, 2, 3}),
        note=_said("examples_note", w),
    )


def _recall(tried: Tried | None, w: Words) -> list[str | Markup]:
    if tried is None or not tried.lists:
        return [_said("not_tried", w)]
    used = tried.lists[0]
    told = [_said("recall", w, recall=used.recall.mean, low=used.recall.low,
                  high=used.recall.high, day=tried.cutoff, cases=tried.cases)]  # fmt: skip
    told += _apart(used, w)
    popular = next((each for each in tried.lists if each.method == "popularity"), None)
    if popular is not None and used.method != "popularity":
        told.append(_said("beside_popularity", w, recall=popular.recall.mean))
    told.append(_said("on_lists", w, share=used.coverage))
    if not tried.enough:
        told.append(_said("few_cases", w))
    return [" ".join(told)]


def _apart(used: JudgedList, w: Words) -> list[str]:
    if used.recall_again is None or used.recall_new is None:
        return []
    return [_said("apart", w, again=used.recall_again.mean, new=used.recall_new.mean)]
