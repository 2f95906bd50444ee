"""``import winback as wb``, as a person in a notebook meets it."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

import winback as wb
from winback.errors import UsageError

HORIZON_DAYS = 30
QUICK = {"seeds": 1, "max_rounds": 20, "step_rounds": 5, "threads": 1, "lifetime_days": None}


@pytest.fixture(scope="module")
def shop():
    return wb.simulate_shop("groceries", 150, days=420, seed=3)


@pytest.fixture(scope="module")
def intake(shop, tmp_path_factory):
    return wb.read_orders(shop.orders, tmp_path_factory.mktemp("orders"), cutoff=shop.end)


@pytest.fixture(scope="module")
def snapshots(intake):
    cutoffs = wb.training_cutoffs(intake.summary["first_day"], intake.cutoff, HORIZON_DAYS)
    return wb.take_snapshots(
        intake.orders_path, [*cutoffs, intake.cutoff], horizon_days=HORIZON_DAYS
    )


@pytest.fixture(scope="module")
def model(snapshots, intake):
    return wb.fit_return_model(
        snapshots.closed(), cutoff=intake.cutoff, horizon_days=HORIZON_DAYS, horizons_days=[60],
        customers=snapshots.newest(), settings=QUICK,
    )  # fmt: skip


@pytest.fixture(scope="module")
def judged(snapshots):
    return wb.backtest(
        snapshots.closed(), horizon_days=HORIZON_DAYS, active_days=60, origins=2, settings=QUICK
    )


FIRST, LAST = date(2023, 1, 1), date(2023, 12, 1)


@pytest.mark.parametrize(
    "written",
    [
        str,
        pd.Timestamp,
        np.datetime64,
        lambda day: datetime(day.year, day.month, day.day, 13, 30),
        lambda day: f"{day} 13:30:00",
    ],
    ids=["text", "timestamp", "numpy", "with an hour", "text with an hour"],
)
def test_training_cutoffs_take_a_day_however_it_is_written(written):
    expected = wb.training_cutoffs(FIRST, LAST, 30)
    assert expected[-1] == date(2023, 10, 27)
    assert wb.training_cutoffs(written(FIRST), written(LAST), 30) == expected


@pytest.mark.parametrize("day", ["1.12.2023", "", None, pd.NaT])
def test_what_is_no_day_is_refused_with_an_example(day):
    with pytest.raises(UsageError, match="expected a day such as 2024-05-01"):
        wb.training_cutoffs(FIRST, day, 30)


def test_a_cutoff_is_a_date_a_timestamp_or_text(snapshots, intake, model):
    for written in (f"{intake.cutoff}", pd.Timestamp(intake.cutoff)):
        again = wb.fit_return_model(
            snapshots.closed(), cutoff=written, horizon_days=HORIZON_DAYS, horizons_days=[60],
            customers=snapshots.newest(), settings=QUICK,
        )  # fmt: skip
        assert again.version == model.version
    with pytest.raises(UsageError, match="expected a day such as 2024-05-01, found 'today'"):
        wb.fit_return_model(snapshots.closed(), cutoff="today", horizon_days=HORIZON_DAYS)


def test_settings_are_a_mapping_or_the_settings_themselves(snapshots, intake, model):
    rows, options = snapshots.closed(), {"cutoff": intake.cutoff, "horizon_days": HORIZON_DAYS}
    same = wb.fit_return_model(
        rows, **options, horizons_days=[60], customers=snapshots.newest(),
        settings=wb.TrainSettings(**QUICK),
    )  # fmt: skip
    assert same.version == model.version
    with pytest.raises(UsageError, match=r"`train\.sedes`\. Did you mean `seeds`"):
        wb.fit_return_model(rows, **options, settings={"sedes": 1})
    with pytest.raises(UsageError, match=r"settings: `train.num_leaves`"):
        wb.backtest(rows, horizon_days=30, active_days=60, settings={"num_leaves": "many"})


def test_a_model_shows_itself_in_a_few_lines(model):
    told = repr(model)
    assert len(told.splitlines()) < 20
    assert len(told) < 1000
    for part in (model.kind, model.version, "30, 60", f"rows={model.facts.rows}", "level", "blend"):
        assert part in told
    page = model._repr_html_()
    assert page.startswith("<table>")
    assert model.version in page


def test_a_model_is_kept_and_loaded(model, snapshots, tmp_path):
    model.save(tmp_path / "model.json")
    again = wb.ReturnModel.load(tmp_path / "model.json")
    assert again.version == model.version
    pd.testing.assert_frame_equal(
        again.predict(snapshots.newest()), model.predict(snapshots.newest())
    )


def test_scores_and_their_reasons(model, snapshots):
    customers = snapshots.newest()
    scores = wb.score_customers(model, customers, {"high_risk_above": 0.9})
    explained = wb.add_reasons(scores, model, customers, currency="PLN")
    assert explained["reason_1"].str.contains("than|the shop's average").all()
    with pytest.raises(UsageError, match="Did you mean `high_risk_above`"):
        wb.score_customers(model, customers, {"high_risk": 0.9})


def test_what_each_column_and_each_story_adds_to_a_score(model, snapshots):
    customers = snapshots.newest()
    p = model.predict(customers)["p_return"]
    for table in (
        wb.contributions(model, customers),
        wb.contributions_by_story(model, customers),
    ):
        assert table["customer_id"].tolist() == customers["customer_id"].tolist()
        odds = table.drop(columns=["customer_id", "cutoff"]).sum(axis=1)
        np.testing.assert_allclose(1 / (1 + np.exp(-odds)), p, atol=1e-5)
    assert {"silence", "orders", "money", "rest", "offset"} <= set(table)


def test_a_verdict_is_told_in_either_language(judged):
    found = wb.evaluate_predictions(judged, horizon_days=30, active_days=60, n_bootstrap=50)
    verdict = found.summary.verdict
    assert wb.tell(verdict).startswith("The model")
    assert wb.tell(verdict, language="pl").startswith("Model")
    assert wb.tell(found) == wb.tell(verdict)
    with pytest.raises(UsageError, match="found dict"):
        wb.tell({"verdict": "works"})


def test_a_model_of_ones_own_stands_beside_ours_under_its_name(judged, intake):
    own = judged.assign(p_forest=np.where(judged["returned"], 0.97, 0.03))
    options = {"horizon_days": 30, "n_bootstrap": 50}
    champion = wb.choose_champion(own, cutoff=intake.cutoff, history_days=420, **options)
    assert champion.method == "forest"
    found = wb.evaluate_predictions(own, active_days=60, champion=champion, **options)
    told = wb.tell(found.summary.verdict)
    assert told.startswith("The model predicts returns worse than forest: log loss")
    assert "The scores come from forest, not from the model" in told
    assert "simple rule" not in told


def test_whether_there_is_enough_data_is_told_with_what_to_mind(snapshots):
    found = wb.judge_evidence(snapshots.closed(), snapshots.newest(), horizon_days=30)
    first, *concerns = wb.tell(found, language="pl").splitlines()
    assert first.split(":")[0] in ("Danych wystarcza", "Mało danych")
    assert len(concerns) == len(found.concerns)


def test_every_name_is_there_and_documented():
    for name in wb.__all__:
        assert getattr(wb, name).__doc__, name
    assert dir(wb) == sorted(dir(wb))
