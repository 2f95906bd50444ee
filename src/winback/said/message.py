"""What a message to a customer leads with and why, in words of the shop."""

from __future__ import annotations

from winback.results.base import Fact
from winback.said.words import NBSP, Texts, Words

TEXTS: Texts = {
    "regularly": {
        "en": "bought {n:count time}, every {every:count day}, last {last:count day} ago",
        "pl": "kupowane {n:count time}, co {every:count day}, ostatnio {last:count day} temu",
    },
    "daily": {
        "en": "bought {n:count time}, nearly every day, last {last:count day} ago",
        "pl": "kupowane {n:count time}, niemal codziennie, ostatnio {last:count day} temu",
    },
    "again": {
        "en": "bought {n:count time}, last {last:count day} ago",
        "pl": "kupowane {n:count time}, ostatnio {last:count day} temu",
    },
    "once": {
        "en": "bought once, {last:count day} ago",
        "pl": "kupione raz, {last:count day} temu",
    },
    "new_in_category": {
        "en": "new to this customer, popular in {category}, a category bought before",
        "pl": "jeszcze niekupione, popularne w kategorii „{category}”, z której klient kupuje",
    },
    "new": {
        "en": "new to this customer, popular in the shop",
        "pl": "jeszcze niekupione, popularne w sklepie",
    },
    "cart": {
        "en": "left in the cart {last:count day} ago",
        "pl": "zostawione w koszyku {last:count day} temu",
    },
    "not_anyway": {
        "en": "{why}; what this customer buys anyway gets no discount",
        "pl": "{why}; na to, co klient i tak kupi, nie dajemy rabatu",
    },
    "nothing_to_discount": {
        "en": "no product for a discount: whatever is next is bought anyway",
        "pl": "brak produktu do rabatu: to, co może kupić teraz, kupi i bez niego",
    },
    "when": {"en": "{why}; {due}", "pl": "{why}; {due}"},
    "due_in": {"en": "remind in {days:count day}", "pl": "przypomnij za {days:count day}"},
    "due_now": {"en": "remind now", "pl": "przypomnij teraz"},
    "overdue": {
        "en": "remind now, {days:count day} past the usual time",
        "pl": "przypomnij teraz, {days:count day} po zwykłym terminie",
    },
}


def in_words(found: Fact, words: Words) -> str:
    """The sentence of a fact, with plain spaces: it stands in cells of a CRM."""
    topic, _, name = found.code.partition(".")
    assert topic == "message"
    values = {
        key: in_words(value, words) if isinstance(value, Fact) else value
        for key, value in found.values.items()
    }
    return words.fill(TEXTS[name], values).replace(NBSP, " ")
