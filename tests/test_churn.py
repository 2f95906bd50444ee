"""What churn is, on histories whose answers can be worked out, and whether data is enough."""

import html
import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from canonical import line, write_orders
from winback.errors import UsageError, WinbackError
from winback.intake.settling import read_orders
from winback.judging.evidence import judge_evidence
from winback.questions.churning import define_churn
from winback.results.churned import Churned
from winback.results.learned import Evidence
from winback.said.churned import recommendation
from winback.said.notebook import tell
from winback.said.words import LANGUAGES, Words
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_snapshots
from winback.synthetic.shop import simulate_shop

START = date(2022, 1, 1)


def shop(tmp_path, days_of, **more):
    """orders.parquet of purchases on days since the start, by customer."""
    lines = [
        line(name, datetime.combine(START + timedelta(days=day), datetime.min.time()), 1000,
             order_id=f"{name}-{day}", **more)
        for name, days in days_of.items()
        for day in days
    ]  # fmt: skip
    return write_orders(tmp_path / "orders.parquet", lines)


def of(table, **keys):
    """The one row of a table with these values."""
    for name, value in keys.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def recommended(study):
    """The recommendation in both languages, with plain blanks."""
    found = study.summary()
    return {x: recommendation(found, Words(x)).replace("\u00a0", " ") for x in LANGUAGES}


def a_hundred(last_days):
    """100 customers who buy on day 0 and then once more on the day given, or never (None)."""
    return {f"c{n:03d}": [0] if day is None else [0, day] for n, day in enumerate(last_days)}


# Rules and who came back


def test_silences_count_from_the_day_that_the_rule_calls_them_churned(tmp_path):
    # 40 come back on day 29 (never called churned), 30 on day 30, 30 on day 89.
    study = define_churn(
        shop(tmp_path, a_hundred([29] * 40 + [30] * 30 + [89] * 30)),
        cutoff=START + timedelta(days=89 + 29),
    )
    thirty = of(study.comebacks, rule="30d", within_days=30)
    assert thirty["silences"] == 60 + 40 + 30  # first silences of 60, second ones since days 29, 30
    # Of the second silences those of day 29 were watched for 59 days more and those of day 30 for
    # 58; none ended. Within 30 days the 30 of day 30 came back of 130.
    assert thirty["returned_share"] == pytest.approx(30 / 130, abs=1e-4)
    # The second silences are cut after 58 and 59 days, so on the 60th only the 30 of day 89 are
    # still watched, and they all come back.
    assert of(study.comebacks, rule="30d", within_days=60)["returned_share"] == 1.0


def test_a_silence_that_the_cutoff_cuts_counts_for_as_long_as_it_was_watched(tmp_path):
    # Half of 100 come back 50 days after day 0; of the others, who never do, half began on day 40.
    days = {f"a{n:02d}": [0, 50] for n in range(50)} | {f"b{n:02d}": [0] for n in range(25)}
    days |= {f"late{n:02d}": [40] for n in range(25)}
    study = define_churn(shop(tmp_path, days), cutoff=START + timedelta(days=80))
    # Called after 30 days: the 50, the 25, and the 25 late ones, who were watched for 10 days more.
    # On day 20 after the call (day 50) at risk: 50 + 25. Second silences of the 50 reach just 30
    # days at the cutoff: called churned, and not watched at all.
    row = of(study.comebacks, rule="30d", within_days=30)
    assert row["silences"] == 150
    assert row["returned_share"] == pytest.approx(50 / 75, abs=1e-4)


def test_a_share_needs_silences_that_were_followed_long_enough(tmp_path):
    path = shop(tmp_path, a_hundred([None] * 100))
    study = define_churn(path, cutoff=START + timedelta(days=90))
    assert of(study.comebacks, rule="30d", within_days=60)["returned_share"] == 0
    assert pd.isna(of(study.comebacks, rule="30d", within_days=90)["returned_share"])
    few = define_churn(shop(tmp_path, a_hundred([None] * 19)), cutoff=START + timedelta(days=90))
    assert few.comebacks["returned_share"].isna().all()


def test_shares_are_those_of_a_shop_with_a_known_rate_whatever_the_cutoff_cuts(tmp_path):
    # Gaps without memory: each day 2 % of the silent buy. So whoever was silent for h days comes
    # back within w days with 1 - .98^w, however short the history.
    draw = np.random.default_rng(3)
    days = {}
    for n in range(1500):
        at = int(draw.integers(0, 150))
        days[f"c{n:04d}"] = bought = [at]
        while (at := at + int(draw.geometric(0.02))) < 200:
            bought.append(at)
    study = define_churn(shop(tmp_path, days), cutoff=START + timedelta(days=200))
    for rule, within in (("30d", 30), ("30d", 90), ("60d", 60), ("90d", 30)):
        row = of(study.comebacks, rule=rule, within_days=within)
        assert row["low"] < 1 - 0.98**within < row["high"], (rule, within)
        assert row["high"] - row["low"] < 0.2


def test_intervals_are_wider_where_the_silences_are_those_of_few_customers(tmp_path):
    often = {f"c{n:02d}": list(range(0, 720, 36)) for n in range(10)}
    seldom = {f"d{n:02d}": list(range(0, 720, 90)) for n in range(10)}
    same = {f"e{n:03d}": [0, 36 if n % 2 else 90] for n in range(400)}
    few = define_churn(shop(tmp_path, often | seldom), cutoff=START + timedelta(days=720))
    many = define_churn(shop(tmp_path, same), cutoff=START + timedelta(days=720))
    width = [
        row["high"] - row["low"]
        for row in (of(s.comebacks, rule="30d", within_days=30) for s in (few, many))
    ]
    assert width[0] > 2 * width[1]


def test_the_own_rhythm_is_that_of_the_gaps_before(tmp_path):
    # Every 10 days, four times, then after 25: at 2x (20 days) called, at 3x (30) never.
    regular = {f"c{n:02d}": [0, 10, 20, 30, 55] for n in range(40)}
    study = define_churn(shop(tmp_path, regular), cutoff=START + timedelta(days=60))
    twice = of(study.comebacks, rule="2x", within_days=30)
    assert twice["silences"] == 40
    assert twice["returned_share"] == 1.0
    assert of(study.comebacks, rule="3x", within_days=30)["silences"] == 0
    assert study.rhythm_share == 1.0
    # The gap of 25 days is no part of its own measure, and counts from then on: mean 55 / 4.
    late = define_churn(shop(tmp_path, regular), cutoff=START + timedelta(days=55 + 28))
    assert of(late.lists, rule="2x")["customers"] == 40  # 27.5 days, rounded up to 28
    early = define_churn(shop(tmp_path, regular), cutoff=START + timedelta(days=55 + 27))
    assert of(early.lists, rule="2x")["customers"] == 0


def test_two_purchase_days_are_no_rhythm(tmp_path):
    study = define_churn(shop(tmp_path, {"a": [0, 10], "b": [0, 10, 20]}))
    assert study.rhythm_share == 0.5


def test_lists_and_their_overlap_are_of_the_cutoff(tmp_path):
    # Silent for 100, 40 and 30 days; the first has a rhythm of 50 days, so 2x calls her as well.
    study = define_churn(
        shop(tmp_path, {"ada": [0, 50, 100], "bob": [160], "cleo": [170]}),
        cutoff=START + timedelta(days=200),
    )
    named = dict(zip(study.lists["rule"], study.lists["customers"], strict=True))
    assert named == {"30d": 3, "60d": 1, "90d": 1, "180d": 0, "365d": 0, "2x": 1, "3x": 0, "5x": 0}
    pair = of(study.overlap, rule="30d", other="60d")
    assert (pair["both"], pair["overlap"]) == (1, pytest.approx(1 / 3, abs=1e-4))
    assert pd.isna(of(study.overlap, rule="180d", other="365d")["overlap"])


# The recommended horizon


def test_the_shortest_horizon_that_gives_up_few_returning_customers_is_recommended(tmp_path):
    # Of 100 who come back within a year 70 do on day 20, 15 on day 70 and 15 on day 150.
    path = shop(tmp_path, a_hundred([20] * 70 + [70] * 15 + [150] * 15 + [None] * 40))
    study = define_churn(path, cutoff=START + timedelta(days=500))
    mistaken = dict(
        zip(study.horizons["horizon_days"], study.horizons["mistaken_share"], strict=True)
    )
    assert mistaken[30] == pytest.approx(0.30, abs=1e-4)
    assert mistaken[60] == pytest.approx(0.30, abs=1e-4)
    assert mistaken[90] == pytest.approx(0.15, abs=1e-4)
    assert (study.horizon_days, study.holds, study.year_days) == (90, True, 365)
    said = recommended(study)
    assert said["en"].startswith("Call a customer lost after 90 days")
    assert "15%" in said["en"] and "after 60 days it would be 30%" in said["en"]
    assert said["pl"].startswith("Uznaj klienta za utraconego po 90 dniach")
    stricter = define_churn(path, cutoff=START + timedelta(days=500), tolerated_share=0.1)
    assert (stricter.horizon_days, stricter.holds) == (180, True)


def test_a_purchase_on_the_horizon_s_last_day_but_one_is_no_mistake(tmp_path):
    for day, mistaken in ((29, 0.0), (30, 1.0)):
        study = define_churn(
            shop(tmp_path, a_hundred([day] * 100)), cutoff=START + timedelta(days=500)
        )
        assert of(study.horizons, horizon_days=30)["mistaken_share"] == mistaken


def test_a_customer_is_one_vote_however_often_she_buys(tmp_path):
    # 30 buy daily for 100 days, 30 every 80 days: half of the votes come after 60 days.
    days = {f"daily{n:02d}": range(100) for n in range(30)}
    days |= {f"rare{n:02d}": range(0, 401, 80) for n in range(30)}
    study = define_churn(shop(tmp_path, days), cutoff=START + timedelta(days=401))
    assert of(study.horizons, horizon_days=60)["mistaken_share"] == pytest.approx(0.5, abs=1e-4)
    assert of(study.gaps, days=70)["returned_share"] == pytest.approx(0.5, abs=1e-4)
    # Gaps as such: 99 of each daily buyer, five of each rare one.
    assert of(study.gaps, days=70)["finished_share"] == pytest.approx(99 / 104, abs=1e-4)
    assert study.gap_days.p50 == 1.0


def test_customers_of_whom_most_come_back_are_called_overdue_and_not_lost(tmp_path):
    # Everybody buys each 20 days; 30 of 100 once took 45, and came back.
    days = {f"a{n:02d}": range(0, 400, 20) for n in range(70)}
    days |= {f"b{n:02d}": [*range(0, 200, 20), *range(225, 400, 20)] for n in range(30)}
    study = define_churn(shop(tmp_path, days))
    assert (study.horizon_days, study.holds) == (30, True)
    assert of(study.comebacks, rule="30d", within_days=30)["returned_share"] == 1.0
    assert "overdue, but not yet lost" in recommended(study)["en"]
    assert "jeszcze nie odszedł" in recommended(study)["pl"]


def test_where_no_horizon_is_good_enough_the_longest_seen_is_named_as_such(tmp_path):
    study = define_churn(
        shop(tmp_path, a_hundred([35] * 50 + [95] * 50)), cutoff=START + timedelta(days=140)
    )
    # Watched for 140 days: horizons up to 60 have as many days again behind them.
    assert (study.horizon_days, study.holds) == (60, False)
    said = recommended(study)
    assert "No horizon that this history shows" in said["en"]
    # Nothing longer could be judged, so nobody knows whether customers come back late here.
    assert "too little to judge more than 60 days" in said["en"]
    assert "come back late" not in said["en"]
    assert "wracają tu późno" not in said["pl"]


def test_customers_are_said_to_come_back_late_where_every_horizon_was_judged(tmp_path):
    study = define_churn(
        shop(tmp_path, a_hundred([35] * 50 + [95] * 50)),
        cutoff=START + timedelta(days=140),
        horizons_days=(30, 60),
    )
    assert (study.horizon_days, study.holds) == (60, False)
    assert "customers come back late here" in recommended(study)["en"]


@pytest.mark.parametrize(
    "days_of",
    [{"a": [0]}, {n: [0] for n in "abcde"}, {"a": [0, 1], "b": [3, 40]}],
    ids=["one order", "one day", "two customers"],
)
def test_too_little_history_gives_words_and_no_numbers(tmp_path, days_of):
    study = define_churn(shop(tmp_path, days_of))
    assert study.horizon_days is None
    assert study.comebacks["returned_share"].isna().all()
    assert "too short" in recommended(study)["en"]
    assert "za krótka" in recommended(study)["pl"]
    assert Churned.from_json(study.summary().to_json(), "churn.json") == study.summary()


def test_a_shop_without_purchases_has_a_study_without_customers(tmp_path):
    path = write_orders(tmp_path / "o.parquet", [line("a", "2024-01-01", 0, kind="free")])
    study = define_churn(path)
    assert (study.customers, study.rhythm_share, study.horizon_days) == (0, None, None)
    assert Churned.from_json(study.summary().to_json(), "churn.json") == study.summary()


def test_a_constant_shop_never_calls_anybody_churned(tmp_path):
    study = define_churn(shop(tmp_path, {f"c{n:02d}": range(0, 400, 10) for n in range(60)}))
    assert set(study.lists["customers"]) == {0}
    assert (study.horizon_days, study.holds) == (30, True)


# What is seen


def test_only_what_happened_and_was_known_before_the_cutoff_is_seen(tmp_path):
    lines = [line("a", f"2024-01-{day:02d}", 100, order_id=str(day)) for day in (1, 5)]
    seen = write_orders(tmp_path / "seen.parquet", lines)
    later = write_orders(
        tmp_path / "later.parquet",
        [
            *lines,
            line("a", "2024-01-10", 100, order_id="at the cutoff"),
            line("b", "2024-01-03", 100, order_id="known late", known_at="2024-01-10"),
            line("a", "2024-01-08", -50, order_id="refund", kind="refund"),
        ],
    )
    cutoff = date(2024, 1, 10)
    studies = [define_churn(path, cutoff=cutoff).summary() for path in (seen, later)]
    assert studies[0] == studies[1]
    assert define_churn(seen).cutoff == date(2024, 1, 6)


def test_a_csv_is_read_as_the_intake_reads_it(tmp_path):
    days = a_hundred([20, 45, None, 70] * 25)
    study = define_churn(shop(tmp_path, days)).summary()
    rows = [(name, START + timedelta(days=day), 10) for name, own in days.items() for day in own]
    export = pd.DataFrame(rows, columns=["Customer", "Date", "Amount"])
    export.to_csv(tmp_path / "export.csv", index=False)
    assert define_churn(tmp_path / "export.csv").summary() == study
    assert define_churn(export).summary() == study
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.csv", "orders.parquet"]


def test_rows_in_any_order_and_any_container_give_the_same_study(tmp_path):
    path = shop(tmp_path, a_hundred([20, 45, None, 70] * 25))
    study = define_churn(path, cutoff=START + timedelta(days=300)).summary()
    table = pd.read_parquet(path)
    shuffled = table.sample(frac=1, random_state=1)
    cutoff = START + timedelta(days=300)
    assert define_churn(shuffled, cutoff=cutoff).summary() == study
    assert define_churn(pa.Table.from_pandas(table), cutoff=cutoff).summary() == study


def test_questions_that_make_no_sense_are_refused(tmp_path):
    path = shop(tmp_path, {"a": [0]})
    with pytest.raises(UsageError, match=r"horizons_days is \[0\]"):
        define_churn(path, horizons_days=[0])
    with pytest.raises(UsageError, match=r"tolerated_share is 20"):
        define_churn(path, tolerated_share=20)
    with pytest.raises(WinbackError, match=r"none\.parquet: no such file"):
        define_churn(tmp_path / "none.parquet")


# At the command line

WINBACK = Path(sys.executable).with_name("winback")


def winback(folder, *words):
    done = subprocess.run(
        [str(WINBACK), "--quiet", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_command_prints_a_row_a_rule_and_writes_the_study(tmp_path):
    lines = simulate_shop("fashion", 400, days=300, seed=2).orders
    lines.assign(email="ada@example.com").to_csv(tmp_path / "orders.csv", index=False)
    said = winback(tmp_path, "churn", "orders.csv", "--out", "study", "--language", "pl")
    assert [row.split()[0] for row in said[2:10]] == [
        "30",
        "60",
        "90",
        "180",
        "365",
        "2x",
        "3x",
        "5x",
    ]
    found = json.loads((tmp_path / "study/churn.json").read_text())
    study = Churned.from_json((tmp_path / "study/churn.json").read_text(), "churn.json")
    assert said[10] == recommendation(study, Words("pl")).replace("\u00a0", " ")
    assert said[-2:] == ["Badanie: study/churn.json", "Tabela: study/churn.csv"]
    table = pd.read_csv(tmp_path / "study/churn.csv")
    assert len(table) == len(found["comebacks"]) == 40
    written = b"".join(path.read_bytes() for path in tmp_path.glob("study/**/*") if path.is_file())
    assert b"ada@example" not in written


@pytest.mark.long
def test_a_first_look_says_whether_there_was_enough_data_and_what_to_do(tmp_path):
    lines_of({f"c{n:02d}": range(n % 7, 200, 20 + n) for n in range(40)}).to_csv(
        tmp_path / "orders.csv", index=False
    )
    said = winback(tmp_path, "run", "orders.csv", "--horizon-days", "30", "--out", "look")
    evidence = json.loads((tmp_path / "look/reports/training.json").read_text())["evidence"]
    assert evidence["level"] == "thin"
    told = tell(Evidence.model_validate(evidence)).splitlines()
    assert said[2:4] == [line.replace("\u00a0", " ") for line in (told[0], f"Mind: {told[1]}")]
    page = (tmp_path / "look/report.html").read_text(encoding="utf-8")
    assert told[1] in html.unescape(page)
    assert "What is churn here?" in page


# Is there enough data?


def evidence_of(tmp_path, orders, horizon_days):
    intake = read_orders(orders, tmp_path / "orders")
    first = intake.summary.first_day
    cutoffs = training_cutoffs(first, intake.cutoff, horizon_days)
    snapshots = take_snapshots(
        intake.orders_path, [*cutoffs, intake.cutoff], horizon_days=horizon_days,
        observed_until=intake.cutoff,
    )  # fmt: skip
    rows, customers = snapshots.closed(), snapshots.newest()
    found = judge_evidence(rows, customers, horizon_days=horizon_days)
    assert Evidence.from_json(found.to_json(), "training.json") == found
    for said in (found, *found.concerns):
        told = tell(said), tell(said, language="pl")
        assert all(told) and "{" not in "".join(told)
    return found, rows


def codes(found):
    return [concern["code"] for concern in found["concerns"]]


def lines_of(days_of):
    return pd.DataFrame(
        [
            (name, f"{name}-{day}", str(START + timedelta(days=day)), 10.0)
            for name, days in days_of.items()
            for day in days
        ],
        columns=["customer_id", "order_id", "order_date", "amount"],
    )


def test_a_long_history_of_many_customers_is_enough(tmp_path):
    shop = simulate_shop("fashion", 1500, days=520, seed=1)
    found, rows = evidence_of(tmp_path, shop.orders, 60)
    assert (found["level"], codes(found)) == ("enough", [])
    newest = rows["cutoff"].max()
    separate = [newest - pd.Timedelta(days=63 * k) for k in range(found["separate_windows"])]
    counted = rows[rows["cutoff"].isin(separate)]
    assert found["returned"] == counted["returned"].sum()
    assert found["returned"] + found["stayed_away"] == len(counted)
    assert f"{found['customers']:,}\N{NO-BREAK SPACE}customers" in tell(found)


def test_where_no_window_has_closed_nothing_can_be_proved(tmp_path):
    found, _ = evidence_of(tmp_path, lines_of({f"c{n}": [0, n % 30] for n in range(40)}), 90)
    assert (found["level"], codes(found)) == ("unproven", ["no_window"])
    assert "no closed window of 90\N{NO-BREAK SPACE}days" in tell(found)
    assert found["drift"] is None


@pytest.mark.parametrize(
    ("days_of", "concern"),
    [
        ({name: range(0, 400, 30) for name in "abcde"}, "few_outcomes"),
        ({f"c{n:03d}": [n] for n in range(400)}, "few_outcomes"),
        ({f"c{n:02d}": range(0, 400, 10) for n in range(60)}, "few_outcomes"),
        ({f"c{n:03d}": [n % 20, 60 + n % 70] for n in range(600)}, "one_window"),
    ],
    ids=["five customers", "no repeats", "constant", "one window"],
)
def test_thin_evidence_says_what_is_missing(tmp_path, days_of, concern):
    found, _ = evidence_of(tmp_path, lines_of(days_of), 90)
    assert found["level"] == "thin"
    assert concern in codes(found)


def test_one_order_is_said_in_the_singular(tmp_path):
    found, _ = evidence_of(tmp_path, lines_of({"a": [0]}), 1)
    assert "1 day of history, 1 customer (0 with" in tell(found).replace("\N{NO-BREAK SPACE}", " ")


def test_a_shop_that_only_grows_older_has_not_drifted(tmp_path):
    # Customers leave for good at a steady rate: the share that returns falls from cutoff to
    # cutoff with no change in anybody's habit, as MBG/NBD knows.
    shop = simulate_shop("bgnbd", 3000, days=540, seed=2)
    found, rows = evidence_of(tmp_path, shop.orders, 60)
    rates = rows.groupby("cutoff")["returned"].mean()
    assert rates.iloc[-1] < 0.8 * rates.iloc[0]
    assert found["drift"]["beyond_noise"] is False


def test_a_sudden_loss_of_half_of_the_purchases_is_drift(tmp_path):
    shop = simulate_shop("bgnbd", 3000, days=540, seed=2)
    orders = shop.orders
    when = pd.to_datetime(orders["ordered_at"])
    late = when >= when.max() - pd.Timedelta(days=60)
    lost = late & (pd.util.hash_pandas_object(orders["order_id"], index=False) % 2 == 0)
    found, _ = evidence_of(tmp_path, orders[~lost], 60)
    assert found["drift"]["beyond_noise"] is True
    assert found["drift"]["newest_share"] < found["drift"]["expected_share"]
    assert (found["level"], "drift" in codes(found)) == ("enough", True)
