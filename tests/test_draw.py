"""Who is held out of a list, what a contact costs, and how much a list of a size can show."""

import pytest

from test_offers import customers, offer
from winback.offers.catalogue import default_catalogue
from winback.offers.costs import USUAL_PRICES, reckoned_contact
from winback.offers.plan import plan_campaign
from winback.offers.worth import value_offers
from winback.said.offers import TEXTS
from winback.said.words import Words

# --- what a contact costs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "currency", "price", "assumed"),
    [
        ({"contact_cost": 0.3}, "PLN", 0.3, False),
        ({"contact_cost": 0}, "PLN", 0.0, False),
        ({"contact_cost": None}, "PLN", 0.016, True),
        ({"contact_cost": None, "channel": "SMS"}, "pln", 0.11, True),
        ({"contact_cost": None, "channel": "push"}, "", 0.0, True),
        ({"contact_cost": None}, "", 0.0, True),
        ({"contact_cost": None}, "XAF", 0.0, True),
        ({"contact_cost": None, "channel": "pigeon"}, "PLN", 0.0, True),
        ({"contact_cost": None, "kind": "call", "discount_share": None}, "EUR", 4.1, True),
    ],
)
def test_a_contact_costs_what_the_shop_says_or_what_its_channel_usually_does(
    changes, currency, price, assumed
) -> None:
    assert reckoned_contact(offer(**changes), currency) == (price, assumed)
    values = value_offers(customers(), [offer(**changes)], currency=currency)
    free = value_offers(customers(), [offer(**{**changes, "contact_cost": 0})])
    assert values.idle - free.idle == pytest.approx(price)


def test_every_usual_price_names_who_says_so() -> None:
    assert all(0 <= usual.low <= usual.high for usual in USUAL_PRICES.values())
    assert all(usual.source for usual in USUAL_PRICES.values())


def test_what_was_assumed_of_contacts_is_in_the_plan_and_said() -> None:
    assert [offer.contact_cost for offer in default_catalogue(60)] == [None] * 3
    mine, theirs, far = (
        offer(),
        offer(name="b", contact_cost=None),
        offer(name="c", contact_cost=None, channel="pigeon"),
    )
    plan = plan_campaign(customers(), [mine, theirs, far], campaign_id="may", currency="PLN")
    assumed = plan.summary.assumed
    assert assumed is not None
    assert assumed.contact_cost == (0.0, 1.0)
    found = {name: (of.price, of.low, of.high) for name, of in assumed.contacts.items()}
    assert found == {"b": (0.016, 0.005, 0.05), "c": (0.0, None, None)}
    told = {fact.code: fact for fact in plan.summary.warnings}
    assert told["offers.contact_assumed"].values["offers"] == ("b",)
    assert told["offers.contact_unknown"].values["offers"] == ("c",)
    said = Words("en", currency="PLN").fill(
        TEXTS["contact_assumed"], told["offers.contact_assumed"].values
    )
    assert "zł0.005 to zł0.050" in said.replace("\xa0", "") or "0.005" in said
    quiet = plan_campaign(customers(), [mine], campaign_id="may", currency="PLN", salt="s")
    assert not quiet.summary.warnings or all(
        "contact" not in fact.code for fact in quiet.summary.warnings
    )
