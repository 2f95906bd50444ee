"""Who is one customer, who is several, and who is nobody, by the ids of an export."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from telling import told as sentences
from winback.errors import UsageError
from winback.intake import guests
from winback.intake.settling import Intake, read_orders

ORDERS = 240
PEOPLE = 40


def days(count: int = ORDERS) -> list[str]:
    return [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(count)]


def shop(customer: str, ids: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "order_id": range(1, len(ids) + 1),
        customer: ids,
        "order_date": days(len(ids)),
        "amount": "10.00",
        **more,
    }


def read(folder: Path, cells: dict[str, Any], **options: Any) -> Intake:
    path = folder / "orders.csv"
    pd.DataFrame(cells).to_csv(path, index=False)
    return read_orders(path, folder / "out", **options)


def customers(intake: Intake) -> set[str]:
    return set(pq.read_table(intake.orders_path)["customer_id"].to_pylist())


def told(intake: Intake) -> str:
    return "\n".join(sentences(intake.summary))


def doubts(intake: Intake) -> list[str]:
    return [doubt.code for doubt in intake.summary.doubts]


def people(template: str, count: int = ORDERS, of: int = PEOPLE) -> list[str]:
    # Neighbours in the file are not neighbours in time: each comes back at another rate.
    return [template.format(n=n * 7 % of) for n in range(count)]


# ---------------------------------------------------------------- one person, many ids


@pytest.mark.parametrize(
    ("customer", "mail"),
    [("customer_id", "email"), ("Kundennummer", "E-Mail"), ("ID klienta", "Adres e-mail")],
)
def test_a_fresh_id_for_each_guest_checkout_is_a_question(
    tmp_path: Path, customer: str, mail: str
) -> None:
    mails = people("ola{n}@example.pl")
    fresh = [f"7{n:04}" if n % 5 < 3 else str(500 + n * 7 % PEOPLE) for n in range(ORDERS)]
    cells = shop(customer, fresh, **{mail: mails})
    with pytest.raises(UsageError) as asked:
        read(tmp_path, cells)
    ids = len(set(fresh))
    assert f"by column '{customer}' there are {ids} customers, by '{mail}' 40" in str(asked.value)
    assert f"--customer '{mail}'" in str(asked.value)
    assert f"--customer '{customer}'" in str(asked.value)
    assert len(customers(read(tmp_path, cells, columns={"customer": mail}))) == PEOPLE
    kept = read(tmp_path, cells, columns={"customer": customer})
    assert len(customers(kept)) == ids
    assert doubts(kept) == []


def test_an_order_number_in_the_place_of_a_customer_is_told_by_the_card(tmp_path: Path) -> None:
    cells = shop("customer_id", list(range(9000, 9000 + ORDERS)), loyalty_card=people("LC{n:05}"))
    with pytest.raises(UsageError, match=r"by 'loyalty_card' 40.*--customer 'loyalty_card'"):
        read(tmp_path, cells)


@pytest.mark.parametrize(
    "more",
    [
        {"email": people("ola{n}@example.pl")},
        # A few with two accounts.
        {"email": [f"ola{n * 7 % PEOPLE if n else 1}@example.pl" for n in range(ORDERS)]},
        # One address of the shop's, and a salesman's on every line.
        {"email": ["shop@example.pl"] * ORDERS},
        {"rep_email": people("sales{n}@example.pl", of=20)},
        # A family's phone.
        {"phone": [f"+4860010{max(n * 7 % PEOPLE, 4):04}" for n in range(ORDERS)]},
        # A marketplace masks each order's address.
        {"email": [f"x{n}@market.example" for n in range(ORDERS)]},
    ],
)  # fmt: skip
def test_columns_that_agree_or_are_not_the_buyers_are_no_question(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    intake = read(tmp_path, shop("customer_id", people("K{n:03}"), **more))
    assert len(customers(intake)) == PEOPLE
    assert doubts(intake) == []


# ---------------------------------------------------------------- many people, one id


def test_an_id_that_holds_many_addresses_is_a_question(tmp_path: Path) -> None:
    ids = ["9999" if n * 7 % PEOPLE < 12 else str(100 + n * 7 % PEOPLE) for n in range(ORDERS)]
    cells = shop("customer_id", ids, email=people("ola{n}@example.pl"))
    with pytest.raises(UsageError) as asked:
        read(tmp_path, cells)
    assert "joins 12 of 40 values of 'email' with others under one id (id 9999 has 12)" in str(
        asked.value
    )
    assert "--customer 'email'" in str(asked.value)
    assert "--guest" in str(asked.value)
    assert len(customers(read(tmp_path, cells, columns={"customer": "email"}))) == PEOPLE
    assert len(customers(read(tmp_path, cells, guests=["9999"]))) == PEOPLE - 12


def test_a_tills_id_among_many_customers_is_a_question(tmp_path: Path) -> None:
    ids = ["9999" if n % 500 < 25 else str(n % 500) for n in range(1000)]
    cells = shop("customer_id", ids, email=[f"ola{n % 500}@example.pl" for n in range(1000)])
    with pytest.raises(UsageError, match=r"\(id 9999 has 25\)"):
        read(tmp_path, cells)


def test_a_told_column_of_the_shops_own_address_leads_to_the_buyers(tmp_path: Path) -> None:
    cells = shop("To Email", ["shop@example.net"] * ORDERS)
    cells["From Email Address"] = people("ola{n}@example.pl")
    with pytest.raises(UsageError, match="--customer 'From Email Address'"):
        read(tmp_path, cells, columns={"customer": "To Email"})


@pytest.mark.parametrize(
    "word",
    [
        "Walk-in Customer", "WALK IN", "Klient detaliczny", "klient anonimowy", "Gość", "Laufkunde",
        "Barverkauf", "Client comptoir", "Consumidor final", "Gast", "Guest checkout", "Cash sale",
        "Cliente generico", "Vendég", "anonymní zákazník", "Розничный покупатель", "[deleted]",
        "deleted@site.invalid", "anonymous@psgdpr.com", "anonymized@shop.pl", "REDACTED",
        "usunięty klient", "Gelöschter Kunde", "***",
    ],
)  # fmt: skip
@pytest.mark.parametrize("often", [3, 50])
def test_whoever_is_nobody_by_name_is_set_aside_and_named(
    tmp_path: Path, word: str, often: int
) -> None:
    ids = [word if n % often == 1 else one for n, one in enumerate(people("ola{n}@example.pl"))]
    intake = read(tmp_path, shop("Customer", ids))
    lines = ids.count(word)
    assert intake.summary["lines_set_aside"]["by_reason"] == {"no_customer": lines}
    assert len(customers(intake)) == PEOPLE
    assert f"'{word}' ({lines} lines, {lines * 10:,.2f})" in told(intake)
    assert doubts(intake) == []


@pytest.mark.parametrize("word", ["POS", "Kasa 1", "Paragon", "Kasse", "Comptoir", "none@none.com"])
def test_a_word_of_the_till_is_nobody_with_many_lines_and_a_doubt_with_few(
    tmp_path: Path, word: str
) -> None:
    often = [word if n % 3 == 1 else one for n, one in enumerate(people("K{n:03}"))]
    intake = read(tmp_path, shop("Customer", often))
    assert intake.summary["lines_set_aside"]["by_reason"] == {"no_customer": often.count(word)}
    seldom = [word if n < 14 else one for n, one in enumerate(people("K{n:03}", 1000, 400))]
    intake = read(tmp_path, shop("Customer", seldom))
    assert word in customers(intake)
    assert doubts(intake) == ["intake.guest_words"]
    assert f"'{word}' may be no customer but a till or a walk-in sale (14 lines, 140.00" in told(
        intake
    )
    assert f'give --guest "{word}"' in told(intake)
    settled = read(tmp_path, shop("Customer", seldom), guests=[word.lower()])
    assert settled.summary["lines_set_aside"]["by_reason"] == {"no_customer": 14}
    assert doubts(settled) == []


def test_numbered_leavings_of_erased_accounts_are_all_set_aside(tmp_path: Path) -> None:
    ids = people("ola{n}@example.pl")
    ids[::8] = [f"deleted-{n}@site.invalid" for n in range(30)]
    intake = read(tmp_path, shop("billing_email", ids))
    assert intake.summary["lines_set_aside"]["by_reason"] == {"no_customer": 30}
    assert "and 27 more (30 lines, 300.00)" in told(intake)


def test_people_with_such_words_in_their_names_stay(tmp_path: Path) -> None:
    names = ["Guestrin Anna", "Adele Ted", "Gast Hof", "kasa@nowak.pl", "invalid.nowak@wp.pl",
             "removed.moving@x.pl", "K. Kasa", "Walker Ina"]  # fmt: skip
    intake = read(tmp_path, shop("Customer", names * 30))
    assert len(customers(intake)) == len(names)
    assert doubts(intake) == []


def test_an_id_told_to_be_nobodys_is_left_out_and_not_doubted(tmp_path: Path) -> None:
    ids = ["KASA-77-LONG-NAME" if n % 4 == 0 else one for n, one in enumerate(people("K{n:03}"))]
    intake = read(tmp_path, shop("customer", ids), guests=["kasa-77-long-name"])
    assert intake.summary["lines_set_aside"]["by_reason"] == {"no_customer": 60}
    numbers = [0 if n % 9 == 0 else 1 + n * 7 % PEOPLE for n in range(ORDERS)]
    intake = read(tmp_path, shop("customer", numbers), guests=["0"])
    assert intake.summary["lines_set_aside"]["by_reason"] == {"no_customer": numbers.count(0)}
    frame = pd.DataFrame(shop("customer", numbers)).astype({"order_date": "datetime64[s]"})
    intake = read_orders(frame, tmp_path / "frame", guests=["7"])
    assert "7" not in customers(intake)


def test_each_word_for_nobody_is_found_by_the_first_look() -> None:
    phrases = [
        word.strip()
        for words in (guests._GUESTS, guests._ERASED, guests._TILLS)
        for line in words.split("\n")
        for word in line.split("/")
        if word
    ]
    phrases += [word.upper() for word in phrases] + [word.title() for word in phrases]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t (x VARCHAR)")
        con.executemany("INSERT INTO t VALUES (?)", [[word] for word in phrases])
        missed = con.execute(f"SELECT x FROM t WHERE NOT ({guests.may_be_nobody('x')})").fetchall()
    assert missed == []
    assert [word for word in phrases if guests.standing(word) is None] == []


# ---------------------------------------------------------------- phones


def spelt(number: int, how: int, prefix: str = "48") -> str:
    text = f"{600_000_000 + number * 1_234_567 % 99_999_999}"
    return [
        text,
        f"+{prefix} {text[:3]} {text[3:6]} {text[6:]}",
        f"{prefix}{text}",
        f"{text[:3]}-{text[3:6]}-{text[6:]}",
        f"00{prefix}{text}",
        f"{prefix}{text}.0",
    ][how]


@pytest.mark.parametrize(
    ("header", "ways"),
    [
        ("phone", (0, 1, 2, 3)),
        ("Telefon", (4, 1, 5)),
        ("phone", (0, 2)),
        ("Telefon", (0, 5)),
        # Bare digits may be any id; these are none.
        ("customer", (3, 1)),
        ("Klient", (0, 1, 2, 3)),
    ],
)
def test_a_phone_is_one_customer_however_it_is_spelt(
    tmp_path: Path, header: str, ways: tuple[int, ...]
) -> None:
    ids = [spelt(n * 7 % PEOPLE, ways[n // 3 % len(ways)]) for n in range(ORDERS)]
    intake = read(tmp_path, shop(header, ids))
    assert len(customers(intake)) == PEOPLE
    assert "phone numbers, compared by their digits" in told(intake)
    assert doubts(intake) == []


def test_a_national_zero_and_a_calling_code_are_one(tmp_path: Path) -> None:
    ids = [[f"0171 55{n * 7 % PEOPLE:05}", f"+49 171 55{n * 7 % PEOPLE:05}",
            f"0049 (0)171/55{n * 7 % PEOPLE:05}"][n // 3 % 3] for n in range(ORDERS)]  # fmt: skip
    intake = read(
        tmp_path, shop("Handynummer Kunde", ids), columns={"customer": "Handynummer Kunde"}
    )
    assert len(customers(intake)) == PEOPLE
    assert "with the prefix 49 or without it" in told(intake)


def test_phones_that_are_spelt_alike_stay_as_they_are(tmp_path: Path) -> None:
    ids = [spelt(n * 7 % PEOPLE, 0) for n in range(ORDERS)]
    ids[3] = "+49 171 2345678"  # a guest from abroad gives nobody else a calling code
    assert customers(read(tmp_path, shop("phone", ids))) >= set(ids) - {ids[3]}


def test_numbers_that_are_no_phones_are_no_phones(tmp_path: Path) -> None:
    ids = [100_000_000 + n * 7 % PEOPLE if n % 2 else f"48{100_000_000 + n * 7 % PEOPLE}"
           for n in range(ORDERS)]  # fmt: skip
    assert len(customers(read(tmp_path, shop("customer_id", ids)))) == len(set(ids))


# ---------------------------------------------------------------- masked addresses


@pytest.mark.parametrize("place", ["allegromail.pl", "allegromail.cz", "user.allegrogroup.pl"])
def test_a_marketplaces_transaction_is_no_part_of_the_buyer(tmp_path: Path, place: str) -> None:
    mails = [f"{n * 7 % PEOPLE:08x}q+{n:06x}@{place}" for n in range(ORDERS)]
    mails[5] = "Ola@Wp.pl"
    intake = read(tmp_path, shop("E-mail", mails))
    assert len(customers(intake)) == PEOPLE + 1
    assert f"239 addresses of a marketplace are those of {PEOPLE} buyers" in told(intake)
    assert doubts(intake) == []


def test_a_plus_elsewhere_is_told_where_it_parts_addresses(tmp_path: Path) -> None:
    mails = people("ola{n}@wp.pl")
    mails[3:9:2] = ["ola0+a@wp.pl", "ola0+b@wp.pl", "nobody+else@wp.pl"]
    intake = read(tmp_path, shop("email", mails))
    assert "look at the customers: 2 of 43 addresses differ from another only behind" in told(
        intake
    )
    alone = people("ola{n}+shop@wp.pl")
    assert doubts(read(tmp_path, shop("email", alone))) == []


def test_an_amazon_relay_stays(tmp_path: Path) -> None:
    mails = people("b{n}x@marketplace.amazon.de")
    intake = read(tmp_path, shop("email", mails))
    assert customers(intake) == set(mails)
