"""The report: its figures by hand, its words in two languages, its page in a real browser."""

import html
import re
from datetime import date, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from axe_playwright_python.sync_playwright import Axe

import winback
import winback.said
from pasts import past_of
from winback.churn import study_churn
from winback.crm.listing import LIST_COLUMNS
from winback.errors import UsageError, WinbackError
from winback.intake.settling import read_orders
from winback.intake.writing import REASONS
from winback.offers.members import segment_customers
from winback.report import charts
from winback.report.material import Material
from winback.report.page import render_report
from winback.results.base import fact
from winback.results.described import Described
from winback.results.intake import IngestSummary, SetAside, SuspiciousCustomer
from winback.results.judged import EvaluatedModel
from winback.results.learned import Evidence
from winback.results.listed import Listed
from winback.results.planned import Planned
from winback.results.scored import Drivers
from winback.results.shop import Cohort
from winback.said.nouns import NOUNS
from winback.said.terms import TERMS
from winback.said.texts import TEXTS
from winback.said.words import LANGUAGES, Words
from winback.shop.history import describe_shop
from winback.shop.scorecard import keep_score
from written import odd_numbers

CUTOFF = date(2024, 3, 1)
NBSP = "\u00a0"


UNKNOWN = {"effect_source": None, "effect_pp": None, "effect_low_pp": None, "effect_high_pp": None}


def design(**changes):
    """What testing one offer of unknown effect is good for, as target.json has it."""
    return {
        "n_treated": 20, "n_control": 5, "p_order": 0.2, "break_even_pp": 0.0, "mde_pp": 12.0,
        "n_treated_needed": None, "n_control_needed": None, "campaigns_needed": None,
        "cost": 40.0, "value": 60.0, "value_if_certain": 90.0, **changes,
    }  # fmt: skip


def trial_of(**offers):
    return {
        "readable_on": "2024-03-31", "window_days": 30, "alpha": 0.025, "power": 0.8,
        "offers": offers,
    }  # fmt: skip


PLANNED = Planned.model_validate(
    {
        "campaign_id": "march", "cutoff": "2024-03-01", "send_on": "2024-03-01",
        "n_scored": 240, "n_eligible": 90, "n_planned": 50, "n_listed": 40, "n_control": 10,
        "n_explored": 0, "holdout_share": 0.0, "limits": {}, "assumed": None, "window_days": None,
        "optimum": {"value": 0.0, "lp_bound": 0.0, "gap": 0.0, "proven": True},
        "warnings": [], "seal": "0" * 16,
        "arms": {
            "ten_percent": {"n": 25, "expected_cost": 80.5, "expected_gain": None, **UNKNOWN},
            "parcel": {"n": 15, "expected_cost": 30.0, "expected_gain": None, **UNKNOWN},
            "control": {"n": 10, "expected_cost": 0.0, "expected_gain": None, **UNKNOWN},
        },
        "reasons": {"offer": 40, "control": 10, "comes_anyway": 190, "budget": 0},
        "budget": 500.0, "expected_cost": 110.5, "expected_gain": None, "effect_known": False,
        "gain_low": -21.0, "gain_high": 470.0,
        "break_even_pp": {"ten_percent": 4.31, "parcel": 3.02},
        "test": trial_of(
            ten_percent=design(cost=40.25), parcel=design(cost=15.0)
        ),
        "power": {"mde_pp": 12.0, "n_needed_per_arm": 3100, "effect_pp": 3.7},
        "currency": "PLN",
    }
)  # fmt: skip


def changed(result, **changes):
    """The result with other fields, checked again."""
    return type(result).model_validate(result.model_dump() | changes)


def order_lines(rows, *, scale=100, currency="PLN"):
    """Canonical lines from (customer, order, day, amount in minor units, kind[, known day])."""
    columns = list(
        zip(*[(*row, row[2])[:6] if len(row) == 5 else row for row in rows], strict=True)
    )
    days = [[datetime.fromisoformat(day) for day in columns[place]] for place in (2, 5)]
    table = pa.table(
        {
            "customer_id": pa.array(columns[0], pa.string()),
            "order_id": pa.array(columns[1], pa.string()),
            "ordered_at": pa.array(days[0], pa.timestamp("s")),
            "known_at": pa.array(days[1], pa.timestamp("s")),
            "product_id": pa.nulls(len(rows), pa.string()),
            "quantity": pa.array([1.0] * len(rows)),
            "amount": pa.array(columns[3], pa.int64()),
            "kind": pa.array(columns[4], pa.string()),
        }
    )
    return table.replace_schema_metadata(
        {b"amount_scale": str(scale).encode(), b"currency": currency.encode()}
    )


@pytest.fixture
def history():
    """Three customers before the cutoff of 1 March 2024, and what must not be seen.

    ada   1 Jan 60+40 zł ── 5 Feb 50 zł ── 10 Feb refund of 20 zł
    bob          15 Jan 30 zł
    cleo                              20 Feb 80 zł ──────────── 1 March 999 zł, at the cutoff
    dan                     1 Feb 70 zł, known only on 5 March
    """
    return order_lines(
        [
            ("ada", "a1", "2024-01-01", 6000, "order"),
            ("ada", "a1", "2024-01-01", 4000, "order"),
            ("ada", "a2", "2024-02-05", 5000, "order"),
            ("ada", "a2r", "2024-02-10", -2000, "refund"),
            ("bob", "b1", "2024-01-15", 3000, "order"),
            ("cleo", "c1", "2024-02-20", 8000, "order"),
            ("cleo", "c2", "2024-03-01", 99900, "order"),
            ("dan", "d1", "2024-02-01", 7000, "order", "2024-03-05"),
        ]
    )


# Facts


def test_the_shop_is_described_as_it_was_known_before_the_cutoff(history):
    facts = describe_shop(history, CUTOFF)
    assert facts.lines == 6
    assert (facts.orders, facts.customers) == (4, 3)
    assert (facts.first_day, facts.last_day) == (date(2024, 1, 1), date(2024, 2, 20))
    assert facts.refunds == 1
    assert facts.days_seen == 60
    assert facts.gross_revenue == 260.0
    assert facts.refunded == 20.0
    assert facts.net_revenue == 240.0
    assert facts.refunded_share == 0.0769  # 20 of 260
    assert facts.currency == "PLN"


def test_returning_is_every_purchase_but_the_first(history):
    facts = describe_shop(history, CUTOFF)
    assert facts.repeat_share == 0.3333  # ada alone of three
    assert facts.one_time_share == 0.6667
    assert facts.returning_orders_share == 0.25  # one of four
    assert facts.returning_revenue_share == 0.1923  # 50 of 260
    assert facts.first_basket_mean == 70.0  # (100 + 30 + 80) / 3
    assert facts.later_basket_mean == 50.0
    assert facts.top_tenth_revenue_share == 0.5769  # ada's 150 of 260
    assert facts.top_customer_revenue_share == 0.5769
    assert facts.gap_median_days == 35.0


def test_who_was_active_counts_whole_days_back_from_the_cutoff(history):
    facts = describe_shop(history, CUTOFF)
    # The history is 60 days long, so it says nothing of 90 days.
    assert [(row.days, row.customers) for row in facts.active] == [(30, 2), (60, 3)]


def test_cohorts_show_only_months_that_have_closed(history):
    cohorts = describe_shop(history, CUTOFF).cohorts
    # January's two customers: ada bought in February. March is not over for anybody.
    assert cohorts.unit == "month"
    assert cohorts.rows == (Cohort(cohort=date(2024, 1, 1), customers=2, shares=(0.5,)),)


def test_long_histories_have_cohorts_by_quarter():
    lines = order_lines(
        [
            ("ada", "1", "2020-02-10", 100, "order"),
            ("ada", "2", "2020-05-01", 100, "order"),
            ("bob", "3", "2020-03-31", 100, "order"),
            ("bob", "4", "2023-12-31", 100, "order"),
        ]
    )
    cohorts = describe_shop(lines, date(2024, 1, 1)).cohorts
    assert cohorts.unit == "quarter"
    assert cohorts.rows == (Cohort(cohort=date(2020, 1, 1), customers=2, shares=(0.5, *[0.0] * 7)),)


def test_revenue_of_a_short_history_goes_by_week_and_leaves_no_gap(history):
    revenue = describe_shop(history, CUTOFF).revenue
    assert revenue.unit == "week"
    assert [row.start for row in revenue.rows][:2] == [date(2024, 1, 1), date(2024, 1, 8)]
    assert [(row.new, row.returning) for row in revenue.rows] == [
        (100.0, 0.0), (0.0, 0.0), (30.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 50.0),
        (0.0, 0.0), (80.0, 0.0), (0.0, 0.0),
    ]  # fmt: skip
    assert [row.complete for row in revenue.rows] == [True] * 8 + [False]


def test_file_table_and_frame_give_the_same_facts_in_any_row_order(history, tmp_path):
    path = tmp_path / "orders.parquet"
    pq.write_table(history, path)
    facts = describe_shop(path, CUTOFF)
    assert describe_shop(history, CUTOFF) == facts
    shuffled = history.to_pandas().sample(frac=1, random_state=1)
    assert describe_shop(shuffled, CUTOFF, currency="PLN", amount_scale=100) == facts


def test_a_one_day_shop_has_no_rhythm():
    facts = describe_shop(order_lines([("ada", "1", "2024-02-29", 100, "order")]), CUTOFF)
    assert facts.gap_median_days is None
    assert facts.later_basket_mean is None
    assert facts.cohorts is None


def test_a_shop_without_purchases_is_described_with_nulls():
    facts = describe_shop(order_lines([("ada", "1", "2024-02-29", 0, "free")]), CUTOFF)
    assert facts.customers == 0
    assert facts.repeat_share is None
    assert facts.first_day is None


def test_a_missing_orders_file_is_named(tmp_path):
    with pytest.raises(WinbackError, match=r"orders\.parquet: no such file"):
        describe_shop(tmp_path / "orders.parquet", CUTOFF)


# Words


def test_every_text_is_there_in_both_languages_with_the_same_places_for_values():
    for key, text in TEXTS.items():
        assert set(text) == set(LANGUAGES), key
        fields = [{name for _, name, _, _ in Formatter().parse(text[x]) if name} for x in LANGUAGES]
        assert fields[0] == fields[1], key
    for group in (*TERMS.values(), NOUNS):
        assert all(set(names) == set(LANGUAGES) for names in group.values())


def tables_of_sentences():
    """Each text of `winback.said` and of its errors, by where it stands."""
    for module in walk_packages(winback.said.__path__, "winback.said."):
        for name, table in vars(import_module(module.name)).items():
            if isinstance(table, dict) and table is not TERMS and table is not NOUNS:
                for key, text in table.items():
                    if isinstance(text, dict) and set(text) == {"en", "pl"}:
                        yield f"{module.name}.{name}[{key!r}]", text


def test_every_noun_in_a_sentence_has_its_forms():
    texts = dict(tables_of_sentences())
    assert len(texts) > 500
    for place, text in texts.items():
        for language in LANGUAGES:
            for _, _, how, _ in Formatter().parse(text[language]):
                kind, _, noun = (how or "").partition(" ")
                assert kind not in ("count", "noun") or noun in NOUNS, place


def test_every_text_that_the_page_asks_for_exists_and_every_text_is_asked_for():
    source = Path(winback.__file__).parent
    tables = source / "said"
    sources = [path for path in source.rglob("*.py") if not path.is_relative_to(tables)]
    sources.append(source / "report" / "templates" / "report.html.j2")
    asked = {
        key
        for source in sources
        for key in re.findall(r"""["']([a-z0-9_]+)["']""", source.read_text("utf-8"))
    }
    made = {
        f"{kind}_{unit}"
        for kind in ("by", "unit", "units")
        for unit in ("week", "month", "quarter")
    }
    assert set(TEXTS) - asked - made == set()
    called = {
        key
        for source in sources
        for key in re.findall(
            r"""\b(?:w|words)(?:\.rich)?\(\s*["']([a-z0-9_]+)["']""", source.read_text("utf-8")
        )
    }
    assert called - set(TEXTS) == set()


def test_every_reason_to_set_a_line_of_orders_aside_has_its_words():
    of_signals = {"no_name", "unreadable_value"}
    assert set(TERMS["set_aside"]) == set(REASONS) - of_signals


@pytest.mark.parametrize(
    ("language", "currency", "value", "written"),
    [
        ("en", "PLN", 1234.56, f"PLN{NBSP}1,234.56"),
        ("pl", "PLN", 1234.56, f"1{NBSP}234,56{NBSP}zł"),
        ("en", "USD", -0.5, "\u2212$0.50"),
        ("pl", "EUR", -1234567.891, f"\u22121{NBSP}234{NBSP}567,89{NBSP}€"),
        ("pl", "", 0.004, "0,00"),
        ("en", "", None, "\u2013"),
        ("en", "", float("nan"), "\u2013"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(language, currency, value, written):
    assert Words(language, currency).money(value, 2) == written


def test_a_number_of_any_size_can_be_written():
    assert Words("en").number(1e300) == "1" + ",000" * 100


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0%"),
        (0.0004, "<0.1%"),
        (0.043, "4.3%"),
        (0.145, "15%"),
        (0.0996, "10%"),
        (0.994, "99%"),
        (0.9957, "99.6%"),
        (0.9996, ">99.9%"),
        (1, "100%"),
    ],
)
def test_small_shares_and_those_next_to_all_keep_a_decimal(value, written):
    assert Words("en").share(value) == written


@pytest.mark.parametrize(
    ("n", "orders", "customers"),
    [
        (0, "zamówień", "klientów"),
        (1, "zamówienie", "klient"),
        (2, "zamówienia", "klientów"),
        (5, "zamówień", "klientów"),
        (12, "zamówień", "klientów"),
        (22, "zamówienia", "klientów"),
        (112, "zamówień", "klientów"),
        (1004, "zamówienia", "klientów"),
    ],
)
def test_polish_nouns_follow_their_number(n, orders, customers):
    words = Words("pl")
    assert words.noun(n, "order") == orders
    assert words.noun(n, "customer") == customers


def test_whole_times_are_told_as_whole_and_fractions_bend():
    assert [Words("pl").times(x) for x in (1, 2, 3.0, 4.2, 5)] == [
        f"1{NBSP}raz", f"2{NBSP}razy", f"3{NBSP}razy", f"4,2{NBSP}raza", f"5{NBSP}razy"
    ]  # fmt: skip
    assert [Words("en").times(x) for x in (3, 4.2)] == [f"3{NBSP}times", f"4.2{NBSP}times"]


def test_days_and_quarters_have_names_in_both_languages():
    assert [Words(x).weekday("2026-11-22") for x in LANGUAGES] == ["Sun", "niedz."]
    assert Words("en").day("1998-06-30") == f"30{NBSP}June{NBSP}1998"
    assert Words("pl").day(date(1998, 6, 30)) == f"30{NBSP}czerwca{NBSP}1998"
    assert Words("pl").period("2024-07-01", "quarter") == "III kw. 2024"
    assert Words("en").period("2024-07-01", "month") == "Jul 2024"
    assert Words("en").day(None) == "\u2013"


def test_a_language_nobody_wrote_is_refused_by_name():
    with pytest.raises(UsageError, match=r"report\.language is 'de'"):
        Words("de")


# A made-up shop for the page


def between(value, low, high):
    return {"value": value, "low": low, "high": high}


CHAMPION = {
    "method": "mbgnbd", "why": "rule_led", "judges": ["2023-09-01", "2023-11-01"],
    "rival": "mbgnbd", "lead": between(0.01, 0.005, 0.015), "at_cutoffs": {}, "log_loss": 0.3,
    "log_loss_model": 0.31,
}  # fmt: skip


MARKS = [(f"{n:05d}", f"2023-{1 + n % 12:02d}-03", "survey", float(n % 11)) for n in range(60)]


def made_up():
    """Everything the page can be given: 240 customers, two offers, a tested model."""
    draw = np.random.default_rng(7)
    ids = [f"{n:05d}" for n in range(240)]
    first = pd.Timestamp("2023-01-02")
    rows = []
    for place, name in enumerate(ids):
        for number in range(1 + place % 5):
            day = first + pd.Timedelta(days=int(place * 1.2) + 31 * number)
            rows.append((name, f"{name}-{number}", f"{day.date()}", 1999 + place, "order"))
    rows.append((ids[4], "r", "2023-12-01", -1500, "refund"))
    facts = describe_shop(order_lines(rows), CUTOFF)
    with past_of(order_lines(rows), CUTOFF, MARKS) as past:
        score = keep_score(past)
    churn = study_churn(order_lines(rows), cutoff=CUTOFF).summary()
    p = np.round(draw.uniform(0.02, 0.9, 240), 4)
    segments = list(TERMS["segment"])
    scores = pd.DataFrame(
        {
            "customer_id": ids,
            "p_return": p,
            "risk_band": np.select([p > 0.6, p > 0.3], ["low", "medium"], "high"),
            "segment": [segments[n % len(segments)] for n in range(240)],
            "spend_total": np.round(draw.uniform(10, 900, 240), 2),
            "order_value_mean": 45.5,
            "expected_net_spend": np.round(p * 60, 2),
        }
    )
    absent = dict.fromkeys(
        ("pr_auc", "brier", "calibration_slope", "calibration_intercept", "lift_at_5",
         "lift_at_20")
    )  # fmt: skip
    methods = {
        name: absent
        | {
            "roc_auc": between(0.84 - n / 50, 0.83 - n / 50, 0.85 - n / 50),
            "log_loss": between(0.297 + n / 99, 0.29, 0.31),
            "ece": between(0.015, 0.01, 0.02),
            "lift_at_10": between(4.2 - n / 5, 4.0 - n / 5, 4.4 - n / 5),
            "mean_p": 0.15,
        }
        for n, name in enumerate(TERMS["method"])
    }
    population = {"n": 240, "customers": 240, "base_rate": 0.14, "methods": methods}
    plain = {"roc_auc": 0.84, "log_loss": 0.297, "ece": 0.015, "lift_at_10": 4.2, "mean_p": 0.15}
    groups = np.arange(1, 11)
    shares = np.array([0.05, 0.1, 0.2, 0.5, 1.0])
    return {
        "shop": facts,
        "scorecard": score,
        "evaluation": {
            "horizon_days": 90,
            "active_days": 180,
            "n_bootstrap": 500,
            "model_kind": "blend",
            "judged_on": ["time"],
            "cutoffs": ["2023-09-01", "2023-11-01"],
            "populations": {"everyone": population, "recently_active": population},
            "by_cutoff": [
                {
                    "cutoff": "2023-09-01", "n": 240, "base_rate": 0.14,
                    "methods": {"lightgbm": plain},
                }
            ],
            "verdict": {
                "finding": "beats",
                "model": "lightgbm",
                "best_simple": "logistic_rfm",
                "beats": True,
                "log_loss_difference": between(-0.0043, -0.0061, -0.0025),
                "roc_auc_difference": between(0.01, 0.005, 0.015),
                "log_loss": 0.3120,
                "log_loss_rival": 0.3163,
                "roc_auc": 0.84,
                "roc_auc_rival": 0.83,
                "returned": 30,
                "stayed_away": 210,
                "tested_days": 90,
                "horizon_days": 90,
                "champion": None,
            },
            "value": {
                "n": 240,
                "methods": {
                    "winback": {"gini": 0.77, "bias": 0.98, "mae": 11.5},
                    "literature": {"gini": 0.75, "bias": None, "mae": 11.4},
                },
                "by_decile": [
                    {"decile": 1, "n": 120, "predicted": 57.0, "observed": 60.0},
                    {"decile": 2, "n": 120, "predicted": 2.5, "observed": 2.0},
                ],
                "coverage": {
                    "stated": 0.8, "everyone": 0.9, "likely": 0.79, "likely_n": 55,
                    "above": 0.208, "below": 0.002,
                },
                "lifetime": {
                    "days": 365, "learned_on": "2023-03-01", "bias": 0.97, "gini": 0.6,
                    "mae": 40.0,
                    "coverage": {
                        "stated": 0.8, "everyone": 0.8, "likely": 0.81, "likely_n": 50,
                        "above": 0.1, "below": 0.1,
                    },
                },
            },
        },
        "calibration": pd.DataFrame(
            {
                "population": "everyone", "method": "lightgbm", "bin": groups, "n": 24,
                "predicted": groups / 15, "observed": groups / 16,
                "low": groups / 20, "high": groups / 14,
            }
        ),
        "lift": pd.DataFrame(
            {
                "population": "everyone", "method": np.repeat(["lightgbm", "logistic_rfm"], 5),
                "share_targeted": np.tile(shares, 2),
                "lift": 2.0, "captured": np.r_[shares**0.4, shares**0.5],
            }
        ),
        "scores": scores,
        "target": PLANNED,
        "list_rows": pd.DataFrame(
            {
                "customer_id": ["00007", "jan.kowalski@poczta.example"],
                "email": ["anna@secret.example", "jan.kowalski@poczta.example"],
                "offer": ["ten_percent", "parcel"],
                "offer_label": ["<script>alert(1)</script>", "Free & fast delivery"],
                "last_order_date": ["2023-12-24", ""],
                "orders_count": ["3", "1"],
                "total_spent": ["1234.56", "20.00"],
                "churn_probability": ["0.7100", ""],
                "reason_1": ["last order 94 days ago", ""],
                "reason_2": ["usually every 31", ""],
            }
        ),
        "ingest": an_intake(),
        "manifest": Listed(
            campaign_id="march", cutoff=CUTOFF, language="en", columns=("customer_id",),
            rows={"list": 40, "assignment": 50, "control": 10}, blanked={}, seal="0" * 16,
            salt_fingerprint=None, offers=(), versions={"model": "3f2a"},
            sha256={"list.csv": "ab" * 32},
        ),
        "evidence": {
            "level": "thin", "horizon_days": 90, "history_days": 424, "customers": 240,
            "repeat_customers": 96, "closed_windows": 12, "separate_windows": 3, "returned": 300,
            "stayed_away": 420, "drift": None, "concerns": [{"code": "no_year"}],
        },
        "churn": churn,
        "profit": pd.DataFrame(
            {
                "customers": [0.0, 40.0, 90.0, 200.0],
                "expected_cost": [0.0, 100.0, 250.0, 700.0],
                "expected_gain": [0.0, None, None, None],
                "low": [0.0, -20.0, -45.0, -99.0],
                "high": [0.0, 480.0, 800.0, 1190.0],
                "within_budget": [True, True, True, False],
            }
        ),
        "drivers": {
            "customers": 240,
            "importance": [
                {"story": "silence", "effect": 0.8473}, {"story": "refunds", "effect": 0.2},
                {"story": "habit", "effect": 0.001},
            ],
            "rest": 0.012,
            "dependence": [
                {"story": "silence", "column": "days_since_last_order", "bins": [
                    {"from": 1.0, "to": 30.0, "customers": 120, "effect": 0.6931, "low": 0.4,
                     "high": 1.1},
                    {"from": 31.0, "to": 400.0, "customers": 120, "effect": -0.6931, "low": -0.9,
                     "high": -0.5},
                ]},
                {"story": "refunds", "column": "refund_share", "bins": [
                    {"from": 0.0, "to": 0.0, "customers": 220, "effect": 0.02, "low": 0.0,
                     "high": 0.05},
                    {"from": 0.1, "to": 0.5, "customers": 20, "effect": -0.3, "low": -0.4,
                     "high": -0.1},
                ]},
            ],
        },
    }  # fmt: skip


def an_intake(**changed):
    """What was read of a thousand lines."""
    aside = SetAside(total=15, by_reason={"no_customer": 10, "duplicate": 5})
    till = SuspiciousCustomer(customer_id="KASA-1", purchases=99, share_of_purchases=0.21)
    kunde = fact(
        "intake.column", role="customer", column="Kunde", note=fact("intake.text_ids"),
        rule="usual",
    )  # fmt: skip
    read = IngestSummary(
        cutoff=date(2024, 2, 21), files=("orders.csv",), lines_in=1000, lines_kept=980,
        lines_set_aside=aside, lines_ignored=5, rows_added=0, purchases=471, refunds=0,
        gross=47100.0, refunded=0.0,
        customers=240, first_day=date(2024, 1, 1), last_day=date(2024, 2, 20), amount_scale=100,
        currency="PLN", amounts_rounded=0, possible_repeats_kept=0, signs_turned=0, columns={},
        understood=(kunde,), doubts=(), suspicious_customers=(till,), orders_sha256=None,
    )  # fmt: skip
    return read.model_copy(update=changed)


@pytest.fixture(scope="module")
def parts():
    return made_up()


@pytest.fixture(scope="module")
def written(parts):
    """The page in each language, of a shop with a mischievous name."""
    name = "<b onclick=x>Shop</b>"
    return {language: rendered(parts, language=language, shop_name=name) for language in LANGUAGES}


def rendered(parts, **changed):
    return render_report(Material(**typed(parts | changed)))


def typed(parts):
    """The same with what stages hand on as the types that they hand it on in."""
    kinds = {"evaluation": EvaluatedModel, "evidence": Evidence, "drivers": Drivers}
    rest = {name: part for name, part in parts.items() if name not in ("shop", "scorecard")}
    read = {
        name: kind.model_validate(parts[name])
        for name, kind in kinds.items()
        if parts.get(name) is not None
    }
    segmented = {}
    if parts.get("scores") is not None:
        segmented = {"segmented": segment_customers(parts["scores"], CUTOFF)}
    described = {name: parts[name] for name in ("shop", "scorecard") if name in parts}
    told = {"described": Described(**described)} if described else {}
    return segmented | told | rest | read


def text_of(page):
    return re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.S))


# The page as text


def test_the_same_input_gives_the_same_page_in_any_row_order(parts):
    shuffled = parts | {"scores": parts["scores"].sample(frac=1, random_state=1)}
    assert rendered(parts) == rendered(shuffled)


def test_text_from_data_cannot_become_markup(written):
    page = written["en"]
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b onclick" not in page


def test_contact_data_does_not_reach_the_page(written):
    page = written["en"]
    assert "secret.example" not in page
    assert "kowalski" not in page
    assert "j***@p***.example" in page


def test_numbers_are_written_in_the_page_s_language(written):
    english, polish = text_of(written["en"]), text_of(written["pl"])
    assert f"PLN{NBSP}1,234.56" in english
    assert f"1{NBSP}234,56{NBSP}zł" in polish
    assert f"3,0\u20134,3{NBSP}p.p." in polish
    # Two groups of 3,100 are more than the shop has.
    assert "(3,7 p.p.), nie da się zobaczyć w testach tej wielkości" in polish
    assert '<html lang="pl">' in written["pl"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_money_and_plurals_are_written_one_way(written, language):
    page = re.sub(r'<svg.*?aria-label="(.*?)"', r">\1<", written[language])
    assert odd_numbers(html.unescape(text_of(page)), language) == []


def test_a_second_way_to_write_a_number_is_found():
    for text in ("95 %", "1 PLN", "-4", "0,5", "1234 lines", "1 days"):
        assert len(odd_numbers(text, "en")) == 1, text
    for text in ("95 %", "zł 1", "1 PLN", "-4", "0.5", "1234 wierszy", "1 dni"):
        assert len(odd_numbers(text, "pl")) == 1, text
    assert odd_numbers("2024-01-05, C0012, 1,234 of 95% in list.csv of 2024", "en") == []
    assert odd_numbers("05.01.2024, C0012, 1 234 i 4,5% z 2024 r., list.csv", "pl") == []


def test_an_unknown_effect_is_called_a_test_and_no_gain_is_promised(parts, written):
    page = " ".join(text_of(written["en"]).split())
    assert "This list is a test" in page
    assert "not known yet" in page
    assert "Expected gain" not in page
    assert "if the tested ones change nothing, PLN 55.25 of it is lost" in page
    known = changed(PLANNED, effect_known=True, expected_gain=321.0)
    page = " ".join(text_of(rendered(parts | {"target": known})).split())
    assert "This list is a test" not in page
    assert "to earn PLN 321 after all costs" in page


def test_no_risk_has_the_name_of_a_segment(written):
    for language in LANGUAGES:
        names = [{t[language] for t in TERMS[group].values()} for group in ("band", "segment")]
        assert not names[0] & names[1]
    page = " ".join(text_of(written["en"]).split())
    assert "Neither is a segment; who is lost by the rule of this shop stands under churn." in page


def test_the_columns_of_the_list_are_explained_in_the_readers_language(written):
    assert set(LIST_COLUMNS) | {"contact_on"} == set(TERMS["list_column"])
    polish = " ".join(text_of(written["pl"]).split())
    assert "Co znaczą kolumny pliku list.csv" in polish
    assert "total_spent Dotychczas wydał, po zwrotach" in polish
    assert "cannot_lose Nie do stracenia" in polish
    assert "contact_on" not in polish  # this list has no such column


def _daily(*, silent: range = range(0), thin: range = range(0), unit: range = range(0)) -> str:
    """Ten orders on each of 100 days from 2024-03-01; none, one, or of a hundredfold, on some."""
    return "customer,date,amount\n" + "".join(
        f"c{n},{date(2024, 3, 1) + timedelta(days=day)},{500 if day in unit else 5}\n"
        for day in range(100)
        if day not in silent
        for n in range(1 if day in thin else 10)
    )


# What the intake says of the sources of these lines must have a Polish form, whole or in parts.
SOURCES = {
    "klient: kolumna „klient” (identyfikatory tekstowe), po typowej nazwie": (
        "klient,data,kwota\na,2024-01-01,5\nb,2024-02-01,6\n", {},
    ),
    "data: kolumna „date” (najpierw dzień, bo w wierszu 3 jest 23.02.2024), po typowej nazwie": (
        'customer,date,amount\na,01.02.2024,"5,5"\na,23.02.2024,"6,5"\n', {},
    ),
    "status: kolumna „status” (anulowane lub zwrócone: „cancelled”), po typowej nazwie": (
        "customer,order,date,amount,status\na,1,2024-01-01,5,ok\na,2,2024-01-02,5,cancelled\n", {},
    ),
    "kwota: cena jednostkowa razy ilość": (
        "customer,date,unit_price,quantity\na,2024-01-01,5.5,2\na,2024-01-09,5.5,1\n", {},
    ),
    "wiersze równe innemu w każdej kolumnie: 1; bez numerów zamówień mogą być prawdziwe i "
    "zostały": (
        "customer,date,amount\na,2024-01-01,5\na,2024-01-01,5\nb,2024-01-02,5\n", {},
    ),
    "data: kolumna „date” (daty w kolejności rok-miesiąc-dzień; godziny przeliczone na "
    "Europe/Warsaw), po typowej nazwie": (
        "customer,date,amount\na,2024-01-01T10:00:00Z,5\na,2024-01-02T10:00:00Z,6\n",
        {"timezone": "Europe/Warsaw"},
    ),
    "sprawdź daty: przesunięcia strefy w kolumnie „date” są różne (1 z +02:00, 1 z -05:00); "
    "godziny z przesunięciem są przeliczone na UTC; strefę sklepu podaje --timezone": (
        "customer,date,amount\na,2024-01-01T10:00:00+02:00,5\na,2024-01-02T10:00:00-05:00,6\n", {},
    ),
    'sprawdź zgody: kolumna „newsletter” nie jest używana, więc kto odmówił, nie jest pominięty; '
    'jeśli to zgoda na kontakt, podaj --consent-column "newsletter"': (
        "customer,date,amount,newsletter\na,2024-01-01,5,yes\na,2024-01-02,6,yes\n", {},
    ),
    "sprawdź daty: od 20.04.2024 do 25.04.2024 nie ma żadnego wiersza, a zwykle byłoby ich 60; "
    "jeśli sklep wtedy działał, w eksporcie brakuje wierszy": (_daily(silent=range(50, 56)), {}),
    "sprawdź daty: liczba wierszy z ostatnich 5\u00a0dni to 5, a zwykle byłoby ich 50; jeśli "
    "brakuje tam wierszy, podaj --cutoff 2024-06-04": (_daily(thin=range(95, 100)), {}),
    "sprawdź kwoty: wiersze od 20.04.2024 mają 100 razy większe kwoty niż wcześniejsze; jeśli "
    "zmieniła się jednostka albo waluta, sprowadź wszystkie do jednej": (
        _daily(unit=range(50, 100)), {},
    ),
    "sprawdź kwoty: wiersze sprzed 20.04.2024 mają 100 razy większe kwoty niż późniejsze; jeśli "
    "zmieniła się jednostka albo waluta, sprowadź wszystkie do jednej": (
        _daily(unit=range(50)), {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("expected", SOURCES)
@pytest.mark.long
def test_what_was_understood_of_the_columns_is_told_in_polish(parts, tmp_path, expected):
    content, options = SOURCES[expected]
    (tmp_path / "orders.csv").write_text(content)
    read = read_orders(tmp_path / "orders.csv", tmp_path / "out", **options).summary
    page = html.unescape(rendered(parts | {"ingest": read}, language="pl"))
    told = re.findall(r"<li>(.*?)</li>", page.split("Jak zrozumiano kolumny")[1], flags=re.S)
    assert expected in told
    english = re.compile(r"(?<!-)\b(column|numbers|dates|text|look|lines|order|customer):? ")
    assert [said for said in told if english.search(said)] == []


def test_expected_spend_is_told_with_how_often_its_interval_held(written):
    english, polish = (
        re.sub(r"(?<=\() | (?=[),.:])", "", " ".join(text_of(written[name]).split()))
        for name in LANGUAGES
    )
    # Two halves of 60 and 2: the average customer spent 31.
    assert "came to 98% of what was then spent" in english
    assert "spent PLN 60.00 each (PLN 57.00 expected), the average customer PLN 31.00" in english
    assert (
        "The 80% interval: of customers more than a fifth likely to return (55 forecasts), 79% "
        "spent an amount inside it, 21% more and 0.2% less."
    ) in english
    assert "Przedział 80%: spośród klientów z szansą powrotu powyżej jednej piątej" in polish
    assert "79% wydało kwotę z przedziału, 21% więcej, a 0,2% mniej" in polish
    assert "forecasts came to 97% of it, and 81%" in english
    assert "BG/NBD with gamma-gamma" in english


def test_a_rule_that_scores_is_named_and_shown(parts):
    said = "The scores come from a simple rule (MBG/NBD), not from the model"
    evaluation = parts["evaluation"]
    verdict = evaluation["verdict"] | {"beats": False, "finding": "worse", "champion": CHAMPION}
    ruled = parts | {"evaluation": evaluation | {"verdict": verdict}}
    page = text_of(rendered(ruled))
    assert "did better than the model at earlier dates, so the scores come from it" in page
    assert said in page
    # The lift that is told is the rule's: of the made-up methods, each has .2 less than the last.
    place = list(TERMS["method"]).index("mbgnbd")
    assert f"came back {Words('en').times(4.2 - place / 5)} as often as average" in page
    assert "Prosta reguła (MBG/NBD)" in text_of(rendered(ruled, language="pl"))


@pytest.mark.parametrize(
    "missing",
    [
        "evaluation", "calibration", "lift", "scores", "target", "list_rows", "ingest",
        "manifest", "evidence", "churn", "drivers", "profit",
    ],
)  # fmt: skip
@pytest.mark.long
def test_a_missing_part_leaves_the_rest_readable(parts, missing):
    page = rendered(parts | {missing: None}, language="pl")
    assert "nan" not in text_of(page).lower().split()
    assert "None" not in text_of(page)


def test_an_unproven_model_gives_no_chances(parts):
    silent = parts["scores"].assign(
        p_return=None, risk_band=None, expected_net_spend=None, order_value_mean=None
    )
    page = text_of(rendered(parts | {"scores": silent, "evaluation": None}))
    assert "too short to prove any forecast" in page
    assert "There was no later period" in page
    assert "at high risk of not returning" not in page


@pytest.mark.long
def test_nobody_on_the_list_is_said_with_the_reasons(parts):
    nobody = changed(
        PLANNED, n_listed=0, n_planned=0, n_control=0, arms={}, expected_cost=0.0,
        reasons={"cannot_pay": 240}, break_even_pp={},
    )  # fmt: skip
    page = text_of(rendered(parts | {"target": nobody, "list_rows": parts["list_rows"][:0]}))
    assert "Nobody is on the list this time" in page
    assert "The discount takes the whole margin" in page


@pytest.mark.long
def test_a_list_before_any_window_has_closed_is_not_called_empty(parts):
    nobody = changed(
        PLANNED, n_listed=0, n_planned=0, n_control=0, arms={}, expected_cost=0.0,
        reasons={"too_uncertain": 240}, break_even_pp={},
    )  # fmt: skip
    silent = parts["scores"].assign(p_return=None, risk_band=None, expected_net_spend=None)
    early = parts | {"target": nobody, "scores": silent, "evaluation": None}
    english, polish = (
        " ".join(re.sub(r"<[^>]+>", "", rendered(early, language=x)).split()) for x in LANGUAGES
    )
    assert "list.csv holds all who may be contacted (2 of 240), the latest buyers first" in english
    assert "no window of 90 days has closed yet" in english
    assert "Too little is known to decide" in english
    assert "Nobody is on the list" not in english
    assert "worth its cost" not in english
    assert "od ostatnich kupujących, bez ofert; nikogo nie wybrano" in polish
    cards = re.findall(r"<dt>(.*?)</dt><dd.*?>(.*?)</dd>", rendered(early))
    told = [(label, text_of(figure).strip()) for label, figure in cards]
    assert ("on the list, by recency and without an offer", "2") in told


@pytest.mark.long
def test_what_the_intake_doubts_stands_before_any_number(parts):
    doubt = fact("intake.amounts_fall", day=date(2024, 1, 1), times=1006.6)
    doubted = parts | {"ingest": parts["ingest"].model_copy(update={"doubts": (doubt,)})}
    quiet = parts | {"ingest": an_intake(suspicious_customers=()), "evidence": None}
    found = (
        "Look at the amounts: lines before 2024-01-01 hold 1,007 times the amount of those from "
        "then on"
    )
    for language, title, said in (
        ("en", "Check the data first", found),
        ("pl", "Najpierw sprawdź dane", "Sprawdź kwoty: wiersze sprzed 01.01.2024 mają"),
    ):
        page = html.unescape(rendered(doubted, language=language))
        assert page.index(title) < page.index(said) < page.index("<details")
        # What to do about it stands one click down, where what was read is told.
        whole = page.index(said, page.index('id="lines"'))
        assert ("bring all to one." in page[whole:]) == (language == "en")
        assert title not in rendered(quiet, language=language)


def planned_trial(**changes):
    """A planned test of two offers that would cost 55 and teach what is worth 4."""
    ten = design(value=3.0, campaigns_needed=70, break_even_pp=4.31) | changes
    parcel = design(cost=15.0, value=1.0, campaigns_needed=9, break_even_pp=4.31) | changes
    power = {"mde_pp": 12.0, "n_needed_per_arm": 3100, "effect_pp": 3.7}
    return changed(PLANNED, test=trial_of(ten_percent=ten, parcel=parcel), power=power)


@pytest.mark.long
def test_a_test_that_costs_more_than_it_teaches_says_so_beside_the_call_to_send_it(parts):
    planned = parts | {"target": planned_trial()}
    pages = (re.sub(r"<[^>]+>", "", rendered(planned, language=x)) for x in LANGUAGES)
    english, polish = (" ".join(html.unescape(page).split()) for page in pages)
    said = english.index("As planned, this test costs more than it teaches")
    assert said < english.index("Contact the 40") < said + 200
    assert "PLN 55 is lost; what the test teaches is worth about PLN 4 in the next" in english
    assert "one offer instead of 2" in english
    assert "a larger control group (target.control_share; now 10 of 50)" in english
    assert "more campaigns measured together (by offer, 9–70 of this size)" in english
    # Two groups of 3,100 are more than the 240 customers of the shop.
    assert "hold 6,200 customers together, and this shop has 240: no single campaign" in english
    assert "Free & fast delivery: Testing it costs about PLN 15 if" in english
    assert "W tej postaci test kosztuje więcej, niż warta jest wiedza z niego" in polish
    assert "jedna oferta zamiast 2" in polish
    assert "Free & fast delivery: Test kosztuje około 15 zł, jeśli" in polish


@pytest.mark.long
def test_a_test_worth_its_cost_is_not_called_costly(parts):
    def page(**changes):
        return text_of(rendered(parts | {"target": planned_trial(**changes)}))

    assert "One campaign of this size cannot tell" in page(value=90.0)
    assert "costs more than it teaches" not in page(value=90.0)
    settled = page(value=90.0, campaigns_needed=1)
    assert "cannot tell" not in settled
    assert "What would help" not in settled
    assert "is worth about" in settled
    # No number where an arm of the test is empty; or where any effect at all pays.
    assert "cannot tell" in page(value=90.0, campaigns_needed=None)
    assert "cannot tell" not in page(value=90.0, campaigns_needed=None, break_even_pp=0.0)


@pytest.mark.long
def test_two_losses_under_one_condition_are_told_apart(parts):
    worse = changed(PLANNED, gain_low=-70.0)
    page = " ".join(text_of(rendered(parts | {"target": worse})).split())
    assert "PLN 55.25 of it is lost" in page
    assert "than was forecast, the loss may reach PLN 70.00 : the lower end" in page
    # The picture's lower end is no worse, or holds what another offer is known to bring.
    assert "the loss may reach" not in text_of(rendered(parts))
    measured = changed(worse.arms["parcel"], effect_source="measured")
    mixed = parts | {"target": changed(worse, arms={**worse.arms, "parcel": measured})}
    assert "the loss may reach" not in text_of(rendered(mixed))


@pytest.mark.long
def test_sums_by_sums_are_ratios_and_no_shares(parts):
    value = parts["evaluation"]["value"]
    lifetime = value["lifetime"] | {"bias": 0.99996}
    evaluation = parts["evaluation"] | {"value": value | {"lifetime": lifetime}}
    page = text_of(rendered(parts | {"evaluation": evaluation}))
    assert "forecasts came to  100%  of it" in page
    assert [Words("en").ratio(x) for x in (0.043, 0.958, 2.094, None)] == [
        "4.3%", "96%", "209%", "\u2013"
    ]  # fmt: skip


@pytest.mark.long
def test_a_test_of_the_first_days_says_so_where_it_gives_sums(parts):
    evaluation = parts["evaluation"] | {"horizon_days": 40}
    said = "These sums are of the first 40 of 90 days"
    assert said in text_of(rendered(parts | {"evaluation": evaluation}))
    assert "These sums are of" not in text_of(rendered(parts))


@pytest.mark.long
def test_where_a_rule_scores_nothing_is_called_the_models(parts):
    verdict = parts["evaluation"]["verdict"] | {"champion": CHAMPION}
    ruled = parts | {"evaluation": parts["evaluation"] | {"verdict": verdict}}
    english, polish = (text_of(rendered(ruled, language=x)) for x in LANGUAGES)
    for said in ("the model's own reasons", "Source: the return model", "the model had never"):
        assert said not in html.unescape(english)
    assert "Tested on dates the rule had never seen" in english
    assert "Whom the forecasts were tested on" in english
    for said in ("powody, którymi kieruje się model", "Na kim sprawdzono model"):
        assert said not in polish
    assert "Oceny pochodzą z prostej reguły ( MBG/NBD ), która patrzy na niewiele" in polish


@pytest.mark.long
def test_a_better_chance_of_the_longest_silent_is_explained(parts):
    p = parts["scores"]["p_return"]
    for chance, explained in ((0.6, True), (0.01, False)):
        bands = parts["scores"].assign(
            risk_band=np.where(p < 0.3, "high", np.where(p < 0.4, "lost", "low")),
            p_return=np.where((p >= 0.3) & (p < 0.4), chance, p),
        )
        page = text_of(rendered(parts | {"scores": bands}))
        assert ("told by their silence alone" in page) == explained


@pytest.mark.long
def test_the_page_says_what_its_money_rests_on(parts):
    told = changed(PLANNED, assumed={"margin_share": (0.4, 0.4), "contact_cost": (0.05, 0.6)})
    english, polish = (
        " ".join(text_of(rendered(parts | {"target": told}, language=language)).split())
        for language in LANGUAGES
    )
    assert "rest on a margin of 40% of a purchase and on PLN 0.05 to PLN 0.60 for a" in english
    assert "zakładają marżę 40% wartości zakupu i koszt kontaktu 0,05 zł do 0,60 zł" in polish


def test_without_a_control_group_nothing_is_said_of_measuring(parts):
    everybody = changed(PLANNED, n_planned=40, n_control=0)
    page = text_of(rendered(parts | {"target": everybody}))
    assert "Nobody is held back, so that nothing can be measured." in page
    assert "Leave the control group alone" not in page
    assert "or winback measure: it compares" not in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["order", "free"])
def test_a_one_day_shop_and_an_empty_one_have_a_page(language, kind):
    lines = order_lines([("ada", "1", "2024-02-29", 100 if kind == "order" else 0, kind)])
    page = text_of(rendered({"shop": describe_shop(lines, CUTOFF)}, language=language))
    assert Words(language)("title") in page
    assert "None" not in page


# Pictures


def drawings(parts, **options):
    parts = typed(parts)
    segments = pd.DataFrame(
        [("loyal", 3, 90.0, 1, 30.0), ("lost", 7, 10.0, 0, 0.0)],
        columns=["segment", "customers", "spend_total", "high", "high_spend"],
    )
    return {
        "calibration": charts.draw_calibration(parts["calibration"], **options),
        "lift": charts.draw_lift(parts["evaluation"], **options),
        "gains": charts.draw_gains(parts["lift"], simple="logistic_rfm", **options),
        "profit": charts.draw_profit(parts["profit"], currency="EUR", **options),
        "slipping": charts.draw_slipping(segments, **options),
        "cohorts": charts.draw_cohorts(parts["described"].shop, **options),
        "revenue": charts.draw_revenue(parts["described"].shop, **options),
        "trend": charts.draw_trend(parts["described"].scorecard, **options),
        "seconds": charts.draw_seconds(parts["described"].scorecard.seconds, **options),
        "gaps": charts.draw_gaps(parts["churn"], **options),
        "comebacks": charts.draw_comebacks(parts["churn"], **options),
        "importance": charts.draw_importance(parts["drivers"], **options),
        "dependence": charts.draw_dependence(parts["drivers"], **options),
    }


def test_every_picture_s_title_is_its_finding_with_a_number(parts):
    for language in LANGUAGES:
        for name, picture in drawings(parts, language=language).items():
            assert re.search(r"\d", picture.finding), name
            assert picture.alt.endswith("."), name
    found = drawings(parts)
    # The whole, not the group that came out best.
    assert found["calibration"].finding == (
        f"Foretold for all: 37%, came back: 34%; within groups off by 2.3{NBSP}pp on average"
    )
    assert found["lift"].finding == (
        f"The 10% ranked highest came back 4.2{NBSP}times as often as average"
    )
    assert found["slipping"].finding == (
        "Customers at high risk hold 30% of all spending so far, most of it among: Loyal"
    )


def test_the_profit_curve_names_the_list_within_the_budget_and_its_interval(parts):
    known = parts["profit"].assign(expected_gain=[0, 300, 450, 520], low=[0, 120, 100, -150])
    assert charts.draw_profit(known, currency="EUR").finding == (
        "A list of 90\N{NO-BREAK SPACE}customers should earn €450, most likely between €100 and "
        "€800"
    )
    assert charts.draw_profit(parts["profit"], language="pl").finding == (
        "Lista dla 90\N{NO-BREAK SPACE}klientów przyniesie od \N{MINUS SIGN}45,00 do 800: efekt "
        "trzeba zmierzyć"
    )
    assert charts.draw_profit(parts["profit"], parts["target"]).finding == (
        "A list of 40\N{NO-BREAK SPACE}customers brings between \N{MINUS SIGN}21.00 and 470: the "
        "effect has to be measured"
    )
    nobody = parts["profit"].assign(within_budget=[True, False, False, False])
    assert charts.draw_profit(nobody) is None


def test_the_titles_about_churn_and_drivers_are_their_numbers(parts):
    found = drawings(parts)
    # Everybody who comes back does so after 31 days.
    assert parts["churn"]["horizon_days"] == 60
    assert found["gaps"].finding == (
        f"Within 60{NBSP}days of a purchase "
        f"{Words('en').share(4 / 5)} of customers buy again"
    )  # fmt: skip
    assert f"Of those silent for 60{NBSP}days, 0% come back" in found["comebacks"].finding
    # e^.8473 = 2.33; e^.6931 = 2.
    assert found["importance"].finding == (
        "Silence and rhythm: this moves the odds of a return most, by ×2.3 on average"
    )
    assert found["dependence"].finding == (
        f"Who bought in the last 30{NBSP}days comes back most often"
    )
    drivers = typed(parts)["drivers"]
    polish = charts.draw_dependence(drivers, 1, language="pl").finding
    assert polish == "Część anulowana lub zwrócona: najczęściej wracają klienci z wartością do 0%"
    assert charts.draw_dependence(drivers, 2) is None


def test_what_moves_the_chance_too_little_to_write_is_with_the_rest(parts):
    alt = charts.draw_importance(typed(parts)["drivers"]).alt
    assert "Days and hours of shopping" not in alt
    assert alt.endswith("All else, such as the calendar: ×1.01.")


def test_the_verdict_on_the_data_stands_on_the_page_with_what_to_do(parts, written):
    page = text_of(written["en"])
    assert "Is there enough data?" in page
    assert f"Little data: 424{NBSP}days of history, 240{NBSP}customers" in page
    assert "does not show the same season twice" in page
    assert f"Mało danych: 424{NBSP}dni historii" in text_of(written["pl"])
    assert "nie pokazuje tej samej pory roku dwa razy" in text_of(written["pl"])
    unproven = text_of(rendered(parts | {"evaluation": None}))
    assert f"Little data: 424{NBSP}days of history" in unproven


@pytest.mark.long
def test_the_page_says_whether_its_forecasts_look_farther_than_churn_does(parts, written):
    assert parts["churn"]["horizon_days"] == 60
    assert f"look 90{NBSP}days ahead, farther than this rule" in text_of(written["en"])
    assert "dalej niż ta reguła" in text_of(written["pl"])
    assert "The forecasts on this page" not in text_of(rendered(parts, horizon_days=60))
    near = text_of(rendered(parts, horizon_days=30))
    assert f"look 30{NBSP}days ahead, which is a nearer question" in near


@pytest.mark.long
def test_lines_that_name_no_customer_are_missed_where_the_orders_are_counted(parts):
    def found(guests):
        aside = SetAside(total=guests, by_reason={"no_customer": guests})
        ingest = an_intake(lines_set_aside=aside)
        return re.sub(r"<[^>]+>", "", rendered(parts | {"ingest": ingest}))

    assert f"200{NBSP}lines (20% of those read) name no customer and are in none" in found(200)
    assert "in none of these numbers" not in found(9)


def test_a_customer_who_is_a_tenth_of_revenue_is_told_with_the_averages():
    # Each of 20 customers buys for 10; the last one for 810 of 1000.
    rows = [(f"c{n:02d}", f"o{n}", "2024-01-05", 1000, "order") for n in range(19)]
    for last, said in ((81000, "81%"), (1000, None)):
        facts = describe_shop(order_lines([*rows, ("z", "z", "2024-02-01", last, "order")]), CUTOFF)
        page = re.sub(r"<[^>]+>", "", rendered({"shop": facts}))
        assert ("One customer alone brings in" in page) == (said is not None)
        assert said is None or f"brings in {said} of revenue" in page


@pytest.mark.long
def test_spending_that_was_far_off_in_the_test_is_told_beside_the_forecast(parts):
    value = parts["evaluation"]["value"]
    for bias, said in ((2.09, "209%"), (0.5, "50%"), (1.2, None)):
        ours = value["methods"]["winback"] | {"bias": bias}
        methods = value["methods"] | {"winback": ours}
        evaluation = parts["evaluation"] | {"value": value | {"methods": methods}}
        page = text_of(rendered(parts | {"evaluation": evaluation}))
        assert (f"in the test the forecasts came to {said} of what" in page) == (said is not None)


def test_what_a_segment_means_is_what_its_grid_says():
    # Fifths are of the shop: a grocery's slowest fifth may have been silent for a fortnight.
    for meant in TERMS["meaning"].values():
        assert not re.search("just now|long silent|long ago|recent", meant["en"])
    assert TERMS["meaning"]["cannot_lose"]["en"] == (
        "among the 40% longest without an order, 10 orders or more"
    )


def test_odds_that_nearly_vanish_are_not_written_as_zero(parts):
    drivers = parts["drivers"]
    column = drivers["dependence"][0]
    gone = column["bins"][1] | {"effect": -6.0, "low": -7.0, "high": -5.0}
    drivers = drivers | {"dependence": [column | {"bins": [column["bins"][0], gone]}]}
    drivers = typed({"drivers": drivers})["drivers"]
    # e^-6 = 0.0025
    assert "×0.002" in charts.draw_dependence(drivers, 0).alt


@pytest.mark.long
def test_a_picture_draws_its_colours_from_the_page_and_the_same_bytes_twice(parts):
    for name, picture in drawings(parts).items():
        drawn = charts.figure_svg(picture, name)
        assert drawn == charts.figure_svg(drawings(parts)[name], name)
        assert not re.findall(r"#[0-9a-f]{6}(?![0-9a-f])", drawn), name
        assert 'role="img"' in drawn
        assert "http" not in drawn


def test_a_picture_shows_itself_in_a_notebook(parts):
    assert drawings(parts)["lift"]._repr_png_()[:4] == b"\x89PNG"


# The page in a browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(written, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for language, page in written.items():
        (folder / f"{language}.html").write_text(page, "utf-8")
    return {language: folder / f"{language}.html" for language in written}


@pytest.fixture
def opened(browser, pages):
    """Open the page at a width, in a language and theme; all folded parts unfolded."""
    contexts = []

    def show(*, width=1280, language="en", scheme="light", media="screen", unfold=True):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.complaints, page.asked = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.emulate_media(media=media)
        page.goto(pages[language].as_uri())
        for summary in page.query_selector_all("summary"):
            if media == "screen" and unfold:
                summary.evaluate("summary => summary.parentElement.open = true")
        return page

    yield show
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_request_leaves_the_page_and_nothing_is_complained_about(opened, language):
    page = opened(language=language)
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in page.asked if url.startswith("file:")]) == 1
    assert page.complaints == []


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_drawn_and_nothing_runs_over_the_edge(opened, width, language):
    page = opened(width=width, language=language)
    boxes = page.evaluate(
        """[...document.querySelectorAll('svg')].map(svg => {
            const box = svg.getBoundingClientRect();
            const boxes = what => [...svg.querySelectorAll(what)].map(
                part => part.getBoundingClientRect());
            const outside = t => t.left < box.left - 2 || t.right > box.right + 2;
            return {width: box.width, height: box.height,
                    marks: boxes('path, use').filter(m => m.width + m.height > 0).length,
                    outside: boxes('text').filter(outside).length}
        }).filter(found => found.width > 0)"""
    )
    assert len(boxes) == 13
    for box in boxes:
        assert box["width"] > 250
        assert box["height"] > 50
        assert box["marks"] >= 3
        assert box["outside"] == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_text_in_pictures_can_be_read_on_a_phone(opened):
    sizes = opened(width=360).evaluate(
        """[...document.querySelectorAll('.narrow svg')].flatMap(svg => {
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            return [...svg.querySelectorAll('text')].map(
                t => parseFloat(getComputedStyle(t).fontSize) * scale);
        })"""
    )
    assert min(sizes) >= 10.9


def test_headings_go_down_one_level_at_a_time(opened):
    levels = opened().evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_fit_a_desktop_without_scrolling(opened):
    over = "t => t.scrollWidth > t.clientWidth"
    scrolled = opened().evaluate(f"[...document.querySelectorAll('.table')].filter({over}).length")
    assert scrolled == 0


def test_tables_name_their_columns_and_rows(opened):
    page = opened()
    assert page.locator("table").count() == page.locator("table > caption").count() > 5
    assert page.locator("th:not([scope])").count() == 0


def test_the_first_picture_about_the_model_sets_observed_beside_predicted(opened):
    assert "came back" in opened().locator("#sure figure .finding").first.inner_text()


def test_dark_readers_get_light_text_on_dark_and_paper_stays_white(opened):
    ink = "getComputedStyle(document.querySelector('.finding')).color"
    assert opened().evaluate(ink) == "rgb(29, 36, 48)"
    assert opened(scheme="dark").evaluate(ink) == "rgb(232, 235, 240)"
    assert opened(scheme="dark", media="print").evaluate(ink) == "rgb(29, 36, 48)"


def test_what_is_folded_stays_folded_in_print_on_five_sheets_at_most(opened):
    page = opened(media="print")
    assert page.locator("#list td").first.bounding_box()["height"] == 0
    assert len(sheets(page)) == 1
    page.evaluate("document.getElementById('list').open = true")
    assert page.locator("#list td").first.bounding_box()["height"] > 0
    assert 1 < len(sheets(page)) <= 5


def sheets(page):
    """The sheets of A4 that the browser prints the page on."""
    return re.findall(rb"/Type ?/Page\b(?!s)", page.pdf(format="A4", prefer_css_page_size=True))


AXE = Axe()


def violations(page):
    """What a screen reader, or a reader with poor sight, cannot use."""
    return AXE.run(page).response["violations"]


def test_axe_finds_nothing_wrong_with_all_parts_open(opened):
    page = opened(width=390, scheme="dark", language="pl")
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations(page)] == []


@pytest.mark.parametrize("unfold", [False, True], ids=["folded", "open"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.long
def test_axe_finds_nothing_wrong(opened, language, width, scheme, unfold):
    page = opened(width=width, scheme=scheme, language=language, unfold=unfold)
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations(page)] == []


def test_the_keyboard_reaches_and_opens_every_heading(opened):
    page = opened(unfold=False)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => [document.activeElement.tagName, document.activeElement.parentElement.id,
                      getComputedStyle(document.activeElement).outlineStyle]"""
        )
        if focused[0] == "SUMMARY":
            reached.append(focused[1])
            assert focused[2] == "solid"
            page.keyboard.press("Enter" if len(reached) % 2 else "Space")
            assert page.evaluate("document.activeElement.parentElement.open")
            page.keyboard.press("Enter")
        if focused[1] == "analyst":
            break
    assert reached == ["list", "customers", "shop", "analyst"]


def test_a_link_into_a_folded_heading_opens_it(opened):
    page = opened(unfold=False)
    page.evaluate("location.hash = 'lines'")
    page.wait_for_function("document.getElementById('analyst').open")


# What an analyst reads; a marketer never has to.
_STATISTICS = re.compile(
    r"log loss|\bROC\b|\bAUC\b|NBD|\bGini|calibrat|kalibr|\blift|\bECE\b|LightGBM|regressi|regresj|"
    r"bootstrap|Brier|gamma-gamma|\bodds\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_statistics_are_named_under_the_last_heading_alone(written, language):
    above, _, below = written[language].partition('id="analyst"')
    said = " ".join(re.findall(r'aria-label="([^"]*)"', above))
    assert _STATISTICS.findall(text_of(above) + said) == []
    assert len(set(_STATISTICS.findall(text_of(below)))) > 3


def test_headings_with_nothing_in_them_are_said_and_do_not_open(written):
    assert '<div class="fold shut" id="outcome">' in written["en"]
    assert "no list has left and been sealed" in written["en"]
