"""``list.xlsx``: the list for people, in which a spreadsheet changes nothing."""

import csv
import re
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from winback.crm.listing import write_list
from winback.crm.workbook import workbook_bytes
from winback.offers.plan import plan_campaign
from winback.results.offered import Offer
from winback.said.words import Words

# What a spreadsheet of some country makes a day, a number, a formula, markup or nothing of.
AWKWARD = (
    "1-2", "3/4", "1.5", "1,5", "mar 5", "5 maj", "10E3", "0042", "00-950", "12345678901234567890",
    "TRUE", "prawda", "1+1", "#N/A", "+48600100200", "50%", "2024-05-01", "12:30", "1 000,50 zł",
    "_x0041_", "<r>&amp;</r>", "<b>", "https://x.pl", "mailto:a@b.pl", "Zoë 😀", "a\"b;c,d", "'007",
    "x" * 300, "  ", "nan", "None",
)  # fmt: skip
NUMBERS = {
    "churn_probability", "churn_horizon_days", "days_since_last_order", "orders_count",
    "total_spent", "avg_order_value", "expected_orders", "expected_spend", "lifetime_value",
}  # fmt: skip
DAYS = {"valid_until", "last_order_date", "expected_next_order_date"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ids = [f"{n:04d}" for n in range(len(AWKWARD))]
    scores = pd.DataFrame(
        {
            "customer_id": ids,
            "cutoff": date(2024, 5, 1),
            "horizon_days": 90,
            "p_return": [0.25 + n / 1000 for n in range(len(ids))],
            "rfm_score": "543",
            "segment": "loyal",
            "risk_band": "high",
            "days_since_last_order": 94,
            "last_order_on": date(2024, 1, 28),
            "expected_next_order_on": [date(2024, 5, 20), *[None] * (len(ids) - 1)],
            "orders_total": 4.0,
            "spend_total": 1400.5,
            "order_value_mean": 100.125,
            "refund_share": 0.0,
            "expected_orders": 0.2876,
            "expected_net_spend": 28.005,
            "lifetime_value": [float(n) for n in range(len(ids))],
            "reason_1_pl": [f"powód {text}" for text in AWKWARD],
            "model_version": "000000000012",
        }
    )
    contacts = pd.DataFrame({"customer_id": ids, "imię": AWKWARD, "contact_on": AWKWARD})
    offer = Offer.model_validate(
        {
            "name": "ten_off", "kind": "percent_off", "discount_share": 0.1, "margin_share": 0.4,
            "valid_days": 14, "channel": "email", "effect_pp": 30, "effect_source": "stated",
            "label": {"en": "10%", "pl": "10% rabatu"},
        }
    )  # fmt: skip
    out = tmp_path_factory.mktemp("list")
    plan = plan_campaign(
        scores, [offer], campaign_id="maj", salt="s", control_share=0, currency="PLN",
    )  # fmt: skip
    write_list(plan, scores, contacts, out, language="pl")
    return out


def neutral(folder: Path) -> list[dict[str, str]]:
    with (folder / "list.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_workbook_holds_what_the_list_holds_each_cell_of_its_type(folder: Path) -> None:
    rows = neutral(folder)
    sheets = CalamineWorkbook.from_path(str(folder / "list.xlsx"))
    assert sheets.sheet_names == ["Lista", "Kolumny"]
    header, *cells = sheets.get_sheet_by_name("Lista").to_python()
    assert header == list(rows[0])
    assert len(cells) == len(rows) == len(AWKWARD)
    for row, found in zip(rows, cells, strict=True):
        for name, cell in zip(header, found, strict=True):
            if row[name] and name in NUMBERS:
                assert isinstance(cell, float), name
                assert cell == float(row[name])
            elif row[name] and name in DAYS:
                assert isinstance(cell, date), name
                assert cell.isoformat() == row[name]
            else:
                assert cell == row[name], name
    meanings = dict(sheets.get_sheet_by_name("Kolumny").to_python())
    assert meanings["imię"] == "Kolumna z danych sklepu"
    assert set(meanings) - {"Kolumna"} == set(header)
    assert all(meanings[name] != name for name in header)


def test_text_stays_text_even_once_a_cell_is_edited(folder: Path) -> None:
    with zipfile.ZipFile(folder / "list.xlsx") as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        styles = parts.read("xl/styles.xml").decode()
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    as_text = {str(n) for n, form in enumerate(formats) if form == "49"}
    texts = re.findall(r'<c r="[A-Z]+\d+" s="(\d+)" t="s">', sheet)
    assert len(texts) > 10 * len(AWKWARD)
    assert set(texts) <= as_text
    # Empty cells too: whatever somebody types there is taken as it is typed.
    columns = re.findall(r'<col min="(\d+)" max="\d+" [^>]*style="(\d+)"', sheet)
    header = list(neutral(folder)[0])
    assert {header[int(n) - 1] for n, style in columns if style in as_text} >= {
        "customer_id", "imię", "reason_2", "change"
    }  # fmt: skip
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_a_list_too_long_for_people_has_no_workbook() -> None:
    for rows, made in ((1, True), (50_001, False)):
        columns = {"customer_id": ["7"] * rows}
        book = workbook_bytes(columns, (), Words("en", ""), date(2024, 5, 1))
        assert (book is not None) == made


@pytest.mark.long
def test_libreoffice_reads_the_same(folder: Path, tmp_path: Path, soffice: str) -> None:
    """Written again as CSV: columns as shown, UTF-8, comma, every text quoted."""
    filters = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,1"
    subprocess.run(
        [soffice, f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--headless",
         "--convert-to", filters, "--outdir", str(tmp_path), str(folder / "list.xlsx")],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    (written,) = tmp_path.glob("*.csv")
    with written.open(encoding="utf-8", newline="") as lines:
        found = list(csv.DictReader(lines))
    shown = {
        "churn_probability": lambda cell: f"{float(cell):.1%}",
        "total_spent": lambda cell: f"{float(cell):,.2f}",
    }
    rows = neutral(folder)
    assert len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        for name, cell in cells.items():
            assert cell == shown.get(name, str)(row[name]), name
