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
    "lapsed": {"en": "long past its usual rhythm", "pl": "rytm zakupów się urwał"},
    "overdue": {
        "en": "remind now, {days:count day} past the usual time",
        "pl": "przypomnij teraz, {days:count day} po zwykłym terminie",
    },
    # Of `winback explain` and of the page.
    "next": {"en": "Likely to be bought next", "pl": "Co może teraz kupić"},
    "for_message": {"en": "For the message", "pl": "Do wiadomości"},
    "leads": {
        "en": "{products}. Why the first: {why}",
        "pl": "{products}. Dlaczego pierwszy: {why}",
    },
    "none": {"en": "nothing", "pl": "nic"},
    "section": {"en": "What to put in the message", "pl": "Co pokazać w wiadomości"},
    "covered": {
        "en": "For {n:n} of {of:count customer} on the list there is a product for the message.",
        "pl": "Dla {n:n} z {of:count of customer} z listy mamy produkt do wiadomości.",
    },
    "covered_all": {
        "en": "For all {n:count customer} on the list there is a product for the message.",
        "pl": "Dla wszystkich z listy ({n:count customer}) mamy produkt do wiadomości.",
    },
    "by_kind": {
        "en": "The message begins with: {kinds}.",
        "pl": "Na początku wiadomości: {kinds}.",
    },
    "kind_cart": {
        "en": "what was left in the cart ({n:count customer})",
        "pl": "produkt z porzuconego koszyka ({n:count customer})",
    },
    "kind_again": {
        "en": "what was bought before ({n:count customer})",
        "pl": "produkt już kupowany ({n:count customer})",
    },
    "kind_new": {
        "en": "something new ({n:count customer})",
        "pl": "coś nowego ({n:count customer})",
    },
    "examples": {
        "en": "What to put in the message: examples from the list",
        "pl": "Co pokazać w wiadomości: przykłady z listy",
    },
    "column_customer": {"en": "Customer", "pl": "Klient"},
    "column_offer": {"en": "Offer", "pl": "Oferta"},
    "column_products": {"en": "Products, the first first", "pl": "Produkty, od pierwszego"},
    "column_why": {"en": "Why the first", "pl": "Dlaczego pierwszy"},
    "examples_note": {
        "en": "For everybody: next_product_1 to next_product_3 of the list. In a message use "
        "message_next_product: it is a name, and hints at nothing private.",
        "pl": "Dla wszystkich: kolumny od next_product_1 do next_product_3 na liście. W treści "
        "wiadomości wstaw message_next_product: to nazwa, która nie zdradza nic prywatnego.",
    },
    "how": {
        "en": "A cart that was left goes first, as long as nothing was bought since. A reminder "
        "then shows what this customer most likely buys again, a discount something new: whoever "
        "buys anyway needs none.",
        "pl": "Najpierw porzucony koszyk, o ile klient nic później nie kupił. Potem "
        "przypomnienie pokazuje to, co klient najpewniej kupi ponownie, a rabat coś nowego: "
        "na to, co i tak kupi, szkoda rabatu.",
    },
    "recall": {
        "en": "Tried on the shop's own past ({cases:count customer}, as of {day:short_day}): ten "
        "products a customer held {recall:share1} of those that the next purchase brought (95% "
        "interval {low:share1} to {high:share1}).",
        "pl": "Próba na przeszłości sklepu ({cases:count customer}, stan na {day:short_day}): "
        "dziesięć produktów na klienta trafiło {recall:share1} tego, co przyniósł następny zakup "
        "(przedział 95%: od {low:share1} do {high:share1}).",
    },
    "apart": {
        "en": "Of what was bought before {again:share1}, of what was new {new:share1}.",
        "pl": "Z produktów już kupowanych {again:share1}, z nowych {new:share1}.",
    },
    "beside_popularity": {
        "en": "The shop's ten most popular products would have held {recall:share1}.",
        "pl": "Dziesięć najpopularniejszych produktów sklepu trafiłoby {recall:share1}.",
    },
    "on_lists": {
        "en": "The lists of all customers show {share:share} of the products.",
        "pl": "Listy wszystkich klientów pokazują {share:share} produktów.",
    },
    "few_cases": {
        "en": "These are few cases: take it as a first impression.",
        "pl": "To niewiele przypadków: traktuj to jako pierwsze wrażenie.",
    },
    "not_tried": {
        "en": "The shop's own past is too short to say how often such a list is right.",
        "pl": "Historia sklepu jest za krótka, by powiedzieć, jak często taka lista trafia.",
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
