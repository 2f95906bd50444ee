"""The command line as a person types it."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from figures import differing, figures
from winback.cli.ending import ended_of
from winback.crm.destinations import DESTINATIONS
from winback.params import Params
from winback.project import FOLDER, Project
from winback.results.base import fact
from winback.results.listed import Delivered
from winback.said.ending import ending_lines
from winback.said.telling import tell
from winback.said.terms import TERMS
from winback.said.words import Language, Words
from winback.synthetic.shop import simulate_shop
from written import odd_numbers

WINBACK = Path(sys.executable).with_name("winback")
OUTPUTS = (
    "scores.parquet",
    "list.csv",
    "evaluation.json",
    "report.html",
    "quarantine.csv",
    "manifest.json",
)


def winback(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(WINBACK), *map(str, words)], capture_output=True, text=True, check=False
    )


def refused(*words: object, code: int) -> str:
    """The one line a person gets instead of a traceback."""
    done = winback(*words)
    assert done.returncode == code, done.stderr
    # Lines that begin with a blank, or end in seconds, are progress.
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("winback: ")
    assert "Traceback" not in done.stderr
    return line


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 customers' lines of 300 days, with an e-mail and a consent of each."""
    orders = simulate_shop("fashion", customers=500, days=300, seed=11).orders
    orders["email"] = orders["customer_id"].str.lower() + "@example.com"
    orders["marketing"] = orders["customer_id"].map(lambda c: "no" if c.endswith("7") else "yes")
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    orders.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def first_look(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("first-look")
    blocked = out / "objected.txt"
    blocked.write_text("C0001\nC0002\n")
    (out / "salt.txt").write_text("the secret of this shop\n")
    done = winback(
        "run", shop, "--horizon-days", 60, "--out", out, "--threads", 1, "--currency", "PLN",
        "--contact-column", "email", "--consent-column", "marketing", "--suppress", blocked,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (out / "said.txt").write_text(done.stdout)
    return out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("snapshot o.csv --horizon-days 0", "--horizon-days '0': expected a number greater than "
         "or equal to 1. See winback snapshot --help."),
        ("tune o.csv --trials few", "--trials 'few': expected a whole number. See winback tune "
         "--help."),
        ("run", "orders (File of lines (CSV, Excel, Parquet, JSON), pattern or folder) is missing; "
         "write, for example, winback run orders.csv --horizon-days 90 --out first-look. See "
         "winback run --help."),
        ("run o.csv --custommer x", "no such option: --custommer (Possible options: --customer, "
         "--cutoff, --store). See winback run --help."),
        ("run o.csv --quiet", "--quiet stands before the verb: write winback --quiet run ..."),
        ("run o.csv p.csv", "got unexpected extra argument(s) (p.csv). See winback run --help."),
        ("run o.csv --currency", "option '--currency' requires an argument. See winback run "
         "--help."),
        ("mesure", "no such command 'mesure'. Did you mean 'measure'? See winback --help."),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_one_line_that_says_what_to_do(words: str, said: str) -> None:
    done = winback(*words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"winback: {said}\n"


def test_measure_says_what_it_needs_and_which_command_writes_it(tmp_path: Path) -> None:
    def said(*words: str) -> str:
        done = subprocess.run(
            [str(WINBACK), *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == (2 if "winback: " in done.stderr else 0)
        return [*done.stderr.splitlines(), *done.stdout.splitlines()][-1]

    needs = "give the assignment.parquet that winback run, or winback export, wrote"
    assert needs in said("measure")
    assert needs in said("measure", "--orders", "later.csv")
    (tmp_path / "params.yaml").write_text("target: {campaign_id: autumn}\n")
    # A project whose lists have not left yet has nothing to measure, which is no mistake.
    assert said("measure").startswith("Nothing to measure: no list has left.")


def test_a_first_look_writes_every_file_and_says_where(first_look: Path) -> None:
    assert all((first_look / name).is_file() for name in OUTPUTS)
    said = (first_look / "said.txt").read_text()
    assert said.splitlines()[-2:] == [
        f"List:   {first_look / 'list.csv'}",
        f"Report: {first_look / 'report.html'}",
    ]
    assert len(said.splitlines()) <= 12, said


@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_ending_is_a_dozen_lines_whatever_came_of_it(
    first_look: Path, language: Language
) -> None:
    project = Project(Params(), root=first_look, layout=FOLDER)
    ended, words = ended_of(project), Words(language, "PLN")
    doubt = fact("intake.zero_is_guest")
    target = ended.target.model_copy(update={"send_on": date(2030, 1, 1)})
    delivered = tuple(
        Delivered(destination=name, audience="listed", columns=(), rows=9, control=1,
                  rejected={"email": 2}, sha256={f"{name}.csv": "", f"{name}/control.csv": ""})
        for name in DESTINATIONS
    )  # fmt: skip
    assert len(delivered) > 10
    told = ending_lines(
        replace(
            ended,
            ingest=ended.ingest.model_copy(update={"doubts": (doubt,) * 9}),
            target=target,
            delivered=delivered,
        ),
        words,
    )
    assert len(told) == 12 and told[-1].endswith("report.html")
    first = tell(doubt, words)
    assert [line.lower().startswith(first.lower()) for line in told[:3]] == [True, True, False]
    assert told[2] == ended.sentence
    names = [each.destination for each in delivered]
    assert all(any(name in line for line in told) for name in names)
    remarks = next(line for line in told if line.startswith(("Also", "Ponadto")))
    assert int(re.findall(r"\d+", remarks)[0]) >= 7
    # The page opens with the same sentence.
    if language == "en":
        page = html.unescape((first_look / "report.html").read_text())
        assert ended.sentence in " ".join(re.sub(r"<[^>]+>", "", page).split())
        assert ended.sentence in (first_look / "said.txt").read_text()


def test_the_list_has_one_size_and_one_cost_wherever_they_are_told(first_look: Path) -> None:
    planned = json.loads((first_look / "reports/target.json").read_text())
    said = (first_look / "said.txt").read_text()
    page = html.unescape((first_look / "report.html").read_text()).replace("\u00a0", " ")
    told = re.sub(r"<[^>]+>", "", page)
    listed, cost = f"{planned['n_listed']:,}", planned["expected_cost"]
    assert len(pd.read_csv(first_look / "list.csv")) == planned["n_listed"]
    assert f"List: {listed} customers get an offer" in said
    assert f"expected cost PLN {cost:,.2f}" in said
    money = f"PLN {cost:,.0f}" if cost >= 100 else f"PLN {cost:,.2f}"
    assert f"A list of {listed} customers brings between" in page
    assert f"Loss and gain by list size: {listed} customers, expected cost {money}, outcome" in page
    assert f"We expect the list to cost {money}" in told
    lost = sum(offer["cost"] for offer in planned["test"]["offers"].values())
    assert lost < cost
    assert f"of that cost PLN {lost:,.0f} is lost if the tested offers change nothing" in said
    assert f"nothing, PLN {lost:,.{2 if lost < 100 else 0}f} of it is lost" in told


def test_one_word_counts_the_same_customers_wherever_it_stands(
    shop: Path, first_look: Path, tmp_path: Path
) -> None:
    """Segments, risks and the lost: page, terminal, list and JSON."""
    scores = pd.read_parquet(first_look / "scores.parquet").set_index("customer_id")
    listed = pd.read_csv(first_look / "list.csv", dtype=str).set_index("customer_id")
    found = json.loads((first_look / "reports/segments.json").read_text())
    page = (first_look / "report.html").read_text()
    marks = re.findall(r'<data data-means="([^"]+)" value="([^"]*)">([^<]*)</data>', page)
    meant = {key: value for key, value, _ in marks}
    for column, part in (("segment", "segments"), ("risk_band", "bands")):
        counts = scores[column].value_counts().to_dict()
        assert {name: of["customers"] for name, of in found[part].items()} == counts
        for name, n in counts.items():
            assert meant[f"segments.{part}.{name}.customers"] == str(n)
    on_list = listed["rfm_segment"].value_counts().to_dict()
    told = {name: of["reasons"].get("offer", 0) for name, of in found["segments"].items()}
    assert {name: n for name, n in told.items() if n} == on_list
    assert listed["churn_risk"].equals(scores["risk_band"].astype(str).reindex(listed.index))
    one = scores.iloc[0]
    said = winback("explain", scores.index[0], "--in", first_look).stdout
    assert f"segment: {TERMS['segment'][one['segment']]['en']} " in said
    assert f"; {TERMS['band'][one['risk_band']]['en']}" in said
    # Who is lost: by the rule of the shop, not by a band or a segment.
    told = winback("churn", shop, "--out", tmp_path, "--currency", "PLN").stdout
    lost = json.loads((tmp_path / "churn.json").read_text())["lost"]
    assert meant.get("churn.lost") == (None if lost is None else str(lost))
    assert ("are lost today" in told) == (lost is not None)
    # Equal figures are equal wherever they stand.
    assert len({(key, value) for key, value, _ in marks}) == len(meant)


def test_every_customer_with_a_purchase_has_one_row(shop: Path, first_look: Path) -> None:
    lines = pd.read_csv(shop, dtype={"customer_id": str})
    # Refunds in this shop come on a later day, so what was placed are the positive lines.
    buyers = set(lines.loc[lines["amount"] > 0, "customer_id"])
    scores = pd.read_parquet(first_look / "scores.parquet")
    assert sorted(scores["customer_id"]) == sorted(buyers)


def test_the_contact_goes_into_the_list_and_nowhere_else(first_look: Path) -> None:
    listed = pd.read_csv(first_look / "list.csv", dtype=str)
    assert (listed["email"] == listed["customer_id"].str.lower() + "@example.com").all()
    for name in OUTPUTS:
        if name != "list.csv":
            assert b"@example.com" not in (first_look / name).read_bytes(), name


def test_people_who_objected_are_in_no_arm(first_look: Path) -> None:
    planned = set(pd.read_parquet(first_look / "assignment.parquet")["customer_id"])
    assert planned
    assert not [c for c in planned if c in {"C0001", "C0002"} or c.endswith("7")]


@pytest.mark.long
def test_lines_in_are_kept_set_aside_or_ignored(shop: Path, tmp_path: Path) -> None:
    lines = shop.read_text().splitlines()
    broken = [lines[0], *lines[1:], lines[1], "nobody knows,what,this is", lines[2] + ",,extra,,"]
    source = tmp_path / "broken.csv"
    source.write_text("\n".join(broken) + "\n")
    done = winback("run", source, "--cutoff", "2023-06-01", "--horizon-days", 30, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    read = json.loads((tmp_path / "reports/ingest.json").read_text())
    assert read["lines_in"] == len(broken) - 1
    assert (
        read["lines_in"]
        == read["lines_kept"] + read["lines_set_aside"]["total"] + read["lines_ignored"]
    )
    aside = pd.read_csv(tmp_path / "quarantine.csv")
    # A line that is there twice in an order of several is a piece more.
    assert len(aside) == read["lines_set_aside"]["total"] == 2


@pytest.mark.long
def test_what_comes_from_the_cutoff_on_changes_no_score(shop: Path, tmp_path: Path) -> None:
    lines = pd.read_csv(shop, dtype=str)
    lines[lines["ordered_at"] < "2023-09-01"].to_csv(tmp_path / "past.csv", index=False)
    for name, source in (("whole", shop), ("past", tmp_path / "past.csv")):
        done = winback(
            "run", source, "--cutoff", "2023-09-01", "--horizon-days", 30, "--out", tmp_path / name
        )
        assert done.returncode == 0, done.stderr
    whole, past = ((tmp_path / name / "scores.parquet").read_bytes() for name in ("whole", "past"))
    assert whole == past


def test_a_figure_that_stands_twice_is_the_same_on_page_terminal_list_and_in_results(
    first_look: Path,
) -> None:
    page = (first_look / "report.html").read_text("utf-8")
    marked = figures(page)
    assert len({each.key for each in marked}) > 30
    assert differing(page, first_look) == []
    plan = json.loads((first_look / "reports/target.json").read_text())
    rows = pd.read_csv(first_look / "list.csv")
    drawn = pq.read_table(first_look / "assignment.parquet", columns=["arm"])["arm"].to_pandas()
    held = int((drawn == "control").sum())
    said = (first_look / "said.txt").read_text()
    told = {each.key: each.text for each in marked}
    for key, n in (("target.n_listed", len(rows)), ("target.n_control", held)):
        assert plan[key.removeprefix("target.")] == n
        written = re.match(r"[\d,]+", told[key]).group()
        assert written == f"{n:,}"
        assert re.search(rf"(?<![\d,]){written}(?![\d,])", said), key


def test_a_figure_that_differs_from_the_results_is_found(first_look: Path) -> None:
    page = (first_look / "report.html").read_text("utf-8")
    listed = next(each for each in figures(page) if each.key == "target.n_listed")
    other = page.replace(f'n_listed" value="{listed.value}"', 'n_listed" value="7"', 1)
    assert next(iter(differing(other, first_look))).startswith("target.n_listed: ")


@pytest.mark.long
def test_two_runs_on_one_and_two_threads_give_the_same_bytes(
    shop: Path, first_look: Path, tmp_path: Path
) -> None:
    shutil.copy(first_look / "salt.txt", tmp_path)
    done = winback(
        "run", shop, "--horizon-days", 60, "--out", tmp_path, "--threads", 2, "--currency", "PLN",
        "--contact-column", "email", "--consent-column", "marketing",
        "--suppress", first_look / "objected.txt",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in ("scores.parquet", "list.csv", "assignment.parquet", "evaluation.json"):
        assert (tmp_path / name).read_bytes() == (first_look / name).read_bytes(), name


@pytest.mark.long
def test_the_list_can_be_in_polish(shop: Path, tmp_path: Path) -> None:
    done = winback("run", shop, "--horizon-days", 60, "--language", "pl", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    listed = pd.read_csv(tmp_path / "list.csv", dtype=str)
    assert listed["reason_1"].str.contains("rokuje").all()
    assert '<html lang="pl"' in (tmp_path / "report.html").read_text()


@pytest.mark.long
def test_columns_that_names_do_not_give_away_can_be_named(shop: Path, tmp_path: Path) -> None:
    lines = pd.read_csv(shop, dtype=str)[["customer_id", "order_id", "ordered_at", "amount"]]
    other = lines.set_axis(["x1", "x2", "x3", "x4"], axis=1)
    other.to_csv(tmp_path / "x.csv", index=False)
    done = winback(
        "run", tmp_path / "x.csv", "--customer", "x1", "--order", "x2", "--date", "x3",
        "--amount", "x4", "--horizon-days", 60, "--out", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    line = refused("run", tmp_path / "x.csv", "--customer", "klient", code=2)
    assert "klient" in line


@pytest.mark.long
def test_cancelled_and_refunded_orders_are_counted_apart(tmp_path: Path) -> None:
    # Seven purchases; two were cancelled or refunded as a whole, one in part, one never paid.
    (tmp_path / "orders.csv").write_text(
        "customer,order,date,amount,status\n"
        "a,1,2024-01-01,10,completed\na,2,2024-02-01,10,cancelled\n"
        "b,3,2024-01-05,20,completed\nb,4,2024-02-05,20,refunded\n"
        "c,5,2024-03-05,20,completed\nc,6,2024-04-05,20,pending\n"
        "c,7,2024-04-06,20,completed\nc,7,2024-04-16,-5,completed\n"
        "d,8,2024-05-30,20,completed\n"
    )
    done = winback("run", tmp_path / "orders.csv", "--horizon-days", 30, "--out", tmp_path)
    assert "4 with 7 purchases, 3 cancellations or refunds, 2024-01-01 to" in done.stdout
    read = json.loads((tmp_path / "reports/ingest.json").read_text())
    assert (read["purchases"], read["refunds"]) == (7, 3)
    page = re.sub(r"<[^>]+>", "", (tmp_path / "report.html").read_text())
    assert "The orders include those cancelled or sent back later: 3 cancellations and" in page


@pytest.mark.long
def test_one_customer_held_out_is_said_in_the_singular(tmp_path: Path) -> None:
    shop = simulate_shop("fashion", customers=60, days=700, seed=5)
    shop.orders.to_csv(tmp_path / "orders.csv", index=False)
    (tmp_path / "salt.txt").write_text("winback")  # the lot falls on one
    done = winback("run", tmp_path / "orders.csv", "--cutoff", "2024-10-01", "--out", tmp_path)
    planned = json.loads((tmp_path / "reports/target.json").read_text())
    assert planned["n_control"] == 1
    assert "1 is held out as control" in done.stdout
    page = re.sub(r"<[^>]+>", "", (tmp_path / "report.html").read_text())
    assert "1 of them, drawn by lot, will get nothing" in page
    # There are more forecasts than customers, of whom some came back after one date only.
    assert "one for each customer and date" in page


def test_explain_tells_one_customers_story(first_look: Path) -> None:
    listed = pd.read_csv(first_look / "list.csv", dtype=str).iloc[0]
    said = winback("explain", listed["customer_id"], "--in", first_look).stdout
    assert f"Customer {listed['customer_id']}" in said
    assert "likely to buy within 60 days" in said
    assert listed["reason_1"].replace("\N{NO-BREAK SPACE}", " ") in said
    assert f"{listed['offer_label']} ({listed['offer']})" in said
    # Its last part is what the message leads with.
    assert listed["next_product_1"] in said.partition("For the message")[2]


def test_explain_names_ids_near_an_unknown_one(first_look: Path) -> None:
    assert "Near ones: C0" in refused("explain", "C003", "--in", first_look, code=1)


def test_snapshot_writes_features_and_closed_outcomes(shop: Path, tmp_path: Path) -> None:
    done = winback(
        "snapshot", shop, "--horizon-days", 30, "--cutoffs", 3, "--every-days", 30,
        "--out", tmp_path, "--memory-limit", "1GB", "--threads", 2,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = pd.read_csv(shop, parse_dates=["ordered_at"])
    sums = lines.groupby("order_id").agg(
        day=("ordered_at", "min"), amount=("amount", "sum"), customer=("customer_id", "first")
    )
    last = sums.loc[sums["amount"] > 0, "day"].max().date() + timedelta(days=1)
    features = pd.read_parquet(tmp_path / "snapshots.parquet")
    cutoffs = [last - timedelta(days=back) for back in (60, 30, 0)]
    assert sorted(features["cutoff"].unique()) == cutoffs
    outcomes = pd.read_parquet(tmp_path / "outcomes.parquet")
    assert sorted(outcomes["cutoff"].unique()) == cutoffs[:2]
    customer = features["customer_id"].iloc[0]
    row = features[(features["customer_id"] == customer) & (features["cutoff"] == last)].iloc[0]
    days = sums[(sums["customer"] == customer) & (sums["amount"] > 0)]["day"].dt.date
    assert row["orders_90d"] == (days >= last - timedelta(days=90)).sum()
    assert row["days_since_last_order"] == (last - days.max()).days


def test_measure_reads_what_a_campaign_changed(tmp_path: Path) -> None:
    start, n = date(2024, 3, 1), 4000
    # Every fourth of the control returns, every second of the treated: 25 points by design.
    customers = [f"K{k:04d}" for k in range(n)]
    arms = ["offer" if k % 2 else "control" for k in range(n)]
    back = [k % 4 < 2 if k % 2 else k % 8 == 0 for k in range(n)]
    pd.DataFrame(
        {"customer_id": customers, "arm": arms, "assigned_at": start, "probability": 0.5}
    ).to_csv(tmp_path / "assignment.csv", index=False)
    lines = ["customer_id,order_id,date,amount"]
    for k, customer in enumerate(customers):
        lines.append(f"{customer},a{k},2024-02-{k % 28 + 1:02d},10.00")
        if back[k]:
            lines.append(f"{customer},b{k},2024-03-{k % 30 + 1:02d},20.00")
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    done = winback(
        "measure", tmp_path / "assignment.csv", "--orders", tmp_path / "orders.csv",
        "--window-days", 30, "--out", tmp_path, "--language", "pl",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "measurement.json").read_text())
    page = (tmp_path / "result.html").read_text("utf-8")
    assert '<html lang="pl">' in page
    effect = f"+{100 * found['returned']['effect']:.1f}".replace(".", ",")
    assert effect in page
    assert f"Oferty podniosły odsetek powrotów: {effect} p.p." in done.stdout
    assert done.stdout.rstrip().endswith(f"Wynik do czytania: {tmp_path / 'result.html'}")
    treated = [b for b, arm in zip(back, arms, strict=True) if arm == "offer"]
    control = [b for b, arm in zip(back, arms, strict=True) if arm == "control"]
    assert found["returned"]["mean_treated"] == pytest.approx(sum(treated) / len(treated))
    assert found["returned"]["mean_control"] == pytest.approx(sum(control) / len(control))
    assert found["returned"]["low"] > 0
    assert found["verdict"] == "works"


def test_an_open_window_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "customer_id,arm,assigned_at\na,offer,2024-03-01\nb,control,2024-03-01\n"
    )
    (tmp_path / "o.csv").write_text("customer_id,date,amount\na,2024-02-01,5\nb,2024-03-05,5\n")
    line = refused(
        "measure", tmp_path / "a.csv", "--orders", tmp_path / "o.csv", "--out", tmp_path, code=1
    )
    assert "2024-03-30" in line or "2024-03-31" in line


def test_a_wrong_day_is_one_line(shop: Path) -> None:
    line = refused("run", shop, "--cutoff", "01.06.2023", code=2)
    assert "expected a day such as 2025-06-30" in line


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    assert "no such file" in refused("run", tmp_path / "none.csv", code=2)


def test_a_missing_suppression_file_is_one_line(shop: Path, tmp_path: Path) -> None:
    assert "no such file" in refused("run", shop, "--suppress", tmp_path / "none.txt", code=2)


def test_a_stage_without_params_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(WINBACK), "ingest"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ,
    )  # fmt: skip
    assert done.returncode == 2
    assert "params.yaml" in done.stderr


def test_absent_is_null_never_nan_in_the_scores(first_look: Path) -> None:
    table = pq.read_table(first_look / "scores.parquet")
    for name in table.column_names:
        values = table[name].to_pylist()
        assert not [v for v in values if isinstance(v, float) and v != v], name


@pytest.mark.long
def test_params_say_who_must_not_be_contacted_and_flags_beat_them(
    shop: Path, tmp_path: Path
) -> None:
    (tmp_path / "params.yaml").write_text(
        "ingest:\n  privacy: {marketing: [{column: marketing}]}\n"
        "snapshot:\n  horizon_days: 45\n  threads: 1\n"
    )
    done = winback("run", shop, "--params", tmp_path / "params.yaml", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    planned = pd.read_parquet(tmp_path / "assignment.parquet")["customer_id"]
    assert len(planned)
    assert not planned.str.endswith("7").any()
    assert set(pd.read_parquet(tmp_path / "scores.parquet")["horizon_days"]) == {45}
    done = winback(
        "run", shop, "--params", tmp_path / "params.yaml", "--horizon-days", 30, "--out", tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert set(pd.read_parquet(tmp_path / "scores.parquet")["horizon_days"]) == {30}


def test_a_missing_suppression_file_of_params_is_one_line(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("ingest: {privacy: {ads: [{file: gone.txt}]}}\n")
    line = refused("run", shop, "--params", tmp_path / "params.yaml", "--out", tmp_path, code=2)
    assert "gone.txt: no such file; ingest.privacy" in line


@pytest.mark.long
def test_days_without_an_export_are_not_days_on_which_nobody_came(
    shop: Path, tmp_path: Path
) -> None:
    means = {}
    for name, cutoff in (("at the end", "2023-10-28"), ("months later", "2024-01-28")):
        done = winback(
            "run", shop, "--cutoff", cutoff, "--horizon-days", 60, "--out", tmp_path / name
        )
        assert done.returncode == 0, done.stderr
        trained = json.loads((tmp_path / name / "reports/training.json").read_text())
        means[name] = list(trained["base_rates"].values())[-1], done.stdout
    assert means["months later"][0] == pytest.approx(means["at the end"][0], abs=0.08)
    assert "Look at the dates" in means["months later"][1]
    assert "Look at the dates" not in means["at the end"][1]


def test_an_output_folder_that_is_a_file_is_one_line(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    line = refused("run", shop, "--out", tmp_path / "taken", code=1)
    assert line.startswith("winback: ")


def test_addresses_are_left_in_no_other_file(first_look: Path) -> None:
    assert not list(first_look.rglob("contacts.parquet"))


@pytest.mark.long
def test_measure_reads_what_all_campaigns_changed_by_the_holdout(
    shop: Path, tmp_path: Path
) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("target: {holdout_share: 0.2, salt: public-demo}\n")
    words = ("measure", "--holdout-since", "2023-08-01", "--orders", shop, "--params", params)
    done = winback(*words, "--metric", "orders", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "measurement.json").read_text())
    assert found["assigned_from"] == found["assigned_to"] == "2023-08-01"
    assert 0.1 < found["n_control"] / (found["n_treated"] + found["n_control"]) < 0.3
    assert f"Net spend of the {found['n_treated']:,} customers not held out" in done.stdout
    params.write_text("target: {salt: public-demo}\n")
    line = refused(*words, "--out", tmp_path, code=2)
    assert "target.holdout_share is 0" in line
    line = refused("measure", "a.csv", *words[1:], "--out", tmp_path, code=2)
    assert "--holdout-since reads no assignment" in line


@pytest.mark.long
def test_explain_and_churn_speak_polish_all_through(
    shop: Path, first_look: Path, tmp_path: Path
) -> None:
    listed = pd.read_csv(first_look / "list.csv", dtype=str).iloc[0]
    scores = pq.read_table(first_look / "scores.parquet").to_pandas().set_index("customer_id")
    row = scores.loc[listed["customer_id"]]
    unlisted = next(c for c in scores.index if c not in set(_assigned(first_look)))
    told = winback("explain", listed["customer_id"], "--in", first_look, "--language", "pl").stdout
    told += winback("explain", unlisted, "--in", first_look, "--language", "pl").stdout
    day = row["cutoff"]
    assert f"Klient {listed['customer_id']}, stan na {day:%d.%m.%Y}" in told
    share = f"{100 * row['p_return']:.1f}".replace(".", ",")
    assert f"szansa na zakup w ciągu 60 dni: {share}%" in told
    assert row["reason_1_pl"].replace("\N{NO-BREAK SPACE}", " ") in told
    assert re.search(r"  zakup  .*\d,\d\d\Wzł\n", told)
    assert re.search(r"segment: [A-Z]\w.* \(RFM \d{3}\); \w+ ryzyko", told)
    assert "Oferta\n  brak: " in told
    assert f"({listed['offer']})" in told
    english = r"(?i)\b(history|order|likely|expected|spend|risk|offer|none|net|score|reasons)\b"
    codes = "|".join(json.loads((first_look / "reports/target.json").read_text())["arms"])
    assert re.findall(english, re.sub(codes, "", told)) == []

    done = winback("--quiet", "churn", shop, "--out", tmp_path, "--language", "pl")
    table = done.stdout.split("Badanie: ")[0]
    assert table.startswith("bez zakupu od ")
    assert "wróciło w ciągu" in table.splitlines()[0]
    assert re.search(r"\n90 dni +\d+ ", table)
    assert re.search(r"\n3x własny odstęp +\d+ ", table)
    assert re.search(r"\d,\d%", table)
    assert re.findall(r"\d\.\d|\b(days|own gap|silent|came back|now|customers)\b", table) == []


# Words that no Polish sentence of ours has.
ENGLISH = re.compile(
    r"(?i)\b(the|of|and|with|for|from|not|is|are|was|were|customers?|orders?|days?|lines?|before|"
    r"after|expected|see|list|read|kept|enough|history|report|scored|learning|judging|missing|"
    r"such|option|command|argument|write|look|cost|gain|measurement|interval|reading|no)\b"
)


def english_in(text: str) -> list[str]:
    """English words of a text, but for quotes, files, codes and what is to be typed."""
    typed = r"„[^”]*”|(?<!\w)--?\w[\w-]*|\S*[/_]\S*|\S+\.(?:csv|json|html|parquet|yaml)\b"
    typed += r"|reminder|winback \w+|log loss|3 days before|Black Friday"
    return ENGLISH.findall(re.sub(typed, " ", text))


@pytest.mark.long
def test_a_polish_run_speaks_polish_from_the_first_line_to_the_last(
    shop: Path, tmp_path: Path
) -> None:
    done = winback("run", shop, "--language", "pl", "--horizon-days", 60, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "wczytanie" in done.stderr
    assert "Lista: ofertę dostanie" in done.stdout
    for told in (done.stderr, done.stdout):
        assert english_in(told) == []
        assert odd_numbers(told, "pl") == []
    (tmp_path / "pl.yaml").write_text("report: {language: pl}\n")
    done = winback("snapshot", shop, "--params", tmp_path / "pl.yaml", "--out", tmp_path / "s")
    assert done.returncode == 0, done.stderr
    assert english_in(done.stderr + done.stdout) == []
    done = winback("occasions", "--from", "2026-11-22", "--days", 30, "--language", "pl")
    assert "Do target.send_on: black_friday" in done.stdout
    assert english_in(done.stdout) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run --language pl", "brakuje orders; napisz na przykład winback run orders.csv"),
        ("run o.csv --nope --language=pl", "nie ma opcji --nope (są: --"),
        ("runn o.csv --language pl", "nie ma polecenia „runn”. Może chodzi o „run”?"),
        ("run o.csv p.csv --language pl", "za dużo argumentów (p.csv). Zobacz winback run --help."),
        ("run o.csv --currency", "option '--currency' requires an argument."),
        ("run o.csv --language pl --currency", "po --currency trzeba podać wartość. Zobacz"),
        ("run o.csv --budget x --language pl", "--budget „x”: podaj liczbę. Zobacz"),
        ("run o.csv --budget -1 --language pl", "--budget „-1”: podaj liczbę nie mniejszą niż 0."),
        ("run o.csv --quiet --language pl", "--quiet stoi przed poleceniem: napisz winback"),
        ("run o.csv --cutoff jutro --language pl", "--cutoff „jutro”: podaj dzień w postaci"),
        ("occasions --language pl", "brakuje --from: podaj pierwszy dzień"),
        ("measure --language pl", "brakuje przydziału: podaj assignment.parquet"),
        ("explain x --in nowhere --language pl", "nowhere: nie ma tu ocen. Najpierw uruchom"),
        ("push klaviyo --in nowhere", "nowhere: no folder of a winback run"),
        ("confirm klaviyo --in nowhere", "nowhere: no folder of a winback run"),
        ("forget x --in nowhere", "nowhere: no folder of a winback run"),
    ],
)
def test_what_is_wrong_is_said_in_the_language_asked_for(
    words: str, said: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [str(WINBACK), *words.split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode in (1, 2)
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"winback: {said}")
    if "--language" in words:
        assert english_in(line.removeprefix(f"winback: {said}").replace("first-look", "")) == []


def test_a_project_in_polish_is_told_of_its_mistakes_in_polish(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("report: {language: pl}\ntarget: {budget: many}\n")
    done = subprocess.run(
        [str(WINBACK), "report"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert english_in(done.stderr.removeprefix("winback: ")) == []


def test_a_folder_that_cannot_be_written_is_told_in_polish(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = refused("run", shop, "--out", tmp_path / "file", "--language", "pl", code=1)
    assert line == f"winback: {tmp_path / 'file'}: coś o tej nazwie już istnieje."


def test_a_first_look_writes_numbers_one_way_on_the_terminal(first_look: Path) -> None:
    assert odd_numbers((first_look / "said.txt").read_text(), "en") == []


def _assigned(folder: Path) -> list[str]:
    return pq.read_table(folder / "assignment.parquet")["customer_id"].to_pylist()


@pytest.mark.long
def test_a_reader_who_goes_away_does_not_lose_the_run(shop: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "winback.cli", "run", str(shop), "--out", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.stdout.close()
        assert run.wait() == 0
    assert {path.name for path in tmp_path.iterdir()} >= set(OUTPUTS)


def test_a_pattern_that_dvc_cannot_watch_is_refused_with_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    (tmp_path / "params.yaml").write_text("ingest: {orders: data/raw/*.csv}\n")
    monkeypatch.chdir(tmp_path)
    line = refused("ingest", code=2)
    assert "'data/raw/*.csv' is a pattern, which DVC cannot watch" in line
    assert "Name the folder: orders: data/raw" in line


def test_what_others_would_have_said_is_kept_beside_the_scores(first_look: Path) -> None:
    table = pq.read_table(first_look / "orders" / "rivals.parquet")
    said, scores = table.to_pandas(), pd.read_parquet(first_look / "scores.parquet")
    assert said["customer_id"].tolist() == scores["customer_id"].tolist()
    outcomes = pd.read_parquet(first_look / "orders" / "outcomes.parquet")
    newest = outcomes[outcomes["cutoff"] == outcomes["cutoff"].max()]["returned"]
    share = (newest.sum() + 0.5) / (len(newest) + 1)
    assert said["p_base_rate"].tolist() == [round(share, 6)] * len(said)
    judged = pd.read_parquet(first_look / "orders" / "backtest.parquet")
    losses = {}
    for name in (c for c in judged.columns if c.startswith("p_") and c != "p_lightgbm"):
        p = judged[name].clip(1e-6, 1 - 1e-6)
        losses[name] = -np.log(p.where(judged["returned"], 1 - p)).mean()
    best = min(losses, key=lambda name: losses[name])
    assert table.schema.metadata[b"best_rule"].decode() == best.removeprefix("p_")
    assert said["p_best_rule"].between(0, 1).all()
    training = json.loads((first_look / "reports" / "training.json").read_text())
    alike = np.allclose(said["p_model"], scores["p_return"])
    assert alike == (training["rule"] is None)
