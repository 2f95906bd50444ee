"""What moves the chance: sums that can be checked, and nothing that may not be named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from winback.learning.fit import fit_return_model
from winback.learning.model import ReturnModel
from winback.params import TrainSettings
from winback.report.charts import draw_dependence, draw_importance
from winback.results.scored import Drivers, ToldColumn
from winback.said.notebook import tell
from winback.scoring.drivers import describe_drivers
from winback.scoring.reasons import story_of
from winback.snapshots.walk import take_snapshots
from winback.synthetic.shop import simulate_shop

HORIZON_DAYS = 30
QUICK = TrainSettings(seeds=1, max_rounds=30, patience_rounds=5, threads=1)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A model of 250 customers of a grocer, and their newest snapshots."""
    from winback.intake.settling import read_orders

    lines = simulate_shop("groceries", 250, days=240, seed=3).orders
    intake = read_orders(lines, tmp_path_factory.mktemp("orders"))
    cutoffs = [intake.cutoff - pd.Timedelta(days=30 * k) for k in (5, 4, 3, 2, 1, 0)]
    snapshots = take_snapshots(
        intake.orders_path, cutoffs, horizon_days=HORIZON_DAYS, observed_until=intake.cutoff
    )
    customers = snapshots.newest()
    model = fit_return_model(
        snapshots.closed(), cutoff=customers["cutoff"].iloc[0], horizon_days=HORIZON_DAYS,
        customers=customers, settings=QUICK,
    )  # fmt: skip
    assert model.kind in ("blend", "regression")
    return model, customers


def test_a_story_s_effect_is_the_mean_size_of_its_contributions(fitted):
    model, customers = fitted
    found = describe_drivers(model, customers)
    assert found["customers"] == len(customers)
    parts = model.contributions(customers)
    for row in found["importance"]:
        own = [name for name in parts if story_of(name) == row["story"]]
        total = parts[own].sum(axis=1)
        assert row["effect"] == pytest.approx((total - total.mean()).abs().mean(), abs=1e-4)
    effects = [row["effect"] for row in found["importance"]]
    assert effects == sorted(effects, reverse=True)
    assert Drivers.from_json(found.to_json(), "drivers.json") == found


def test_groups_hold_every_customer_once_and_average_to_nothing(fitted):
    model, customers = fitted
    found = describe_drivers(model, customers)
    assert [row["story"] for row in found["dependence"]] == [
        row["story"] for row in found["importance"][: len(found["dependence"])]
    ]
    for row in found["dependence"]:
        values = customers[row["column"]].to_numpy(np.float64)
        sizes = [
            int(((values >= b["from"] - 1e-4) & (values <= b["to"] + 1e-4)).sum())
            for b in row["bins"]
        ]
        assert sizes == [b["customers"] for b in row["bins"]]
        assert sum(sizes) == len(customers)
        whole = sum(b["effect"] * b["customers"] for b in row["bins"]) / len(customers)
        assert whole == pytest.approx(0, abs=1e-3)
        for lower, upper in zip(row["bins"], row["bins"][1:], strict=False):
            assert lower["to"] < upper["from"]


def test_the_order_of_the_rows_changes_nothing(fitted):
    model, customers = fitted
    shuffled = customers.sample(frac=1, random_state=1)
    assert describe_drivers(model, shuffled) == describe_drivers(model, customers)


class Contributions(ReturnModel):
    """A model whose contributions are given, column by column."""

    def contributions(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        given = {"days_since_last_order": 1.0, "orders_total": 0.2, "gender_male": 5.0}
        signs = np.where(np.arange(len(snapshots)) % 2 == 0, 1.0, -1.0)
        return pd.DataFrame(
            {name: size * signs for name, size in given.items()} | {"offset": 0.0},
            index=snapshots.index,
        )


def test_an_attribute_without_a_story_is_counted_and_never_named(fitted):
    model, customers = fitted
    found = describe_drivers(Contributions(**vars(model)), customers)
    assert [row["story"] for row in found["importance"]] == ["silence", "orders"]
    assert found["rest"] == pytest.approx(5, abs=0.1)
    assert "gender" not in found.to_json()


LATE = {
    "late_delivery_90d": ToldColumn(
        name="late_delivery", label={"en": "late deliveries", "pl": "opóźnione dostawy"},
        how="sum", windows_days=(90,),
    ),
    "tier": ToldColumn(
        name="tier", label={"en": "tier", "pl": "poziom"}, how="value", levels=("silver", "gold")
    ),
}  # fmt: skip


class OfTheShopsOwn(ReturnModel):
    """A model that a declared signal moves most, then an attribute."""

    def contributions(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        late, tier = snapshots["late_delivery_90d"], snapshots["tier"]
        return pd.DataFrame({"late_delivery_90d": -late, "tier": tier / 2, "offset": 0.0})


def test_what_a_shop_declares_is_drawn_and_told_by_its_label(fitted):
    model, customers = fitted
    place = np.arange(len(customers))
    rows = customers.assign(late_delivery_90d=place % 4 * 1.0, tier=place // 4 % 2 * 1.0)
    found = describe_drivers(OfTheShopsOwn(**vars(model)), rows, LATE)
    assert [(row["story"], row["label"]["pl"]) for row in found["importance"]] == [
        ("late_delivery", "opóźnione dostawy"), ("tier", "poziom")
    ]  # fmt: skip
    assert Drivers.from_json(found.to_json(), "drivers.json") == found
    assert tell(found) == (
        "The odds of a return move most with: late deliveries (×2.7), tier (×1.3); on average over "
        "250\N{NO-BREAK SPACE}customers."
    )
    assert draw_importance(found).finding.startswith("Late deliveries: ")
    assert draw_importance(found, language="pl").finding.startswith("Opóźnione dostawy: ")
    assert draw_dependence(found).finding == (
        "Late deliveries in 90\N{NO-BREAK SPACE}days: those up to 0 come back most often"
    )
    assert draw_dependence(found, 1, language="pl").finding == (
        "Poziom: najczęściej wracają klienci z wartością od gold"
    )


def test_a_shop_where_all_have_the_same_chance_has_no_drivers(fitted):
    model, customers = fitted
    for kind in ("base_rate", "unproven"):
        found = describe_drivers(replace(model, kind=kind), customers)
        assert (found["importance"], found["dependence"], found["rest"]) == ((), (), 0)
