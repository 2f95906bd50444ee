"""The gate between challenger and champion: what passes, what does not, and who scores then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from winback.judging.gate import LEAST_SEGMENT, compare, decide, paired
from winback.results.gated import Kind

KINDS: tuple[Kind, ...] = ("refresh", "change")
SEGMENTS = ("loyal", "at_risk", "lost")


def two_sides(
    customers: int = 3_000, seed: int = 0, *, champion: float = 0.0, challenger: float = 0.0,
    harmed: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Two sides that forecast the same customers at three cutoffs.

    ``champion`` and ``challenger`` say how much noise is in the log-odds of each; the challenger
    knows much less of the segment that is ``harmed``.
    """
    draw = np.random.default_rng(seed)
    n = 3 * customers
    truth = draw.normal(-1, 1.3, n)
    segment = np.tile(draw.choice(SEGMENTS, customers, p=[0.5, 0.4, 0.1]), 3)
    theirs = truth + champion * draw.normal(size=n)
    ours = truth + challenger * draw.normal(size=n)
    ours = np.where(segment == harmed, truth + draw.normal(size=n), ours)
    return pd.DataFrame(
        {
            "customer_id": np.tile(np.arange(customers), 3).astype(str),
            "cutoff": np.repeat(pd.date_range("2024-01-01", periods=3, freq="MS"), customers),
            "returned": draw.random(n) < expit(truth),
            "champion": expit(theirs),
            "challenger": expit(ours),
            "segment": segment,
        }
    )  # fmt: skip


def verdict(kind: Kind, **sides: Any) -> tuple[str, tuple[str, ...]]:
    return decide(kind, compare(two_sides(**sides), n_bootstrap=200))


def test_a_change_passes_only_where_its_gain_is_beyond_doubt() -> None:
    assert verdict("change", champion=0.5) == ("promoted", ("gain_shown",))
    assert verdict("change", champion=0.02, challenger=0.02) == ("kept", ("no_gain_shown",))


def test_a_gain_too_small_to_matter_is_none() -> None:
    found = compare(two_sides(customers=40_000, champion=0.08), n_bootstrap=100)
    assert found.gain is not None and found.gain.low is not None
    assert 0 < found.gain.low <= found.gain.value < 0.001
    assert decide("change", found)[1] == ("no_gain_shown",)


def test_a_refresh_passes_unless_harm_is_shown() -> None:
    assert verdict("refresh", champion=0.05, challenger=0.05) == ("promoted", ("no_harm_shown",))
    assert verdict("refresh", challenger=0.6)[0] == "kept"


def test_harm_in_one_segment_stops_what_gains_over_all() -> None:
    rows = two_sides(customers=4_000, champion=1.2, harmed="at_risk")
    spared = (rows["segment"] == "at_risk").to_numpy()
    # The champion knows that one segment well, and little of all the others.
    known = np.where(spared, two_sides(customers=4_000)["challenger"], rows["champion"])
    found = compare(rows.assign(champion=known), n_bootstrap=200)
    assert found.gain is not None and found.gain.low is not None and found.gain.low > 0.001
    assert [each.segment for each in found.segments if each.harmed] == ["at_risk"]
    for kind in KINDS:
        assert decide(kind, found) == ("kept", ("harm_in_segment",))


def test_only_segments_of_five_hundred_customers_count() -> None:
    rows = two_sides(customers=3_000, champion=0.5, harmed="lost")
    found = compare(rows, n_bootstrap=200)
    sizes = rows.groupby("segment")["customer_id"].nunique()
    assert sizes["lost"] < LEAST_SEGMENT
    assert found.segments_too_small == ("lost",)
    assert [each.segment for each in found.segments] == ["everyone", "at_risk", "loyal"]
    assert decide("change", found) == ("promoted", ("gain_shown",))


def test_sides_that_say_the_same_are_equal() -> None:
    rows = two_sides(champion=0.3)
    found = compare(rows.assign(challenger=rows["champion"]), n_bootstrap=100)
    assert found.gain is not None
    assert (found.gain.value, found.gain.low, found.gain.high) == (0, 0, 0)
    assert decide("refresh", found)[0] == "promoted"
    assert decide("change", found)[0] == "kept"


def test_gain_turns_its_sign_with_the_sides() -> None:
    rows = two_sides(champion=0.4, challenger=0.1)
    one = compare(rows, n_bootstrap=100).gain
    other = compare(
        rows.rename(columns={"champion": "challenger", "challenger": "champion"}), n_bootstrap=100
    ).gain
    assert one is not None and other is not None
    assert (one.value, one.low, one.high) == (-other.value, -other.high, -other.low)


def test_the_order_of_rows_changes_nothing() -> None:
    rows = two_sides(champion=0.4)
    mixed = rows.sample(frac=1, random_state=3).reset_index(drop=True)
    one, other = (compare(table, n_bootstrap=100) for table in (rows, mixed))
    assert one.segments == other.segments
    assert one.gain == other.gain


def test_gains_are_means_of_log_loss_by_hand() -> None:
    rows = two_sides(customers=600, champion=0.4)
    found = compare(rows, n_bootstrap=100)

    def loss(side: str, part: pd.DataFrame) -> float:
        return float(-np.log(np.where(part["returned"], part[side], 1 - part[side])).mean())

    assert found.log_loss == pytest.approx(loss("challenger", rows), abs=5e-5)
    assert found.gain is not None
    assert found.gain.value == pytest.approx(
        loss("champion", rows) - loss("challenger", rows), abs=5e-5
    )
    for day, gain in found.by_origin.items():
        part = rows[rows["cutoff"] == pd.Timestamp(day)]
        assert gain == pytest.approx(loss("champion", part) - loss("challenger", part), abs=5e-5)


def test_the_interval_is_as_wide_as_customers_differ() -> None:
    """A customer's three rows are one draw: tripled rows make no interval narrower."""
    rows = two_sides(customers=2_000, champion=0.4).iloc[:2_000]
    thrice = pd.concat([rows.assign(cutoff=pd.Timestamp(f"2024-0{k}-01")) for k in (1, 2, 3)])
    one, three = (compare(table, n_bootstrap=400).gain for table in (rows, thrice))
    assert one == three


def test_a_slope_that_is_off_stops_a_change_that_gains() -> None:
    rows = two_sides(champion=3.0)
    # A champion that knows little and says so, against one that knows much and is too timid.
    honest = expit(-1 + 0.16 * (logit(rows["champion"]) + 1))
    timid = expit(logit(rows["challenger"]) / 1.6)
    found = compare(rows.assign(champion=honest, challenger=timid), n_bootstrap=200)
    assert found.calibration_slope is not None and found.calibration_slope.value > 1.4
    assert found.gain is not None and found.gain.low is not None and found.gain.low > 0.001
    assert decide("change", found) == ("kept", ("slope_off",))
    # Where the champion is off as much, better is better.
    as_timid = expit(-1 + 0.05 * (logit(rows["champion"]) + 1))
    other = compare(rows.assign(champion=as_timid, challenger=timid), n_bootstrap=200)
    assert decide("change", other) == ("promoted", ("gain_shown",))


def test_few_customers_show_nothing() -> None:
    few = compare(two_sides(customers=12, champion=2.0), n_bootstrap=100)
    assert decide("change", few) == ("kept", ("too_few",))
    assert decide("refresh", few)[0] == "promoted"
    nobody = compare(two_sides(customers=12).iloc[:0], n_bootstrap=100)
    assert decide("change", nobody) == ("kept", ("nothing_to_show",))


def test_sides_meet_on_the_rows_that_both_forecast() -> None:
    day, other = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")
    theirs = pd.DataFrame(
        {
            "customer_id": ["a", "b"], "cutoff": [day, day],
            "returned": [True, False], "p_bgnbd": [0.5, 0.2],
        }
    )  # fmt: skip
    ours = pd.DataFrame(
        {
            "customer_id": ["b", "c", "a"], "cutoff": [day, day, other],
            "returned": [True, True, True], "p_lightgbm": [0.3, 0.4, 0.6],
        }
    )  # fmt: skip
    rows = paired(theirs, ours, ("bgnbd", "lightgbm"))
    assert rows.to_dict("records") == [
        {"customer_id": "b", "cutoff": day, "returned": True, "champion": 0.2, "challenger": 0.3}
    ]
    assert paired(theirs, ours, ("rfm", "lightgbm")).empty
    # Who stands for others counts as often as the challenger's side has it.
    often = paired(pd.concat([theirs, theirs]), pd.concat([ours] * 3), ("bgnbd", "lightgbm"))
    assert often.to_dict("records") == rows.to_dict("records") * 3
