"""When a window is closed, what is missing of it, and how often it was looked at."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from winback.campaign.looks import Window, level_of, level_of_next
from winback.campaign.measuring import OpenWindow, measure_campaign
from winback.campaign.window import ShopPace
from winback.cli.app import app
from winback.errors import WinbackError
from winback.intake.settling import read_orders
from winback.results.offered import Offer
from winback.said.measured import verdict
from winback.said.spoken import tell
from winback.said.words import Words

ENGLISH = Words("en")
START = date(2024, 11, 1)
END = START + timedelta(days=29)
FAR = date(2024, 12, 20)


def shop(
    per_day: float = 20, *, until: date = FAR, lift: float = 0.0, seed: int = 1, n: int = 600
) -> tuple[pd.DataFrame, pa.Table]:
    """Ten months and what follows of a steady shop; half its customers are treated from START."""
    draw = np.random.default_rng(seed)
    first = date(2024, 1, 1)
    days = (until - first).days + 1
    treated = np.arange(n) % 2 == 0
    counts = draw.poisson(per_day, days)
    day = np.repeat(np.arange(days), counts)
    who = draw.integers(0, n, len(day))
    inside = (day >= (START - first).days) & ~treated[who] & (draw.random(len(day)) < lift)
    who[inside] -= 1  # their orders go to a treated one
    seconds = draw.integers(0, 86_400, len(day))
    moments = np.datetime64(first, "s") + day * 86_400 + seconds
    moments.sort()
    table = pa.table(
        {
            "customer_id": [f"c{each:04d}" for each in who],
            "order_id": [str(k) for k in range(len(who))],
            "ordered_at": pa.array(moments, pa.timestamp("s")),
            "known_at": pa.array(moments, pa.timestamp("s")),
            "amount": pa.array(draw.integers(1_000, 9_000, len(who)), pa.int64()),
            "kind": ["order"] * len(who),
        }
    ).replace_schema_metadata({"amount_scale": "100"})
    assignment = pd.DataFrame(
        {
            "customer_id": [f"c{k:04d}" for k in range(n)],
            "arm": np.where(treated, "ten_off", "control"),
            "assigned_at": START,
            "probability": 0.5,
        }
    )
    return assignment, table


ASSIGNMENT, ORDERS = shop(lift=0.5)


def between(table: pa.Table, first: date | None, last: date) -> pa.Table:
    """The orders of some days."""
    day = table["ordered_at"].to_pandas().dt.date
    return table.filter(pa.array((day <= last) & (day >= (first or date(2000, 1, 1)))))


def strays(table: pa.Table, *days: date) -> pa.Table:
    """The same with one order more on each of some days."""
    moments = pa.array([pd.Timestamp(day) + pd.Timedelta(hours=9) for day in days],
                       pa.timestamp("s"))  # fmt: skip
    more = pa.table(
        {
            "customer_id": ["c0000"] * len(days),
            "order_id": [f"s{k}" for k in range(len(days))],
            "ordered_at": moments,
            "known_at": moments,
            "amount": pa.array([1_000] * len(days), pa.int64()),
            "kind": ["order"] * len(days),
        },
        schema=table.schema.remove_metadata(),
    )
    whole = pa.concat_tables([table.replace_schema_metadata(), more])
    return whole.replace_schema_metadata(table.schema.metadata)


CUT = between(ORDERS, None, date(2024, 11, 12))


def test_a_window_that_the_orders_cover_is_read() -> None:
    found = measure_campaign(ASSIGNMENT, ORDERS)
    assert found.verdict == "works"
    assert found.window is not None
    assert (found.window.closes_on, found.window.seen_until) == (END, FAR)
    assert (found.window.gaps, found.looks, found.cautions) == ((), None, ())


LATE = (date(2024, 12, 3), date(2024, 12, 11), date(2024, 12, 20))


@pytest.mark.parametrize(
    ("orders", "until", "said"),
    [
        (CUT, None, "history ends on 2024-11-12. Nothing is read before it closes"),
        (strays(CUT, *LATE), None, "ends on 2024-11-12: those after it, up to 2024-12-20"),
        (strays(CUT, LATE[2]), None, "ends on 2024-11-12: those after it"),
        (strays(CUT, *LATE), FAR, "ends on 2024-11-12: those after it"),  # as the doors say it
        (CUT, END, "until 2024-11-30 is not borne out"),
        (strays(CUT, *LATE), END, "until 2024-11-30 is not borne out"),
        (strays(CUT, *[LATE[2]] * 6), date(2025, 1, 31), "until 2025-01-31 is not borne out"),
    ],
    ids=[
        "as it is",
        "strays",
        "one",
        "strays and their day",
        "until",
        "strays and until",
        "a cluster and until",
    ],
)
def test_an_export_that_ends_in_the_window_closes_none(
    orders: pa.Table, until: date | None, said: str
) -> None:
    with pytest.raises(OpenWindow) as refused:
        measure_campaign(ASSIGNMENT, orders, history_until=until)
    assert said in str(refused.value) and refused.value.closes_on == END
    assert "at most" not in str(refused.value)  # no advice to peek


def test_a_tenth_of_the_usual_orders_closes_no_window() -> None:
    day = ORDERS["ordered_at"].to_pandas().dt.date
    after, kept = day > date(2024, 11, 24), np.arange(len(day)) % 10 == 0
    thin = ORDERS.filter(pa.array((~after | kept) & (day <= date(2024, 12, 4))))
    with pytest.raises(OpenWindow, match=r"history ends on 2024-11-2[45]"):
        measure_campaign(ASSIGNMENT, thin)


def test_a_last_day_that_ends_in_the_morning_is_not_over() -> None:
    moments = ORDERS["ordered_at"].to_pandas()
    for hour, read in ((9, False), (24, True)):
        end = pd.Timestamp(END) + pd.Timedelta(hours=hour)
        orders = ORDERS.filter(pa.array(moments < end))
        if read:
            assert measure_campaign(ASSIGNMENT, orders).window.seen_until == END  # type: ignore[union-attr]
        else:
            with pytest.raises(OpenWindow, match="ends on 2024-11-29"):
                measure_campaign(ASSIGNMENT, orders)


def test_a_small_shop_may_be_quiet() -> None:
    assignment, orders = shop(1 / 3, n=200)
    quiet = pa.concat_tables(
        [between(orders, None, date(2024, 11, 20)), between(orders, date(2024, 12, 1), FAR)]
    )
    found = measure_campaign(assignment, quiet)
    assert found.window is not None and found.window.gaps == ()
    assert found.verdict != "invalid"
    # Ten days on somebody's word alone are told; forty are not taken.
    ends = between(orders, None, date(2024, 11, 20))
    found = measure_campaign(assignment, ends, history_until=END)
    assert [each.code for each in found.cautions if "word" in each.code] == [
        "measured.until_on_word"
    ]
    with pytest.raises(OpenWindow, match="not borne out"):
        measure_campaign(assignment, ends, window_days=60, history_until=date(2024, 12, 30))


def test_a_shop_of_a_handful_of_orders_is_told_that_nothing_can_be_known() -> None:
    handful = ORDERS.slice(len(ORDERS) - 4)
    found = measure_campaign(ASSIGNMENT, handful, window_days=50)
    assert "measured.too_quiet_to_tell" in [each.code for each in found.cautions]


def pace(orders: np.ndarray[Any, Any], first: date = date(2023, 1, 2)) -> ShopPace:
    last = int(np.flatnonzero(orders)[-1])
    return ShopPace(first, orders[: last + 1].astype(np.int64), last)


def test_weekends_and_breaks_that_come_every_year_are_no_end() -> None:
    draw = np.random.default_rng(3)
    week = np.tile([12, 12, 12, 12, 12, 0, 0], 120)
    orders = draw.poisson(week)
    first = date(2023, 1, 2)
    for year in (2023, 2024):
        august = (date(year, 8, 1) - first).days
        orders[august : august + 14] = 0
    shut = pace(np.append(orders[: (date(2024, 8, 13) - first).days], 1))
    assert shut.day(shut.seen()) == date(2024, 8, 13)  # one order in the second summer break
    whole = pace(orders)
    assert whole.seen() == whole.last
    assert whole.holes(whole.place(date(2024, 7, 20)), whole.last) == []


@pytest.mark.parametrize("kept", [0, 1, 2], ids=["none", "a stray a week", "two"])
def test_days_without_orders_in_the_window_make_it_invalid(kept: int) -> None:
    day = ORDERS["ordered_at"].to_pandas().dt.date
    gap = (day >= date(2024, 11, 8)) & (day <= date(2024, 11, 20))
    few = np.flatnonzero(gap)[:: int(gap.sum() / (2 * kept)) if kept else int(gap.sum()) + 1]
    mask = ~gap.to_numpy()
    if kept:
        mask[few] = True
    found = measure_campaign(ASSIGNMENT, ORDERS.filter(pa.array(mask)))
    assert (found.verdict, found.problems) == ("invalid", ("gap_in_window",))
    assert found.window is not None
    [(first, last)] = found.window.gaps
    assert abs((first - date(2024, 11, 8)).days) <= 1 and abs((last - date(2024, 11, 20)).days) <= 1
    assert "pace makes incredible" in verdict(found, ENGLISH)


def test_an_export_that_begins_within_the_window_is_a_gap() -> None:
    late = between(ORDERS, date(2024, 11, 9), FAR)
    found = measure_campaign(ASSIGNMENT, late)
    assert found.window is not None
    assert found.window.gaps == ((START, date(2024, 11, 8)),)


def test_a_gap_before_or_after_the_window_is_none_of_it() -> None:
    orders = pa.concat_tables(
        [between(ORDERS, None, date(2024, 10, 5)), between(ORDERS, date(2024, 11, 3), FAR)]
    )
    assert measure_campaign(ASSIGNMENT, orders).problems == ()
    orders = pa.concat_tables(
        [between(ORDERS, None, END), between(ORDERS, date(2024, 12, 10), FAR)]
    )
    assert measure_campaign(ASSIGNMENT, orders).problems == ()


# --- looks ---------------------------------------------------------------------------------------


def test_the_parts_of_all_days_are_five_in_a_hundred() -> None:
    assert sum(level_of(days, 30) for days in range(1, 100_000)) == pytest.approx(0.05, abs=1e-6)
    assert level_of(30, 30) == 0.025 and level_of(1, 1) == 0.025
    assert sum(level_of_next(k) for k in range(1, 100_000)) == pytest.approx(0.05, abs=1e-6)


def test_an_early_look_is_named_and_follows_the_interval_of_all_looks() -> None:
    found = measure_campaign(ASSIGNMENT, ORDERS, window_days=Window(12, 30))
    looks = found.looks
    assert looks is not None and looks.always_valid is not None
    assert (looks.early, looks.number, looks.sealed_days, looks.windows) == (True, 1, 30, (12,))
    assert looks.always_valid.low < found.returned.low < found.returned.high  # type: ignore[operator]
    assert looks.always_valid.high > found.returned.high  # type: ignore[operator]
    assert [each.code for each in found.cautions] == ["measured.early_look"]
    assert verdict(found, ENGLISH).startswith("Early look, 12 of 30 days")
    # At its end, looked at before: the verdict has that interval too, and it says so.
    end = measure_campaign(ASSIGNMENT, ORDERS, window_days=Window(None, 30, looked=(12, 20, 12)))
    assert end.looks is not None and end.looks.always_valid is not None
    assert (end.window_days, end.looks.number, end.looks.early) == (30, 3, False)
    assert end.looks.always_valid.low < end.returned.low  # type: ignore[operator]
    assert "Looked at 3\u00a0times" in tell(end.cautions[0], ENGLISH)


def test_the_sealed_window_read_again_is_the_same_look() -> None:
    found = measure_campaign(ASSIGNMENT, ORDERS, window_days=Window(None, 30, looked=(30,)))
    assert found.looks is not None and found.looks.always_valid is None
    assert (found.looks.number, found.cautions) == (1, ())
    longer = measure_campaign(ASSIGNMENT, ORDERS, window_days=Window(45, 30))
    assert [each.code for each in longer.cautions] == ["measured.longer_look"]


def test_an_effect_that_only_the_fixed_interval_sees_is_none_of_an_early_look() -> None:
    assignment, orders = shop(lift=0.3, seed=4)
    fixed = measure_campaign(assignment, orders, window_days=20)
    early = measure_campaign(assignment, orders, window_days=Window(20, 30))
    assert (fixed.verdict, early.verdict) == ("works", "not_distinguishable")
    assert early.looks is not None and early.looks.always_valid is not None
    low = 100 * early.looks.always_valid.low  # type: ignore[operator]
    assert f"{low:+.1f}".replace("-", "\u2212") in verdict(early, ENGLISH)


# --- the doors -----------------------------------------------------------------------------------


def winback(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed assignment, and orders as a shop exports them."""
    folder = tmp_path_factory.mktemp("kept")
    ASSIGNMENT.assign(planned_offer="ten_off").to_csv(folder / "assignment.csv", index=False)
    frame = ORDERS.to_pandas()
    frame = frame[frame["ordered_at"] >= "2024-09-01"]
    lines = frame.assign(amount=frame["amount"] / 100)[
        ["customer_id", "order_id", "ordered_at", "amount"]
    ]
    lines.to_csv(folder / "orders.csv", index=False)
    offer = Offer.model_validate(
        {"name": "ten_off", "kind": "percent_off", "discount_share": 0.1, "contact_cost": 0.1,
         "margin_share": 0.4, "valid_days": 20, "label": {"en": "x", "pl": "x"}}
    ).model_dump(mode="json")  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps({"offers": [offer]}))
    return folder


def measured(folder: Path, *more: object, orders: str = "orders.csv") -> Any:
    done = winback(
        "measure", folder / "assignment.csv", "--orders", folder / orders, "--out",
        folder / "out", *more,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return json.loads((folder / "out/measurement.json").read_text())


def test_the_sealed_window_is_the_default_and_looks_are_kept(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    found = measured(kept, "--window-days", 10)
    assert (found["window_days"], found["looks"]["early"], found["looks"]["number"]) == (
        10,
        True,
        1,
    )
    found = measured(kept)
    assert (found["window_days"], found["looks"]["sealed_days"]) == (20, 20)
    assert (found["looks"]["number"], found["looks"]["windows"]) == (2, [10, 20])
    # Another folder for the results forgets nothing.
    again = winback(
        "measure", kept / "assignment.csv", "--orders", kept / "orders.csv", "--out", kept / "new"
    )
    assert again.exit_code == 0
    assert json.loads((kept / "new/measurement.json").read_text())["looks"] == found["looks"]


def test_own_orders_given_back_give_the_same_figures(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    read = read_orders(kept / "orders.csv", kept / "read")
    pq.write_table(pq.read_table(read.orders_path), kept / "own.parquet")
    raw = measured(kept)
    own = measured(kept, orders="own.parquet")
    for key in ("returned", "orders", "net_spend", "profit"):
        assert own[key] == raw[key], key


def test_own_orders_written_by_another_hand_are_the_same_or_refused(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    read = read_orders(kept / "orders.csv", kept / "read")
    pd.read_parquet(read.orders_path).to_parquet(kept / "pandas.parquet", index=False)
    duckdb.sql(f"COPY (FROM '{read.orders_path}') TO '{kept}/duck.parquet'")
    pd.read_parquet(read.orders_path).to_csv(kept / "own.csv", index=False)
    raw = measured(kept)["net_spend"]["mean_control"]
    for name in ("pandas.parquet", "duck.parquet", "own.csv"):
        done = winback(
            "measure", kept / "assignment.csv", "--orders", kept / name, "--out", kept / "out"
        )
        if done.exit_code == 0:
            found = json.loads((kept / "out/measurement.json").read_text())
            assert found["net_spend"]["mean_control"] == raw, name
        else:
            assert done.output.count("Error") <= 1, done.output


@pytest.mark.parametrize("what", ["assignment.csv", "manifest.json"])
def test_other_files_than_orders_are_refused_in_one_line(
    what: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    done = winback(
        "measure", kept / "assignment.csv", "--orders", kept / what, "--out", kept / "out"
    )
    assert done.exit_code != 0 and "Traceback" not in done.output


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["2024-11-01T09:00:00+01:00", "2024-10-20T09:00:00+02:00"], "+0100, +0200"),
        (["2024-11-01T09:00:00Z", "2024-11-01T09:00:00+01:00"], "+00:00, +0100"),
        (["2024-11-01T09:00:00+01:00", "2024-11-01T09:00:00+01:00"], None),
        (["2024-11-01T09:00:00Z", "2024-11-01T09:00:00+00:00"], None),
    ],
)
def test_two_offsets_in_one_column_need_a_zone(cells: list[str], said: str | None) -> None:
    assignment = ASSIGNMENT.assign(assigned_at=[cells[k % 2] for k in range(len(ASSIGNMENT))])
    if said is None:
        assert measure_campaign(assignment, ORDERS).verdict == "works"
        return
    with pytest.raises(WinbackError, match=r"several offsets .*--timezone") as error:
        measure_campaign(assignment, ORDERS)
    assert said in str(error.value)
    measure_campaign(assignment, ORDERS, timezone="Europe/Warsaw")
    sent = pd.DataFrame({"customer_id": ["c0000", "c0002"], "sent_at": cells})
    with pytest.raises(WinbackError, match="sent_at has several offsets"):
        measure_campaign(ASSIGNMENT, ORDERS, sent=sent)


def test_what_intake_doubts_of_the_window_stands_in_the_measurement(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    lines = (kept / "orders.csv").read_text().splitlines()
    broken = [line.replace("2024-11-0", "soon-") if k % 50 == 0 else line
              for k, line in enumerate(lines)]  # fmt: skip
    (kept / "broken.csv").write_text("\n".join(broken) + "\n")
    found = measured(kept, orders="broken.csv")
    [doubt] = [each for each in found["cautions"] if each["code"] == "measured.dates_set_aside"]
    assert doubt["values"]["n"] == sum("soon-" in line for line in broken) > 0
