"""Grades of lists that left: against the truth of a simulated shop, and counted independently."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from winback.errors import UsageError, WinbackError
from winback.ledger.asked import packed
from winback.ledger.book import Ledger
from winback.ledger.people import People
from winback.params import Params, check_params
from winback.project import Project
from winback.report.material import Material
from winback.report.page import render_report
from winback.results.described import Described
from winback.results.graded import Grade, Record
from winback.results.ledgered import Kind, ModelSealed, Recipe, Sealed
from winback.said.graded import record_lines
from winback.said.words import Words
from winback.shop.history import describe_shop
from winback.stages.flow import stage
from winback.stages.grade import grade
from winback.synthetic.shop import Shop, simulate_shop
from winback.tables.graded import GRADES

HORIZON, DAYS = 28, 560
END = date(2023, 1, 1) + timedelta(days=DAYS)
RIPE = [END - timedelta(days=7 * weeks) for weeks in (12, 11, 10, 9, 8, 7, 6, 5, 4)]
EARLY, OPEN = END - timedelta(days=21), END - timedelta(days=7)
NOBODY = pd.DataFrame({"customer_id": [], "planned_offer": [], "arm": [], "probability": []})
SALT = "the secret of this shop"


@pytest.fixture(scope="module")
def shop() -> Shop:
    """A shop whose customers follow BG/NBD, a fifth of whose lines become known days later."""
    return simulate_shop("bgnbd", 600, days=DAYS, seed=8, late_share=0.2)


@pytest.fixture(scope="module")
def project(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The shop's orders and days, as the stages ingest and snapshot leave them."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "data/raw").mkdir(parents=True)
    shop.orders.to_csv(folder / "data/raw/orders.csv", index=False)
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        made = Project(params(), root=folder)
        stage("ingest")(made)
        stage("snapshot")(made)
        yield made


def params() -> Params:
    return check_params(
        {
            "ingest": {"orders": "data/raw/orders.csv", "columns": {"known_at": "known_at"},
                       "cutoff": str(END)},
            "snapshot": {"horizon_days": HORIZON, "threads": 1},
        }
    )  # fmt: skip


def told(shop: Shop, day: date, times: float = 1.0) -> pd.DataFrame:
    """Scores as the truth has them, or so many times its odds."""
    p = shop.true_return_probability(day, HORIZON)
    known = shop.orders[(shop.orders["known_at"] < pd.Timestamp(day))]
    p = p[p.index.isin(known["customer_id"])]
    odds = times * p / (1 - p)
    p = odds / (1 + odds)
    rows = pd.DataFrame({"customer_id": p.index, "p_return": p.to_numpy().round(6)})
    rows["p_return_14d"] = (rows["p_return"] * 0.6).round(6)
    rows["risk_band"] = np.select([p > 0.5, p > 0.2, p > 0.05], ["low", "medium", "high"], "lost")
    rows["expected_net_spend"] = (rows["p_return"] * 40).round(2)
    return rows


def seal(
    ledger: Ledger, rows: pd.DataFrame, day: date, *, kind: Kind = "seal",
    assignment: pd.DataFrame | None = None, model: str = "blend",
) -> None:  # fmt: skip
    """Append a list as `winback seal` does."""
    people = People(ledger.people)
    people.add(rows["customer_id"], SALT)
    people.save()
    rivals = pd.DataFrame(
        {"customer_id": rows["customer_id"], "p_model": rows["p_return"], "p_base_rate": 0.2,
         "p_best_rule": (rows["p_return"] * 0.5 + 0.1).round(6)}
    )  # fmt: skip
    tables = {"scores": rows, "rivals": rivals}
    if kind == "seal":
        tables["assignment"] = NOBODY if assignment is None else assignment
    files = {}
    for name, table in tables.items():
        arrow = pa.Table.from_pandas(table.astype({"customer_id": "str"}), preserve_index=False)
        arrow = arrow.replace_schema_metadata({"best_rule": "recency"})
        files[f"{name}.parquet"] = packed(people.numbered(arrow))
    sealed = Sealed(
        campaign_id=f"week-{day}", cutoff=day, sent_on=day, horizon_days=HORIZON, language="en",
        currency="PLN", offers=(), customers=len(rows), listed=0, control=0, people=len(rows),
        seal="0" * 16, salt_fingerprint=None, versions={}, sha256={}, params={},
        model=ModelSealed(
            version="aaaabbbbcccc", kind=model, rule=None, recipe=Recipe(params={}, code="c")
        ),
    )  # fmt: skip
    ledger.append(kind, sealed.campaign_id, day, sealed, files, salt=SALT)


@pytest.fixture
def here(project: Project, tmp_path: Path) -> Project:
    return with_ledger(project, tmp_path)


def with_ledger(project: Project, tmp_path: Path) -> Project:
    """The same project with a ledger and results of its own."""
    layout = dict(project.layout) | {
        name: str(tmp_path / place)
        for name, place in (
            ("ledger", "ledger"), ("people", "people.parquet"), ("grades", "grades.json"),
            ("metrics", "metrics"), ("track_record", "grades.csv"),
        )
    }  # fmt: skip
    return Project(project.params, root=project.root, layout=layout)


def counted(shop: Shop, rows: pd.DataFrame, day: date, days: int, known_by: date) -> dict[str, Any]:
    """The same grade, from the raw orders alone."""
    start, end = pd.Timestamp(day), pd.Timestamp(day + timedelta(days=days))
    lines = shop.orders[shop.orders["known_at"] < pd.Timestamp(known_by)]
    within = lines[(lines["ordered_at"] >= start) & (lines["ordered_at"] < end)]
    buyers = set(within.loc[within["amount"] > 0, "customer_id"])
    returned = rows["customer_id"].isin(buyers).to_numpy(float)
    spent = within.groupby("customer_id")["amount"].sum().reindex(rows["customer_id"]).fillna(0)
    p = rows["p_return"].clip(1e-6, 1 - 1e-6).to_numpy()
    loss = -np.where(returned > 0, np.log(p), np.log(1 - p))
    base = -np.where(returned > 0, np.log(0.2), np.log(0.8))
    lost = (rows["risk_band"] == "lost").to_numpy()
    return {
        "returned": returned.mean(), "gap": (returned - p).mean(), "log_loss": loss.mean(),
        "against": (loss - base).mean(), "se": (loss - base).std(ddof=0) / np.sqrt(len(rows)),
        "lost": returned[lost].mean(), "spent": spent.mean(),
    }  # fmt: skip


def of_list(record: Record, day: date) -> Grade:
    return next(g for g in (*record.lists, *record.early) if g.cutoff == day)


@pytest.fixture(scope="module")
def record(shop: Shop, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The record of nine lists whose chances are the truth."""
    mine = with_ledger(project, tmp_path_factory.mktemp("nine"))
    for day in RIPE:
        seal(mine.ledger(), told(shop, day), day)
    return grade(mine)


def test_grades_are_those_counted_from_the_raw_orders(shop: Shop, record: Record) -> None:
    assert [g.cutoff for g in record.lists] == RIPE
    restated = 0
    for day in RIPE:
        found, rows = of_list(record, day), told(shop, day)
        restated += found.then.everybody != found.now.everybody
        for held, by in ((found.then, day + timedelta(days=HORIZON)), (found.now, END)):
            expected = counted(shop, rows, day, HORIZON, by)
            base = held.against[0]
            assert held.everybody.n == len(rows)
            assert held.everybody.returned.value == pytest.approx(expected["returned"], abs=6e-5)
            assert held.gap.value == pytest.approx(expected["gap"], abs=6e-5)
            assert held.log_loss == pytest.approx(expected["log_loss"], abs=6e-5)
            assert base.difference.value == pytest.approx(expected["against"], abs=6e-5)
            assert base.difference.low == pytest.approx(
                expected["against"] - 1.959964 * expected["se"], abs=6e-5
            )
            assert held.lost is not None and held.value is not None
            assert held.lost.returned.value == pytest.approx(expected["lost"], abs=6e-5)
            assert held.value.spent.value == pytest.approx(expected["spent"], abs=6e-3)
    # Late lines are what makes then and now differ.
    assert restated > 0


def test_the_truth_is_right(record: Record) -> None:
    """Of chances that are true, one interval in twenty misses."""
    assert sum(g.now.gap.low <= 0 <= g.now.gap.high for g in record.lists) >= len(RIPE) - 2
    slopes = [g.now.calibration_slope for g in record.lists]
    assert sum(s.low <= 1 <= s.high for s in slopes) >= len(RIPE) - 2
    assert record.trend.gap.mean.low <= 0 <= record.trend.gap.mean.high
    assert record.trend.base_rate.mean.high < 0


def test_the_trend_is_a_mean_and_a_line_by_customer(record: Record) -> None:
    when = np.array([g.cutoff.toordinal() for g in record.lists]) / 30
    gaps = np.array([g.now.gap.value for g in record.lists])
    found = record.trend.gap
    assert found.mean.value == pytest.approx(gaps.mean(), abs=1e-4)
    assert found.per_30_days.value == pytest.approx(np.polyfit(when, gaps, 1)[0], abs=1e-4)
    # The same customers, and mostly the same days: nine lists say hardly more than two.
    one = np.mean([g.now.gap.high - g.now.gap.low for g in record.lists])
    assert one / 3 * 1.3 < found.mean.high - found.mean.low < one


def test_the_page_shows_the_record(project: Project, record: Record) -> None:
    shop = describe_shop(project.path("orders"), END)
    page = render_report(
        Material(described=Described(shop=shop), grades=record, horizon_days=HORIZON)
    )
    assert "How earlier lists came true" in page
    assert "Over 9 lists the forecasts were off by" in page
    assert page.count('aria-label="Lists by the day') == 2  # at either width
    polish = render_report(Material(described=Described(shop=shop), grades=record, language="pl"))
    assert "Jak sprawdziły się wcześniejsze listy" in polish
    assert "How earlier lists" not in render_report(Material(described=Described(shop=shop)))


def test_too_much_is_called_too_much(shop: Shop, here: Project) -> None:
    for day in RIPE[:3]:
        seal(here.ledger(), told(shop, day, times=2.5), day)
    record = grade(here)
    assert all(g.now.gap.high < 0 for g in record.lists)
    en, pl = (record_lines(record, Words(language)) for language in ("en", "pl"))
    assert sum("too much by" in line for line in en) == 3
    assert sum("za dużo o" in line for line in pl) == 3
    assert any("too long silent" in line for line in en)


def test_what_is_not_ripe_waits_and_is_refused_by_name(shop: Shop, here: Project) -> None:
    for day in (RIPE[0], EARLY, OPEN):
        seal(here.ledger(), told(shop, day), day)
    record = grade(here)
    assert [g.cutoff for g in record.lists] == [RIPE[0]]
    # Fourteen of the days are over: an early grade, named so, without rivals.
    [early] = record.early
    assert (early.cutoff, early.days, early.early) == (EARLY, 14, True)
    assert early.now.against == () and early.now.value is None
    rows = told(shop, EARLY)
    expected = counted(shop, rows, EARLY, 14, END)
    assert early.now.everybody.returned.value == pytest.approx(expected["returned"], abs=6e-5)
    assert [(w.cutoff, w.ripe_on, w.early_on) for w in record.waiting] == [
        (EARLY, EARLY + timedelta(days=28), None),
        (OPEN, OPEN + timedelta(days=28), OPEN + timedelta(days=14)),
    ]
    grade(here, f"week-{RIPE[0]}")
    with pytest.raises(WinbackError, match=f"closes on {OPEN + timedelta(days=28)}"):
        grade(here, f"week-{OPEN}")
    with pytest.raises(UsageError, match="no list of that name"):
        grade(here, "nobody")
    assert any(line.startswith("Early: ") for line in record_lines(record, Words("en")))


def test_the_treated_stand_apart_and_controls_for_them(shop: Shop, here: Project) -> None:
    """Offers that bring everybody back must not make the forecast look too low."""
    day = RIPE[-1]
    rows = told(shop, day)
    planned = rows["customer_id"][rows["p_return"] > 0.05].reset_index(drop=True)
    held_out = planned.index % 4 == 0
    assignment = pd.DataFrame(
        {"customer_id": planned, "planned_offer": "mail", "stratum": "p1m1",
         "arm": np.where(held_out, "control", "mail"),
         "probability": np.where(held_out, 0.25, 0.75), "campaign_id": f"week-{day}"}
    )  # fmt: skip
    # Odds far too low for the treated alone: they are not what is graded.
    treated = set(planned[~held_out])
    rows.loc[rows["customer_id"].isin(treated), "p_return"] *= 0.01
    seal(here.ledger(), rows, day, assignment=assignment)
    found = of_list(grade(here), day)
    assert found.treated.n == len(treated)
    assert found.now.everybody.n == len(rows) - len(treated)
    weight = np.where(rows["customer_id"].isin(planned[held_out]), 4.0, 1.0)
    left = ~rows["customer_id"].isin(treated)
    assert found.now.everybody.stand_for == pytest.approx(weight[left].sum(), abs=0.06)
    assert found.now.everybody.foretold == pytest.approx(
        np.average(rows["p_return"][left], weights=weight[left]), abs=6e-5
    )
    assert found.now.gap.low <= 0 <= found.now.gap.high
    assert found.not_stood_for == 0


def test_replayed_weeks_are_graded_beside_lists_and_unproven_ones_are_not(
    shop: Shop, here: Project
) -> None:
    seal(here.ledger(), told(shop, RIPE[0]), RIPE[0], kind="replay")
    seal(here.ledger(), told(shop, RIPE[1]), RIPE[1])
    seal(here.ledger(), told(shop, RIPE[2]), RIPE[2], model="unproven")
    record = grade(here)
    assert [(g.cutoff, g.kind) for g in record.lists] == [
        (RIPE[0], "replay"), (RIPE[1], "seal"),
    ]  # fmt: skip
    assert [(u.cutoff, u.why) for u in record.ungraded] == [(RIPE[2], "unproven")]


def test_who_was_forgotten_is_counted_and_graded_no_more(shop: Shop, here: Project) -> None:
    rows = told(shop, RIPE[0])
    seal(here.ledger(), rows, RIPE[0])
    people = People(here.ledger().people)
    assert people.forget(rows["customer_id"].iloc[3])
    people.save()
    [found] = grade(here).lists
    assert (found.customers, found.forgotten) == (len(rows), 1)
    assert found.now.everybody.n == len(rows) - 1


def test_who_objected_to_profiling_since_is_counted_and_graded_no_more(
    shop: Shop, here: Project
) -> None:
    rows = told(shop, RIPE[0])
    seal(here.ledger(), rows, RIPE[0])
    gone = rows["customer_id"].iloc[[3, 5]]
    privacy = pd.DataFrame({"customer_id": gone, "no_profiling": [True, False]})
    here.write_frame("privacy", privacy)
    [found] = grade(here).lists
    assert (found.customers, found.forgotten) == (len(rows), 1)
    assert found.now.everybody.n == len(rows) - 1


def test_the_same_ledger_gives_the_same_bytes_and_a_table_to_draw(
    shop: Shop, here: Project
) -> None:
    for day in RIPE[:2]:
        seal(here.ledger(), told(shop, day), day)
    grade(here)
    before = here.path("grades").read_bytes()
    grade(Project(here.params, root=here.root, layout=here.layout))
    assert here.path("grades").read_bytes() == before
    curve = pd.read_csv(here.path("track_record"))
    assert tuple(curve.columns) == GRADES.names
    assert curve["cutoff"].tolist() == [str(day) for day in RIPE[:2]]
    assert curve["returned"].between(curve["low"], curve["high"]).all()
    metrics = json.loads((here.path("metrics") / "grade.json").read_text())
    assert metrics["lists"] == 2


def test_before_any_list_left_there_is_nothing_to_grade(here: Project) -> None:
    record = grade(here)
    assert (record.lists, record.early, record.trend) == ((), (), None)
    assert record_lines(record, Words("en")) == [
        "No list has left yet, so there is nothing to grade."
    ]
