"""One word for one thing, in every sentence that winback says."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import winback.said
from canonical import line, write_orders
from winback.churn import ChurnStudy, study_churn
from winback.said.churned import recommendation
from winback.said.terms import TERMS
from winback.said.words import Words
from winback.scoring.segments import rfm_scores
from winback.shop.history import describe_shop


def sentences() -> Iterator[tuple[str, str, str]]:
    """Where each text stands, in English and in Polish."""
    for found in pkgutil.walk_packages(winback.said.__path__, "winback.said."):
        for name, held in vars(importlib.import_module(found.name)).items():
            yield from within(held, f"{found.name}: {name}")


def within(held: object, place: str) -> Iterator[tuple[str, str, str]]:
    """The same of one mapping, and of those within it."""
    if not isinstance(held, dict):
        return
    english, polish = held.get("en"), held.get("pl")
    if isinstance(english, str) and isinstance(polish, str):
        yield place, english, polish
    for key, inner in held.items():
        yield from within(inner, f"{place}.{key}")


def test_odds_are_never_called_a_chance_and_chances_never_odds() -> None:
    told = 0
    for place, english, polish in sentences():
        odds = "odds" in english.lower()
        told += odds
        # In Polish they are the ratio of those who return to those who do not.
        assert odds or "powracających do niewracających" not in polish, place
        if odds:
            assert not {"chance", "chances", "likely"} & set(english.lower().split()), place
            assert "szans" not in polish.lower() and "prawdopodob" not in polish.lower(), place
        # Chances are told in percent, odds in times.
        assert "×" not in english or "chance" not in english.lower(), place
    assert told >= 4


def test_the_section_with_the_pictures_of_odds_speaks_of_no_chance() -> None:
    from winback.said.texts import TEXTS

    named = ("drivers", "importance", "dependence")
    for key, text in TEXTS.items():
        if key.startswith(named):
            assert "chance" not in text["en"].lower() and "szans" not in text["pl"].lower(), key


# Where customers are called lost: in the rule of churn, what it counts, and what points at it.
LOST = {
    "TEXTS.holds", "TEXTS.overdue", "TEXTS.lost_now", "TEXTS.bands_note", "TEXTS.churn_farther",
    "TEXTS.churn_nearer", "TEXTS.churn_holds", "TEXTS.churn_overdue",
    "_TOPICS.answered.churn_holds", "_TOPICS.answered.churn_overdue",
    "TERMS.list_column.churn_risk",
}  # fmt: skip


def test_one_number_of_customers_is_called_lost() -> None:
    # Zeros, ids, lines and money are lost as well; those sentences are not of customers.
    other = r"lost (the )?(zeros|money|on the way)|ids|lines|(is|be) lost[;,:]|of it is lost"
    other += r"|\{lost:money"
    for place, english, polish in sentences():
        says = re.search(r"(?<!{)\blost\b", english, re.IGNORECASE)
        of_people = says and re.search("customer|who is|silent|return", english, re.IGNORECASE)
        if of_people and re.search(other, english, re.IGNORECASE):
            of_people = None
        if of_people or ("utracon" in polish.lower() and "zera" not in polish):
            assert place.rpartition(": ")[2] in LOST, (place, english)
    for language, word in (("en", "Lost"), ("pl", "Utrac")):
        named = [TERMS[g][c][language] for g in ("segment", "band") for c in TERMS[g]]
        assert not any(word in name for name in named)


def test_only_the_segment_of_that_name_is_called_at_risk() -> None:
    # High risk is a band; money, and what a message may hint at, are no customers.
    for place, english, polish in sentences():
        if place.rpartition(": ")[2] in ("TERMS.segment.at_risk", "TERMS.meaning.at_risk"):
            continue
        assert not re.search(r"\bat risk\b", english, re.IGNORECASE), place
        assert "zagrożon" not in polish.lower() and "zagrożen" not in polish.lower(), place


def study(tmp_path: Path, days: dict[str, list[int]], until: int) -> ChurnStudy:
    start = datetime(2022, 1, 1)
    lines = [
        line(name, start + timedelta(days=day), 1000, order_id=f"{name}-{day}")
        for name, own in days.items()
        for day in own
    ]
    path = write_orders(tmp_path / "orders.parquet", lines)
    return study_churn(path, cutoff=(start + timedelta(days=until)).date())


def test_lost_is_who_is_silent_for_the_recommended_days_where_they_hold(tmp_path: Path) -> None:
    days = {f"a{n:03d}": [0, 20] for n in range(90)} | {f"b{n:03d}": [0] for n in range(40)}
    days |= {"new": [470], "edge": [500 - 30]}
    found = study(tmp_path, days, 500).summary()
    assert (found.horizon_days, found.finding) == (30, "holds")
    assert found.lost == 132
    for language, said in (("en", "132 customers (100%) are lost today"),
                           ("pl", "utraceni są dziś: 132 klientów (100%)")):  # fmt: skip
        told = recommendation(found, Words(language)).replace("\N{NO-BREAK SPACE}", " ")
        assert said in told
    # Where most come back all the same nobody is lost.
    days = {f"a{n:02d}": [*range(0, 400, 20)] for n in range(70)}
    days |= {f"b{n:02d}": [*range(0, 200, 20), *range(225, 400, 20)] for n in range(30)}
    overdue = study(tmp_path, days, 400).summary()
    assert (overdue.finding, overdue.lost) == ("overdue", None)


def test_shares_of_revenue_are_those_that_plain_sql_gives(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    lines = [
        line(f"c{int(draw.integers(60)):02d}",
             datetime(2023, 1, 1, 9) + timedelta(days=int(draw.integers(300))),
             int(draw.integers(500, 9000)), order_id=f"o{n // 2:03d}x{n % 2}")
        for n in range(240)
    ]  # fmt: skip
    lines += [line("c01", "2023-05-01", -400, order_id="r", kind="refund")]
    path = write_orders(tmp_path / "orders.parquet", lines)
    shop = describe_shop(path, date(2023, 9, 1))
    sql = f"""
        WITH seen AS (SELECT customer_id c, order_id o, min(ordered_at) t, sum(amount) v
            FROM '{path}' WHERE kind = 'order' AND ordered_at < '2023-09-01' GROUP BY ALL),
        earlier AS (SELECT v, EXISTS (SELECT 1 FROM seen b WHERE b.c = a.c
                AND (b.t, b.o) < (a.t, a.o)) AS has_earlier,
            (SELECT count(*) FROM seen b WHERE b.c = a.c) AS bought FROM seen a)
        SELECT sum(v) FILTER (has_earlier) / sum(v), sum(v) FILTER (bought > 1) / sum(v),
            count(*) FILTER (has_earlier) / count(*)::DOUBLE FROM earlier"""
    returning, repeaters, orders = duckdb.sql(sql).fetchall()[0]
    assert shop.returning_revenue_share == pytest.approx(returning, abs=1e-4)
    assert shop.repeat_revenue_share == pytest.approx(repeaters, abs=1e-4)
    assert shop.returning_orders_share == pytest.approx(orders, abs=1e-4)
    assert shop.returning_revenue_share < shop.repeat_revenue_share < 1


def test_the_words_are_in_the_definitions_and_the_steps_of_f_are_those_of_the_code() -> None:
    from winback import definitions
    from winback.said.vocabulary import VOCABULARY

    page = definitions.render()
    assert all(f"| **{term.en}** | {term.pl} | {term.meaning} |" in page for term in VOCABULARY)
    orders = pd.DataFrame({"orders_total": [1, 2, 3, 4, 5, 9, 10, 99]})
    rows = orders.assign(days_since_last_order=1.0, spend_total=1.0)
    assert rfm_scores(rows)["f_score"].tolist() == [1, 2, 3, 3, 4, 4, 5, 5]
    told = [
        TERMS["list_column"]["rfm_score"]["en"],
        *(t.meaning for t in VOCABULARY if t.en[0] == "R"),
    ]
    assert all("1, 2, 3\u20134, 5\u20139, 10" in text for text in told)


def test_no_two_codes_of_a_kind_are_called_alike() -> None:
    for group in ("segment", "band", "decision", "story"):
        for language in ("en", "pl"):
            names = [text[language] for text in TERMS[group].values()]
            assert len(set(names)) == len(names), group
