"""Carts that were left, and what the message to a listed customer leads with."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import winback as wb
from winback.crm.carts import Tables, carts_left
from winback.crm.checked import fields_of, headers_of
from winback.crm.destinations import DESTINATIONS
from winback.crm.fields import FIELDS
from winback.crm.leading import Item, Lead, lead
from winback.crm.suggested import Suggested
from winback.params import ExportSettings, Params, ProductSettings, check_params
from winback.project import FOLDER, Project
from winback.questions.explaining import explain_customer
from winback.report.material import Material
from winback.report.sections.message import message_section
from winback.results.described import Described
from winback.results.listed import Leads, Listed
from winback.results.offered import Offer
from winback.results.recommended import Recommended
from winback.said.message import in_words
from winback.said.words import NBSP, Language, Words
from winback.shop.history import describe_shop
from winback.stages.ingest import ingest
from winback.stages.products import products
from winback.stages.suggesting import suggestions
from winback.tables.recommended import PRODUCT_TABLE

ADS = ("google_ads", "meta_ads")
CUTOFF = date(2024, 3, 1)


def carried(folder: Path, source: Any) -> list[tuple[str, str]]:
    """Customers and products of the signals that name any, in order."""
    wb.read_signals(source, folder / "read", cutoff=CUTOFF)
    rows = pq.read_table(folder / "read/signal_items.parquet").to_pylist()
    return [(row["customer_id"], row["item"]) for row in rows]


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("P1|P2|P1", ["P1", "P2"]),
        ("P1; P2 ;", ["P1", "P2"]),
        ("P1,P2", ["P1", "P2"]),
        ("Mug, blue", ["Mug, blue"]),
        ("2x Mug, blue|Green tea", ["Mug, blue", "Green tea"]),
        ('["P1", 7, null, 7.0]', ["P1", "7"]),
        ('[{"sku": "P1", "quantity": 2}, {"Product_ID": 9}, {"colour": "red"}]', ["P1", "9"]),
        ('{"items": [{"id": "P1"}]}', ["P1"]),
        ("[not json", ["[not json"]),
        ("P1|ada@shop.pl", ["P1"]),
        ("n/a", []),
    ],
)
def test_a_cart_names_its_products_in_any_of_the_usual_forms(
    tmp_path: Path, cell: str, items: list[str]
) -> None:
    frame = pd.DataFrame(
        {"customer_id": ["A"], "happened_at": ["2024-02-01 10:00"], "name": ["cart_abandoned"],
         "value": [12.5], "cart_items": [cell]}
    )  # fmt: skip
    assert carried(tmp_path, frame) == [("A", item) for item in items]


def test_carts_come_as_lists_as_a_line_each_and_as_the_value_of_a_cart(tmp_path: Path) -> None:
    lists = pa.table({
        "customer_id": ["A", "B"], "happened_at": ["2024-02-01", "2024-02-02"],
        "name": ["cart", "cart"], "items": [["P1", "P2"], ["P3"]],
    })  # fmt: skip
    assert carried(tmp_path, lists) == [("A", "P1"), ("A", "P2"), ("B", "P3")]
    objects = lists.set_column(
        3, "items", pa.array([[{"sku": "P1", "n": 1}, {"sku": "P2", "n": 3}], []])
    )
    assert carried(tmp_path, objects) == [("A", "P1"), ("A", "P2")]
    (tmp_path / "lines.csv").write_text(
        "customer_id,happened_at,event,product\n"
        "A,2024-02-01 10:00,cart_abandoned,P1\nA,2024-02-01 10:00,cart_abandoned,P2\n"
    )
    assert carried(tmp_path, tmp_path / "lines.csv") == [("A", "P1"), ("A", "P2")]
    (tmp_path / "values.csv").write_text(
        "customer_id,happened_at,event,value\nA,2024-02-01,Koszyk porzucony,P-1|P-2\n"
        "A,2024-02-02,rating,good\nB,2024-02-03,cart_abandoned,120.50\nC,2024-03-02,cart,P-9|P-8\n"
    )
    assert carried(tmp_path, tmp_path / "values.csv") == [("A", "P-1"), ("A", "P-2")]
    kept = pq.read_table(tmp_path / "read/signals.parquet").to_pylist()
    assert [(row["name"], row["value"]) for row in kept] == [
        ("koszyk_porzucony", None), ("cart_abandoned", 120.5)
    ]  # fmt: skip


def item(product: str, kind: str = "again", n: int = 2, every: int | None = None,
         last: int | None = 30, **more: Any) -> Item:  # fmt: skip
    due = None if every is None or last is None else every - last
    return Item(product, None, None, kind, n, every, last, due, product, **more)  # type: ignore[arg-type]


TEA = item("Tea", n=7, every=31, last=40)
OIL = item("Oil", n=5, every=30, last=20)
JAM = item("Jam", n=4, every=10, last=90)
MUG, CUP = item("Mug", "new", 0, last=None), item("Cup", "new", 0, last=None)
CART = item("Pot", "cart", 0, last=3)


def offer(kind: str, **more: Any) -> Offer:
    return Offer.model_validate({
        "name": "o", "kind": kind, "margin_share": 0.4, "valid_days": 14,
        "label": {"en": "o", "pl": "o"}, **more,
    })  # fmt: skip


DISCOUNTS = [
    offer("percent_off", discount_share=0.1), offer("amount_off", discount_amount=5),
    offer("free_delivery", discount_amount=3), offer("points", discount_share=0.05),
]  # fmt: skip
REMINDERS = [None, offer("content"), offer("early_access"), offer("referral")]


def led(*items: Item, cart: tuple[Item, ...] = (), by: Offer | None = None) -> list[str]:
    return [each.product_id for each in lead(items, cart, by).items]


@pytest.mark.parametrize("by", DISCOUNTS, ids=lambda each: each.kind)
def test_a_discount_never_goes_to_what_is_likely_to_be_bought_again(by: Offer) -> None:
    assert led(TEA, OIL, JAM, MUG, CUP, by=by) == ["Mug", "Cup", "Jam"]
    assert led(TEA, OIL, JAM, by=by) == ["Jam"]
    # The likeliest does not become another one where its rhythm broke, nor beside a cart.
    assert led(JAM, OIL, by=by) == []
    assert led(TEA, JAM, cart=(TEA,), by=by) == ["Tea", "Jam"]
    assert led(TEA, OIL, MUG, cart=(CART,), by=by) == ["Pot", "Mug"]
    assert said(lead([TEA, OIL], (), by)) == (
        "no product for a discount: whatever is next is bought anyway",
        "brak produktu do rabatu: to, co może kupić teraz, kupi i bez niego",
    )
    assert said(lead([TEA, MUG], (), by)) == (
        "new to this customer, popular in the shop; what this customer buys anyway gets no "
        "discount",
        "jeszcze niekupione, popularne w sklepie; na to, co klient i tak kupi, nie dajemy rabatu",
    )
    assert "discount" not in said(lead([MUG], (), by))[0]


@pytest.mark.parametrize("by", REMINDERS, ids=lambda each: each and each.kind)
def test_a_reminder_leads_with_what_is_likeliest_to_be_bought_again(by: Offer | None) -> None:
    assert led(MUG, TEA, OIL, JAM, by=by) == ["Tea", "Oil", "Jam"]
    assert led(TEA, OIL, MUG, cart=(CART,), by=by) == ["Pot", "Tea", "Oil"]
    assert led(MUG, CUP, by=by) == ["Mug", "Cup"]
    assert lead((), (), by).why is None


def said(found: Lead) -> tuple[str, str]:
    assert found.why is not None
    return in_words(found.why, Words("en")), in_words(found.why, Words("pl"))


@pytest.mark.parametrize(
    ("shown", "en", "pl"),
    [
        (TEA, "bought 7 times, every 31 days, last 40 days ago; remind now, 9 days past the usual "
         "time", "kupowane 7 razy, co 31 dni, ostatnio 40 dni temu; przypomnij teraz, 9 dni po "
         "zwykłym terminie"),
        (OIL, "bought 5 times, every 30 days, last 20 days ago; remind in 10 days",
         "kupowane 5 razy, co 30 dni, ostatnio 20 dni temu; przypomnij za 10 dni"),
        (item("a", n=22, every=2, last=1), "bought 22 times, every 2 days, last 1 day ago; remind "
         "in 1 day", "kupowane 22 razy, co 2 dni, ostatnio 1 dzień temu; przypomnij za 1 dzień"),
        (item("a", n=3, every=31, last=31), "bought 3 times, every 31 days, last 31 days ago; "
         "remind now", "kupowane 3 razy, co 31 dni, ostatnio 31 dni temu; przypomnij teraz"),
        (JAM, "bought 4 times, every 10 days, last 90 days ago; long past its usual rhythm",
         "kupowane 4 razy, co 10 dni, ostatnio 90 dni temu; rytm zakupów się urwał"),
        (item("a", n=9, every=1, last=2), "bought 9 times, nearly every day, last 2 days ago; "
         "remind now, 1 day past the usual time", "kupowane 9 razy, niemal codziennie, ostatnio "
         "2 dni temu; przypomnij teraz, 1 dzień po zwykłym terminie"),
        (item("a", n=2, last=5), "bought 2 times, last 5 days ago",
         "kupowane 2 razy, ostatnio 5 dni temu"),
        (item("a", n=1, last=1), "bought once, 1 day ago", "kupione raz, 1 dzień temu"),
        (CART, "left in the cart 3 days ago", "zostawione w koszyku 3 dni temu"),
        (Item("a", None, "Teas", "new"), "new to this customer, popular in Teas, a category bought "
         "before", "jeszcze niekupione, popularne w kategorii „Teas”, z której klient kupuje"),
    ],
)  # fmt: skip
def test_reasons_read_as_people_say_them(shown: Item, en: str, pl: str) -> None:
    assert said(lead([shown] if shown.kind != "cart" else [], [CART] * (shown is CART))) == (en, pl)


ORDERS = """customer_id,order_id,ordered_at,product,quantity,amount
A,1,2024-01-05 09:00,Green tea,1,10.00
B,2,2024-02-26 12:00,Blue mug,1,20.00
C,3,2024-02-25 12:00,Blue mug,1,20.00
D,4,2024-01-05 12:00,Prenatal vitamins,1,30.00
E,5,2024-01-05 12:00,Old pot,1,30.00
F,6,2024-02-25 08:00,Green tea,1,10.00
G,7,2024-01-05 12:00,Delivery,1,5.00
H,8,2024-01-05 12:00,Honey,1,8.00
"""
CARTS = """customer_id,happened_at,known_at,name,items
A,2024-02-20 10:00,,cart_abandoned,Blue mug
A,2024-02-27 10:00,,cart_abandoned,green tea|Nobody knows this|HONEY
B,2024-02-26 11:00,,cart_abandoned,Green tea
C,2024-02-25 13:00,,cart_abandoned,Green tea
D,2024-02-28 10:00,,cart_abandoned,Prenatal vitamins
E,2024-02-28 10:00,,cart_abandoned,Old pot
F,2024-02-25 10:00,,cart_abandoned,Green tea|Blue mug
G,2024-02-28 10:00,,cart_abandoned,Delivery|Honey
H,2024-02-10 10:00,,cart_abandoned,Green tea
Z,2024-02-28 10:00,,cart_abandoned,Green tea
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("carts")
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "carts.csv").write_text(CARTS)
    orders = wb.read_orders(folder / "orders.csv", folder, cutoff=CUTOFF).orders_path
    wb.read_signals(folder / "carts.csv", folder, cutoff=CUTOFF)
    shelf = pd.DataFrame({
        "product_id": ["Green tea", "Honey", "Old pot"], "name": ["Green tea", None, None],
        "category": ["Teas", None, None], "in_stock": [True, None, False], "tags": None,
    })  # fmt: skip
    table = pa.Table.from_pandas(shelf, schema=PRODUCT_TABLE.schema, preserve_index=False)
    pq.write_table(table, folder / "product_table.parquet")
    return Tables(orders, folder / "signal_items.parquet", folder / "product_table.parquet")


def left(tables: Tables, customers: str = "ABCDEFGH", **more: Any) -> dict[str, list[str]]:
    found = carts_left(tables, list(customers), CUTOFF, ProductSettings(**more))
    return {customer: [each.product_id for each in items] for customer, items in found.items()}


def test_a_cart_leads_while_it_is_fresh_and_nothing_was_bought_since(tables: Tables) -> None:
    assert left(tables) == {
        "A": ["Green tea", "Honey"],  # the last cart, without what nobody knows
        "C": ["Green tea"],  # bought an hour before it was left
        "F": ["Blue mug"],  # bought the tea that morning
        "G": ["Honey"],  # a delivery is no product
    }  # B bought afterwards; D's hints at a pregnancy, E's is sold out, H's is too old
    assert left(tables, cart_days=30)["H"] == ["Green tea"]
    assert left(tables, cart_signals=("wishlist",)) == {}
    assert left(tables, "D", allowed=("vitamin", "prenatal")) == {"D": ["Prenatal vitamins"]}
    assert left(tables, "Z") == {"Z": ["Green tea"]}
    assert left(tables, "B") == {} == left(tables, "")
    (cart,) = carts_left(tables, ["C"], CUTOFF, ProductSettings())["C"]
    assert (cart.kind, cart.last_days, cart.category, cart.shown) == (
        "cart",
        5,
        "Teas",
        "Green tea",
    )


def test_of_orders_without_a_time_those_of_the_day_came_after_the_cart(
    tables: Tables, tmp_path: Path
) -> None:
    days = pd.read_csv(StringIO(ORDERS)).assign(ordered_at=lambda o: o["ordered_at"].str[:10])
    orders = wb.read_orders(days, tmp_path, cutoff=CUTOFF).orders_path
    assert left(replace(tables, orders=orders)) == {"A": ["Green tea", "Honey"], "G": ["Honey"]}


def test_names_that_are_codes_or_hint_are_not_for_the_customer() -> None:
    ranked = [item("SKU-1", n=9), item("Tea")]
    found = lead([replace(ranked[0], shown=None), ranked[1]])
    assert [each.called for each in found.items] == ["SKU-1", "Tea"]
    assert found.shown == "Tea"


@pytest.mark.parametrize("name", [n for n in DESTINATIONS if n not in ("edrone", *ADS)])
def test_next_products_leave_to_every_destination_with_room(name: str) -> None:
    target = DESTINATIONS[name]
    wanted = {f"next_product_{k}" for k in (1, 2, 3)} | {"next_product_reason"}
    missing = wanted - set(target.fields)
    assert missing == ({"next_product_reason"} if name == "mailchimp" else set())
    headers = headers_of(target, fields_of(target, ExportSettings()), "wb_")
    assert len(set(headers)) == len(target.fields)


def test_next_products_are_of_the_campaign_and_for_no_ads() -> None:
    assert all(FIELDS[f"next_product_{k}"].of_campaign for k in (1, 2, 3))
    assert not FIELDS["next_product_reason"].may_be_shown
    assert not any("next_product" in field for name in ADS for field in DESTINATIONS[name].fields)


DAYS = [date(2024, 3, 1) - timedelta(days=31 * n + 9) for n in range(7)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run leaves of two customers up to the list: ada's Tea seven times, and a cart."""
    out = tmp_path_factory.mktemp("run")
    rows = [f"ada,t{n},{day},Tea,1,10.00" for n, day in enumerate(DAYS)]
    rows += ["bob,b1,2024-01-20,Mug,1,20.00", "bob,b2,2024-01-25,Honey,1,9.00",
             "cleo,c1,2024-02-01,Mug,1,20.00", "dan,d1,2024-02-02,Honey,1,9.00"]  # fmt: skip
    head = "customer_id,order_id,ordered_at,product,quantity,amount\n"
    (out / "shop.csv").write_text(head + "\n".join(rows) + "\n")
    (out / "carts.csv").write_text(
        "customer_id,happened_at,name,items\nbob,2024-02-27 10:00,cart_abandoned,Tea\n"
    )
    raw = {"ingest": {"signals": str(out / "carts.csv"), "cutoff": "2024-03-01"}}
    project = Project(
        check_params(raw, "test"), root=out, layout=FOLDER, source=str(out / "shop.csv")
    )
    ingest(project)
    products(project)
    numbers = (
        "expected_orders", "expected_net_spend", "expected_net_spend_low",
        "expected_net_spend_high", "lifetime_value", "lifetime_value_low", "lifetime_value_high",
    )  # fmt: skip
    reasons = {f"reason_{k}{end}": None for k in (1, 2, 3) for end in ("", "_pl")}
    scores = pd.DataFrame({
        "customer_id": ["ada", "bob", "cleo"], "cutoff": CUTOFF, "horizon_days": 30,
        "p_return": 0.4, **dict.fromkeys(numbers, 1.0), "segment": "new", "risk_band": "low",
        "rfm_score": "511", **reasons,
    })  # fmt: skip
    pq.write_table(pa.Table.from_pandas(scores), project.path("scores"))
    plan = {"campaign_id": "may", "customer_id": ["ada", "bob", "cleo"], "planned_offer": "o",
            "arm": ["o", "o", "control"]}  # fmt: skip
    pq.write_table(pa.table(pd.DataFrame(plan)), project.path("plan"))
    return out


def explained(folder: Path, customer: str, by: Offer, language: Language) -> list[str]:
    (folder / FOLDER["manifest"]).write_text(
        json.dumps({"campaign_id": "may", "offers": [by.model_dump(mode="json")]})
    )
    said = explain_customer(customer, folder, language).replace(NBSP, " ")
    return said.split("\n")


def test_explain_says_what_is_next_and_why_the_message_leads_with_another(folder: Path) -> None:
    said = explained(folder, "ada", DISCOUNTS[0], "en")
    again = "  Tea: bought 7 times, every 31 days, last 9 days ago; remind in 22 days"
    assert said[said.index("Likely to be bought next") + 1] == again
    assert said[-2:] == [
        "For the message",
        "  Honey, Mug. Why the first: new to this customer, popular in the shop; what this "
        "customer buys anyway gets no discount",
    ]
    said = explained(folder, "ada", offer("content"), "pl")
    again = "kupowane 7 razy, co 31 dni, ostatnio 9 dni temu; przypomnij za 22 dni"
    assert said[-2:] == ["Do wiadomości", f"  Tea, Honey, Mug. Dlaczego pierwszy: {again}"]
    said = explained(folder, "bob", DISCOUNTS[0], "pl")
    assert said[-1] == "  Tea, Mug. Dlaczego pierwszy: zostawione w koszyku 3 dni temu"
    said = explained(folder, "cleo", DISCOUNTS[0], "en")
    assert "For the message" not in said and "  Mug: bought once, 29 days ago" in said


def test_products_as_of_an_earlier_day_are_those_that_were_known_then(folder: Path) -> None:
    project = Project(Params(), root=folder, layout=FOLDER)
    now = suggestions(project, ["ada", "bob"], CUTOFF)
    assert [one.product_id for one in now["bob"].cart] == ["Tea"]
    # Made again as of the same day they are the same; as of an earlier one nothing is known after.
    told = project.result("products", Recommended)
    earlier = told.model_copy(update={"cutoff": date(2024, 2, 1)})
    copy = folder / FOLDER["products"]
    content = copy.read_text()
    try:
        copy.write_text(earlier.to_json())
        assert suggestions(project, ["ada", "bob"], CUTOFF) == now
    finally:
        copy.write_text(content)
    then = suggestions(project, ["ada", "bob", "cleo"], date(2024, 1, 25))
    (tea, *_) = then["ada"].ranked
    assert (tea.product_id, tea.n_bought, tea.last_days) == ("Tea", 6, 4)
    assert [one.product_id for one in then["bob"].ranked if one.kind == "again"] == ["Mug"]
    assert not then["bob"].cart
    assert all(one.kind == "new" for one in then.get("cleo", Suggested()).ranked)


@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_page_shows_what_to_put_in_the_message(folder: Path, language: Language) -> None:
    shop = describe_shop(folder / FOLDER["orders"], CUTOFF)
    rows = pd.DataFrame({
        "customer_id": ["ada@shop.pl", "bob", "eve"], "offer": "o", "offer_label": "Ten off",
        "next_product_1": ["<Tea>", "Mug", "Mug"], "next_product_2": [None, "Honey", None],
        "next_product_3": None,
        "next_product_reason": ["bought 7 times, every 31 days, last 9 days ago",
                                "left in the cart 3 days ago", "left in the cart 9 days ago"],
    })  # fmt: skip
    manifest = Listed.model_construct(leads=Leads(cart=2, again=1, new=0, nothing=1))
    material = Material(
        described=Described(shop=shop), list_rows=rows, manifest=manifest, language=language
    )
    section = message_section(material)
    (table,) = [part for kind, part in section.parts if kind == "table"]
    # One customer a story, no address, the sign of a tag left to the template.
    assert [row[0] for row in table.rows] == ["a***@s***.pl", "bob"]
    assert table.rows[1][2:] == ["Mug, Honey", "left in the cart 3 days ago"]
    first = section.parts[0][1]
    assert ("3 of 4 customers" if language == "en" else "3 z 4 klientów") in first[0].replace(
        NBSP, " "
    )
    whole = Listed.model_construct(leads=Leads(cart=2, again=0, new=0, nothing=0))
    said = message_section(replace(material, manifest=whole)).parts[0][1][0].replace(NBSP, " ")
    assert said.startswith(
        "For all 2 customers" if language == "en" else "Dla wszystkich z listy (2 k"
    )
    nothing = replace(material, manifest=Listed.model_construct(leads=None))
    assert message_section(nothing).parts == []
