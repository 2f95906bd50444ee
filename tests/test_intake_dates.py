"""Dates as shops of many countries write them, and as spreadsheets leave them."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from babel import Locale

from telling import told as sentences
from winback.errors import UsageError
from winback.intake.months import MONTHS, WEEKDAYS, month_of
from winback.intake.settling import Intake, read_orders

LANGUAGES = "en pl de fr es it nl cs sk hu pt ro sv da nb fi ru uk"
# Each says the same minute of 5 March 2024, or its day.
SAME_DAY = """05-MAR-24 02.30.22.000000000 PM
05-MAR-2024 14:30:22
05MAR2024:14:30:22.000
Mar  5 2024  2:30:22:000PM
Mar 5, 2024, 2:30:22\u202fPM
March 5th, 2024 at 2:30 PM
Tue Mar  5 14:30:22 2024
5.03.2024,\u00a014:30:22
05.03.24 14:30
05.03.2024 um 14:30 Uhr
05.03.2024 14.30 Uhr
5. 3. 2024 14:30
2024. 03. 05. 14:30
2024. márc. 5., 14:30:22
5 mars 2024 à 14:30:22
mar. 5 mars 2024 14:30
mardi 5 mars 2024 à 14 h 30
5 marca 2024 r.
5 marca 2024 r. o godz. 14:30
wtorek, 5 marca 2024 14:30:22
5.III.2024 14:30
Dienstag, 5. März 2024 um 14:30:22
Di., 5. Mär. 2024 14:30
5 de marzo de 2024, 14:30:22
5 de março de 2024 às 14:30
5 marzo 2024 alle ore 14:30
5 mar 2024, 2:30:22 p.\u00a0m.
5. března 2024 v 14:30
5 martie 2024, 14:30:22
5. mar. 2024 kl. 14.30.22
5. maaliskuuta 2024 klo 14.30
5 maart 2024 om 14:30
5 марта 2024 \u0433., 14:30
2024年3月5日 14時30分22秒
2024-03-05T14:30:22,123
2024-03-05-14.30.22.000000
20240305T143022
14:30:22 5 March 2024
05-Mar-24
45356,604421""".splitlines()


def read(folder: Path, cells: dict[str, Any], **options: Any) -> Intake:
    path = folder / "orders.csv"
    pd.DataFrame(cells).to_csv(path, index=False)
    return read_orders(path, folder / "out", **options)


def shop(dates: list[Any], **more: Any) -> dict[str, Any]:
    """An order of 5.00 for each date, of 40 customers in turn."""
    return {
        "customer_id": [f"c{n % 40}" for n in range(len(dates))],
        "order_id": [f"o{n}" for n in range(len(dates))],
        "order_date": dates,
        "amount": "5.00",
    } | more


def times(intake: Intake) -> list[datetime]:
    """When orders were placed, in the order of their numbers."""
    table = pq.read_table(intake.orders_path, columns=["order_id", "ordered_at"]).to_pylist()
    placed = {row["order_id"]: row["ordered_at"] for row in table}
    return [placed[order] for order in sorted(placed, key=lambda order: int(order[1:]))]


def told(intake: Intake) -> str:
    return "\n".join(sentences(intake.summary))


def every_day(count: int, start: date = date(2023, 1, 9)) -> list[date]:
    return [start + timedelta(days=n) for n in range(count)]


# ---------------------------------------------------------------- forms


@pytest.mark.long
def test_one_day_in_forty_forms_is_one_day(tmp_path: Path) -> None:
    intake = read(tmp_path, shop([*SAME_DAY, "27.03.2024 14:30"]))
    assert intake.summary["lines_set_aside"]["total"] == 0
    *found, last = times(intake)
    assert last == datetime(2024, 3, 27, 14, 30)
    wrong = [
        (text, at)
        for text, at in zip(SAME_DAY, found, strict=True)
        if at.date() != date(2024, 3, 5) or (len(text) > 18 and (at.hour, at.minute) != (14, 30))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("winter", "summer"),
    [
        ("Jan {day}, 2024 2:30:22 PM PST", "Jul {day}, 2024 2:30:22 PM PDT"),
        ("2024-01-{day:02} 14:30:22 CET", "2024-07-{day:02} 14:30:22 CEST"),
        ("2024-01-{day:02}T14:30:22+01:00[Europe/Warsaw]",
         "2024-07-{day:02}T14:30:22+02:00[Europe/Warsaw]"),
        ("2024-01-{day:02} 14:30:22 Europe/Warsaw", "2024-07-{day:02} 14:30:22 Europe/Warsaw"),
        ("Wed Jan {day:02} 2024 14:30:22 GMT+0100 (Central European Standard Time)",
         "Wed Jul {day:02} 2024 14:30:22 GMT+0200 (Central European Summer Time)"),
        ("Wed Jan {day:02} 14:30:22 GMT 2024", "Wed Jul {day:02} 14:30:22 BST 2024"),
    ],
)  # fmt: skip
def test_summer_and_winter_of_one_place_are_its_wall_time(
    tmp_path: Path, winter: str, summer: str
) -> None:
    cells = [form.format(day=day) for form in (winter, summer) for day in (3, 17)]
    intake = read(tmp_path, shop(cells))
    assert times(intake) == [
        datetime(2024, month, day, 14, 30, 22) for month in (1, 7) for day in (3, 17)
    ]
    assert "offsets_differ" not in str(intake.summary["doubts"])


@pytest.mark.parametrize("zone", ["CET", "+0100", "GMT+1", "Europe/Warsaw"])
def test_a_named_zone_is_converted_to_the_shops_own(tmp_path: Path, zone: str) -> None:
    intake = read(tmp_path, shop([f"2024-01-17 14:30:22 {zone}"]), timezone="Europe/London")
    assert times(intake) == [datetime(2024, 1, 17, 13, 30, 22)]


@pytest.mark.parametrize("rubbish", ["Jun 18, 2026 purchase", "paid 5 March 2024", "5 March or 6"])
def test_a_date_with_rubbish_is_set_aside(tmp_path: Path, rubbish: str) -> None:
    intake = read(tmp_path, shop(["5 March 2024", "6 March 2024", rubbish]))
    assert intake.summary["lines_set_aside"]["by_reason"] == {"unreadable_date": 1}


def test_months_and_weekdays_are_those_of_babel() -> None:
    def plain(name: str) -> str:
        lowered = name.lower().replace("ł", "l").replace("ø", "o").strip(".")
        letters = unicodedata.normalize("NFKD", lowered)
        return "".join(c for c in letters if not unicodedata.combining(c))

    for language in LANGUAGES.split():
        locale = Locale(language)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    assert MONTHS[plain(name)] == number == month_of(name.strip("."))
                for name in map(plain, locale.days[context][width].values()):
                    assert len(name) < 2 or set(name.split("-")) <= WEEKDAYS, (language, name)


def test_a_month_cut_short_is_read_where_it_is_one_month_only() -> None:
    assert (month_of("Sierp"), month_of("NOVEM"), month_of("jui"), month_of("ma")) == (
        8, 11, None, None,
    )  # fmt: skip


# ---------------------------------------------------------------- turned round by a spreadsheet


def half_converted(days: list[date], taken: str, left: str, *, day_first: bool) -> list[str]:
    """Dates as a spreadsheet of the other order leaves them: what it can take it turns round."""

    def cell(day: date) -> str:
        if day.day > 12:
            return day.strftime(left)
        seen = date(day.year, day.day, day.month)
        return str((seen - date(1899, 12, 30)).days) if taken == "serial" else seen.strftime(taken)

    return [cell(day) for day in days]


@pytest.mark.parametrize(
    "count", [30, *(pytest.param(count, marks=pytest.mark.long) for count in (120, 500))]
)
@pytest.mark.parametrize(
    ("taken", "left", "day_first"),
    [
        ("%Y-%m-%d", "%d/%m/%Y", True),
        ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", True),
        ("serial", "%d.%m.%Y", True),
        ("%d-%b-%Y", "%m/%d/%Y", False),
        ("%Y/%m/%d", "%m/%d/%Y", False),
    ],
)
def test_days_a_spreadsheet_turned_round_are_turned_back(
    tmp_path: Path, count: int, taken: str, left: str, day_first: bool
) -> None:
    days = every_day(count)
    cells = half_converted(days, taken, left, day_first=day_first)
    intake = read(tmp_path, shop(cells))
    assert [at.date() for at in times(intake)] == days
    assert "a spreadsheet changed day and month round" in told(intake)
    assert intake.summary["doubts"] == ()


def test_a_few_days_turned_round_are_turned_back_with_a_doubt(tmp_path: Path) -> None:
    days = every_day(12, date(2023, 1, 7))
    cells = half_converted(days, "%Y-%m-%d", "%d/%m/%Y", day_first=True)
    intake = read(tmp_path, shop(cells))
    assert [at.date() for at in times(intake)] == days
    assert [doubt.code for doubt in intake.summary["doubts"]] == ["intake.days_turned_likely"]
    assert "give --day-first" in told(intake)
    again = read(tmp_path, shop(cells), day_first=True)
    assert [at.date() for at in times(again)] == days
    assert again.summary["doubts"] == ()


def test_two_ways_of_writing_that_both_know_all_days_stay_as_they_are(tmp_path: Path) -> None:
    """From 2023-06-01 on the shop writes 2023-06-01, before that 31.05.2023."""
    days = every_day(200)
    cells = [day.strftime("%d.%m.%Y" if day < date(2023, 6, 1) else "%Y-%m-%d") for day in days]
    intake = read(tmp_path, shop(cells))
    assert [at.date() for at in times(intake)] == days
    assert "spreadsheet" not in told(intake)


def test_a_new_way_of_writing_since_the_first_of_a_month_stays(tmp_path: Path) -> None:
    days = every_day(154)  # until 11 June: all new dates are below the 13th
    cells = [day.strftime("%d.%m.%Y" if day < date(2023, 6, 1) else "%Y-%m-%d") for day in days]
    assert [at.date() for at in times(read(tmp_path, shop(cells)))] == days


def test_two_systems_in_one_column_are_told_apart_by_what_stands_between(tmp_path: Path) -> None:
    days = every_day(100)
    cells = [day.strftime("%d.%m.%Y" if n % 3 else "%m/%d/%Y") for n, day in enumerate(days)]
    intake = read(tmp_path, shop(cells))
    assert [at.date() for at in times(intake)] == days
    assert "dates read by what stands between their parts: 13.01.2023 with the day" in told(intake)


# ---------------------------------------------------------------- several columns


def several(days: list[date], **columns: list[Any]) -> dict[str, Any]:
    """Orders whose columns of dates are these."""
    cells = shop(list(days))
    del cells["order_date"]
    return cells | columns


@pytest.mark.parametrize(
    ("account", "placed"),
    [
        ("created_at", "when_bought"),
        ("created_at", "transaction_date"),
        ("data", "dzien_zakupu"),
        ("date", "kaufdatum"),
    ],
)
def test_the_day_of_an_account_never_dates_an_order(
    tmp_path: Path, account: str, placed: str
) -> None:
    days = every_day(200)
    opened = [f"2022-{1 + n % 40 % 12:02}-{1 + n % 40 // 2:02}" for n in range(200)]
    cells = several(days, **{account: opened, placed: [str(day) for day in days]})
    intake = read(tmp_path, cells)
    assert [at.date() for at in times(intake)] == days
    assert f"date: column '{placed}'" in told(intake)


@pytest.mark.parametrize("made", ["date", "created_at", "timestamp"])
def test_the_day_of_the_export_never_dates_an_order(tmp_path: Path, made: str) -> None:
    days = every_day(100)
    cells = several(days, **{made: ["2024-06-01 08:15:00"] * 100, "sold on day": list(days)})
    assert [at.date() for at in times(read(tmp_path, cells))] == days


def test_a_column_with_the_time_of_the_same_days_beats_the_one_without(tmp_path: Path) -> None:
    """A log of coffees: date, datetime with fractions of a second, cash_type, card, money."""
    days = every_day(300)
    cells = {
        "date": list(days),
        "datetime": [f"{day} 10:{n % 60:02}:50.520000" for n, day in enumerate(days)],
        "cash_type": "card",
        "card": [f"ANON-0000-{n % 40:04}" for n in range(300)],
        "money": "38.70",
        "coffee_name": "Latte",
    }
    intake = read(tmp_path, cells, columns={"customer": "card", "amount": "money"})
    found = pq.read_table(intake.orders_path)["ordered_at"].to_pylist()
    assert sorted(found) == [
        datetime(day.year, day.month, day.day, 10, n % 60, 50) for n, day in enumerate(days)
    ]
    assert "orders are dated by column 'datetime'" in told(intake)


def test_paid_and_updated_dates_lose_to_the_order(tmp_path: Path) -> None:
    days = every_day(100)
    later = [f"{day + timedelta(days=2)} 12:00:00" for day in days]
    cells = several(days, paid_at=later, updated_at=later, placed_date=list(days), due_date=later)
    assert [at.date() for at in times(read(tmp_path, cells))] == days


def test_columns_that_may_both_date_an_order_are_one_question(tmp_path: Path) -> None:
    days = every_day(100)
    later = [day + timedelta(days=n % 9) for n, day in enumerate(days)]
    with pytest.raises(UsageError) as asked:
        read(tmp_path, several(days, one_date=list(days), other_date=later))
    assert "'one_date', 'other_date'. Name the right one with --date COLUMN" in str(asked.value)


# ---------------------------------------------------------------- in parts


@pytest.mark.parametrize(
    ("year", "month", "day"), [("year", "month", "day"), ("Rok", "Miesiąc", "Dzień"),
                               ("Jahr", "Monat", "Tag")],
)  # fmt: skip
@pytest.mark.parametrize("letters", [False, True])
def test_year_month_and_day_in_three_columns_are_a_date(
    tmp_path: Path, year: str, month: str, day: str, letters: bool
) -> None:
    days = every_day(100)
    cells = several(
        days, **{
            year: [d.year for d in days],
            month: [d.strftime("%b") if letters else d.month for d in days],
            day: [d.day for d in days],
        }
    )  # fmt: skip
    cells[day][7] = 0
    intake = read(tmp_path, cells)
    assert [at.date() for at in times(intake)] == days[:7] + days[8:]
    assert intake.summary["lines_set_aside"]["by_reason"] == {"unreadable_date": 1}


@pytest.mark.parametrize(
    ("name", "clock", "read_as"),
    [
        ("order_time", "2:30:22 PM", (14, 30, 22)),
        ("time", "143022", (14, 30, 22)),
        ("time", "93022", (9, 30, 22)),
        ("godzina", "9:05", (9, 5, 0)),
        ("Uhrzeit", "14.30", (14, 30, 0)),
        ("hora", "1899-12-30 14:30:22", (14, 30, 22)),
        ("time of sale", "14:30:22.5", (14, 30, 22)),
    ],
)
def test_a_clock_in_another_column_is_added(
    tmp_path: Path, name: str, clock: str, read_as: tuple[int, int, int]
) -> None:
    days = every_day(40)
    intake = read(tmp_path, shop([f"{day} 00:00:00" for day in days], **{name: clock}))
    assert times(intake)[0] == datetime(2023, 1, 9, *read_as)
    assert "time of day, added to the date" in told(intake)


def test_days_that_are_only_counted_are_a_question_that_says_so(tmp_path: Path) -> None:
    cells = shop(list(range(1, 101)))
    cells["DAY"] = cells.pop("order_date")
    with pytest.raises(UsageError) as asked:
        read(tmp_path, cells)
    assert "Column 'DAY' counts days (1 to 100)" in str(asked.value)
    cells["days_since_prior_order"] = cells.pop("DAY")
    with pytest.raises(UsageError) as asked:
        read(tmp_path, cells)
    assert "no column says when one was placed" in str(asked.value)


@pytest.mark.parametrize("wrong", ["3019-05-05", "0001-01-01", "9999-12-31", "2023-05-00", "x"])
def test_a_day_that_cannot_be_is_set_aside_with_a_reason(tmp_path: Path, wrong: str) -> None:
    days = every_day(100)
    intake = read(tmp_path, shop([*days, wrong]))
    assert [at.date() for at in times(intake)] == days
    assert intake.summary["lines_set_aside"]["total"] == 1


# ---------------------------------------------------------------- turned round without a trace


def turned_round(days: list[date]) -> list[date]:
    """As a spreadsheet of the other order leaves them all in one form."""
    return [date(day.year, day.day, day.month) if day.day < 13 else day for day in days]


@pytest.mark.parametrize(("count", "form"), [(480, "%Y-%m-%d"), (610, "%d.%m.%Y")])
def test_an_end_that_lies_below_the_13th_only_is_doubted_with_the_true_end(
    tmp_path: Path, count: int, form: str
) -> None:
    """Dates as of AdventureWorks' copies: the true end is in May, or in September."""
    days = every_day(count)
    end = max(day for day in days if day.day > 12)
    cells = [day.strftime(form) for day in turned_round(days)]
    doubts = read(tmp_path, shop(cells)).summary["doubts"]
    assert [doubt.code for doubt in doubts] == ["intake.days_swapped"]
    assert doubts[0].values["end"] == end
    assert doubts[0].values["cutoff"] == end + timedelta(days=1)
    assert doubts[0].values["amount"] == 5.0 * doubts[0].values["lines"]
    again = read(tmp_path, shop(cells), cutoff=end + timedelta(days=1))
    assert "days_swapped" not in str(again.summary["doubts"])


def test_a_shop_that_sells_at_the_beginning_of_months_is_believed(tmp_path: Path) -> None:
    """Every day until April, then only the 1st and 2nd of each month; and such days all along."""
    days = [day for day in every_day(700) for _ in range(9 if day.day < 3 else 1)]
    days = [day for day in days if day < date(2024, 4, 20) or day.day < 3]
    assert "days_swapped" not in str(read(tmp_path, shop(days)).summary["doubts"])


def test_a_lull_after_a_feast_that_came_on_the_same_dates_last_year_is_no_thin_end(
    tmp_path: Path,
) -> None:
    # 364 days back lies the end of December, when the shop sells again.
    rows = ["customer,order,date,amount"]
    number = 0
    for day in (date(2023, 1, 1) + timedelta(days=n) for n in range(730)):
        sold = 1 if day.month == 12 and 27 <= day.day <= 30 else 12
        for _ in range(sold):
            number += 1
            rows.append(f"k{number % 70},{number},{day},5.00")
        if day == date(2024, 12, 30):
            break
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    codes = [doubt.code for doubt in read_orders(path, tmp_path / "out").summary.doubts]
    assert "intake.thin_end" not in codes
