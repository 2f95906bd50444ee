"""Who may not be written to, scored or kept leaves at the gate, whatever says so and however."""

from __future__ import annotations

import json
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from telling import told as sentences
from winback.cli.asking import merged
from winback.errors import UsageError, WinbackError
from winback.intake.erased import hashes_to_keep, write_forgotten
from winback.params import check_params
from winback.project import FOLDER, Project, quiet
from winback.results.intake import IngestSummary
from winback.said.kept_out import kept_out_lines
from winback.said.words import Words
from winback.stages.flow import run_history
from winback.stages.ingest import ingest
from winback.template.laying import render_params
from winback.template.proposing import propose

IDS = [f"{n:03}" for n in range(7, 19)]
# Cells of who says what, the first customers' in this order, those of all others empty.
ANSWERS = ["yes", "no", ""]


def mail(customer: str) -> str:
    return f"klient{customer}@sklep.pl"


def phone(customer: str) -> str:
    return f"+48 600 100 {customer}"


def table(**more: object) -> pd.DataFrame:
    """Three orders of each of twelve customers, one of them a test; the last on 5 February."""
    rows = [
        [c, f"o{c}{k}", date(2024, 1, 1) + timedelta(days=n + 12 * k), "10.00", mail(c), phone(c)]
        for k in range(3)
        for n, c in enumerate(IDS)
    ]
    names = ["customer_id", "order_id", "date", "amount", "mail", "telefon"]
    return pd.DataFrame(rows, columns=names).assign(**more)


def by_customer(cells: list[str]) -> list[str]:
    return (cells + [""] * len(IDS))[: len(IDS)] * 3


def ingested(folder: Path, orders: Any, privacy: Any, **given: Any) -> Project:
    params = check_params({"ingest": {"privacy": privacy, **given}})
    project = Project(params, root=folder / "out", layout=FOLDER, source=orders)
    (folder / "out").mkdir(exist_ok=True)
    ingest(project)
    return project


def rows_of(project: Project) -> pd.DataFrame:
    return project.frame("privacy").set_index("customer_id")


def attributes(folder: Path, *rows: str) -> str:
    path = folder / "attributes.csv"
    path.write_text("\n".join(["customer_id,known_at,name,value", *rows]) + "\n")
    return str(path)


# ---------------------------------------------------------------- every purpose by every form


def by_column(folder: Path, says: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    # The last order counts: the first two said the contrary.
    cells = [*by_customer(["no", "yes"])[:24], *by_customer(["yes", "no"])[:12]]
    return table(said=cells), {"column": "Said", "says": says}, {}


def by_attribute(folder: Path, says: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    path = attributes(
        folder, "7.0,2024-01-01,said,no", "7.0,2024-01-02,said,yes", "8,2024-01-03,said,nie",
        "8,2025-01-03,said,tak",
    )  # fmt: skip
    return table(), {"attribute": "said", "says": says}, {"attributes": path}


def by_file(folder: Path, says: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    (folder / "people.txt").write_text(f"{mail('007').upper()}\n")
    return table(), {"file": str(folder / "people.txt"), "says": says}, {}


def by_answers_of_a_file(folder: Path, says: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    rows = f"Telefon;Odpowiedz\n{phone('007')[4:]};tak\n600-100-008;nie\n"
    (folder / "people.csv").write_text(rows)
    source = {"file": str(folder / "people.csv"), "column": "odpowiedz", "says": says}
    return table(), source, {}


def by_sheet(folder: Path, says: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    path = folder / "shop.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, frame in (("Zamówienia", table()), ("Lista", pd.DataFrame({"id": [7]}))):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(frame.columns))
            for n, row in enumerate(frame.astype(str).values.tolist(), 1):
                sheet.write_row(n, 0, row)
    return path, {"table": "Lista", "says": says}, {"table": "Zamówienia"}


def by_file_of_the_folder(folder: Path, says: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    shop = folder / "shop"
    shop.mkdir()
    table().to_csv(shop / "orders.csv", index=False)
    (shop / "opt_outs.csv").write_text(f"email,since\n{mail('007')},2024-01-01\n")
    return shop, {"table": "opt_outs", "says": says}, {}


def by_table_of_the_database(folder: Path, says: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    path = folder / "shop.duckdb"
    with duckdb.connect(str(path)) as con:
        orders = table()
        con.execute("CREATE TABLE orders AS SELECT * FROM orders")
        con.execute("CREATE TABLE opt_outs AS SELECT '007' AS customer_id, 'spam' AS reason")
        assert len(orders)
    return path, {"table": "opt_outs", "says": says}, {"table": "orders"}


FORMS = [
    by_column, by_attribute, by_file, by_answers_of_a_file, by_sheet, by_file_of_the_folder,
    by_table_of_the_database,
]  # fmt: skip
HAS_NO = (by_column, by_attribute, by_answers_of_a_file)
# Two by each of the two senses at once, the others where there is time.
OBJECTIONS = [
    pytest.param(f, marks=() if n in (1, 5) else pytest.mark.long) for n, f in enumerate(FORMS)
]
CONSENTS = [
    pytest.param(f, marks=() if n in (0, 6) else pytest.mark.long) for n, f in enumerate(FORMS)
]


@pytest.mark.parametrize("form", OBJECTIONS)
def test_an_objection_bars_from_what_it_speaks_of(tmp_path: Path, form: Any) -> None:
    orders, source, given = form(tmp_path, "objection")
    plain = {key: value for key, value in source.items() if key != "says"}
    privacy = {
        "marketing": [{**source, "channel": "SMS"}], "ads": [source],
        "erased": [plain] if source.get("column") or source.get("attribute") else [source],
    }  # fmt: skip
    out = ingested(tmp_path, orders, {k: v for k, v in privacy.items() if k != "erased"}, **given)
    rows = rows_of(out)
    doubts = [doubt.code for doubt in out.result("ingest", IngestSummary).doubts]
    assert doubts == []
    assert rows["barred_channels"].dropna().to_dict() == {"007": "sms"}
    # Nobody consented to ads: an objection of some is no consent of the others.
    assert not rows["no_marketing"].any() and rows["no_ads"].all()
    assert rows["why"].dropna().to_dict() == {"007": "objected"}
    out = ingested(tmp_path, orders, {"profiling": [source]}, **given)
    rows = rows_of(out)
    assert rows.index[rows["no_profiling"]].tolist() == ["007"]
    assert out.frame("orders")["customer_id"].nunique() == 11
    out = ingested(tmp_path, orders, {"erased": privacy["erased"]}, **given)
    assert rows_of(out).index.tolist() == IDS[1:]
    summary = out.result("ingest", IngestSummary)
    assert summary.lines_withheld == {"erased": 3}
    assert summary.lines_in == summary.lines_kept + 3


@pytest.mark.parametrize("form", CONSENTS)
def test_a_consent_is_asked_of_those_who_said_nothing(tmp_path: Path, form: Any) -> None:
    orders, source, given = form(tmp_path, "consent")
    silent = 10 if form in HAS_NO else 11
    for purpose in ("marketing", "profiling", "ads"):
        with pytest.raises(UsageError, match=rf"nothing of {silent} of 12.*{purpose}: refuse"):
            ingested(tmp_path, orders, {purpose: [source]}, **given)
    said = {"marketing": [source], "ads": [source], "profiling": [source]}
    unknown = {"marketing": "refuse", "ads": "allow", "profiling": "allow"}
    rows = rows_of(ingested(tmp_path, orders, {**said, "unknown": unknown}, **given))
    refused = ["008"] if form in HAS_NO else []
    assert rows.index[~rows["no_marketing"]].tolist() == ["007"]
    assert rows.index[rows["no_ads"]].tolist() == refused
    assert rows.index[rows["no_profiling"]].tolist() == refused
    assert set(rows["why"].dropna()) == {"unknown", *(["refused"] if refused else [])}


# ---------------------------------------------------------------- how they come together


def test_the_strictest_wins_wherever_it_stands(tmp_path: Path) -> None:
    path = attributes(
        tmp_path, "007,2024-01-01,zgoda,tak", "008,2024-01-01,zgoda,nie", "010,2024-01-01,zgoda,tak"
    )
    (tmp_path / "stop.csv").write_text("id\n10\n")
    privacy = {
        "marketing": [
            {"column": "newsletter"}, {"attribute": "zgoda"}, {"file": str(tmp_path / "stop.csv")}
        ],
        "unknown": {"marketing": "refuse"},
    }  # fmt: skip
    orders = table(newsletter=by_customer(["no", "yes", "yes", "yes", "", "yes"]))
    rows = rows_of(ingested(tmp_path, orders, privacy, attributes=path))
    assert rows["why"].head(6).fillna("-").tolist() == [
        "refused", "refused", "-", "objected", "unknown", "-",
    ]  # fmt: skip
    assert rows["no_marketing"].tolist() == rows["why"].notna().tolist()
    # Whoever wants no marketing at all is none for ads platforms either.
    ads = {**privacy, "ads": [{"column": "newsletter", "value": "yes"}]}
    ads["unknown"] = {"marketing": "refuse", "ads": "allow"}
    rows = rows_of(ingested(tmp_path, orders, ads, attributes=path))
    assert rows.index[rows["no_ads"]].tolist() == ["007", "010"]


def test_each_channel_has_its_own_consent(tmp_path: Path) -> None:
    privacy = {
        "marketing": [
            {"column": "newsletter", "channel": "E-mail"}, {"column": "sms_ok", "channel": "sms"}
        ],
        "unknown": {"marketing": "allow"},
    }  # fmt: skip
    orders = table(
        newsletter=by_customer(["yes", "no", "no", ""]),
        sms_ok=by_customer(["no", "yes", "no", "no"]),
    )
    out = ingested(tmp_path, orders, privacy)
    rows = rows_of(out)
    assert rows["barred_channels"].head(4).tolist() == ["sms", "email", "email,sms", "sms"]
    assert rows.index[rows["no_marketing"]].tolist() == ["009"]
    summary = out.result("ingest", IngestSummary)
    (line,) = kept_out_lines(summary, Words("en"))
    assert (
        "12\xa0customers 1 may be written to by no channel; barred by channel: email: 2, sms"
        in line
    )
    assert line.endswith("(refused: 4).")
    read = summary.privacy
    assert read is not None
    assert (read.no_marketing, read.barred_by_channel) == (1, {"email": 2, "sms": 3})


def test_a_channel_of_which_no_consent_speaks_is_a_doubt(tmp_path: Path) -> None:
    privacy = {"marketing": [{"column": "sms", "channel": "sms"}]}
    out = ingested(tmp_path, table(sms="yes"), privacy)
    (doubt,) = out.result("ingest", IngestSummary).doubts
    assert (doubt.code, doubt.values["channel"]) == ("intake.channel_unsaid", "email")


def test_a_new_project_is_proposed_what_its_columns_say(tmp_path: Path) -> None:
    table(**{"Zgoda": by_customer(["tak", "nie"])}).to_csv(tmp_path / "orders.csv", index=False)
    found = propose(tmp_path / "orders.csv", "data/raw/orders.csv", check_params({}), say=quiet)
    assert "privacy: {marketing: [{column: Zgoda}], unknown: {marketing: refuse}}" in (
        render_params(found)
    )
    # Words that nobody knows are not proposed: the project would not run.
    table(**{"Zgoda": "może"}).to_csv(tmp_path / "orders.csv", index=False)
    found = propose(tmp_path / "orders.csv", "data/raw/orders.csv", check_params({}), say=quiet)
    assert "privacy: {} #" in render_params(found)


def test_flags_add_to_what_params_say_and_take_nothing_from_it(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(
        "ingest: {privacy: {marketing: [{column: a}], unknown: {ads: allow, marketing: allow}}}\n"
    )
    flags = {
        "marketing": [{"column": "a"}, {"file": "b"}], "unknown": {"marketing": "refuse"},
    }  # fmt: skip
    privacy = merged(tmp_path / "params.yaml", ingest={"privacy": flags}).ingest.privacy
    assert [source.name for source in privacy.marketing] == ["a", "b"]
    assert (privacy.unknown.ads, privacy.unknown.marketing) == ("allow", "refuse")


def test_cells_that_mean_yes_can_be_named(tmp_path: Path) -> None:
    orders = table(status=by_customer(["Zapisany", "wypisany", "do potwierdzenia"]))
    source = {"column": "status", "value": "zapisany"}
    with pytest.raises(UsageError, match=r"'status'.*not understood"):
        ingested(tmp_path, orders, {"marketing": [{"column": "status"}]})
    privacy = {"marketing": [source], "unknown": {"marketing": "allow"}}
    rows = rows_of(ingested(tmp_path, orders, privacy))
    assert rows.index[rows["no_marketing"]].tolist() == ["008", "009"]


def test_without_any_source_nobody_objected_and_nobody_agreed_to_ads(tmp_path: Path) -> None:
    out = ingested(tmp_path, table(), {})
    rows = rows_of(out)
    assert len(rows) == 12 and rows["no_ads"].all()
    assert not rows[["no_profiling", "no_marketing"]].any(axis=None)
    assert out.result("ingest", IngestSummary).privacy is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"file": "gone.txt"}, "gone.txt: no such file"),
        ({"column": "zgoda"}, "no column 'zgoda'"),
        ({"attribute": "zgoda"}, "no file of attributes"),
        ({"table": "opt_outs"}, "no.*table 'opt_outs'|table 'opt_outs'"),
    ],
)
def test_a_source_that_is_not_there_is_one_line(
    tmp_path: Path, source: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        ingested(tmp_path, table(), {"profiling": [source]})


def test_a_file_of_people_whom_nobody_knows_is_a_mistake_unless_they_are_erased(
    tmp_path: Path,
) -> None:
    (tmp_path / "people.txt").write_text("99999\nnobody@wp.pl\n")
    source = {"file": str(tmp_path / "people.txt")}
    with pytest.raises(UsageError, match="none of the 2 entries"):
        ingested(tmp_path, table(), {"profiling": [source]})
    assert len(rows_of(ingested(tmp_path, table(), {"erased": [source]}))) == 12


def test_where_nobody_is_left_the_run_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "people.txt").write_text("\n".join(map(mail, IDS)))
    with pytest.raises(WinbackError, match=r"Nobody is left: of 12\scustomers"):
        ingested(tmp_path, table(), {"profiling": [{"file": str(tmp_path / "people.txt")}]})


# ---------------------------------------------------------------- nothing of them is left


@pytest.mark.parametrize(
    "key", ["7", "007.0", mail("007").upper(), "600100007", "0048 600-100-007"]
)
def test_whoever_was_forgotten_stays_out_however_they_are_known(tmp_path: Path, key: str) -> None:
    kind: Any = "email" if "@" in key else "id" if len(key) < 7 else "phone"
    out = tmp_path / "out"
    out.mkdir()
    (out / "salt.txt").write_text("of this shop\n")
    write_forgotten(out / "forgotten.txt", hashes_to_keep([(kind, key)], "of this shop"))
    assert rows_of(ingested(tmp_path, table(), {})).index.tolist() == IDS[1:]


def test_counts_add_up_whatever_is_wrong_with_the_lines(tmp_path: Path) -> None:
    orders = table()
    orders.loc[[0, 1, 2, 14], "amount"] = "?"  # of the erased, of one not to be profiled, of others
    orders.loc[[3, 15], "date"] = ""
    orders.loc[len(orders)] = [
        "007", "o1", date(2024, 3, 1), "5.00", mail("007"), phone("007"),
    ]  # fmt: skip
    signals = pd.DataFrame(
        [["7.0", "2024-01-05", "ticket"], ["008", "2024-01-05", "ticket"],
         ["009", "2024-01-05", "ticket"], ["gone", "2024-01-05", "ticket"]],
        columns=["customer_id", "happened_at", "name"],
    )  # fmt: skip
    signals.to_csv(tmp_path / "signals.csv", index=False)
    (tmp_path / "erased.txt").write_text("7\ngone\n")
    (tmp_path / "np.txt").write_text(f"{mail('008')}\n")
    privacy = {
        "erased": [{"file": str(tmp_path / "erased.txt")}],
        "profiling": [{"file": str(tmp_path / "np.txt")}],
    }
    out = ingested(
        tmp_path, orders, privacy, cutoff="2024-02-20", signals=str(tmp_path / "signals.csv"),
        attributes=attributes(tmp_path, "0007,2024-01-01,tier,gold", "9,2024-01-01,tier,gold"),
    )  # fmt: skip
    summary = out.result("ingest", IngestSummary)
    assert summary.lines_withheld == {"erased": 4, "no_profiling": 3}
    assert summary.lines_set_aside.by_reason == {"no_date": 2, "unreadable_amount": 2}
    assert summary.lines_in == summary.lines_kept + 4 + 7 == 37
    quarantine = pd.read_csv(out.path("quarantine"))
    assert sorted(quarantine["row_number"]) == [3, 4, 15, 16]
    assert summary.signals is not None and summary.attributes is not None
    assert summary.signals.lines_withheld == {"erased": 2, "no_profiling": 1}
    assert out.frame("signals")["customer_id"].tolist() == ["009"]
    assert summary.attributes.lines_withheld == {"erased": 1}
    assert out.frame("attributes")["customer_id"].tolist() == ["009"]
    assert rows_of(out).index.tolist() == IDS[1:]
    said = sentences(summary)
    assert any("3 of customers who may not be profiled, 4 of erased" in line for line in said)
    assert kept_out_lines(summary, Words("pl")) == [
        "Prywatność: przed obliczeniami wyłączono 7\xa0wierszy; klienci, których nie wolno "
        "profilować: 1, usunięci: 1."
    ]
    for name in ("orders", "contacts"):
        assert set(out.frame(name)["customer_id"]) == set(IDS[2:])


@pytest.mark.long
def test_a_whole_run_knows_nothing_of_the_erased_and_scores_nobody_who_objected(
    tmp_path: Path,
) -> None:
    """Forty customers of two years; one erased, one not to be profiled, one without e-mails."""
    rows = []
    for n in range(40):
        name = "Zenobia-Erased" if n == 0 else f"K{n:03}"
        rows += [
            [name, f"o{n}x{k}", date(2022, 1, 1) + timedelta(days=(7 * n + k * (20 + n)) % 720),
             20 + n, f"{name.lower()}@wp.pl", "no" if n == 2 else "yes"]
            for k in range(12)
        ]  # fmt: skip
    names = ["customer_id", "order_id", "date", "amount", "email", "newsletter"]
    (tmp_path / "np.txt").write_text("k001@wp.pl\n")
    (tmp_path / "er.txt").write_text("zenobia-erased@wp.pl\n")
    params = check_params(
        {
            "ingest": {
                "contact_columns": ["email"],
                "privacy": {
                    "marketing": [{"column": "newsletter", "channel": "email"}],
                    "profiling": [{"file": str(tmp_path / "np.txt")}],
                    "erased": [{"file": str(tmp_path / "er.txt")}],
                },
            },
            "snapshot": {"horizon_days": 60},
            "train": {"seeds": 1, "threads": 1, "max_rounds": 10, "horizons_days": [14]},
            "evaluate": {"origins": 1, "resamples": 10},
        }
    )
    out = tmp_path / "out"
    run_history(pd.DataFrame(rows, columns=names), out, params)
    decisions = pd.read_parquet(out / "decisions.parquet").set_index("customer_id")["reason"]
    assert decisions["K002"] == "no_contact" and "K001" not in decisions.index
    assert not {"K001", "K002"} & set(pd.read_csv(out / "list.csv")["customer_id"])
    for path in (path for path in out.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        if path.suffix == ".parquet":
            content = repr(pq.read_table(path).to_pydict()).lower().encode()
        elif zipfile.is_zipfile(path):
            continue
        assert b"zenobia" not in content, path
        if path.name != "privacy.parquet":
            assert b"k001" not in content, path
    page = (out / "report.html").read_text()
    assert "Who is left out, by ingest.privacy" in page and "24 withheld" in page
    told = json.loads((out / "reports/ingest.json").read_text())
    assert told["lines_withheld"] == {"erased": 12, "no_profiling": 12}
