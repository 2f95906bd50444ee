"""Which offer, if any, each customer is worth, and who is held out as control.

One module a question: what can be offered (``catalogue``), to whom (``eligibility``), who may
be contacted at all (``contact``), what it is worth (``worth``), whom the limits reach
(``budget``), what lists of other sizes would bring (``profit``), what a list of that size
could show (``power``), what testing is worth (``trial``), and all of them in their order
(``plan``).
"""

from winback.offers.budget import Choice, Limit, choose_within_limits
from winback.offers.catalogue import (
    CONTROL,
    DEFAULT_CATALOGUE,
    Label,
    Offer,
    default_catalogue,
    measured_offer,
    read_offer,
)
from winback.offers.contact import ContactRules, hash_uniform, read_history, universal_holdout
from winback.offers.eligibility import Eligibility, parse_eligibility
from winback.offers.plan import REASONS, Channel, Plan, plan_campaign, seal_of
from winback.offers.power import power_verdict
from winback.offers.worth import OfferValues, expected_order_value, value_offers

__all__ = [
    "CONTROL",
    "DEFAULT_CATALOGUE",
    "REASONS",
    "Channel",
    "Choice",
    "ContactRules",
    "Eligibility",
    "Label",
    "Limit",
    "Offer",
    "OfferValues",
    "Plan",
    "choose_within_limits",
    "default_catalogue",
    "expected_order_value",
    "hash_uniform",
    "measured_offer",
    "parse_eligibility",
    "plan_campaign",
    "power_verdict",
    "read_history",
    "read_offer",
    "seal_of",
    "universal_holdout",
    "value_offers",
]
