"""Ids of other files: objections, past assignments, what was sent, held against the orders."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from telling import told as sentences
from winback.campaign.measuring import measure_campaign
from winback.errors import UsageError, WinbackError
from winback.intake.matching import match_ids, meant_by
from winback.intake.settling import Intake, read_orders
from winback.offers.contact import ContactRules, of_customers, reachable, read_history
from winback.params import check_params
from winback.results.measured import Measurement
from winback.stages.flow import run_history

IDS = [f"{n:05}" for n in range(9_980, 10_020)]
OBJECTED = IDS[10:30:2]  # five of them begin with a zero


def phone(n: int) -> str:
    return f"+48 600 {100 + n} {200 + n}"


def orders() -> dict[str, Any]:
    return {
        "customer_id": IDS,
        "order_id": range(len(IDS)),
        "date": [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(len(IDS))],
        "amount": "10.00",
        "phone": [phone(n) for n in range(len(IDS))],
        "mail": [f"Żaneta{n}@wp.pl" for n in range(len(IDS))],
    }


def read(folder: Path, stop: bytes, *, contact: tuple[str, ...] = ("phone", "mail"), **more: Any):
    source = folder / "orders.csv"
    pd.DataFrame(orders() | more).to_csv(source, index=False)
    (folder / "stop.csv").write_bytes(stop)
    privacy = {"marketing": [{"file": str(folder / "stop.csv")}]}
    return read_orders(source, folder / "out", contact_columns=contact, privacy=privacy)


def barred(intake: Intake) -> list[str]:
    found = pq.read_table(intake.privacy_path).to_pandas()
    return list(found.loc[found["no_marketing"], "customer_id"])


def lines(*cells: object) -> bytes:
    return "".join(f"{cell}\n" for cell in cells).encode()


PHONES = [phone(IDS.index(one)) for one in OBJECTED]


@pytest.mark.parametrize(
    "stop",
    [
        lines(*OBJECTED),
        lines("customer_id", *OBJECTED),
        lines(*(str(int(one)) for one in OBJECTED)),
        lines(*(f"{int(one)}.0" for one in OBJECTED)),
        lines(*(f" '{one} " for one in OBJECTED)),
        lines(*PHONES),
        lines("Telefon", *(one.replace(" ", "") for one in PHONES)),
        lines(*(one[4:].replace(" ", "-") for one in PHONES)),
        lines(*(f"{one.replace(' ', '')[1:]}.0" for one in PHONES)),
        lines(*(f"0048{one.replace(' ', '')[3:]}" for one in PHONES)),
        lines("Nazwisko;Numer klienta", *(f"Nowak;{int(one)}" for one in OBJECTED)),
        lines("lp;id;data", *(f"{n + 1};{one};2024-01-0{n % 9 + 1}"
                              for n, one in enumerate(OBJECTED))),
        lines(*(f"{n + 1},{one}" for n, one in enumerate(OBJECTED))),
        "\r\n".join(["Klient", *OBJECTED]).encode("utf-16"),
        "\n".join(OBJECTED).encode("utf-16-le"),
        "\n".join(["E-mail", *(f"ŻANETA{IDS.index(one)}@WP.PL" for one in OBJECTED)]).encode(
            "cp1250"
        ),
    ],
)  # fmt: skip
def test_whoever_objected_is_on_no_list_however_the_file_came(tmp_path: Path, stop: bytes) -> None:
    intake = read(tmp_path, stop)
    assert barred(intake) == OBJECTED
    told = sentences(intake.summary)
    assert "marketing: file 'stop.csv' keeps 10 customers out" in told
    assert not [doubt for doubt in intake.summary.doubts if "objections" in doubt.code]


def test_entries_that_match_nobody_are_a_doubt_with_their_number(tmp_path: Path) -> None:
    intake = read(tmp_path, lines("id", *OBJECTED, "77777", "ola@wp.pl"))
    assert barred(intake) == OBJECTED
    (doubt,) = [doubt for doubt in intake.summary.doubts if doubt.code.endswith("_unmatched")]
    assert (doubt.values["n"], doubt.values["of"]) == (2, 12)
    assert intake.summary.doubts[0] == doubt
    assert any(
        said.startswith("look at the objections: 2 of 12 entries of stop.csv match no customer")
        for said in sentences(intake.summary)
    )


def test_objections_that_match_nobody_stop_the_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"stop\.csv: none of the 2 entries is the id, e-ma"):
        read(tmp_path, lines("+48 600 000 001", "ola@wp.pl"), contact=())
    assert not (tmp_path / "out/orders.parquet").exists()
    # Addresses and numbers are found without being told, and stored nowhere.
    assert barred(read(tmp_path, lines(*PHONES), contact=())) == OBJECTED
    assert barred(read(tmp_path, b"")) == []
    assert barred(read(tmp_path, b"customer_id\n")) == []


def test_an_entry_that_may_mean_two_bars_both(tmp_path: Path) -> None:
    ids = ["41", "0041", "K-7", "k-7", *IDS[4:]]
    intake = read(tmp_path, lines("41", "K-7"), customer_id=ids)
    assert barred(intake) == ["0041", "41", "K-7", "k-7"]


def test_an_address_of_earlier_orders_bars_too(tmp_path: Path) -> None:
    ids = [IDS[0]] * 2 + IDS[2:]
    intake = read(tmp_path, lines("żaneta0@wp.pl"), customer_id=ids)
    assert barred(intake) == [IDS[0]]


def test_ids_given_to_the_planner_bar_however_they_are_spelt() -> None:
    ids = pd.Series(["0042", "7", "x1"]).to_numpy(object)
    open_ = reachable(ids, ["email"], None, ContactRules(suppress=["42", "X1"]))
    assert open_[:, 0].tolist() == [False, True, False]
    assert meant_by([], ["1"]) == set()


@pytest.mark.parametrize(
    ("given", "known", "ids", "counts"),
    [
        (["8001", "10001", "x"], ["08001", "10001"], ["08001", "10001", "x"], (1, 1)),
        (["42.0", " k-7"], ["42", "K-7"], ["42", "K-7"], (2, 0)),
        (["42"], ["042", "0042"], ["42"], (0, 1)),  # which of them, nobody knows
        (["42", None], ["42", "0042"], ["42", None], (0, 0)),
        (["600 100 200", "0048600100201"], ["48600100200", "600100201"],
         ["48600100200", "600100201"], (2, 0)),
        (["ab+9@allegromail.pl"], ["ab@allegromail.pl"], ["ab@allegromail.pl"], (1, 0)),
        (["0", "000"], ["0", "00"], ["0", "000"], (0, 1)),
        ([], ["1"], [], (0, 0)),
    ],
)  # fmt: skip
def test_an_unknown_id_with_one_partner_is_mended_and_counted(
    given: list[str | None], known: list[str], ids: list[str | None], counts: tuple[int, int]
) -> None:
    found = match_ids(pd.Series(given, dtype="string"), known)
    assert [None if pd.isna(one) else one for one in found.ids] == ids
    assert (found.mended, found.strangers) == counts


# ---------------------------------------------------------------- past assignments


@pytest.mark.parametrize(
    "spelt", ["text", "spreadsheet", "float", "blank", "semicolon", "headers", "utf16"]
)
def test_a_history_finds_its_customers_in_every_spelling(tmp_path: Path, spelt: str) -> None:
    rows = pd.DataFrame({"customer_id": IDS, "assigned_at": "2024-11-20", "arm": "x"})
    path = tmp_path / "sent.csv"
    match spelt:
        case "spreadsheet":
            rows["customer_id"] = rows["customer_id"].astype(int)
        case "blank":
            rows["customer_id"] = " " + rows["customer_id"]
        case "headers":
            rows["assigned_at"] = "20.11.2024"
            rows = rows.rename(columns={"customer_id": "Customer_ID", "assigned_at": "Assigned_At"})
        case "float":
            path = path.with_suffix(".parquet")
            rows["customer_id"] = rows["customer_id"].astype(float)
    if spelt == "float":
        rows.to_parquet(path)
    else:
        rows.to_csv(
            path, index=False, sep=";" if spelt in ("semicolon", "headers") else ",",
            encoding="utf-16" if spelt == "utf16" else "utf-8",
        )  # fmt: skip
    found, strangers = of_customers(read_history(str(path)), [*IDS, "77777"])
    assert (found["customer_id"].tolist(), strangers) == (IDS, 0)
    assert set(found["assigned_at"]) == {pd.Timestamp("2024-11-20")}


def test_customers_of_a_history_whom_nobody_knows_are_counted(tmp_path: Path) -> None:
    rows = pd.DataFrame({"customer_id": ["1", "2", "z"], "assigned_at": "2024-11-20"})
    rows.to_csv(tmp_path / "a.csv", index=False)
    found, strangers = of_customers(read_history(str(tmp_path / "*.csv")), ["01", "2"])
    assert (found["customer_id"].tolist(), strangers) == (["01", "2", "z"], 1)


@pytest.mark.long
def test_whom_no_file_could_name_is_told_with_the_list(tmp_path: Path) -> None:
    shop = pd.DataFrame({
        "customer_id": [f"{9_990 + n % 20:05}" for n in range(100)], "order_id": range(100),
        "date": [f"{date(2024, 1, 1) + timedelta(days=n)}" for n in range(100)], "amount": 10,
    })  # fmt: skip
    (tmp_path / "stop.csv").write_text("id\n9990\n10003.0\n77777\n")
    (tmp_path / "past.csv").write_text("Customer_ID;Assigned_At\n9991;20.03.2024\nzz;20.03.2024\n")
    wanted = {
        "ingest": {"privacy": {"marketing": [{"file": str(tmp_path / "stop.csv")}]}},
        "snapshot": {"horizon_days": 30},
        "train": {"seeds": 1, "threads": 1, "max_rounds": 10, "horizons_days": [14]},
        "evaluate": {"origins": 1, "resamples": 10},
        "target": {"history": str(tmp_path / "past.csv"), "quiet_days": 60},
    }
    run_history(shop, tmp_path / "out", check_params(wanted))
    target = json.loads((tmp_path / "out/reports/target.json").read_text())
    told = {each["code"]: each["values"] for each in target["warnings"]}
    assert told["offers.objections_unmatched"] == {"file": "stop.csv", "n": 1, "of": 3}
    assert told["offers.history_strangers"]["n"] == 1
    assert "match no customer" in (tmp_path / "out/report.html").read_text()
    reasons = pd.read_parquet(tmp_path / "out/decisions.parquet").set_index("customer_id")["reason"]
    assert reasons["09991"] == "contacted_recently"
    assert not {"09990", "10003"} & set(
        pd.read_csv(tmp_path / "out/list.csv", dtype=str)["customer_id"]
    )


# ---------------------------------------------------------------- what a campaign changed


HALF = list(range(0, 400, 2))
DRAWN = [f"{n:05}" for n in range(9_800, 10_200)]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders before 1 April of 400 customers, and after it of a third of the treated."""
    came = [DRAWN[n] for n in HALF[::3]]
    bought = pd.DataFrame({
        "customer_id": [*DRAWN, *came], "order_id": range(400 + len(came)), "amount": 20,
        "date": ["2024-03-01"] * 400 + ["2024-04-05"] * len(came),
    })  # fmt: skip
    return read_orders(bought, tmp_path_factory.mktemp("followed")).orders_path


def spelt_otherwise(ids: list[str], kind: str) -> list[str]:
    """Every third id as a program on the way would write it."""
    how = {
        "zeros": lambda one: str(int(one)),
        "point": lambda one: f"{int(one)}.0",
        "blank": lambda one: f" {one}\u00a0",
        "quote": lambda one: f"'{one}",
        "more zeros": lambda one: f"000{one}",
        "inner blank": lambda one: f"{one[:2]} {one[2:]}",
        "letter": lambda one: f"K{one}",
        "shortened": lambda one: "9.8E+03",
    }[kind]
    return [how(one) if n % 3 == 0 else one for n, one in enumerate(ids)]


def drawn_as(ids: list[str]) -> pd.DataFrame:
    arm = ["x" if n in set(HALF) else "control" for n in range(400)]
    return pd.DataFrame({"customer_id": ids, "assigned_at": "2024-04-01", "arm": arm})


def reading_of(
    assignment: pd.DataFrame | Path, history: Path, sent: pd.DataFrame | None = None
) -> Measurement:
    return measure_campaign(
        assignment, history, window_days=30, history_until=date(2024, 5, 5), sent=sent
    )


@pytest.fixture(scope="module")
def plain(followed: Path) -> Measurement:
    return reading_of(drawn_as(DRAWN), followed)


KINDS = ["zeros", "point", "blank", "quote", "more zeros", "inner blank"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_assignment_spelt_half_otherwise_reads_the_same(
    followed: Path, plain: Measurement, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "assignment.csv"
    # With the mark that some programs put before the first header.
    drawn_as(spelt_otherwise(DRAWN, kind)).to_csv(path, index=False, sep=";", encoding="utf-8-sig")
    found = reading_of(path, followed)
    assert (found.returned, found.verdict) == (plain.returned, "works")
    assert found.problems == () and found.n_in_orders == 400


def test_ids_in_another_case_read_the_same(tmp_path: Path) -> None:
    ids = [f"Kl-{one}" for one in DRAWN]
    bought = pd.DataFrame({"customer_id": ids, "order_id": range(400), "amount": 20,
                           "date": "2024-03-01"})  # fmt: skip
    history = read_orders(bought, tmp_path / "out").orders_path
    found = reading_of(drawn_as([one.upper() for one in ids]), history)
    assert found.n_in_orders == 400 and found.mended == ("leading_zeros",)


def test_ids_of_one_arm_that_nobody_can_match_make_it_invalid(followed: Path) -> None:
    rows = drawn_as(DRAWN)
    rows["customer_id"] = rows["customer_id"].mask(rows["arm"] == "x", "K" + rows["customer_id"])
    assert "ids_lost" in reading_of(rows, followed).problems


def test_ids_that_a_spreadsheet_shortened_are_refused(followed: Path) -> None:
    with pytest.raises(WinbackError, match=r"ids such as 9\.8E\+03 lost their last digits"):
        reading_of(drawn_as(spelt_otherwise(DRAWN, "shortened")), followed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sent_file_spelt_half_otherwise_names_the_same(followed: Path, kind: str) -> None:
    rows = drawn_as(DRAWN)
    treated = rows.loc[rows["arm"] == "x", "customer_id"].to_list()
    sent = pd.DataFrame({"customer_id": spelt_otherwise(treated, kind)})
    found = reading_of(rows, followed, sent)
    assert found.returned.cace is not None and found.sent is not None
    assert found.returned.cace.effect == found.returned.effect
    assert (found.sent.n_treated_sent, found.sent.not_assigned) == (200, 0)


def test_rows_of_a_sent_file_that_are_nobodys_are_said(followed: Path) -> None:
    rows = drawn_as(DRAWN)
    treated = rows.loc[rows["arm"] == "x", "customer_id"].to_list()
    sent = pd.DataFrame({"customer_id": spelt_otherwise(treated, "letter")})
    codes = {each.code: each.values for each in reading_of(rows, followed, sent).cautions}
    assert codes["measured.sent_to_strangers"] == {"n": 67, "rows": 200}
    assert codes["measured.not_in_sent"] == {"n": 67, "treated": 200}
    assert "measured.never_sent" not in codes


def test_an_assignment_that_lost_half_of_its_zeros_reads_the_same(tmp_path: Path) -> None:
    every = [f"{n:05}" for n in range(9_500, 10_500)]
    half = every[::2]
    bought = pd.DataFrame({
        "customer_id": every * 2, "order_id": range(2000), "amount": 20,
        "date": ["2024-03-01"] * 1000 + ["2024-04-05"] * 1000,
    })[lambda rows: (rows["date"] < "2024-04") | rows["customer_id"].isin(half[::2])]  # fmt: skip
    history = read_orders(bought, tmp_path / "out").orders_path
    drawn = pd.DataFrame({
        "customer_id": every, "assigned_at": "2024-04-01",
        "arm": ["x" if one in half else "control" for one in every],
    })  # fmt: skip
    read = [
        measure_campaign(drawn.assign(customer_id=ids), history, window_days=30,
                         history_until=date(2024, 5, 5), sent=drawn[["customer_id"]])
        for ids in (every, [str(int(one)) for one in every])
    ]  # fmt: skip
    assert read[0].returned == read[1].returned
    assert (read[0].returned.effect, read[1].n_in_orders) == (0.5, 1000)
    assert read[1].sent == read[0].sent
    assert read[1].mended == ("leading_zeros",)
