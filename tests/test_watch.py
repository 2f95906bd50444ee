"""`winback watch` over small simulated shops: quiet while all is as ever, loud when it breaks."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from winback.cli.app import app
from winback.params import Params
from winback.project import FOLDER, Project
from winback.results.watched import Watched
from winback.said.watched import TEXTS, lines
from winback.said.words import Words
from winback.stages.flow import stage
from winback.synthetic.shop import simulate_shop

CHANNELS = np.array(["web", "app", "market"])


def export(kind: str = "refills", days: int = 1095, customers: int = 500) -> pd.DataFrame:
    """A shop's export with a channel of each order and a category of each product."""
    orders = simulate_shop(kind, customers, start="2022-03-01", days=days, seed=3).orders
    number = orders["order_id"].str[1:].astype(int)
    orders["channel"] = CHANNELS[(number // 100_000 * 7919 % 10).map(lambda n: n // 4).to_numpy()]
    orders["category"] = "cat" + (orders["product_id"].str[1:].astype(int) % 5).astype(str)
    return orders


def settings(**more: object) -> Params:
    return Params.model_validate({
        "ingest": {"currency": "EUR", "threads": 1, **more},
        "snapshot": {"horizon_days": 30, "most_cutoffs": 8, "windows_days": [30, 90, 365],
                     "threads": 1},
        "evaluate": {"origins": 1},
        "train": {"max_rounds": 10, "seeds": 1, "threads": 1, "horizons_days": [30]},
    })  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    return export()


@pytest.fixture(scope="module")
def trained(shop, tmp_path_factory) -> Path:
    """A project with a model, that has watched a shop in which nothing happened."""
    root = tmp_path_factory.mktemp("watched")
    project = Project(settings(), root=root, layout=FOLDER, source=shop)
    for name in ("ingest", "snapshot", "train"):
        stage(name)(project)
    project.path("champion").write_bytes(project.path("model").read_bytes())
    stage("watch")(project)
    return root


def watched(root: Path, source: pd.DataFrame, trained: Path, **more: object) -> Watched:
    """What the watch finds in another export, with the model of the first."""
    params = settings(**more)
    project = Project(params, root=root, layout=FOLDER, source=source)
    for name in ("ingest", "snapshot"):
        stage(name)(project)
    there = project.path("champion")
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes((trained / FOLDER["champion"]).read_bytes())
    return stage("watch")(project)[0]


def newest(shop: pd.DataFrame) -> pd.Series:
    return shop["ordered_at"] >= shop["ordered_at"].max() - pd.Timedelta(days=28)


def test_a_stable_shop_alarms_nothing_and_every_thing_is_looked_at(trained):
    found = Watched.from_json((trained / FOLDER["watch"]).read_text(), "watch.json")
    assert found.alarms == ()
    assert found.against == "season"
    assert found.by == ("category", "channel")
    assert found.looked_at["values"] == 8
    assert min(found.looked_at[name] for name in ("volume", "money", "features", "scores")) > 0
    volume = pd.read_csv(trained / FOLDER["volume"])
    bought = export().query("amount > 0")
    lately = bought["ordered_at"] >= pd.Timestamp(found.until) - pd.Timedelta(days=364)
    assert volume["lines"].sum() == lately.sum()
    assert volume["lines"].between(volume["low"], volume["high"]).mean() > 0.9


def times_hundred(shop):
    return shop.assign(amount=shop["amount"].where(~newest(shop), shop["amount"] * 100))


BREAKS = {
    "amounts": times_hundred,
    "gone category cat2": lambda s: s[~(newest(s) & (s["category"] == "cat2"))],
    "gone channel market": lambda s: s[~(newest(s) & (s["channel"] == "market"))],
    "lines": lambda s: s.drop(s[newest(s)].sample(frac=0.35, random_state=1).index),
    "new channel kiosk": lambda s: s.assign(
        channel=s["channel"].where(~(newest(s) & (s["channel"] == "web")), "kiosk")
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_break_alarms_at_its_first_run(name, shop, trained, tmp_path):
    found = watched(tmp_path, BREAKS[name](shop), trained)
    told = {" ".join(filter(None, (one.what, one.name, one.value))): one for one in found.alarms}
    assert name in told
    one = told[name]
    until = pd.Timestamp(found.until)
    assert abs((until - pd.Timestamp(one.since)).days - 28) <= 10
    assert one.chance < 0.01
    if name == "amounts":
        assert one.power_of_ten == 2
        assert one.times == pytest.approx(100, rel=0.2)
        assert one.seen == pytest.approx(
            np.exp(
                np.log(times_hundred(shop)[newest(shop) & (shop["amount"] > 0)]["amount"]).mean()
            ),
            rel=0.05,
        )
    for language in ("en", "pl"):
        said = list(lines(found, Words(language, "EUR")))
        assert len(said) == 1 + len(found.alarms)
        assert all("{" not in text and "None" not in text for text in said)


def test_december_is_no_alarm_in_a_shop_that_has_decembers(trained, tmp_path):
    gifts = export("gifts", days=1026, customers=2500)  # up to 20 December
    found = watched(tmp_path, gifts, trained)
    assert found.until.month == 12
    bought = gifts[gifts["amount"] > 0]
    month = (bought["ordered_at"] >= bought["ordered_at"].max() - pd.Timedelta(days=28)).sum()
    assert month > 4 * len(bought) / 1026 * 28
    assert found.alarms == ()


@pytest.mark.long
def test_a_young_shop_is_held_against_its_weeks_and_says_so(shop, trained, tmp_path):
    young = shop[shop["ordered_at"] < shop["ordered_at"].min() + pd.Timedelta(days=200)]
    found = watched(tmp_path / "young", young, trained)
    assert found.against == "weeks"
    assert "watched.no_season" in [one.code for one in found.notes]
    born = young[young["ordered_at"] < young["ordered_at"].min() + pd.Timedelta(days=50)]
    found = watched(tmp_path / "born", born, trained)
    assert (found.against, found.alarms) == ("nothing", ())


def test_an_export_that_ends_is_silent(shop, trained, tmp_path):
    found = watched(tmp_path, shop, trained, cutoff="2025-03-12")
    assert found.alarms[0].what == "silent"


def test_the_same_shop_gives_the_same_bytes_on_any_number_of_threads(trained, tmp_path, shop):
    params = settings(threads=2)
    project = Project(params, root=tmp_path, layout=FOLDER, source=shop)
    for name in ("ingest", "snapshot"):
        stage(name)(project)
    project.path("champion").parent.mkdir(parents=True, exist_ok=True)
    project.path("champion").write_bytes((trained / FOLDER["champion"]).read_bytes())
    stage("watch")(replace(project, params=params))
    for name in ("watch", "volume", "marks"):
        assert project.path(name).read_bytes() == (trained / FOLDER[name]).read_bytes()


def test_columns_are_found_by_name_told_or_refused(shop, tmp_path):
    frame = shop.tail(3000).assign(coupon="x", e_mail="a@b.example")
    for told, wanted in ((None, {"channel", "category"}), (["coupon"], {"coupon"}), ([], set())):
        project = Project(settings(watch_columns=told), root=tmp_path, layout=FOLDER, source=frame)
        stage("ingest")(project)
        marks = project.frame("marks")
        assert set(marks["column_name"]) == wanted
        bought = (frame["amount"] > 0).sum()
        assert all(of["lines"].sum() == bought for _, of in marks.groupby("column_name"))
    project = Project(settings(watch_columns=["kanal"]), root=tmp_path, layout=FOLDER, source=frame)
    with pytest.raises(Exception, match="kanal"):
        stage("ingest")(project)


@pytest.mark.long
def test_the_verb_says_it_aloud_and_fails_for_cron(trained, tmp_path, monkeypatch):
    root = tmp_path
    (root / "data").mkdir()
    names = ("orders", "marks", "signals", "attributes", "snapshots", "outcomes", "first_days",
             "shop_days")  # fmt: skip
    for name in names:
        path = root / Project(settings()).layout[name]
        path.write_bytes((trained / FOLDER[name]).read_bytes())
    for name in ("ingest", "champion"):
        path = root / Project(settings()).layout[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((trained / FOLDER[name]).read_bytes())
    (root / "params.yaml").write_text("ingest: {threads: 1}\nsnapshot: {threads: 1}\n")
    monkeypatch.chdir(root)
    done = CliRunner().invoke(app, ["watch", "--fail"])
    assert done.exit_code == 0, done.output
    assert "All as ever up to 2025-02-28" in done.output
    marks = pd.read_parquet("data/shop_marks.parquet")
    late = marks["day"] >= marks["day"].max() - pd.Timedelta(days=27)
    marks[~(late & (marks["value"] == "app"))].to_parquet("data/shop_marks.parquet", index=False)
    assert CliRunner().invoke(app, ["watch"]).exit_code == 0
    done = CliRunner().invoke(app, ["watch", "--fail"])
    assert done.exit_code == 1
    assert "Channel 'app' is gone" in done.output
    assert json.loads(Path("reports/metrics/watch.json").read_text())["alarms"] == 1


def test_every_kind_of_alarm_has_its_sentence():
    from typing import get_args

    from winback.results.watched import Alarm, Of, What

    day = pd.Timestamp("2025-01-01").date()
    for what in get_args(What):
        for of in get_args(Of) if what in ("gone", "new", "value") else (None,):
            for against in ("season", "weeks"):
                one = Alarm(
                    what=what, of=of, name="x", value="y", direction="fewer", since=day,
                    window_days=28, seen=1.0, expected=2.0, times=0.5, power_of_ten=-2,
                    chance=0.001, against=against,
                )  # fmt: skip
                from winback.said.watched import alarm

                for language in ("en", "pl"):
                    assert "{" not in alarm(one, Words(language, "EUR"))
    assert all(set(text) == {"en", "pl"} for text in TEXTS.values())


@pytest.mark.long
def test_lines_that_come_late_are_no_loss_and_their_lateness_is_watched(trained, tmp_path):
    orders = simulate_shop("refills", 300, start="2022-03-01", days=1095, seed=3, late_share=0.3)
    late = orders.orders
    found = watched(tmp_path, late, trained)
    assert found.looked_at["lateness"] == 2
    assert found.alarms == ()
    last = late["ordered_at"].max()
    waited = late["known_at"] > late["ordered_at"]
    lately = late["ordered_at"].between(last - pd.Timedelta(days=56), last - pd.Timedelta(days=28))
    late = late.assign(
        known_at=late["known_at"].mask(lately & ~waited, late["known_at"] + pd.Timedelta(days=9))
    )
    told = {one.what: one for one in watched(tmp_path, late, trained).alarms}
    assert told["late"].direction == "more"
    assert told["late"].seen > 2.5 * told["late"].expected
