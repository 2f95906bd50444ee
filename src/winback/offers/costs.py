"""What a contact costs: the shop's own price, else what the channel usually costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from winback.results.offered import Offer


@dataclass(frozen=True)
class UsualPrice:
    """Ends of what one contact usually costs, in money of ``currency``, and who says so."""

    low: float
    high: float
    source: str


# By channel and currency; an empty currency holds for all. Read in public price lists, without
# tax; where a channel or a currency is missing, nobody's list was found and nothing is assumed.
USUAL_PRICES: dict[tuple[str, str], UsualPrice] = {
    ("email", "PLN"): UsualPrice(
        0.005,
        0.05,
        "docs.mailist.pl/guides/ustawienia/billing: 149 PLN a month for 5,000 contacts; "
        "support.getresponse.com/pl: 49 PLN for 1,000; one to six mailings a month",
    ),
    ("email", "EUR"): UsualPrice(
        0.0005,
        0.01,
        "help.brevo.com: 60,000 e-mails for 30 EUR a month; emailr.dev: up to 0.01 a recipient",
    ),
    ("email", "USD"): UsualPrice(
        0.001,
        0.02,
        "Mailgun: 1 USD for 1,000; blog.novaexpress.ai: 39 to 110 USD a month for 5,000 contacts",
    ),
    ("sms", "PLN"): UsualPrice(
        0.08, 0.16, "cms.serwersms.pl/en/pricing/pre-paid-pricing: 0.08 to 0.16 PLN"
    ),
    ("sms", "EUR"): UsualPrice(0.08, 0.08, "developer.kpn.com/products/kpn-sms-api: 0.08 EUR"),
    ("sms", "GBP"): UsualPrice(0.075, 0.075, "support.collums.co: 7.5 pence a segment"),
    ("sms", "USD"): UsualPrice(
        0.011, 0.05, "Twilio: 0.0083 USD and the carrier's 0.003; textla.com: 0.025 to 0.05 USD"
    ),
    ("post", "PLN"): UsualPrice(
        3.9, 6.0, "bankier.pl, rmf24.pl: a stamp 3.90 PLN since October 2022; with the print"
    ),
    ("post", "EUR"): UsualPrice(
        0.32, 1.1, "stoeckl-gmbh.de: Dialogpost 0.32 EUR; campai.com: a printed letter 1.10 EUR"
    ),
    ("post", "USD"): UsualPrice(
        0.3, 1.25, "directmail.io/direct-mail-cost: 0.30 to 1.25 USD a piece, all in"
    ),
    ("phone", "EUR"): UsualPrice(
        2.5, 6.7, "callcenterprojekte.com: 25 to 40 EUR an hour; six to ten people reached in it"
    ),
    ("phone", "USD"): UsualPrice(
        2.2, 5.8, "thebalance.com: 22 to 35 USD an hour; six to ten people reached in it"
    ),
    ("push", ""): UsualPrice(0.0, 0.0, "factualminds.com: Amazon SNS, 0.50 USD for a million"),
}

_CHANNELS = {
    "email": "email", "e-mail": "email", "newsletter": "email", "mailing": "email",
    "sms": "sms", "text": "sms", "text_message": "sms",
    "post": "post", "letter": "post", "postcard": "post", "direct_mail": "post", "list": "post",
    "poczta": "post", "pocztówka": "post", "ulotka": "post",
    "phone": "phone", "call": "phone", "telephone": "phone", "telefon": "phone",
    "call_center": "phone", "call_centre": "phone",
    "push": "push", "app": "push", "in_app": "push", "web_push": "push", "aplikacja": "push",
}  # fmt: skip


def usual_contact(offer: Offer, currency: str) -> UsualPrice | None:
    """What a contact of this offer's channel usually costs; None where nobody's list was found."""
    named = offer.channel.strip().lower().replace(" ", "_")
    # A call is made by phone whatever channel stands beside it.
    channel = "phone" if offer.kind == "call" else _CHANNELS.get(named, named)
    for money in (currency.strip().upper(), ""):
        if found := USUAL_PRICES.get((channel, money)):
            return found
    return None


def reckoned_contact(offer: Offer, currency: str) -> tuple[float, bool]:
    """Price of one contact that money is reckoned with, and whether it is assumed.

    The offer's own ``contact_cost``, 0 too. Null: the geometric middle of what its channel
    usually costs, to two figures; without a known channel or currency nothing, which is
    assumed as well.
    """
    if offer.contact_cost is not None:
        return offer.contact_cost, False
    usual = usual_contact(offer, currency)
    if usual is None or not usual.low:
        return 0.0, True
    return float(f"{sqrt(usual.low * usual.high):.2g}"), True
