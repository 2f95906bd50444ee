"""What an export is understood to hold, before anything is computed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WINBACK = Path(sys.executable).with_name("winback")

# Ada buys for 10 + 5.50 and for 20, and gives 4 back; Ben buys for 7; one line has no customer.
LINES = """customer,order,date,amount
ada,1,2024-01-05,10.00
ada,1,2024-01-05,5.50
ada,2,2024-02-10,20.00
ada,2,2024-02-12,-4.00
ben,3,2024-03-01,7.00
,4,2024-03-02,9.00
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(LINES, encoding="utf-8")
    return path


def inspect(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(WINBACK), "inspect", *map(str, words)], capture_output=True, text=True, check=False
    )


def test_an_export_is_told_in_figures_for_a_program(export: Path) -> None:
    done = inspect(export, "--currency", "PLN", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    totals = ("customers", "purchases", "gross", "refunds", "net", "first", "last", "currency")
    assert [found[name] for name in totals] == [
        2, 3, 42.5, 4.0, 38.5, "2024-01-05", "2024-03-01", "PLN",
    ]  # fmt: skip
    assert found["lines_in"] == 6 == found["lines_kept"] + found["lines_set_aside"]["total"]
    assert found["lines_set_aside"]["by_reason"] == {"no_customer": 1}
    assert found["lines_set_aside"]["amount_by_reason"] == {"no_customer": 9.0}
    assert found["columns"]["amount"] == "amount"
    assert all({"code", "sentence"} == set(each) for each in found["understood"])


def test_a_person_reads_it_in_either_language_and_nothing_is_written(export: Path) -> None:
    english = inspect(export, "--currency", "PLN").stdout
    assert "Lines: 6 read, 5 kept, 1 would be set aside, 0 ignored" in english
    assert (
        "Money: PLN 42.50 in purchases, PLN 4.00 cancelled or refunded, PLN 38.50 net." in english
    )
    polish = inspect(export, "--currency", "PLN", "--language", "pl").stdout
    assert "Kwoty: zakupy 42,50 zł, anulowania i zwroty 4,00 zł, netto 38,50 zł." in polish
    assert "kwota: kolumna „amount” (liczby z kropką dziesiętną), po typowej nazwie" in polish
    assert "odłożone: 1, brak klienta: zakupów bez konta nie da się ocenić, 9,00 zł" in polish
    assert [path.name for path in export.parent.iterdir()] == ["orders.csv"]


def test_a_doubt_stands_last_with_its_option(export: Path) -> None:
    export.write_text(LINES.replace("amount\n", "amount,newsletter consent\n", 1).replace(
        "00\n", "00,yes\n").replace("50\n", "50,no\n"), encoding="utf-8")  # fmt: skip
    assert "--consent-column" in inspect(export).stdout.splitlines()[-1]
    (doubt,) = json.loads(inspect(export, "--json").stdout)["doubts"]
    assert doubt["code"] == "intake.consent_unused"
    assert '--consent-column "newsletter consent"' in doubt["sentence"]


def test_a_question_ends_with_the_option_that_answers_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer,date,amount\na,03/04/2024,5\nb,05/06/2024,6\n", encoding="utf-8")
    done = inspect(path, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--day-first" in done.stderr.splitlines()[-1]


def test_several_files_are_one_export(export: Path) -> None:
    more = export.with_name("more.csv")
    more.write_text("customer,order,date,amount\ncid,9,2024-04-01,3.00\n", encoding="utf-8")
    found = json.loads(inspect(export, more, "--json").stdout)
    assert (found["customers"], found["purchases"], found["gross"]) == (3, 4, 45.5)


def test_the_decimal_mark_is_told_with_a_currency_behind_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    rows = [f"k{i};0{i}.01.2024;{10 + i},50 zł" for i in range(1, 9)] + ["k9;09.01.2024;abc"]
    path.write_text("klient;data;kwota\n" + "\n".join(rows) + "\n", encoding="utf-8")
    done = inspect(path, "--day-first")
    assert "amount: column 'kwota' (numbers with a decimal comma)" in done.stdout
    assert "Money: PLN 120.00 in purchases" in done.stdout


@pytest.mark.long
def test_the_first_rows_are_shown_as_written_and_as_read(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "klient;data;nr;kwota\nanna@x.pl;03.04.2024 14:30;7;1 250,00 zł\n;14.04.2024;8;5,00 zł\n"
        "Jan Nowak;15.04.2024;9;12,50 zł\n",
        encoding="utf-8",
    )
    english = inspect(path).stdout
    assert "row 2: '03.04.2024 14:30' is 2024-04-03 14:30, '1 250,00 zł' is PLN 1,250.00" in english
    assert "row 3: set aside (no customer" in english
    assert "row 4: '15.04.2024' is 2024-04-15, '12,50 zł' is PLN 12.50" in english
    told = english + inspect(path, "--json").stdout
    assert "anna@x.pl" not in told and "Nowak" not in told
    rows = json.loads(inspect(path, "--json").stdout)["rows"]
    assert [row["row"] for row in rows] == [2, 3, 4]
    assert [row["amount"] for row in rows] == [1250.0, 5.0, 12.5]


def test_each_column_says_by_which_rule_it_was_chosen(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "klient,order_when,wert der position,spalte\nk1,2024-01-05,5.00,3\nk2,2024-01-06,6.00,4\n",
        encoding="utf-8",
    )
    said = inspect(path, "--amount", "wert der position").stdout
    assert "customer: column 'klient' (text ids), by its usual name" in said
    assert "column 'wert der position' (numbers with a decimal point), as told" in said
    assert "by what stands in it" in said
