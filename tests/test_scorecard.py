"""The shop's scorecard: each figure worked out by hand, and all of them by another hand."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t

from canonical import order_lines
from pasts import past_of
from winback.report.material import Material
from winback.report.page import render_report
from winback.results.described import Described
from winback.said.telling import tell
from winback.said.words import Words
from winback.shop.history import describe_past, describe_shop
from winback.shop.scorecard import keep_score

CUTOFF = date(2024, 7, 10)
# Two closed years, July 2022 to June 2024, and some days of July 2024.
SHOP = (
    ("ada", "a0", "2022-07-02", 10.0),
    ("ada", "a1", "2023-06-30", 20.0),
    ("ada", "a2", "2023-07-01", 30.0),
    ("ada", "a3", "2024-06-30", 50.0),
    ("ada", "a4", "2024-07-01", 99.0),  # after the last closed month
    ("bob", "b1", "2023-08-01", 40.0),
    ("bob", "b2", "2023-08-01", 60.0),  # two orders on one day are no return
    ("bob", "b3", "2023-10-30", 20.0),  # 90 days after the first
    ("cyd", "c1", "2023-09-01", 100.0),
    ("cyd", "c1", "2023-09-10", -100.0, "refund"),  # a purchase stays one
    ("dan", "d1", "2024-05-01", 10.0),  # 60 days before the end: too late to say
)


@pytest.fixture(scope="module")
def score():
    with past_of(order_lines(*SHOP), CUTOFF) as past:
        yield keep_score(past)


def test_the_span_is_the_last_twelve_closed_months_beside_the_twelve_before(score):
    assert (score.start, score.end, score.days) == (date(2023, 7, 1), date(2024, 7, 1), 366)
    assert score.whole_year
    assert score.figures.frequency.before.value == 2.0  # both purchases are Ada's


def test_figures_are_those_worked_out_by_hand(score):
    now = {name: figure.now.value for name, figure in score.figures}
    # Ada 2, Bob 3, Cyd 1, Dan 1; 30 + 50 + 40 + 60 + 20 + 100 + 10 = 310.
    assert now == {
        "frequency": 1.75,
        "order_value_mean": pytest.approx(310 / 7, abs=1e-4),
        "order_value_median": 40.0,
        "repeat_share": 0.5,  # Ada and Bob
        "second_share": 0.5,  # of Bob and Cyd; Dan's 90 days are not over
        "returning_revenue_share": pytest.approx(160 / 310, abs=1e-4),
        "refunded_share": pytest.approx(100 / 310, abs=1e-4),
    }
    change = score.figures.frequency.change
    assert change.value == pytest.approx(1.75 / 2 - 1)
    assert score.figures.frequency.now.thin
    assert score.figures.frequency.years == 1


def test_a_refund_is_counted_with_its_purchase_and_the_newest_are_young(score):
    months = {row.start: row for row in score.trend.rows}
    assert months[date(2023, 9, 1)].refunded == 100.0
    assert (score.refund_days, score.refunds_linked) == (9, 1.0)
    assert [row.start for row in score.trend.rows if row.young] == [date(2024, 7, 1)]


def test_no_month_is_left_out_and_what_is_not_over_says_so(score):
    rows = score.trend.rows
    assert [row.start for row in rows] == [
        date(2022 + (6 + n) // 12, (6 + n) % 12 + 1, 1) for n in range(25)
    ]
    assert rows[0].state == "complete"  # the first purchase is of the 2nd
    assert (rows[-1].state, rows[-1].days, rows[-1].purchases) == ("so_far", 9, 1)
    assert rows[13].purchases == 2 and rows[13].customers == 1 and rows[13].newcomers == 1


def test_a_cohort_is_shown_once_its_window_has_closed(score):
    rows = {row.start: row for row in score.seconds.rows}
    assert score.seconds.unit == "month"
    bob = rows[date(2023, 8, 1)]
    assert (bob.customers, bob.thin) == (1, True)
    assert [part.share for part in bob.within] == [0.0, 0.0, 1.0]
    # One of one, by Wilson: from 1 / (1 + 1.96 * 1.96) to 1.
    assert (bob.within[2].low, bob.within[2].high) == (0.2065, 1.0)
    # Thirty days after the last of May are over on 10 July, sixty are not.
    assert [part.share for part in rows[date(2024, 5, 1)].within] == [0.0, None, None]


def test_newcomers_near_the_begin_of_the_history_are_marked(score):
    # Gaps: 363, 1, 365, 1 of Ada, 90 of Bob; nine of ten within 365 days.
    assert score.rhythm_days == 365
    assert "early" in score.figures.second_share.before.marks
    assert score.figures.second_share.now.marks == ("early",)  # until 2 July 2023
    assert score.figures.frequency.now.marks == ()


def test_a_young_shop_has_all_its_days_by_week_and_nothing_to_hold_against():
    first = date(2024, 3, 4)
    lines = [
        (f"c{n % 17}", f"o{n}", f"{first + timedelta(days=n)}", 10.0 + n % 5) for n in range(100)
    ]
    with past_of(order_lines(*lines), first + timedelta(days=100)) as past:
        score = keep_score(past)
    assert (score.start, score.days, score.whole_year) == (first, 100, False)
    assert score.figures.order_value_mean.now.value == 12.0
    assert score.figures.order_value_mean.before is None
    assert score.trend.unit == "week"
    assert [row.purchases for row in score.trend.rows] == [7] * 14 + [2]
    assert {row.state for row in score.trend.rows[:-1]} == {"complete"}
    assert all(row.revenue_usual is None for row in score.trend.rows)


def test_a_shop_without_a_purchase_has_no_score():
    lines = order_lines(("ada", "a", "2024-01-05", 10.0, "refund"))
    with past_of(lines, CUTOFF) as past:
        assert keep_score(past) is None


def steady(days: int, *, last_month: float = 1.0, gap: tuple[int, int] = (0, 0)) -> list:
    """Eight purchases a day, some of few customers; the last thirty days may have more or fewer."""
    first = date(2021, 7, 1)
    rows = []
    for day in range(days):
        if gap[0] <= day < gap[1]:
            continue
        n = round(8 * last_month) if day >= days - 30 else 8 + (day * 7 % 5) - 2
        rows += [
            (f"c{(day * 13 + k) % 90}", f"{day}-{k}", f"{first + timedelta(days=day)}", 20.0)
            for k in range(n)
        ]
    return rows


@pytest.mark.parametrize(("times", "verdict"), [(1.0, "usual"), (0.5, "below"), (2.0, "above")])
def test_a_month_is_told_from_what_is_usual_only_where_it_is_not(times, verdict):
    days = (date(2024, 7, 1) - date(2021, 7, 1)).days
    with past_of(order_lines(*steady(days, last_month=times)), date(2024, 7, 1)) as past:
        trend = keep_score(past).trend
    newest = trend.rows[-1]
    assert newest.start == date(2024, 6, 1)
    assert newest.revenue_usual.verdict == newest.purchases_usual.verdict == verdict
    assert newest.order_value_usual.verdict == "usual"
    assert newest.revenue_usual.low < newest.revenue_usual.expected < newest.revenue_usual.high
    # An earlier year and twelve weeks are needed, and no month before them has a verdict.
    assert all(row.revenue_usual is None for row in trend.rows[:14])
    assert all(row.revenue_usual.verdict == "usual" for row in trend.rows[-12:-1])


def test_a_broken_off_export_is_a_break_and_no_bad_month():
    days = (date(2024, 7, 1) - date(2021, 7, 1)).days
    with past_of(order_lines(*steady(days, gap=(950, 985))), date(2024, 7, 1)) as past:
        score = keep_score(past)
    broken = [row for row in score.trend.rows if row.state == "gap"]
    assert [row.start for row in broken] == [date(2024, 2, 1), date(2024, 3, 1)]
    assert all(row.revenue_usual is None for row in broken)
    assert score.figures.frequency.now.marks == ("gap",)


MARKS = (
    ("ada", "2024-01-05", "nps", 10.0), ("bob", "2024-01-05", "nps", 9.0),
    ("cyd", "2024-02-05", "nps", 0.0), ("dan", "2024-02-05", "nps", 7.0),
    ("ada", "2024-07-09", "nps", 0.0),  # after the last closed month
    ("ada", "2024-02-01", "ocena_sklepu", 4.0), ("bob", "2024-02-01", "ocena_sklepu", 5.0),
    ("ada", "2024-02-01", "bewertung", 1.0), ("bob", "2024-02-02", "bewertung", 3.0),
    ("ada", "2024-02-01", "umfrage", 8.0), ("bob", "2024-02-02", "umfrage", 3.0),
    ("ada", "2024-02-01", "would_recommend", 5.0), ("bob", "2024-02-02", "would_recommend", 1.0),
    ("ada", "2024-02-01", "rating", 4.0), ("bob", "2024-02-02", "rating", 140.0),
    ("ada", "2024-02-01", "review_count", 4.0), ("ada", "2024-02-01", "points_earned", 5.0),
)  # fmt: skip


def test_marks_are_found_by_name_and_their_scale_by_values():
    with past_of(order_lines(*SHOP), CUTOFF, MARKS) as past:
        score = keep_score(past)
    heard = {voice.name: voice for voice in score.voices}
    assert set(heard) == {"nps", "ocena_sklepu", "bewertung", "umfrage", "would_recommend"}
    nps = heard["nps"]
    assert (nps.read_as, nps.bottom, nps.top, nps.answers) == ("recommendation", 0, 10, 4)
    assert nps.net_promoters.now.value == 0.25  # two promoters and one detractor of four
    assert (nps.mean, nps.good_share) == (None, None)
    stars = heard["ocena_sklepu"]
    assert (stars.read_as, stars.bottom, stars.top) == ("satisfaction", 1, 5)
    assert (stars.mean.now.value, stars.good_share.now.value) == (4.5, 1.0)
    assert stars.net_promoters is None
    assert heard["bewertung"].good_share.now.value == 0.0
    # Asked what it does not say: both readings, and a doubt.
    survey = heard["umfrage"]
    assert survey.read_as == "either"
    assert (survey.mean.now.value, survey.net_promoters.now.value) == (5.5, -0.5)
    # A recommendation of 1 to 5 is no NPS.
    assert heard["would_recommend"].net_promoters is None
    assert heard["would_recommend"].mean.now.value == 3.0
    assert {doubt.code: doubt.values["name"] for doubt in score.doubts} == {
        "kept.either": "umfrage", "kept.no_ten": "would_recommend", "kept.no_scale": "rating",
    }  # fmt: skip
    for language in ("en", "pl"):
        for doubt in score.doubts:
            assert doubt.values["name"] in tell(doubt, Words(language))


def test_the_stage_describes_the_shop_as_the_public_function_does(tmp_path):
    lines = order_lines(*SHOP)
    with past_of(lines, CUTOFF) as past:
        assert describe_past(past) == describe_shop(
            lines.append_column("product_id", [[None] * len(SHOP)]), CUTOFF
        )


def test_the_page_says_what_stands_in_the_result_and_how_much_it_leaves_out():
    days = (date(2024, 6, 12) - date(2021, 7, 1)).days
    with past_of(order_lines(*steady(days)), date(2024, 6, 12)) as past:
        described = Described(shop=describe_past(past), scorecard=keep_score(past))
    page = render_report(Material(described=described, language="pl"))
    content = json.loads(described.to_json())
    said = re.findall(r'data-means="shop\.(scorecard[^"]+)" value="([^"]*)"', page)
    assert len(said) > 30
    for key, value in said:
        found = content
        for part in key.split("."):
            found = found[int(part)] if isinstance(found, list) else found[part]
        assert str(found) == value, key
    assert "pokazano 13 z 36" in page
    assert "url(#" in page  # the month that is not over is hatched
    assert "brak danych, bo nie ma ocen od klientów" in page
    # What is told once stands nowhere a second time with another definition.
    assert page.count("Drugi zakup w ciągu 90") == 1


# All figures by another hand: pandas, one customer after the other.


def random_shop(seed: int) -> list:
    """Two and a half years of a few customers: same days, several lines an order, refunds."""
    draw = np.random.default_rng(seed)
    rows = []
    for order in range(int(draw.integers(3, 70))):
        who = f"c{draw.integers(0, 9)}"
        day = date(2022, 1, 1) + timedelta(days=int(draw.integers(0, 910)))
        for _ in range(int(draw.integers(1, 3))):
            rows.append((who, f"o{order}", f"{day}", float(draw.integers(100, 9000)) / 100))
        if draw.random() < 0.3:
            back = day + timedelta(days=int(draw.integers(0, 40)))
            name = f"o{order}" if draw.random() < 0.8 else f"r{order}"
            rows.append((who, name, f"{back}", -float(draw.integers(1, 99)), "refund"))
    return rows


def by_pandas(rows, start, end, seen, score):
    """The figures of one span as a person with a spreadsheet would find them."""
    table = pd.DataFrame(
        [(*row, "order")[:5] for row in rows], columns=["who", "order", "day", "money", "kind"]
    )
    table["day"] = pd.to_datetime(table["day"])
    table = table[table["day"] < pd.Timestamp(seen)]
    bought = (
        table[table["kind"] == "order"].groupby(["who", "order", "day"])["money"].sum()
        .reset_index().sort_values(["who", "day", "order"])
    )  # fmt: skip
    bought["nth"] = bought.groupby("who").cumcount()
    begin, close = pd.Timestamp(start), pd.Timestamp(end)
    inside = bought[(bought["day"] >= begin) & (bought["day"] < close)]
    each = inside.groupby("who")["money"].agg(["count", "sum"])
    later = inside[inside["nth"] > 0].groupby("who")["money"].sum()
    later = later.reindex(each.index).fillna(0.0)
    firsts = bought.groupby("who")["day"].min()
    asked = firsts[(firsts >= begin) & (firsts < close - pd.Timedelta(days=90))]
    again = {
        who: ((bought["who"] == who) & (bought["day"] > day)
              & (bought["day"] <= day + pd.Timedelta(days=90))).any()
        for who, day in asked.items()
    }  # fmt: skip
    first_of_order = bought.groupby(["who", "order"])["day"].min().rename("bought")
    back = table[table["kind"] == "refund"].join(first_of_order, on=["who", "order"])
    counted = back["bought"].fillna(back["day"])
    young = max(0, (score.refund_days or 0) - (score.seen_until - score.end).days)
    old = close - pd.Timedelta(days=young)
    refunded = -back[(counted >= begin) & (counted < old)]["money"].sum()
    return {
        "frequency": linear(each["count"], np.ones(len(each))),
        "order_value_mean": linear(each["sum"], each["count"]),
        "order_value_median": (inside["money"].median(), None),
        "repeat_share": wilson((each["count"] > 1).sum(), len(each)),
        "second_share": wilson(sum(again.values()), len(again)) if again else None,
        "returning_revenue_share": linear(later, each["sum"], bounds=(0, 1)),
        "refunded_share": (refunded / inside[inside["day"] < old]["money"].sum(), None),
    }


def linear(y, x, bounds=(-np.inf, np.inf)):
    """A ratio with its linearised interval, customer by customer."""
    y, x = np.asarray(y, float), np.asarray(x, float)
    r = y.sum() / x.sum()
    if len(x) < 2:
        return r, None
    reach = t.ppf(0.975, len(x) - 1) * np.sqrt(len(x)) * np.std(y - r * x, ddof=1) / x.sum()
    return r, (max(r - reach, bounds[0]), min(r + reach, bounds[1]))


def wilson(part, n):
    z = norm.ppf(0.975)
    low, high = np.roots([1 + z**2 / n, -(2 * part / n + z**2 / n), (part / n) ** 2])[::-1]
    return part / n, (low, high)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_every_figure_is_what_pandas_finds_customer_by_customer(seed):
    rows, seen = random_shop(seed), date(2024, 7, 1)
    with past_of(order_lines(*rows), seen) as past:
        score = keep_score(past)
    expected = by_pandas(rows, score.start, score.end, seen, score)
    for name, figure in score.figures:
        wanted = expected[name]
        if figure is None or figure.now is None:
            assert wanted is None or name == "refunded_share" or np.isnan(wanted[0]), name
            continue
        value, ends = wanted
        assert figure.now.value == pytest.approx(value, abs=6e-5), name
        if ends is not None:
            assert (figure.now.low, figure.now.high) == pytest.approx(ends, abs=6e-5), name
    months = pd.Series({row.start: row.revenue for row in score.trend.rows})
    paid = [(row[2][:7], row[3]) for row in rows if len(row) == 4 and row[2] < f"{seen}"]
    by_month = pd.DataFrame(paid, columns=["month", "money"]).groupby("month")["money"].sum()
    if score.trend.unit == "month":
        found = {f"{start:%Y-%m}": money for start, money in months.items() if money}
        assert found == pytest.approx(by_month.to_dict())


def test_a_month_that_nothing_is_known_of_has_no_usual_one():
    # Nine purchases in six years, one of them of ten thousand times the others.
    days = ("2018-01-05", "2018-01-20", "2019-01-15", "2020-01-10", "2020-03-01", "2021-01-15",
            "2022-01-20", "2023-01-05", "2023-06-15")  # fmt: skip
    lines = [("ada", f"o{n}", day, 10.0 if n != 3 else 100_000.0) for n, day in enumerate(days)]
    with past_of(order_lines(*lines), CUTOFF) as past:
        score = keep_score(past)
    for row in score.trend.rows:
        for usual in (row.revenue_usual, row.purchases_usual, row.order_value_usual):
            assert usual is None or 0 < usual.high <= 10 * usual.expected, row.start
    assert "Infinity" not in score.to_json()
