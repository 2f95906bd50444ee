"""The shop's calendar as campaign dates: from params.yaml and the command line to the list."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from winback.cli import app as cli
from winback.errors import UsageError
from winback.intake.settling import read_orders
from winback.params import check_params
from winback.results.planned import Planned
from winback.snapshots.occasions import coming_occasions, send_day
from winback.stages.flow import run_history
from winback.synthetic.shop import simulate_shop

# --- which day is meant --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "cutoff", "day"),
    [
        # 26 November 2026 is the fourth Thursday.
        ("black_friday", date(2026, 11, 22), date(2026, 11, 27)),
        ("black_friday", date(2026, 11, 27), date(2026, 11, 27)),
        ("black_friday", date(2026, 11, 28), date(2027, 11, 26)),
        ("3 days before black_friday", date(2026, 11, 22), date(2026, 11, 24)),
        # Three days before this year's has passed; next year's is the first to come.
        ("3 days before black_friday", date(2026, 11, 25), date(2027, 11, 23)),
        ("1 day before christmas", date(2026, 1, 1), date(2026, 12, 23)),
        ("30 days before valentines_day", date(2026, 12, 20), date(2027, 1, 15)),
        # 10 October 2026 is a Saturday, 11 November a holiday in Poland.
        ("payday", date(2026, 10, 1), date(2026, 10, 9)),
        ("2 days before payday", date(2026, 10, 8), date(2026, 11, 8)),
        ("2026-12-01", date(2026, 11, 22), date(2026, 12, 1)),
        ("2026-11-22", date(2026, 11, 22), date(2026, 11, 22)),
    ],
)
def test_a_wish_is_the_first_such_day_from_the_cutoff_on(
    wish: str, cutoff: date, day: date
) -> None:
    assert send_day(wish, cutoff) == day


def test_paydays_and_holidays_are_those_of_the_shop() -> None:
    # 3 July 2026 is a holiday in the United States, where the Fourth is a Saturday.
    assert send_day("payday", date(2026, 6, 20), country="US", paydays=[3]) == date(2026, 7, 2)
    assert send_day("payday", date(2026, 6, 20), country="PL", paydays=[3]) == date(2026, 7, 3)


@pytest.mark.parametrize("wish", ["xmas", "3 weeks before christmas", "-2 days before payday", ""])
def test_another_wish_is_refused_with_what_there_is(wish: str) -> None:
    with pytest.raises(UsageError, match=r"valentines_day, womens_day, black_friday, christmas, p"):
        send_day(wish, date(2026, 1, 1))


def test_a_day_that_has_passed_is_refused() -> None:
    with pytest.raises(UsageError, match="lies before the cutoff 2026-11-22"):
        send_day("2026-11-21", date(2026, 11, 22))


def test_the_coming_days_are_those_from_the_first_to_before_the_last() -> None:
    coming = coming_occasions(date(2026, 11, 27), 28, country="PL", paydays=[10])
    assert coming == [
        (date(2026, 11, 27), "black_friday", "Black Friday"),
        (date(2026, 12, 10), "payday", "payday"),
        (date(2026, 12, 24), "christmas", "Christmas Eve"),
        (date(2026, 12, 24), "", "Christmas Eve"),
    ]
    assert coming_occasions(date(2026, 11, 27), 27, country="US", paydays=[10])[-1][1] == "payday"
    polish = coming_occasions(date(2026, 12, 24), 2, language="pl")
    assert [said for *_, said in polish] == [
        "Wigilia", "Wigilia Bożego Narodzenia", "Boże Narodzenie (pierwszy dzień)"
    ]  # fmt: skip


def test_the_command_line_lists_the_days_to_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def said(*words: str) -> list[str]:
        monkeypatch.setattr("sys.argv", ["winback", "occasions", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        return [str(left.value.code), *(printed.out + printed.err).splitlines()]

    monkeypatch.chdir(tmp_path)
    assert said("--from", "2026-11-22", "--days", "10", "--country", "US") == [
        "0",
        "2026-11-26  Thu  in   4 d  (holiday)       Thanksgiving Day",
        "2026-11-27  Fri  in   5 d  black_friday    Black Friday",
        "For target.send_on: black_friday, 3 days before black_friday, 2026-11-27",
    ]
    assert said() == ["2", "winback: --from is missing: name the first day, such as 2026-11-22."]
    (tmp_path / "reports").mkdir()
    orders = pd.DataFrame({"customer": ["a"], "date": ["2026-03-04"], "amount": [5.0]})
    summary = read_orders(orders, tmp_path / "orders").summary
    (tmp_path / "reports/ingest.json").write_text(summary.to_json())
    (tmp_path / "own.yaml").write_text("snapshot: {paydays: [6]}\n")
    assert said("--days", "4", "--params", "own.yaml", "--language", "pl")[1:3] == [
        "2026-03-06  pt.     za   1 d  payday          wypłata",
        "2026-03-08  niedz.  za   3 d  womens_day      Dzień Kobiet",
    ]
    assert said("--from", "2026-11-22", "--country", "XX")[0] == "2"


def test_the_page_quotes_what_the_command_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    page = (Path(__file__).parents[1] / "docs/features.md").read_text(encoding="utf-8")
    words, quoted = re.findall(r"\$ (winback occasions .*)\n((?:.+\n)+?)```", page)[0]
    monkeypatch.setattr("sys.argv", words.split())
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().out == quoted


# --- a campaign that leaves later ----------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders of 200 customers up to the cutoff of 20 November 2023, a Monday."""
    orders = simulate_shop("fashion", customers=200, days=300, seed=6).orders
    instants = pd.to_datetime(orders["ordered_at"])
    orders["ordered_at"] = instants + (pd.Timestamp("2023-11-19") - instants.max().normalize())
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    orders.to_csv(path, index=False)
    return path


def sent(shop: Path, out: Path, **target: Any) -> Planned:
    params = check_params({
        "snapshot": {"horizon_days": 30, "most_cutoffs": 3},
        "train": {"max_rounds": 10, "seeds": 1, "horizons_days": [], "lifetime_days": None},
        "evaluate": {"origins": 1, "resamples": 0},
        "target": target,
    })  # fmt: skip
    return run_history(shop, out, params).result("target", Planned)


@pytest.mark.long
def test_offers_and_measurement_count_from_the_day_that_is_wished_for(
    shop: Path, tmp_path: Path
) -> None:
    now = sent(shop, tmp_path / "now")
    # A folder's draw is its own: the same salt gives the same.
    (tmp_path / "later").mkdir()
    shutil.copy(tmp_path / "now/salt.txt", tmp_path / "later")
    later = sent(shop, tmp_path / "later", send_on="black_friday")
    # The fourth Thursday of November 2023 is the 23rd.
    assert (now.send_on, later.send_on) == (date(2023, 11, 20), date(2023, 11, 24))
    assert later.cutoff == now.cutoff == date(2023, 11, 20)
    wait = timedelta(days=4)
    lists, sealed = (
        [read(tmp_path / name / file) for name in ("now", "later")]
        for read, file in ((pd.read_csv, "list.csv"), (pd.read_parquet, "assignment.parquet"))
    )
    first, second = (pd.to_datetime(table["valid_until"]) for table in lists)
    assert len(first) and (second - first == wait).all()
    assert set(sealed[0]["assigned_at"]) == {date(2023, 11, 20)}
    assert set(sealed[1]["assigned_at"]) == {date(2023, 11, 24)}
    # Who gets what, and who is held out, is the same draw.
    assert sealed[0].drop(columns="assigned_at").equals(sealed[1].drop(columns="assigned_at"))
    assert now.seal == later.seal
    reads = [each.test.readable_on for each in (now, later)]
    assert reads[1] - reads[0] == wait
    page = (tmp_path / "later" / "report.html").read_text()
    assert "Send it on 24\N{NO-BREAK SPACE}November\N{NO-BREAK SPACE}2023" in page
    assert "Send it on" not in (tmp_path / "now" / "report.html").read_text()


@pytest.mark.long
def test_days_of_peace_are_counted_to_the_day_the_campaign_leaves(
    shop: Path, tmp_path: Path
) -> None:
    sent(shop, tmp_path / "first")
    planned = pd.read_parquet(tmp_path / "first" / "assignment.parquet")
    someone = planned["customer_id"].iloc[:2].tolist()
    # One was sent an offer 28 days before the cutoff, one is sent one two days after it.
    history = pd.DataFrame({
        "customer_id": someone, "assigned_at": ["2023-10-23", "2023-11-22"], "campaign_id": "old",
    })  # fmt: skip
    history.to_csv(tmp_path / "old.csv", index=False)
    for wish, left_in_peace in ((None, someone[:1]), ("black_friday", someone[1:])):
        folder = tmp_path / str(wish)
        sent(shop, folder, history=str(tmp_path / "old.csv"), quiet_days=30, send_on=wish)
        decided = pd.read_parquet(folder / "decisions.parquet")
        waiting = decided.loc[decided["reason"] == "contacted_recently", "customer_id"]
        assert waiting.tolist() == left_in_peace


def test_a_day_beyond_what_the_scores_speak_of_is_refused(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        sent(shop, tmp_path, send_on="christmas")
    assert str(refused.value) == (
        "target.send_on: christmas is on 2023-12-24, 34 days after the cutoff 2023-11-20; the "
        "scores say nothing beyond 30 days. Plan nearer to it, or name another day."
    )
