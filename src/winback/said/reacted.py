"""What the effect of an offer rests on, in words."""

from __future__ import annotations

from winback.results.reacted import Reacted, RestsOn
from winback.said.words import Texts, Words

_FROM = (
    "{campaigns:count of campaign}, {treated:n} treated and {control:n} held out, last "
    "{last:short_day}",
    "{campaigns:count of campaign}, {treated:n} klientów z ofertą i {control:n} w grupie "
    "kontrolnej, ostatnia {last:short_day}",
)
_FOUND = (
    "{ratio:n2} times as many orders ({low:n2} to {high:n2})",
    "{ratio:n2} raza tyle zamówień co bez oferty (od {low:n2} do {high:n2})",
)

TEXTS: Texts = {
    "rolled_out": {
        "en": f"learned from {_FROM[0]}: {_FOUND[0]}",
        "pl": f"efekt znany z {_FROM[1]}: {_FOUND[1]}",
    },
    "tested_on": {
        "en": f"tested in {_FROM[0]}: {_FOUND[0]}; chance alone can do that, so it is tested on",
        "pl": f"dotychczasowy wynik z {_FROM[1]}: {_FOUND[1]}; tyle może zrobić sam przypadek, "
        "więc oferta jest dalej testowana",
    },
    "harms": {
        "en": f"learned from {_FROM[0]}: {_FOUND[0]}; it loses orders, so nobody gets it, unless "
        "to explore",
        "pl": f"efekt znany z {_FROM[1]}: {_FOUND[1]}; oferta odbiera zamówienia, więc nikt jej "
        "nie dostaje, chyba że na próbę",
    },
    "unknown": {
        "en": f"{_FROM[0]}: too few to tell anything yet",
        "pl": f"na razie za mało danych, żeby cokolwiek powiedzieć (z {_FROM[1]})",
    },
    "own": {
        "en": "; customers react differently, and each is reckoned with a ratio of their own",
        "pl": "; klienci reagują różnie, więc każdy ma własny przelicznik",
    },
    "of_offer": {"en": "{offer}: {told}.", "pl": "{offer}: {told}."},
    "nothing": {
        "en": "Nothing has been learned of any offer: no list that left is over.",
        "pl": "O żadnej ofercie nic jeszcze nie wiadomo: nie minął czas żadnej wysłanej listy.",
    },
    "other_terms": {
        "en": "{offer} left before on other terms ({campaigns:count of campaign}); with these it "
        "is another offer, and tested as one.",
        "pl": "{offer}: wcześniej ta oferta miała inne warunki ({campaigns:count campaign}); teraz "
        "to inna oferta i test zaczyna się od nowa.",
    },
    "left_out": {
        "en": "Not learned from: {campaign} ({why:term left_out}).",
        "pl": "Bez {campaign} ({why:term left_out}).",
    },
    "people_out": {
        "en": "Not learned from: {n:n} rows of people who were forgotten or may not be profiled.",
        "pl": "Bez wierszy osób zapomnianych lub takich, których nie wolno profilować: {n:n}.",
    },
    "gone": {
        "en": "{offer} (no longer in the catalogue)",
        "pl": "{offer} (nie ma jej już w katalogu)",
    },
    "switched_off": {
        "en": "Plans do not reckon with it: target.learn is false.",
        "pl": "Plany tego nie uwzględniają: target.learn ma wartość false.",
    },
}


def rests(found: RestsOn, words: Words) -> str:
    """What an offer's effect rests on and what it came to, without a full stop."""
    values = {
        "campaigns": found.campaigns, "treated": found.treated, "control": found.control,
        "last": found.last, "ratio": found.ratio, "low": found.ratio_low, "high": found.ratio_high,
    }  # fmt: skip
    own = found.state == "rolled_out" and found.rung not in (None, "ratio")
    return words.fill(TEXTS[found.state], values) + (words.fill(TEXTS["own"], {}) if own else "")


def of_offer(name: str, found: RestsOn, words: Words) -> str:
    """The same after the offer's name, as a sentence."""
    return words.fill(TEXTS["of_offer"], {"offer": name, "told": rests(found, words)})


def lines(found: Reacted, words: Words) -> list[str]:
    """What all lists that left have taught, a line an offer, and what of them did not."""
    told = []
    for offer in sorted(found.offers, key=lambda each: (not each.in_catalogue, each.name)):
        name = offer.name
        if not offer.in_catalogue:
            name = words.fill(TEXTS["gone"], {"offer": name})
        told.append(of_offer(name, offer, words))
    if not told:
        told.append(words.fill(TEXTS["nothing"], {}))
    told += [
        words.fill(TEXTS["other_terms"], {"offer": each.name, "campaigns": each.campaigns})
        for each in found.other_terms
    ]
    told += [
        words.fill(TEXTS["left_out"], {"campaign": each.campaign_id, "why": each.why})
        for each in found.left_out
    ]
    if found.not_learned_from:
        told.append(words.fill(TEXTS["people_out"], {"n": found.not_learned_from}))
    return told


def summary(found: Reacted, words: Words) -> str:
    """The same as one text."""
    return "\n".join(lines(found, words))
