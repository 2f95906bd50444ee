"""Segments and bands of risk in words: what they hold, what members get, why others do not."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from markupsafe import Markup

from winback.results.planned import LimitUse
from winback.results.segmented import OfferOfMembers, Segment, Segmented
from winback.said import conditions
from winback.said.words import Texts, Words, capital

TEXTS: Texts = {
    "risk": {"en": "Who may not return", "pl": "Kto może nie wrócić"},
    "bands_caption": {
        "en": "Customers by risk of not returning within {days:count day}",
        "pl": "Klienci według ryzyka, że nie wrócą w ciągu {days:count of day}",
    },
    "bands_note": {
        "en": "Spending is net of refunds. The chance to return is the average without any offer. "
        "Too new to say: one purchase, just now. Too long silent: for more than a year, and far "
        "longer than usual. Neither is a segment; who is lost by the rule of this shop stands "
        "under churn.",
        "pl": "Wydatki po odjęciu zwrotów. Szansa powrotu to średnia bez żadnej zachęty. Za "
        "wcześnie na ocenę: jedyny zakup, przed chwilą. Zbyt długo bez zakupu: ponad rok i dużo "
        "dłużej niż zwykle. To nie są segmenty; kto jest utracony według reguły tego sklepu, "
        "piszemy w części o odejściu.",
    },
    "bands_lost": {
        "en": "Those too long silent are told by their silence alone, whatever their chance: here "
        "it is above the one at high risk.",
        "pl": "Do klientów bez zakupu od zbyt dawna trafia się tylko za długość przerwy, bez "
        "względu na szansę: tutaj jest ona większa niż przy wysokim ryzyku.",
    },
    "bands_off": {
        "en": "Take expected spending as rough: in the test the forecasts came to {bias} of what "
        "was then spent.",
        "pl": "Prognozę wydatków traktuj jako zgrubną: w teście prognozy wyniosły {bias} tego, co "
        "klienci potem wydali.",
    },
    "segments": {"en": "Segments", "pl": "Segmenty"},
    "one": {
        "en": "All customers are in one segment: last orders and spending do not set them apart.",
        "pl": "Wszyscy są w jednym segmencie: ani ostatni zakup, ani wydatki ich nie różnią.",
    },
    "caption": {
        "en": "Segments by their spending so far",
        "pl": "Segmenty według dotychczasowych wydatków",
    },
    "caption_horizon": {
        "en": "Segments by their spending so far; forecast for {days:count day}, without any offer",
        "pl": "Segmenty według dotychczasowych wydatków; prognoza na {days:count day}, bez żadnej "
        "zachęty",
    },
    "note": {
        "en": "By fifths of the shop's customers in days since the last order and in spending "
        "(equal values stay together, so fifths differ in size), and by orders in fixed steps (1, "
        "2, 3\u20134, 5\u20139, 10 and more).",
        "pl": "Klienci podzieleni na pięć części po około 20%, osobno według dni od ostatniego "
        "zamówienia i według wydatków (równe wartości zostają razem, więc części bywają większe "
        "lub mniejsze); liczba zamówień ma stałe progi (1, 2, 3\u20134, 5\u20139, 10 i więcej).",
    },
    "note_young": {
        "en": "Segments only compare the shop's customers with one another: in a history this "
        "short even those longest without an order may have bought not long ago.",
        "pl": "Segmenty tylko porównują klientów sklepu między sobą: przy tak krótkiej historii "
        "nawet ci, którzy najdłużej nie kupują, mogli kupić całkiem niedawno.",
    },
    "note_risk": {
        "en": "Risk: the mean chance not to buy in that time.",
        "pl": "Ryzyko: średnia szansa, że w tym czasie nic nie kupią.",
    },
    "alike": {
        "en": "The risk is the same for everybody here.",
        "pl": "Ryzyko jest tu dla wszystkich takie samo.",
    },
    "col_spend_share": {"en": "Of all spending", "pl": "Udział w wydatkach"},
    "col_risk": {"en": "Risk", "pl": "Ryzyko"},
    "col_expected": {"en": "Should buy", "pl": "Powinno kupić"},
    "col_value": {"en": "Expected spending", "pl": "Spodziewane wydatki"},
    "told": {
        "en": "{name}: {customers:count customer} ({share:share}), {spend:share} of all spending. "
        "{advice}.",
        "pl": "{name}: {customers:count customer} ({share:share}), {spend:share} wydatków. "
        "{advice}.",
    },
    "told_expected": {
        "en": "{returning:n} should buy by themselves; mean risk {risk:share}.",
        "pl": "Samo powinno kupić {returning:n}; średnie ryzyko {risk:share}.",
    },
    # One segment
    "each": {
        "en": "What to do with each segment, and who gets which offer",
        "pl": "Co zrobić z każdym segmentem i kto dostaje którą ofertę",
    },
    "summary": {
        "en": "{name}: {customers:count customer}",
        "pl": "{name}: {customers:count customer}",
    },
    "summary_listed": {
        "en": "{name}: {customers:count customer}, {listed:n} with an offer",
        "pl": "{name}: {customers:count customer}, {listed:n} z ofertą",
    },
    "advice": {"en": "{advice}.", "pl": "{advice}."},
    "who": {"en": "Who: {meaning}.", "pl": "Kto: {meaning}."},
    "offers_caption": {"en": "Offers in the segment: {name}", "pl": "Oferty w segmencie: {name}"},
    "offers_cut": {
        "en": "Offers in the segment: {name} ({shown:n} of {of:n} shown; all are in segments.json)",
        "pl": "Oferty w segmencie: {name} (pokazano {shown:n} z {of:n}; wszystkie są w pliku "
        "segments.json)",
    },
    "col_offer": {"en": "Offer", "pl": "Oferta"},
    "col_gets": {"en": "Get it", "pl": "Dostaje"},
    "col_control": {"en": "Held back to compare", "pl": "Odłożeni do porównania"},
    "col_others": {"en": "Why the others do not", "pl": "Dlaczego inni nie"},
    "nobody": {
        "en": "Nobody here gets an offer: {reasons}.",
        "pl": "Nikt tu nie dostaje oferty: {reasons}.",
    },
    "some": {
        "en": "Its members: {reasons}.",
        "pl": "Klienci w tym segmencie: {reasons}.",
    },
    "limits": {
        "en": "Limits that kept an offer from some for whom it would pay: {limits}.",
        "pl": "Limity, przez które oferty nie dostali wszyscy, u których by się zwróciła: "
        "{limits}.",
    },
    "limit_budget": {"en": "the budget", "pl": "budżet"},
    "limit_max_contacts": {"en": "the number of contacts", "pl": "liczba kontaktów"},
    "limit_contacts": {
        "en": "contacts by the channel {channel}",
        "pl": "kontakty kanałem {channel}",
    },
    "limit_channel": {
        "en": "the budget of the channel {channel}",
        "pl": "budżet kanału {channel}",
    },
    "limit_stock": {"en": "pieces of “{offer}”", "pl": "sztuki oferty „{offer}”"},
    "reason": {"en": "{reason} ({n:n})", "pl": "{reason} ({n:n})"},
    "reason_parts": {"en": "{reason} ({n:n}: {parts})", "pl": "{reason} ({n:n}: {parts})"},
    "part": {"en": "not \u201c{part}\u201d", "pl": "nie \u201e{part}\u201d"},
    "part_of": {"en": "not \u201c{part}\u201d: {n:n}", "pl": "nie \u201e{part}\u201d: {n:n}"},
    "more_reasons": {"en": "other reasons ({n:n})", "pl": "inne powody ({n:n})"},
    "all_get": {"en": "nobody is left out", "pl": "nikt nie jest pominięty"},
    "no_channel": {
        "en": "may not be written to by this channel",
        "pl": "brak zgody na ten kanał",
    },
    "no_complaint": {
        "en": "only for open complaints",
        "pl": "oferta tylko przy otwartej reklamacji",
    },
    "had_before": {
        "en": "had it, or one like it, lately",
        "pl": "niedawno była już ta oferta albo podobna",
    },
    "condition": {"en": "its conditions are not met", "pl": "warunki niespełnione"},
    "min_basket": {
        "en": "usual order below its smallest basket",
        "pl": "zwykłe zamówienie poniżej minimum",
    },
    "other_offer": {"en": "another offer was planned", "pl": "zaplanowano inną ofertę"},
    # What offers ask
    "asks": {"en": "Whom each offer is for", "pl": "Dla kogo jest każda oferta"},
    "asks_caption": {"en": "Conditions of the catalogue", "pl": "Warunki z katalogu ofert"},
    "asks_cut": {
        "en": "Conditions of the catalogue ({shown:n} of {of:n} offers shown; all are in "
        "segments.json)",
        "pl": "Warunki z katalogu ofert (pokazano {shown:n} z {of:n}; wszystkie są w pliku "
        "segments.json)",
    },
    "asks_note": {
        "en": "What stands between semicolons must all hold.",
        "pl": "Wszystko, co oddzielają średniki, musi być spełnione.",
    },
    "col_asks": {"en": "For whom", "pl": "Dla kogo"},
}
# Reasons that are told of an offer or a segment; a reader takes in no more, and the file has all.
_REASONS = 3
# Told of the whole decision in said/terms; these of one offer alone.
_OWN = ("no_channel", "no_complaint", "had_before", "condition", "min_basket", "other_offer")


def say(text: str, words: Words, /, **values: object) -> str:
    """One of the texts above with its values; HTML where a figure is among them."""
    return words.fill(TEXTS[text], values)


def tell_segments(found: Segmented, words: Words) -> str:
    """Each segment in a line: its size, worth, advice and risk, and why members get none."""
    lines = []
    for code, of in found.ranked():
        told = [
            say("told", words, name=words.term("segment", code), customers=of.customers,
                share=of.share, spend=of.spend_share, advice=words.term("advice", of.advice))
        ]  # fmt: skip
        if of.mean_risk is not None:
            told.append(say("told_expected", words, returning=of.expected_returning,
                            risk=of.mean_risk))  # fmt: skip
        if of.reasons:
            text = "some" if of.reasons.get("offer") else "nobody"
            told.append(say(text, words, reasons=reasons_of(of, words)))
        lines.append(" ".join(told))
    return "\n".join(lines)


def asks(found: Segmented, offer: str, words: Words) -> Markup:
    """Whom an offer is for, from its conditions; as HTML, since some may stand as code."""
    of = found.offers[offer]
    told = conditions.as_html(conditions.condition(of.eligible, words, found.own))
    if of.min_basket is None:
        return told
    basket = conditions.min_basket(of.min_basket, words)
    return Markup("{}; {}").format(told, basket) if of.eligible else Markup(basket)


def reasons_of(segment: Segment, words: Words) -> str:
    """Who of a segment gets an offer, who is held out, and the most frequent reasons for none."""
    why = dict(segment.reasons)
    arms = [(code, why.pop(code)) for code in ("offer", "control") if code in why]
    told = [
        say("reason", words, reason=words.term("decision", code), n=n)
        for code, n in (*arms, *islice(_largest(why), _REASONS))
    ]
    return "; ".join([*told, *_rest(why, words)])


def limits_reached(found: Segmented, limits: Mapping[str, LimitUse], words: Words) -> str:
    """Which limits kept an offer from some; empty where none did."""
    names = {name: say(f"limit_{name}", words) for name in ("budget", "max_contacts")}
    for name, of in found.offers.items():
        label = of.label[words.language]
        names[f"contacts by {of.channel}"] = say("limit_contacts", words, channel=of.channel)
        names[f"budget of {of.channel}"] = say("limit_channel", words, channel=of.channel)
        names[f"stock of {name}"] = say("limit_stock", words, offer=label)
    reached = [names.get(name, name) for name, use in limits.items() if use.price > 0]
    return say("limits", words, limits=", ".join(reached)) if reached else ""


def why_not(found: Segmented, of: OfferOfMembers, offer: str, words: Words) -> Markup:
    """Why the other members do not get an offer, with the conditions that are not met."""
    told: list[Markup | str] = []
    for code, n in islice(_largest(of.why_not), _REASONS):
        reason = say(code, words) if code in _OWN else words.term("decision", code)
        reason = reason if told else capital(reason)
        parts = _unmet(found, of, offer, words) if code == "condition" else None
        told.append(
            words.fill(TEXTS["reason_parts" if parts else "reason"],
                       {"reason": Markup("{}").format(reason), "n": n, "parts": parts})
        )  # fmt: skip
    told += _rest(of.why_not, words)
    return Markup("; ").join(told) if told else Markup(say("all_get", words))


def _unmet(found: Segmented, of: OfferOfMembers, offer: str, words: Words) -> Markup | None:
    """The parts of an offer's condition that members fail, the most frequent first."""
    parts = [
        (-n, at, conditions.as_html(conditions.condition(part, words, found.own)))
        for at, (part, n) in enumerate(zip(found.offers[offer].parts, of.unmet, strict=True))
        if n
    ]
    if len(parts) == 1:
        return Markup(words.fill(TEXTS["part"], {"part": parts[0][2]}))
    told = [
        Markup(words.fill(TEXTS["part_of"], {"part": text, "n": -n}))
        for n, _, text in sorted(parts)
    ]
    return Markup(", ").join(told) if told else None


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _rest(counts: Mapping[str, int], words: Words) -> list[str]:
    rest = sum(n for _, n in _largest(counts)[_REASONS:])
    return [say("more_reasons", words, n=rest)] if rest else []
