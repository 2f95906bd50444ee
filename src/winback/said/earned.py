"""What a campaign earned and cost, in sentences."""

from __future__ import annotations

from winback.results.measured import Measurement, Profit, RatioInterval
from winback.said.words import Texts, Words

TEXTS: Texts = {
    "profit_earned": {
        "en": "It earned {total:money0} (95% interval {total_low:money0} to "
        "{total_high:money0}) after discounts and contacts.",
        "pl": "Kampania zarobiła {total:money0} (przedział 95%: od {total_low:money0} do "
        "{total_high:money0}) po odjęciu rabatów i kontaktów.",
    },
    "profit_lost": {
        "en": "It lost money: {total:+money0} (95% interval {total_low:+money0} to "
        "{total_high:+money0}) after discounts and contacts.",
        "pl": "Kampania przyniosła stratę: {total:+money0} (przedział 95%: od "
        "{total_low:+money0} do {total_high:+money0}) po odjęciu rabatów i kontaktów.",
    },
    "profit_unsure": {
        "en": "Whether it earned money cannot be told: {total:+money0} (95% interval "
        "{total_low:+money0} to {total_high:+money0}) after discounts and contacts.",
        "pl": "Nie da się powiedzieć, czy kampania zarobiła: {total:+money0} (przedział 95%: od "
        "{total_low:+money0} do {total_high:+money0}) po odjęciu rabatów i kontaktów.",
    },
    "cost": {
        "en": "It cost {offer_cost:money0}: {discounts:money0} of discounts and {contacts:money0} "
        "of contacts.",
        "pl": "Kosztowała {offer_cost:money0}: rabaty {discounts:money0}, kontakty "
        "{contacts:money0}.",
    },
    "cost_assumed": {
        "en": "It cost {offer_cost:money0}: {discounts:money0} of discounts and {contacts:money0} "
        "of contacts at an assumed price.",
        "pl": "Kosztowała {offer_cost:money0}: rabaty {discounts:money0}, kontakty "
        "{contacts:money0} po przyjętej cenie.",
    },
    "cost_unknown": {
        "en": "It cost {discounts:money0} of discounts; what a contact costs is not known, so "
        "contacts are not counted.",
        "pl": "Kosztowała {discounts:money0} w rabatach; koszt kontaktu nie jest znany, więc "
        "kontaktów nie liczymy.",
    },
    "pays_below": {
        "en": "It pays as long as a contact costs less than {price:money2}.",
        "pl": "Opłaca się, dopóki kontakt kosztuje mniej niż {price:money2}.",
    },
    "came_anyway": {
        "en": "Of the discounts {value:share} ({low:share} to {high:share}) went to orders that "
        "would have come without them.",
        "pl": "{value:share} rabatów (od {low:share} do {high:share}) przypadło na zamówienia, "
        "które i tak by nadeszły.",
    },
    "customers_anyway": {
        "en": "Of the customers with an offer who came back, {value:share} ({low:share} to "
        "{high:share}) would have come without it.",
        "pl": "Spośród klientów z ofertą, którzy wrócili, {value:share} (od {low:share} do "
        "{high:share}) wróciłoby i bez niej.",
    },
    "single": {
        "en": "These ranges are those of a single reading; with each further look they say less.",
        "pl": "Te przedziały są ważne dla jednego odczytu; każdy kolejny odbiera im pewność.",
    },
    "no_terms": {
        "en": "What it earned cannot be told: the terms of the offers are not known.",
        "pl": "Nie da się powiedzieć, ile zarobiła: nie są znane warunki ofert.",
    },
    "spend_in_all": {
        "en": "Net spend of the {treated:n} customers with an offer changed by "
        "{effect:+money0} (95% interval {low:+money0} to {high:+money0}), before margins and "
        "costs.",
        "pl": "Wydatki netto klientów z ofertą ({treated:n}) zmieniły się o {effect:+money0} "
        "(przedział 95%: od {low:+money0} do {high:+money0}), przed marżą i kosztami.",
    },
    # the figures, and their columns
    "figures": {
        "en": "What was earned, with its range",
        "pl": "Ile to dało, z przedziałem",
    },
    "figure": {"en": "figure", "pl": "pozycja"},
    "value": {"en": "value", "pl": "wartość"},
    "from": {"en": "from (95%)", "pl": "od (95%)"},
    "to": {"en": "to (95%)", "pl": "do (95%)"},
    "margin_added": {"en": "margin added", "pl": "dodatkowa marża"},
    "discounts": {"en": "discounts paid", "pl": "wypłacone rabaty"},
    "contacts": {"en": "contacts", "pl": "kontakty"},
    "contacts_assumed": {"en": "contacts (assumed price)", "pl": "kontakty (cena przyjęta)"},
    "contacts_unknown": {
        "en": "contacts (price not known)",
        "pl": "kontakty (cena nieznana)",
    },
    "total": {"en": "profit in all", "pl": "zysk razem"},
    "per_customer": {"en": "profit a customer", "pl": "zysk na klienta"},
    "per_contact": {"en": "profit a contact", "pl": "zysk na kontakt"},
    "per_spent": {"en": "profit for each {one:money0} spent", "pl": "zysk z każdego {one:money0}"},
    "per_spent_bare": {
        "en": "profit for each unit of money spent",
        "pl": "zysk z każdej wydanej jednostki",
    },
    "came_anyway_share": {
        "en": "discounts on orders that would have come",
        "pl": "rabaty od zamówień, które i tak by nadeszły",
    },
    "customers_anyway_share": {
        "en": "returned who would have come anyway",
        "pl": "powroty, które i tak by nastąpiły",
    },
    "pays_below_row": {
        "en": "price of a contact below which it pays",
        "pl": "cena kontaktu, poniżej której się opłaca",
    },
    # afterwards
    "later": {
        "en": "What was left of it later: with an offer less held out, from the first day on",
        "pl": "Co z tego zostało później: klienci z ofertą minus grupa kontrolna, od pierwszego "
        "dnia",
    },
    "later_days": {"en": "{days:n} days later", "pl": "po {days:n} dniach"},
    "later_column": {"en": "counted", "pl": "okres"},
    "later_orders": {"en": "orders a customer", "pl": "zamówienia na klienta"},
    "later_spend": {"en": "net spend a customer", "pl": "wydatki netto na klienta"},
    "later_after": {
        "en": "of them after the window",
        "pl": "w tym po oknie kampanii",
    },
    "after_window": {
        "en": "In the {days:count day} after the window the difference from the held-out was "
        "{effect:+n2} orders a customer (95% interval {low:+n2} to {high:+n2}); in both windows "
        "together {both:+n2} ({both_low:+n2} to {both_high:+n2}).",
        "pl": "W ciągu {days:count of day} po oknie różnica wobec grupy kontrolnej wyniosła "
        "{effect:+n2} zamówienia na klienta (przedział 95%: od {low:+n2} do {high:+n2}); w obu "
        "oknach razem {both:+n2} (od {both_low:+n2} do {both_high:+n2}).",
    },
}


def profit(found: Profit, words: Words) -> str | None:
    """What was earned, with its range; None where there is none."""
    low, high = found.total_low, found.total_high
    if low is None or high is None:
        return None
    name = "earned" if low > 0 else "lost" if high < 0 else "unsure"
    return words.fill(TEXTS[f"profit_{name}"], dict(found))


def lines(found: Measurement, words: Words) -> list[str]:
    """What was earned, what it cost, and who would have come anyway; of a reading that counts."""
    if found.problems or found.verdict == "too_few":
        return [] if found.profit is None else [cost(found.profit, words)]
    told: list[str | None] = []
    if found.profit is None:
        total = spend_in_all(found, words)
        told += [words.fill(TEXTS["no_terms"], {}), total]
    else:
        told += [profit(found.profit, words), cost(found.profit, words)]
        if found.profit.pays_below is not None:
            price = {"price": found.profit.pays_below}
            told.append(words.fill(TEXTS["pays_below"], price))
    told.append(anyway(found, words))
    if found.looks is not None and found.looks.always_valid is not None:
        told.append(words.fill(TEXTS["single"], {}))
    return [line for line in told if line]


def cost(found: Profit, words: Words) -> str:
    """What it cost, whatever it brought."""
    name = "cost"
    if found.contact_assumed:
        name = "cost_assumed" if found.contacts else "cost_unknown"
    return words.fill(TEXTS[name], dict(found))


def anyway(found: Measurement, words: Words) -> str | None:
    """The share of the discounts, else of the customers, that would have come without."""
    known = anyway_of(found)
    return None if known is None else words.fill(TEXTS[known[0]], dict(known[1]))


def anyway_of(found: Measurement) -> tuple[str, RatioInterval] | None:
    """That share, and of what it is one; None where nothing is known, or the offers did harm."""
    if found.verdict == "harms":
        return None
    paid = None if found.profit is None else found.profit.came_anyway
    for name, share in (("came_anyway", paid), ("customers_anyway", found.came_anyway_share)):
        if share is not None and share.value is not None:
            return name, share
    return None


def spend_in_all(found: Measurement, words: Words) -> str | None:
    """What the customers with an offer spent more, in all; None without an interval."""
    ends = found.net_spend
    if ends.effect is None or ends.low is None or ends.high is None:
        return None
    n = found.n_treated
    values = {"treated": n, "effect": n * ends.effect, "low": n * ends.low, "high": n * ends.high}
    return words.fill(TEXTS["spend_in_all"], values)


def after_window(found: Measurement, words: Words) -> str | None:
    """Orders after the window; None until those days have passed."""
    later = found.after_window
    if later is None or later.low is None:
        return None
    both = later.both_windows
    values = {
        "days": found.window_days, "effect": later.effect, "low": later.low, "high": later.high,
        "both": both.effect, "both_low": both.low, "both_high": both.high,
    }  # fmt: skip
    return words.fill(TEXTS["after_window"], values)
