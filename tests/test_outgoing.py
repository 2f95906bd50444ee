"""Who gets values at a destination, who gets nothing and why, and what stands on the rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from winback.crm.bands import value_bands
from winback.crm.destinations import destination
from winback.crm.fields import EVERYBODY, FIELDS
from winback.crm.keys import e164, keys_of
from winback.crm.outgoing import Outgoing
from winback.crm.people import parted, refusals
from winback.crm.products import last_products
from winback.crm.values import Leaving, values_of
from winback.errors import UsageError
from winback.products.sensitive import may_be_shown

PEOPLE = {
    "listed": "one@x.pl", "shares_with_control": "Control@x.pl ", "control": "control@x.pl",
    "shares_with_refuser": "no@x.pl", "refuser": "no@x.pl", "latest_of_two": "two@x.pl",
    "other_of_two": "two@x.pl", "nameless": "", "typo": "jan@", "off": "two@x.pl",
    "off_too": "gone@x.pl", "by_sms_alone": "sms@x.pl",
}  # fmt: skip
CONTACTS = pd.DataFrame({"customer_id": list(PEOPLE), "E-mail": list(PEOPLE.values())})
LISTED = [
    "latest_of_two", "listed", "shares_with_control", "shares_with_refuser", "other_of_two",
    "nameless", "typo", "by_sms_alone",
]  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Outgoing:
    rows = pd.DataFrame({"customer_id": LISTED, "churn_risk": "high"}, dtype=object)
    privacy = pd.DataFrame(
        {
            "customer_id": list(PEOPLE),
            "no_profiling": False,
            "no_marketing": [who == "refuser" for who in PEOPLE],
            "no_ads": True,
            "barred_channels": ["email,push" if who == "by_sms_alone" else None for who in PEOPLE],
        }
    )
    barred = refusals(privacy, dict.fromkeys(LISTED, "email"), for_ads=False)
    nobody = rows.iloc[:0]
    what = Outgoing("may", "listed", (FIELDS["churn_risk"],), nobody, nobody, nobody, nobody)
    return parted(
        rows,
        {"control"},
        set(PEOPLE),
        barred,
        keys_of(CONTACTS, "PL"),
        destination("hubspot"),
        what,
    )


def test_no_row_leaves_under_an_address_of_somebody_who_gets_nothing(found: Outgoing) -> None:
    # Of two of one address it is the first, who is the likeliest.
    assert found.rows["email"].tolist() == ["two@x.pl", "one@x.pl"]
    assert found.rows["customer_id"].tolist() == ["latest_of_two", "listed"]
    assert dict(found.rejected.itertuples(index=False)) == {
        "shares_with_control": "duplicate_key", "shares_with_refuser": "duplicate_key",
        "other_of_two": "duplicate_key", "nameless": "no_key", "typo": "bad_email",
    }  # fmt: skip
    assert found.control["email"].tolist() == ["control@x.pl"]


def test_whoever_gets_nothing_is_told_with_the_reason(found: Outgoing) -> None:
    # Nor is anything taken back under an address that something leaves for.
    assert dict(found.kept_out[["customer_id", "why"]].itertuples(index=False)) == {
        "refuser": "no_marketing", "by_sms_alone": "no_marketing", "off_too": "left",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("600 100 200", "+48600100200"), ("'0048 (600) 100-200", "+48600100200"),
        ("48600100200.0", "+48600100200"), ("+49 (0) 171 1234567", "+491711234567"),
        ("12345", None), ("+48 600 100 2000", None), ("=1+1", None), ("brak", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_become_e164_by_the_country_of_the_shop(cell: str, number: str | None) -> None:
    assert e164(cell, "PL") == number


def test_a_column_of_contacts_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"export\.email: e_mail is no contact column.*E-mail"):
        keys_of(CONTACTS, "PL", email="e_mail")
    asked = pd.DataFrame({"customer_id": ["1"], "e-mail ok": ["tak"], "mail": ["a@x.pl"]})
    assert keys_of(asked, "PL").rows["email"].tolist() == ["a@x.pl"]
    assert keys_of(asked, "PL", email="e-mail ok").rows["email"].tolist() == [None]


def test_ids_are_keys_only_where_they_are_told_from_any_other_id() -> None:
    people = pd.DataFrame({"customer_id": ["ola@x.pl", "600100200", "+48600100200"]})
    told = keys_of(people, "PL").rows[["email", "phone"]]
    assert told.to_numpy().tolist() == [["ola@x.pl", None], [None, None], [None, "+48600100200"]]
    assert keys_of(people, "PL", ids="phone").rows["phone"].tolist() == [
        None, "+48600100200", "+48600100200",
    ]  # fmt: skip


def scores(**columns: object) -> pd.DataFrame:
    ids = list("abcdefg")
    return pd.DataFrame({"customer_id": ids, "p_return": 0.25, **columns})


def test_bands_of_value_are_thirds_in_which_equal_values_are_equal() -> None:
    worth = [-3.0, 0.0, 5.0, 5.0, 5.0, 90.0, None]
    bands, cuts = value_bands(scores(lifetime_value=worth, expected_net_spend=1.0))
    assert bands.tolist()[:6] == ["low", "low", "high", "high", "high", "high"]
    assert bands.isna().tolist() == [False] * 6 + [True]
    assert cuts is not None
    assert (cuts.basis, cuts.low_below, cuts.high_from) == ("lifetime_value", 5.0, 5.0)
    spread, cuts = value_bands(scores(lifetime_value=None, expected_net_spend=range(1, 8)))
    assert spread.tolist() == ["low", "low", "medium", "medium", "high", "high", "high"]
    assert cuts is not None
    assert (cuts.basis, cuts.low_below, cuts.high_from) == ("expected_net_spend", 3.0, 5.0)
    nothing, none = value_bands(scores())
    assert (nothing.isna().all(), none) == (True, None)
    worthless, _ = value_bands(scores(lifetime_value=0.0))
    assert set(worthless) == {"low"}


def test_values_are_plain_and_rounded_to_what_is_written_of_them() -> None:
    table = scores(
        p_return=0.123456, lifetime_value=[10.0049, -0.001, *[3.0] * 5], segment="at_risk",
        expected_orders=0.28765, last_order_on=pd.Timestamp("2024-01-28"), orders_total=4.0,
    )  # fmt: skip
    nobody = pd.DataFrame({"customer_id": [], "arm": []})
    rows = values_of(table, Leaving(nobody, nobody, (), "PLN", {}), table, "pl")
    first = rows.iloc[0].to_dict()
    told = {
        "customer_id": "a", "churn_probability": 0.8765, "lifetime_value": 10.0,
        "expected_orders": 0.288, "last_order_date": date(2024, 1, 28), "orders_count": 4,
        "segment_advice": "Zapytaj, co ich zniechęciło, i przypomnij, co lubili", "offer": None,
        "expected_spend": None, "currency": "PLN", "value_band": "high",
    }  # fmt: skip
    assert {name: first[name] for name in told} == told
    assert [type(first[name]) for name in ("orders_count", "last_order_date")] == [int, date]
    assert str(rows["lifetime_value"].iloc[1]) == "0.0"
    assert set(rows) == {"customer_id", *FIELDS}


SHOWN = (
    "WHITE HANGING HEART T-LIGHT HOLDER", "Kubek z kotem 300 ml", "Rower Trek 820", "Kurtka zimowa",
    "Sukienka w kwiaty", "Kabel USB-C 2 m", "Ziemia do storczyków", "Buty trekkingowe 42",
    "Electric kettle", "Komplet pościeli 160x200", "Kawa ziarnista 1 kg", "Słuchawki bezprzewodowe",
)  # fmt: skip
NOT_SHOWN = (
    "P0327", "85123A", "SKU-12-XL", "ABC", "RED", "", "x" * 90, "jan@x.pl", "Ibuprofen tabletki",
    "Test ciążowy", "Pregnancy pillow", "Ciśnieniomierz naramienny", "Glukometr Accu",
    "Biblia dla dzieci", "Różaniec drewniany", "Gold crucifix necklace", "Hidżab jedwabny",
    "Wibrator różowy", "Sexy lingerie set", "Prezerwatywy 12 szt.",
    "Pieluchomajtki dla dorosłych", "Laktator elektryczny", "Ubranka dla niemowlaka",
    "Diabetic socks", "Suplement na stres", "Książka: jak wyjść z depresji", "Flaga LGBT",
    "Rainbow pride mug", "Wódka Żubrówka", "Vape liquid", "Znicz nagrobny", "Poradnik oddłużania",
    "HIV self kit", "Żydowska kuchnia", "POSTAGE", "Przesyłka kurierska InPost",
    "Karta podarunkowa 100 zł", "Bank Charges",
)  # fmt: skip


@pytest.mark.parametrize("name", [*SHOWN, *NOT_SHOWN])
def test_no_product_that_hints_at_something_private_gets_into_a_message(name: str) -> None:
    assert may_be_shown(name) == (name in SHOWN)


def test_the_product_of_a_message_is_of_the_last_order_and_was_kept(tmp_path: Path) -> None:
    lines = [
        ("a", "2024-01-01", "Kubek z kotem", 90, "order", 1),
        ("a", "2024-03-01", "Talerz z psem", 20, "order", 2),
        ("a", "2024-03-01", "Test ciążowy", 500, "order", 2),
        ("a", "2024-03-01", "Kurtka zimowa", 400, "order", 2),
        ("a", "2024-03-05", "Kurtka zimowa", -400, "refund", 2),
        ("a", "2024-05-01", "Buty trekkingowe", 900, "order", 3),
        ("b", "2024-03-01", "POSTAGE", 20, "order", 4),
        ("c", "2024-03-01", "Kurtka zimowa", 20, "order", 5),
    ]
    names = ["customer_id", "ordered_at", "product_id", "amount", "kind", "order_id"]
    orders = pd.DataFrame(lines, columns=names).astype({"ordered_at": "datetime64[ms]"})
    orders.assign(known_at=orders["ordered_at"]).to_parquet(tmp_path / "orders.parquet")
    found = last_products(tmp_path / "orders.parquet", ["a", "b", "nobody"], date(2024, 5, 1))
    assert found == {"a": "Talerz z psem"}
    assert last_products(tmp_path / "none.parquet", ["a"], date(2024, 5, 1)) == {}


def test_what_may_be_shown_is_neither_a_score_nor_a_reason() -> None:
    shown = {name for name, each in FIELDS.items() if each.may_be_shown}
    assert shown == {
        "offer_label", "valid_until", "message_offer", "message_until", "message_last_order",
        "message_product", "next_product_1", "next_product_2", "next_product_3",
        "message_next_product",
    }  # fmt: skip
    assert not any(FIELDS[name].of_campaign for name in EVERYBODY)
