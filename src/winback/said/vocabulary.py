"""One word for one thing: what is meant wherever it stands, on pages, terminals and in lists.

The page and the terminal are written with these words; `docs/definitions.md` lists them.
"""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A word in both languages, what it means, and where it is found."""

    en: str
    pl: str
    meaning: str
    found: str


VOCABULARY: tuple[Term, ...] = (
    Term(
        "silent for N days", "bez zakupu od N dni",
        "the last purchase lies N days or more before the cutoff; who bought exactly N days ago is "
        "also among those who bought in the last N days",
        "`days_since_last_order`; rules `90d` of `churn.json`",
    ),
    Term(
        "churned by a rule", "odszedł według reguły",
        "silent for as long as the rule says: so many days, or so many times the mean of the "
        "customer's own earlier gaps; several rules are tried beside each other",
        "`lists`, `comebacks`, `overlap` of `churn.json`",
    ),
    Term(
        "lost", "utracony",
        "churned by the one rule recommended for this shop, silent for `horizon_days` of "
        "`churn.json`, where its `finding` is `holds`; no other number of customers is called lost",
        "`lost` of `churn.json`; the page's section on churn",
    ),
    Term(
        "overdue", "spóźnia się",
        "silent for that long where most come back all the same (`finding` is `overdue`)",
        "the same",
    ),
    Term(
        "given up by mistake", "skreślony niesłusznie",
        "of the customers who bought again within a year, those whom a horizon had called churned "
        "before, one vote a customer",
        "`mistaken_share` of `churn.json`",
    ),
    Term(
        "too long silent", "zbyt długo bez zakupu",
        "silent for more than a year, two horizons and five times the own usual gap, whatever the "
        "chance of a return; the code is `lost`",
        "`risk_band`, `churn_risk` of `list.csv`; grades",
    ),
    Term(
        "high risk", "wysokie ryzyko",
        "neither too long silent nor too new to say, and a chance of not returning within the "
        "horizon above `score.high_risk_above`",
        "`risk_band`, `churn_risk`",
    ),
    Term(
        "at risk", "zagrożeni",
        "the segment of that name: R 1 or 2 and F 3 or 4, whatever the chance of a return; a "
        "customer of another segment is never called so",
        "`segment`, `rfm_segment`: `at_risk`",
    ),
    Term(
        "one small order, long ago", "jedno drobne zamówienie, dawno temu",
        "R, F and M all 1: the fifth of customers silent longest, one order, the fifth that spent "
        "least; the code is `lost`",
        "`segment`, `rfm_segment` of `list.csv`",
    ),
    Term(
        "R, F, M", "R, F, M",
        "R and M are fifths of the shop's customers by days since the last order and by net "
        "spend, 5 the best, equal values in one fifth (so fifths differ in size); F has fixed "
        "steps: 1, 2, 3\u20134, 5\u20139, 10 orders and more",
        "`rfm_score`, segments",
    ),
    Term(
        "later purchase", "ponowny zakup",
        "a purchase of a returning customer: one who has an earlier purchase in this history; "
        "everybody's first purchase is none",
        "`returning_orders_share`",
    ),
    Term(
        "returning customers' share of revenue", "udział ponownych zakupów w sprzedaży",
        "money of later purchases over that of all purchases, as placed; first purchases do not "
        "count as returning",
        "`returning_revenue_share`",
    ),
    Term(
        "repeat customer", "klient, który kupił więcej niż raz",
        "a customer with two purchases or more in this history",
        "`repeat_share`",
    ),
    Term(
        "repeat customers' share of revenue", "udział klientów z więcej niż jednym zakupem",
        "money of all their purchases, the first ones too, over that of all purchases, as placed; "
        "never below the returning customers' share",
        "`repeat_revenue_share`",
    ),
    Term(
        "revenue, net revenue", "sprzedaż, sprzedaż po zwrotach",
        "purchases as placed; the same less what was cancelled or sent back. Shares of revenue are "
        "of the first, shares of spending of the second",
        "`gross_revenue`, `net_revenue`",
    ),
    Term(
        "second purchase within N days", "drugi zakup w ciągu N dni",
        "a purchase on a later day than the first, N days after it or less; told of a cohort once "
        "N days have passed since the last of its first purchases",
        "`second_share`, `seconds` of `shop.json`",
    ),
    Term(
        "usual for the season", "jak zwykle o tej porze roku",
        "within the interval that nineteen of twenty months keep to in a shop in which nothing "
        "happens: the twelve weeks before, times how the same month of earlier years stood to the "
        "twelve weeks before it",
        "`revenue_usual` and its like in `shop.json`",
    ),
    Term(
        "chance", "szansa",
        "a probability, from 0 to 1, told in percent: of a purchase within the horizon where "
        "nothing else is said",
        "`p_return`",
    ),
    Term(
        "odds", "stosunek powracających do niewracających",
        "p / (1 - p), told as how many times (×): never called a chance",
        "`drivers.json` (log-odds)",
    ),
)  # fmt: skip
