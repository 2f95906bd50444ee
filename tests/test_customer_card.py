"""The card of a customer: drawn from the facts that `winback explain` says, small and private."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from winback.report.customer import render_customer
from winback.results.base import fact
from winback.results.customer import (
    CustomerCard,
    Happened,
    Marked,
    NextProduct,
    OnList,
    Rhythm,
    Scored,
    SignalSeen,
    Weighed,
)
from winback.said.explained import explained
from winback.said.words import NBSP, Language, Words

CUTOFF = date(2025, 6, 1)
DAYS = (date(2025, 1, 1), date(2025, 1, 31), date(2025, 3, 2))
LABEL = {"en": "Ten percent off", "pl": "10% rabatu"}


def card(**more: object) -> CustomerCard:
    """A customer of three purchases, one of them sent back, with an open ticket and two lists."""
    bought = tuple(Happened(day, f"o{n}", "order", 100.0 + n) for n, day in enumerate(DAYS))
    made = CustomerCard(
        customer_id="anna@nigdzie.example",
        cutoff=CUTOFF,
        currency="PLN",
        shop="Sklep",
        own={},
        history=(*bought, Happened(date(2025, 3, 9), "o2", "refund", -102.0)),
        rhythm=Rhythm(3, 30.0, 30, 91, 0, None, "high"),
        scored=Scored(
            horizon_days=90, p_return=0.31, chances=((30, 0.12), (90, 0.31)),
            expected_orders=0.4, spend=(41.0, 0.0, 130.0), lifetime=(160.0, 0.0, 400.0),
            lifetime_days=365, segment="at_risk", band="high", rfm="233", orders=3, spent=201.0,
            reasons={"en": ("last order 91 days ago",), "pl": ("ostatnie zamówienie 91 dni temu",)},
        ),
        told=(),
        signals=(
            SignalSeen("ticket_opened", None, True, 2, 1, 1, date(2025, 5, 20), None),
            SignalSeen("email_opened", None, False, 9, 4, None, date(2025, 5, 30), None),
        ),
        marks=(Marked(date(2025, 5, 20), "ticket_opened", True),),
        lists=(
            OnList("may", date(2025, 5, 1), "ten", LABEL, "control", date(2025, 7, 29),
                   False, 0, 0.0),
            OnList("feb", date(2025, 2, 1), "ten", LABEL, "ten", date(2025, 3, 2),
                   True, 1, 102.0),
        ),
        planned_here=True,
        planned=(),
        decision="complaint",
        in_peace_until=None,
        weighed=(Weighed("ten", LABEL, "orders_total >= 5", 50.0, False, ("orders_total >= 5",)),),
        next=(NextProduct(None, fact("message.once", last=91), None),),
        leads=None,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def text_of(page: str) -> str:
    body = re.sub(r"<(style|svg).*?</\1>", " ", page[page.index("<body") :], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body).replace(NBSP, " "))


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", ["a***@n***.example", "3 times for", "91 days ago",
                "First settle what is open: ticket opened", "No offer: has an open complaint",
                "3 times the usual one, and was never as long before",
                "ticket opened: 1 not closed, the last on 20 May 2025",
                "control: got nothing", "nothing so far; counts until 2025-07-29",
                "got the offer", "bought for PLN 102.00 by 2025-03-02",
                "not met: at least 5 orders",
                "a product that is not named here", "last order 91 days ago"]),
        ("pl", ["a***@n***.example", "3 zakupy na", "91 dni temu",
                "Najpierw załatw to, co otwarte", "Bez oferty: otwarta reklamacja",
                "3 razy tyle co zwykle i nigdy dotąd nie była tak długa",
                "grupa kontrolna: bez oferty", "na razie bez zakupu; liczy się do 29.07.2025",
                "zakup za 102,00 zł do 02.03.2025", "produkt, którego tu nie nazywamy",
                "Ostatnie zamówienie 91 dni temu"]),
    ],
)  # fmt: skip
def test_the_card_tells_all_that_is_known_and_no_address(
    language: Language, wanted: list[str]
) -> None:
    page = render_customer(card(), language=language)
    told = text_of(page)
    assert [each for each in wanted if each.lower() not in told.lower()] == []
    assert "anna@" not in page and "<script" not in page and "http" not in told
    # What went wrong stands before whatever else happened.
    assert told.index("ticket opened") < told.index("email opened")


@pytest.mark.parametrize("language", ["en", "pl"])
def test_a_customer_of_every_size_has_a_small_card(language: Language) -> None:
    first = date(2015, 1, 1)
    days = [first + timedelta(days=n * 3700 // 3000) for n in range(3000)]
    many = tuple(Happened(day, f"o{n}", "order", 10.0 + n % 7) for n, day in enumerate(days))
    marks = tuple(Marked(day, "visit", n % 9 == 0) for n, day in enumerate(days))
    lists = card().lists * 40
    page = render_customer(card(history=many, marks=marks, lists=lists), language=language)
    assert len(page.encode()) < 300_000
    told = text_of(page)
    assert re.search(r"\b20 (of|z) 3.000\b", told) and re.search(r"\b26 (of|z) 80\b", told)
    once = replace(card().rhythm, days_bought=1, usual_days=None, longest_days=None)
    unproven = replace(card().scored, p_return=None, chances=(), spend=None, lifetime=None)
    page = render_customer(
        card(history=many[:1], rhythm=once, scored=unproven, signals=(), marks=(), lists=(),
             weighed=(), next=(), decision=None),
        language=language,
    )  # fmt: skip
    told = text_of(page)
    wanted = {
        "en": ("Bought once", "no chance of return yet", "shows no rhythm yet",
               "No list that left had this customer", "Nothing has been planned"),
        "pl": ("Jeden zakup", "szansy powrotu jeszcze nie ma", "za mało, żeby mówić o rytmie",
               "nie było na żadnej wysłanej liście", "Nic jeszcze nie zaplanowano"),
    }  # fmt: skip
    assert [each for each in wanted[language] if each not in told] == []


def test_one_pause_is_no_rhythm() -> None:
    two = replace(card().rhythm, days_bought=2, usual_days=1.0, silent_days=545)
    told = text_of(render_customer(card(rhythm=two), language="en"))
    assert "shows no rhythm yet" in told and "545 times" not in told
    assert "usually between purchases" not in told


def test_the_terminal_says_the_same_facts() -> None:
    lines = "\n".join(explained(card(), Words("en", "PLN"))).replace(NBSP, " ")
    page = text_of(render_customer(card(), language="en"))
    for said in ("At risk", "last order 91 days ago", "has an open complaint",
                 "a product that is not named here"):  # fmt: skip
        assert said.lower() in lines.lower() and said.lower() in page.lower()
    assert "31.0% likely to buy within 90 days" in lines and "31%" in page


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_on_the_card_is_out_of_reach(
    chromium: str, tmp_path, scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in ("en", "pl"):
            file = tmp_path / f"{language}.html"
            file.write_text(render_customer(card(), language=language), encoding="utf-8")
            page = browser.new_page(
                viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
            )
            page.goto(file.as_uri())
            for folded in page.query_selector_all("summary"):
                folded.click()
            assert Axe().run(page).response["violations"] == []
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width
        browser.close()
