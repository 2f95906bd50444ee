"""Signals and attributes from a shop's files to features, training and the command line."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telling import in_words
from telling import told as sentences
from winback import definitions
from winback.cli import app as cli
from winback.errors import UsageError, WinbackError
from winback.intake.settling import read_orders
from winback.intake.signals import read_attributes, read_signals
from winback.params import check_params
from winback.project import Project
from winback.results.intake import IngestSummary
from winback.stages.flow import run_history, stage
from winback.synthetic.shop import simulate_shop

CUTOFF = date(2024, 6, 1)

SIGNALS = """Customer ID;Event;Date;Value;recorded at
17850.0;Ticket Opened;03.01.2024 10:00;1,5;
17850.0;ticket-opened;13.01.2024 00:00;abc;
17850.0;ticket closed;13.01.2024 08:15;;20.01.2024 00:00
;ticket closed;13.01.2024 00:00;;
12.0;;13.01.2024 00:00;;
12.0;visit;;;
12.0;visit;99.99.2024;;
12.0;visit;01.01.2024 00:00;2;someday
12.0;visit;01.01.2024 00:00;2;01.01.2023 00:00
12.0;visit;31.05.2024 23:59;7;02.06.2024 00:00
12.0;visit;01.06.2024 00:00;2;01.01.2023 00:00
12.0;visit;01.06
"""


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """The signals above, read; and its folder."""
    (tmp_path / "events.csv").write_text(SIGNALS)
    return read_signals(tmp_path / "events.csv", tmp_path, cutoff=CUTOFF)


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in pq.read_table(path).to_pylist()]


def test_signals_become_one_sorted_table(read: Any) -> None:
    new_year, ticket = datetime(2024, 1, 1), datetime(2024, 1, 3, 10)
    assert rows_of(read.path) == [
        # What is said to have been known before it happened was known when it happened.
        ("12", new_year, new_year, "visit", 2.0),
        ("12", datetime(2024, 5, 31, 23, 59), datetime(2024, 6, 2), "visit", 7.0),
        ("17850", ticket, ticket, "ticket_opened", 1.5),
        ("17850", datetime(2024, 1, 13, 8, 15), datetime(2024, 1, 20), "ticket_closed", None),
    ]


def test_every_line_is_kept_set_aside_or_ignored(read: Any) -> None:
    summary = read.summary
    assert (summary["lines_in"], summary["lines_kept"], summary["lines_ignored"]) == (12, 4, 1)
    assert summary.lines_set_aside.model_dump(exclude={"amount_by_reason"}) == {
        "total": 7,
        "by_reason": {
            "wrong_column_count": 1, "no_customer": 1, "no_date": 1, "unreadable_date": 2,
            "no_name": 1, "unreadable_value": 1,
        },
    }  # fmt: skip
    # The names of good lines, whether before the cutoff or not.
    assert summary["names"] == {"ticket_closed": 1, "ticket_opened": 1, "visit": 3}
    assert summary["customers"] == 2


def test_what_is_set_aside_is_found_again_by_row_and_column(read: Any) -> None:
    aside = pd.read_csv(read.path.with_name("signals_quarantine.csv"), dtype=str)
    assert aside[["source_file", "row_number", "column_name", "found", "reason"]].fillna(
        ""
    ).to_numpy().tolist() == [
        ["events.csv", "3", "Value", "abc", "unreadable_value"],
        ["events.csv", "5", "Customer ID", "", "no_customer"],
        ["events.csv", "6", "Event", "", "no_name"],
        ["events.csv", "7", "Date", "", "no_date"],
        ["events.csv", "8", "Date", "99.99.2024", "unreadable_date"],
        ["events.csv", "9", "recorded at", "someday", "unreadable_date"],
        ["events.csv", "13", "", "", "wrong_column_count"],
    ]


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "frame", "folder"])
def test_every_kind_of_source_gives_the_same_table(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({
        "customer_id": ["b", "a", "a"], "happened_at": ["2024-01-02", "2024-01-01", "2024-01-01"],
        "name": ["visit", "visit", "ticket"], "value": [1.5, None, 2.0],
    })  # fmt: skip
    source: Any = tmp_path / f"in.{ending}"
    if ending == "frame":
        source = frame
    elif ending == "parquet":
        frame.to_parquet(source)
    elif ending == "folder":
        source.mkdir()
        frame[:1].to_csv(source / "1.csv", index=False)
        frame[1:].to_csv(source / "2.csv", index=False)
    else:
        frame.to_csv(source, index=False, sep="\t" if ending == "tsv" else ",")
    table = read_signals(source, tmp_path / "out", cutoff=CUTOFF).path
    first, second = datetime(2024, 1, 1), datetime(2024, 1, 2)
    assert rows_of(table) == [
        ("a", first, first, "ticket", 2.0),
        ("a", first, first, "visit", None),
        ("b", second, second, "visit", 1.5),
    ]


def test_instants_become_wall_time_of_the_shop(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "customer": ["a"], "name": ["visit"],
        "happened_at": ["2024-03-31T00:30:00Z"], "known_at": ["2024-03-31T01:30:00Z"],
    })  # fmt: skip
    found = read_signals(frame, tmp_path, cutoff=CUTOFF, timezone="Europe/Warsaw")
    # Summer time begins in between.
    assert rows_of(found.path)[0][1:3] == (
        datetime(2024, 3, 31, 1, 30), datetime(2024, 3, 31, 3, 30)
    )  # fmt: skip


def test_attributes_keep_their_words_and_may_become_empty(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "klient": ["a", "a", "a", "b"], "attribute": ["Tier"] * 3 + ["Zgoda e-mail"],
        "since": ["2024-01-03", "2024-01-02", "2024-06-01", "2024-01-01"],
        "value": [None, "none", "gold", " yes "],
    })  # fmt: skip
    found = read_attributes(frame, tmp_path, cutoff=CUTOFF)
    assert rows_of(found.path) == [
        ("a", datetime(2024, 1, 2), "tier", "none"),
        ("a", datetime(2024, 1, 3), "tier", None),
        ("b", datetime(2024, 1, 1), "zgoda_e_mail", "yes"),
    ]
    assert found.summary is not None and found.summary["lines_ignored"] == 1


def test_without_a_source_the_tables_are_there_and_empty(tmp_path: Path) -> None:
    for read in (read_signals, read_attributes):
        found = read(None, tmp_path, cutoff=CUTOFF)
        assert found.summary is None
        assert pq.read_table(found.path).num_rows == 0
    assert pq.read_schema(tmp_path / "signals.parquet").field("value").type == pa.float64()


def test_the_same_rows_make_the_same_bytes_whatever_order_and_threads(tmp_path: Path) -> None:
    signals = simulate_shop("fashion", customers=80, days=200, seed=3).signals
    one = read_signals(signals, tmp_path / "1", cutoff=CUTOFF, threads=1)
    shuffled = signals.sample(frac=1, random_state=5)
    two = read_signals(shuffled, tmp_path / "2", cutoff=CUTOFF, threads=2)
    assert one.path.read_bytes() == two.path.read_bytes()
    assert one.summary is not None and two.summary is not None
    assert one.summary["sha256"] == two.summary["sha256"]


WEEK = """customer,event,when,channel
a,visit,2024-01-01,web
a,visit,2024-01-01,web
a,visit,2024-01-01,app
b,visit,2024-01-05,web
"""


def in_files(folder: Path, **files: str) -> Any:
    """What was read of several files, as rows and counts by reason."""
    source = folder / "in"
    source.mkdir(exist_ok=True)
    for name, text in files.items():
        (source / f"{name}.csv").write_text(text)
    found = read_signals(source, folder, cutoff=CUTOFF, columns={"happened_at": "when"})
    assert found.summary is not None
    aside = found.summary["lines_set_aside"]
    assert found.summary["lines_in"] == found.summary["lines_kept"] + aside["total"]
    return [row[0] for row in rows_of(found.path)], aside["by_reason"]


def test_a_line_that_overlapping_exports_repeat_is_one_signal(tmp_path: Path) -> None:
    # Twice in one file it happened twice; the second file repeats both, and adds one of its own.
    later = WEEK + "b,visit,2024-01-06,web\n"
    assert in_files(tmp_path, a=WEEK, b=later) == (["a", "a", "a", "b", "b"], {"duplicate": 4})
    aside = pd.read_csv(tmp_path / "signals_quarantine.csv", dtype=str)
    assert list(zip(aside["source_file"], aside["row_number"], aside["found"], strict=True)) == [
        ("b.csv", "2", "visit"), ("b.csv", "3", "visit"), ("b.csv", "4", "visit"),
        ("b.csv", "5", "visit"),
    ]  # fmt: skip


def test_of_each_line_as_many_stay_as_the_file_with_most_of_them_holds(tmp_path: Path) -> None:
    line = "a,visit,2024-01-01,web\n"
    head = WEEK.splitlines(keepends=True)[0]
    found = in_files(tmp_path, a=head + line, b=head + 3 * line, c=head + 2 * line)
    assert found == (["a"] * 3, {"duplicate": 3})


def test_every_column_tells_lines_apart_but_a_running_number(tmp_path: Path) -> None:
    other = "nr,channel,when,event,customer\n1,shop,2024-01-05,visit,b\n2,web,2024-01-05,visit,b\n"
    numbered = other.replace("nr,", "index,")
    assert in_files(tmp_path, a=WEEK, b=numbered)[0] == ["a", "a", "a", "b", "b"]
    # A number that means something makes each line its own.
    assert in_files(tmp_path, a=WEEK, b=other)[0] == ["a", "a", "a", "b", "b", "b"]


def test_the_same_line_twice_in_one_file_happened_twice(tmp_path: Path) -> None:
    assert in_files(tmp_path, a=WEEK) == (["a", "a", "a", "b"], {})


CELLS = st.sampled_from(["", "a", "17", "2024-01-05", "2024-05-31 23:59:59", "2024-06-01", "3,5",
                         "1e99", "nan", "-", "Zażółć", "31/12/2024", "x" * 50])  # fmt: skip


@settings(max_examples=20)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), max_size=12))
def test_no_line_is_lost_whatever_stands_in_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("messy")
    # A column that is mostly nonsense is refused as a whole.
    days = [f"2024-02-{n + 1:02}" for n in range(len(rows) + 2)]
    good = [(f"c{day}", day, day, "visit", "1") for day in days]
    columns = ["customer_id", "happened_at", "known_at", "name", "value"]
    frame = pd.DataFrame([*rows, *good], columns=columns)
    frame.to_csv(folder / "messy.csv", index=False)
    found = read_signals(folder / "messy.csv", folder, cutoff=CUTOFF).summary
    assert found is not None
    kept, aside, ignored = (
        found["lines_kept"], found["lines_set_aside"]["total"], found["lines_ignored"]
    )  # fmt: skip
    assert found["lines_in"] == len(frame) == kept + aside + ignored
    assert len(pd.read_csv(folder / "signals_quarantine.csv")) == aside
    table = pq.read_table(folder / "signals.parquet").to_pylist()
    assert len(table) == kept
    assert all(row["happened_at"] <= row["known_at"] for row in table)
    assert all(row["happened_at"].date() < CUTOFF for row in table)


@pytest.mark.parametrize(
    ("header", "columns", "sentence"),
    [
        ("customer_id,name,value", None, "no column `happened_at` of signals found; columns: "
         "customer_id, name, value. Name the right one in ingest.signal_columns."),
        ("customer_id,happened_at,value", None, "no column `name` of signals found"),
        ("who,happened_at,name", None, "no column `customer_id` of signals found"),
        ("customer_id,happened_at,name", {"name": "what"}, "there is no column 'what'; columns:"),
        ("customer_id,happened_at,name", {"who": "name"}, "signals have no 'who'; they have "
         "customer_id, happened_at, known_at, name, value"),
    ],
)  # fmt: skip
def test_a_missing_column_is_named(
    tmp_path: Path, header: str, columns: dict[str, str] | None, sentence: str
) -> None:
    (tmp_path / "in.csv").write_text(f"{header}\n1,2024-01-01,x\n2,2024-01-02,y\n")
    with pytest.raises(UsageError) as raised:
        read_signals(tmp_path / "in.csv", tmp_path, cutoff=CUTOFF, columns=columns)
    assert f"in.csv: {sentence}" in str(raised.value)


def test_a_mapping_finds_columns_of_any_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"who": ["a"], "when": ["2024-01-01"], "what": ["visit"], "n": [2]})
    found = read_signals(
        frame, tmp_path, cutoff=CUTOFF,
        columns={"customer_id": "who", "happened_at": "when", "name": "What", "value": "n"},
    )  # fmt: skip
    day = datetime(2024, 1, 1)
    assert rows_of(found.path) == [("a", day, day, "visit", 2.0)]


def test_ids_in_the_column_of_names_are_noticed(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "customer_id": range(1500), "happened_at": "2024-01-01",
        "name": [f"n{k}" for k in range(1500)],
    })  # fmt: skip
    with pytest.raises(UsageError, match=r"column 'name' holds more than 1,000 names of signals"):
        read_signals(frame, tmp_path, cutoff=CUTOFF)


def test_dates_that_are_none_name_the_role(tmp_path: Path) -> None:
    frame = pd.DataFrame({"customer_id": ["a"], "happened_at": ["soon"], "name": ["visit"]})
    with pytest.raises(
        UsageError, match=r"name the right column `happened_at` in ingest.signal_columns\."
    ):
        read_signals(frame, tmp_path, cutoff=CUTOFF)


# --- what is told of a file ----------------------------------------------------------------------


@pytest.fixture
def buyers(tmp_path: Path) -> Path:
    """Canonical orders of the customers 1, 2, 30, a7 and B8."""
    orders = pd.DataFrame({
        "customer": ["1", "2", "30", "a7", "B8"], "date": "2024-01-02", "amount": 9,
        "order": range(5),
    })  # fmt: skip
    return read_orders(orders, tmp_path / "orders").orders_path


def told(folder: Path, text: str, **options: Any) -> list[str]:
    """What is said of signals in a CSV."""
    (folder / "in.csv").write_text(text)
    return sentences(read_signals(folder / "in.csv", folder / "read", cutoff=CUTOFF, **options))


def test_which_columns_were_taken_is_told_of_each_file(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.csv").write_text("Klient;Data zgłoszenia;Typ;Wartość\n7;13.01.2024;mail;1,5\n")
    (source / "b.csv").write_text("user,time,known at,event\n8,2024-01-14,2024-01-15,mail\n")
    found = read_signals(source, tmp_path, cutoff=CUTOFF)
    assert sentences(found) == [
        "a.csv: customer_id: column 'Klient' (text ids)",
        "a.csv: happened_at: column 'Data zgłoszenia' (dates read day first, because of "
        "13.01.2024 in row 2)",
        "a.csv: name: column 'Typ' (text)",
        "a.csv: value: column 'Wartość' (numbers with a decimal comma)",
        "a.csv: known_at: no column; each line counts as known when it happened",
        "b.csv: customer_id: column 'user' (text ids)",
        "b.csv: happened_at: column 'time' (dates as year-month-day)",
        "b.csv: known_at: column 'known at' (dates as year-month-day)",
        "b.csv: name: column 'event' (text)",
    ]


@pytest.mark.parametrize("header", ["entered_on", "Data wpisania", "erfasst am", "recorded_at"])
def test_usual_names_of_the_time_of_knowing_are_found(tmp_path: Path, header: str) -> None:
    text = f"customer,date,{header},name\na,2024-01-01,2024-02-01,call\n"
    assert told(tmp_path, text)[2] == (
        f"in.csv: known_at: column '{header}' (dates as year-month-day)"
    )
    assert rows_of(tmp_path / "read/signals.parquet")[0][2] == datetime(2024, 2, 1)


def test_times_that_are_not_used_are_looked_at(tmp_path: Path) -> None:
    text = "customer,date,put in,nr,name\na,2024-01-01,2024-02-01,20240102,call\n"
    assert told(tmp_path, text)[-2:] == [
        "in.csv: known_at: no column; each line counts as known when it happened",
        "look at the signals: column 'put in' of in.csv holds times and is not used; if it says "
        "when a line became known, name it known_at in ingest.signal_columns",
    ]


def test_mixed_offsets_are_told(tmp_path: Path) -> None:
    text = "customer,date,name\na,2024-01-01T10:00:00+01:00,x\na,2024-01-01T10:00:00-05:00,x\n"
    said = told(tmp_path, text)
    assert said[1].endswith(
        "times with several offsets converted to UTC (give --timezone for the shop's own))"
    )
    assert said[-1].startswith(
        "look at the dates: the offsets in column 'date' differ (1 with +01:00, 1 with -05:00)"
    )


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        (["1", "a7", "30"], None),
        (["1", "a7", "x"], "1 of 3 lines of in.csv are of customers without orders"),
        (["1", "x", "y", "x"], "look at the customers: 3 of 4 lines of in.csv are of customers "
         "without orders; ids must be written as in the orders"),
        (["0001", " 1.0", "A7", "1"], None),
    ],
)  # fmt: skip
def test_lines_of_strangers_are_told(
    tmp_path: Path, buyers: Path, ids: list[str], sentence: str | None
) -> None:
    text = "customer,date,name\n" + "".join(f"{name},2024-01-01,call\n" for name in ids)
    said = [line for line in told(tmp_path, text, orders=buyers) if "without orders" in line]
    assert said == ([sentence] if sentence else [])


def test_a_header_without_lines_is_a_day_without_signals(tmp_path: Path) -> None:
    head = "customer,date,name\n"
    assert told(tmp_path, head) == ["look at the signals: in.csv holds no line"]
    assert pq.read_table(tmp_path / "read/signals.parquet").num_rows == 0
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.csv").write_text(head)
    (source / "b.csv").write_text(head + "a,2024-01-01,call\n")
    found = read_signals(source, tmp_path, cutoff=CUTOFF).summary
    assert found is not None and (found["files"], found["lines_kept"]) == (("b.csv",), 1)
    empty = pd.DataFrame({"customer": [], "date": [], "name": []})
    assert read_signals(empty, tmp_path, cutoff=CUTOFF).path.is_file()


def test_a_file_without_a_usable_line_says_why(tmp_path: Path) -> None:
    text = "customer,date,name,value\na,2024-01-01,nps,9/10\na,2024-01-02,nps,T-1001\n,,,\n"
    with pytest.raises(WinbackError) as raised:
        told(tmp_path, text)
    assert str(raised.value) == (
        "in.csv: all 3 lines of signals were set aside (1 empty_row, 2 unreadable_value), such as "
        "'9/10' in column 'value' of row 2. Correct the file, or name its columns in "
        "ingest.signal_columns."
    )


def test_an_id_is_no_value_and_a_name_of_other_letters_is_shown(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "customer": "a", "date": "2024-01-01", "name": ["x", "x", "x", "Открыто"],
        "value": ["T-1001", "PLN12", "-5", "1"],
    })  # fmt: skip
    found = read_signals(frame, tmp_path, cutoff=CUTOFF)
    assert [row[-1] for row in rows_of(found.path)] == [-5.0, 12.0]
    aside = pd.read_csv(tmp_path / "signals_quarantine.csv")
    assert aside[["found", "reason"]].to_numpy().tolist() == [
        ["T-1001", "unreadable_value"], ["Открыто", "no_name"],
    ]  # fmt: skip


def test_of_two_changes_at_one_instant_the_later_line_holds(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "customer": ["a", "a", "a", "b", "b"], "since": "2024-01-01", "attribute": "tier",
        "value": ["silver", "gold", None, "silver", "gold"],
    })  # fmt: skip
    found = read_attributes(frame, tmp_path, cutoff=CUTOFF)
    assert [(row[0], row[3]) for row in rows_of(found.path)] == [("a", None), ("b", "gold")]
    assert found.summary is not None
    counted = [found.summary[f"lines_{what}"] for what in ("in", "kept", "ignored")]
    assert counted == [5, 2, 3]
    assert (
        "3 lines of the table set what a later line sets at the same instant to another value, "
        "which holds" in sentences(found)
    )


# --- through the pipeline ------------------------------------------------------------------------

QUICK = {
    "train": {"seeds": 1, "max_rounds": 100, "horizons_days": []},
    "evaluate": {"origins": 2, "resamples": 0},
}
VISITS = [
    {"name": name, "windows_days": [14], "aggregates": ["count", "days_since"]}
    for name in ("visit_web", "visit_app")
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up shop in which customers look around in the days before they order."""
    folder = tmp_path_factory.mktemp("shop")
    made = simulate_shop("fashion", customers=700, days=400, seed=1)
    made.orders.to_csv(folder / "orders.csv", index=False)
    made.signals.to_parquet(folder / "signals.parquet")
    made.attributes.to_parquet(folder / "attributes.parquet")
    return folder


@pytest.mark.long
def test_a_signal_that_carries_information_makes_the_model_better(
    shop: Path, tmp_path: Path
) -> None:
    judged = {}
    for name, declared in (("without", []), ("with", VISITS)):
        params = check_params({
            **QUICK,
            "ingest": {"signals": str(shop / "signals.parquet")},
            "snapshot": {"horizon_days": 14, "most_cutoffs": 8, "signals": declared},
        })  # fmt: skip
        project = run_history(shop / "orders.csv", tmp_path / name, params)
        everyone = json.loads((tmp_path / name / "evaluation.json").read_text())["populations"][
            "everyone"
        ]
        judged[name] = everyone["methods"]["lightgbm"]
    assert judged["with"]["roc_auc"]["value"] > judged["without"]["roc_auc"]["value"] + 0.01
    assert judged["with"]["log_loss"]["value"] < judged["without"]["log_loss"]["value"] - 0.005
    beside = project.json("ingest")["signals"]
    assert beside["lines_in"] == beside["lines_kept"] > 0
    assert project.json("manifest")["versions"]["signals_sha256"] == beside["sha256"]


@pytest.fixture
def project(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder with the orders of the shop, to run stages in."""
    monkeypatch.chdir(tmp_path)
    return shop


def staged(shop: Path, snapshot: dict[str, Any], **ingest: Any) -> dict[str, Any]:
    """What the stages ingest and snapshot report, with what they say."""
    params = check_params({
        "ingest": {"orders": str(shop / "orders.csv"), **ingest},
        "snapshot": {"horizon_days": 60, "most_cutoffs": 2, **snapshot},
    })  # fmt: skip
    said: list[str] = []
    for name in ("ingest", "snapshot"):
        stage(name)(Project(params, say=lambda found: said.extend(in_words([found]))))
    read = IngestSummary.from_json(Path("reports/ingest.json").read_text(), "ingest.json")
    return {"said": said, "ingest": read}


def test_the_stages_write_both_tables_always(project: Path) -> None:
    found = staged(project, {})
    assert (found["ingest"]["signals"], found["ingest"]["attributes"]) == (None, None)
    for name in ("signals", "attributes"):
        assert pq.read_table(f"data/{name}.parquet").num_rows == 0


def test_the_stages_turn_declarations_into_columns(project: Path) -> None:
    custom = "SELECT customer_id, max(amount) AS dearest FROM past GROUP BY customer_id"
    found = staged(
        project,
        {
            "signals": [{"name": "ticket_opened", "closed_by": "ticket_closed"}],
            "attributes": [{"name": "tier", "levels": ["bronze", "silver", "gold"]}],
            "custom": [{"columns": ["dearest"], "sql": custom}],
        },
        signals=str(project / "signals.parquet"),
        attributes=str(project / "attributes.parquet"),
    )
    rows = pd.read_parquet("data/snapshots.parquet")
    assert rows["ticket_opened_90d"].sum() > 0
    assert rows["ticket_opened_open"].max() >= 0
    assert set(rows["tier"].dropna()) == {0.0, 1.0, 2.0}
    assert (rows["dearest"] > 0).all()
    assert [line for line in found["said"] if line.startswith("custom dearest: ")]


def test_params_name_the_columns_of_signals_and_attributes(project: Path, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("who,what,on,stars\nC001,visit,2023-02-01,4\n")
    (tmp_path / "tiers.csv").write_text("wer;merkmal;wert;seit\nC001;tier;gold;2023-02-01\n")
    found = staged(
        project, {}, signals="events.csv", attributes="tiers.csv",
        signal_columns={"customer_id": "who", "name": "what", "happened_at": "on",
                        "value": "Stars"},
        attribute_columns={"customer_id": "wer", "name": "merkmal", "known_at": "seit"},
    )["ingest"]  # fmt: skip
    day = datetime(2023, 2, 1)
    assert rows_of(Path("data/signals.parquet")) == [("C001", day, day, "visit", 4.0)]
    assert rows_of(Path("data/attributes.parquet")) == [("C001", day, "tier", "gold")]
    assert found["attributes"]["columns"] == {
        "customer_id": "wer", "known_at": "seit", "name": "merkmal", "value": "wert"
    }  # fmt: skip
    with pytest.raises(UsageError, match=r"^events\.csv: signals have no 'nam'; they have"):
        staged(project, {}, signals="events.csv", signal_columns={"nam": "what"})


def test_a_file_that_dvc_would_overlook_is_said(project: Path, tmp_path: Path) -> None:
    files = {noun: str(project / f"{noun}.parquet") for noun in ("signals", "attributes")}
    hint = "dvc.yaml: add - ${ingest.signals} to the deps of ingest; "
    (tmp_path / "dvc.yaml").write_text("deps:\n  - ${ingest.orders}\n  - ${ingest.attributes}\n")
    said = staged(project, {}, **files)["said"]
    assert [line.startswith(hint) for line in said if line.startswith("dvc.yaml")] == [True]
    assert not [line for line in staged(project, {})["said"] if line.startswith("dvc.yaml")]


@pytest.mark.parametrize(
    ("snapshot", "ingest", "sentence"),
    [
        ({"signals": [{"name": "visit_web"}]}, {},
         "snapshot.signals declares 'visit_web', but there is no file of signals. Name it in "
         "ingest.signals, or with --signals FILE."),
        ({"signals": [{"name": "vist_web"}]}, {"signals": "signals.parquet"},
         "snapshot.signals: signals.parquet has no 'vist_web'; it has cart_abandoned, "),
        ({"signals": [{"name": "visit_web", "closed_by": "left"}]}, {"signals": "signals.parquet"},
         "snapshot.signals: signals.parquet has no 'left'"),
        ({"attributes": [{"name": "teir"}]}, {"attributes": "attributes.parquet"},
         "snapshot.attributes: attributes.parquet has no 'teir'; it has email_consent, "),
    ],
)  # fmt: skip
def test_what_is_declared_of_no_file_or_no_name_is_refused(
    project: Path, snapshot: dict[str, Any], ingest: dict[str, str], sentence: str
) -> None:
    with pytest.raises(UsageError) as raised:
        staged(project, snapshot, **{noun: str(project / file) for noun, file in ingest.items()})
    assert sentence in str(raised.value)


def test_a_declaration_of_values_that_are_none_or_of_an_empty_file(
    project: Path, tmp_path: Path
) -> None:
    (tmp_path / "calls.csv").write_text("customer_id,date,name,hours\nC001,2023-02-01,call,3\n")
    declared = {"signals": [{"name": "call", "aggregates": ["count", "mean"]}]}
    with pytest.raises(UsageError) as raised:
        staged(project, declared, signals="calls.csv")
    assert str(raised.value) == (
        "snapshot.signals: calls.csv holds no value of 'call', of which mean is declared. Name "
        "the column of values as `value` in ingest.signal_columns, or declare count and "
        "days_since alone."
    )
    named = staged(project, declared, signals="calls.csv", signal_columns={"value": "hours"})
    stranger = "look at the customers: 1 of 1 lines of calls.csv are of customers without orders; "
    assert stranger + "ids must be written as in the orders" in in_words(named["ingest"].doubts)
    (tmp_path / "calls.csv").write_text("customer_id,date,name,hours\n")
    found = staged(project, declared, signals="calls.csv")
    sentence = "look at the signals: calls.csv holds no line"
    assert sentence in found["said"] and sentence in in_words(found["ingest"].doubts)
    assert pd.read_parquet("data/snapshots.parquet")["call_total"].sum() == 0


def test_values_that_fit_no_level_are_said(project: Path, tmp_path: Path) -> None:
    (tmp_path / "tiers.csv").write_text(
        "customer_id,since,attribute,value\nC001,2023-02-01,tier,Gold\nC002,2023-02-01,tier,x\n"
    )
    declared = {"attributes": [{"name": "tier", "levels": ["silver", "gold"]}]}
    said = staged(project, declared, attributes="tiers.csv")["said"]
    assert (
        "look at the attributes: 1 of 2 values of 'tier' fit none of silver, gold: x; they are "
        "null" in said
    )
    with pytest.raises(UsageError, match=r"tiers\.csv: no value of 'tier' is one of A; found Gold"):
        staged(project, {"attributes": [{"name": "tier", "levels": ["A"]}]}, attributes="tiers.csv")


def test_signals_set_aside_stand_in_the_quarantine_of_the_orders(
    project: Path, tmp_path: Path
) -> None:
    (tmp_path / "events.csv").write_text(
        "customer_id,happened_at,name\nC001,2024-01-01,visit\n,2024-01-02,visit\n"
    )
    found = staged(project, {}, signals="events.csv")["ingest"]["signals"]
    assert found.lines_set_aside.by_reason == {"no_customer": 1}
    assert found["lines_of_strangers"] == 1
    aside = pd.read_csv("data/quarantine.csv")
    assert aside[["source_file", "row_number", "reason"]].to_numpy().tolist() == [
        ["events.csv", 3, "no_customer"]
    ]


def test_the_command_line_takes_declarations_and_files(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    custom = "SELECT customer_id, max(amount) AS dearest FROM past GROUP BY customer_id"
    (tmp_path / "own.yaml").write_text(
        "snapshot:\n  horizon_days: 45\n  signals: [{name: review, aggregates: [mean]}]\n"
        f"  custom: [{{columns: [dearest], sql: '{custom}'}}]\n"
    )
    monkeypatch.setattr(
        "sys.argv",
        ["winback", "snapshot", str(project / "orders.csv"), "--params", "own.yaml", "--signals",
         str(project / "signals.parquet"), "--cutoffs", "3", "--out", "features"],
    )  # fmt: skip
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 0
    printed = capsys.readouterr().out
    assert "Late: 0.00% of the customers have purchases known only after a cutoff." in printed
    assert " s for dearest." in printed
    rows = pd.read_parquet("features/snapshots.parquet")
    assert rows["review_mean_365d"].dropna().between(1, 5).all()
    # The horizon of the file holds, since no flag says otherwise.
    newest = max(pd.read_parquet("features/outcomes.parquet")["cutoff"])
    assert (max(rows["cutoff"]) - newest).days == 60


@pytest.mark.parametrize(
    ("engine", "code", "sentence"),
    [
        (
            "spark",
            1,
            "Spark needs pyspark, which is not installed. Run: pip install 'winback[spark]'",
        ),
        ("flink", 2, "--engine 'flink': expected local or spark."),
    ],
)
def test_an_engine_that_is_not_there_is_one_line_before_any_work(
    engine: str,
    code: int,
    sentence: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setattr(
        "sys.argv", ["winback", "snapshot", str(project / "orders.csv"), "--engine", engine]
    )
    with pytest.raises(SystemExit) as left:
        cli.main()
    (said,) = capsys.readouterr().err.splitlines()
    assert (left.value.code, said.startswith(f"winback: {sentence}")) == (code, True)
    assert not Path("snapshots").exists()


def test_declared_columns_are_documented_from_params() -> None:
    params = check_params({"snapshot": {
        "signals": [{"name": "ticket", "windows_days": [30], "meaning": "calls for help"}],
    }})  # fmt: skip
    assert definitions.render_declared(params).splitlines()[2:] == [
        "| `ticket_30d` | count | calls for help, in the last 30 days | never |",
        "| `ticket_total` | count | calls for help, in all of history | never |",
        "| `days_since_last_ticket` | days | days from the last of: calls for help | "
        "it never happened |",
        "",
    ]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("")
    with pytest.raises(WinbackError, match=r"in\.csv: the file is empty"):
        read_signals(tmp_path / "in.csv", tmp_path, cutoff=CUTOFF)


def test_a_column_named_for_one_role_is_not_taken_for_another(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("customer,time,date,name\na,2024-01-05,2024-01-09,ticket\n")
    for known, happened_on in (("date", 5), ("time", 9)):
        read = read_signals(
            tmp_path / "in.csv", tmp_path, cutoff=date(2024, 6, 1), columns={"known_at": known}
        )
        assert read.summary["columns"]["known_at"] == known
        row = pq.read_table(tmp_path / "signals.parquet").to_pylist()[0]
        assert row["happened_at"].day == happened_on
