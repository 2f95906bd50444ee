"""Which offer, if any, each customer is worth, and who is held out as control.

One module a question: what can be offered (``catalogue``), to whom (``eligibility``), what
it is worth (``worth``), whom the budget reaches (``budget``), what a list of that size could
show (``power``), and all of them in their order (``plan``).
"""

from winback.offers.budget import Choice, choose_within_budget
from winback.offers.catalogue import (
    CONTROL,
    DEFAULT_CATALOGUE,
    Label,
    Offer,
    default_catalogue,
    read_offer,
)
from winback.offers.eligibility import Eligibility, parse_eligibility
from winback.offers.plan import REASONS, Plan, hash_uniform, plan_campaign
from winback.offers.power import power_verdict
from winback.offers.worth import OfferValues, expected_order_value, value_offers

__all__ = [
    "CONTROL",
    "DEFAULT_CATALOGUE",
    "REASONS",
    "Choice",
    "Eligibility",
    "Label",
    "Offer",
    "OfferValues",
    "Plan",
    "choose_within_budget",
    "default_catalogue",
    "expected_order_value",
    "hash_uniform",
    "parse_eligibility",
    "plan_campaign",
    "power_verdict",
    "read_offer",
    "value_offers",
]
