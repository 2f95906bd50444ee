"""Who comes back after which first purchase, and what came of carts, in words of the shop."""

from __future__ import annotations

from markupsafe import Markup

from winback.results.journeyed import Beginning, Beginnings, Carts
from winback.said.words import Figure, Texts, Words

TEXTS: Texts = {
    # First purchases
    "head": {
        "en": "Who comes back after which first purchase",
        "pl": "Po jakim pierwszym zakupie klienci wracają",
    },
    "worst": {
        "en": "Come back least: {label}: {share:share} within {days:count day}, against "
        "{beside:share} of others who began in the same months (difference {difference}, "
        "{low:+points} to {high:+points}).",
        "pl": "Najrzadziej wracają: {label}: {share:share} w ciągu {days:count of day} wobec "
        "{beside:share} u innych, którzy zaczęli w tych samych miesiącach (różnica {difference}, "
        "od {low:+points} do {high:+points}).",
    },
    "best": {
        "en": "Come back most: {label}: {share:share} against {beside:share} (difference "
        "{difference}, {low:+points} to {high:+points}).",
        "pl": "Najczęściej wracają: {label}: {share:share} wobec {beside:share} (różnica "
        "{difference}, od {low:+points} do {high:+points}).",
    },
    "no_cause": {
        "en": "This is no proof of a cause: whoever begins so may differ in other ways, too.",
        "pl": "To nie dowód przyczyny: tacy klienci mogą się różnić także pod innymi względami.",
    },
    "none_apart": {
        "en": "Of {n:n} kinds of first purchases compared ({kinds}) none differs more than chance "
        "would have it.",
        "pl": "Porównaliśmy {n:n} rodzajów pierwszych zakupów ({kinds}): żaden nie różni się od "
        "reszty bardziej, niż tłumaczy to przypadek.",
    },
    "too_few": {
        "en": "Too few customers began long enough ago to compare first purchases.",
        "pl": "Zbyt mało klientów zaczęło dość dawno, by porównać pierwsze zakupy.",
    },
    "no_attributes": {
        "en": "Channel, delivery and discount of an order are not kept; as attributes of customers "
        "(ingest.attributes) they would be compared here.",
        "pl": "Kanału, dostawy i rabatu z zamówienia nie przechowujemy; podane jako cechy klientów "
        "(ingest.attributes) będą tu porównane.",
    },
    "no_signals": {
        "en": "Tickets and late deliveries would be compared here once signals (ingest.signals) "
        "tell of them.",
        "pl": "Zgłoszenia i opóźnione dostawy będą tu porównane, gdy podasz je jako sygnały "
        "(ingest.signals).",
    },
    "product": {"en": "“{level}” in the first purchase", "pl": "„{level}” w pierwszym zakupie"},
    "category": {
        "en": "category “{level}” in the first purchase",
        "pl": "kategoria „{level}” w pierwszym zakupie",
    },
    "attribute": {"en": "{name}: {level}", "pl": "{name}: {level}"},
    "signal": {
        "en": "{name} within {landmark:count day}",
        "pl": "{name} w ciągu {landmark:count of day}",
    },
    "refund": {
        "en": "a refund within {landmark:count day}",
        "pl": "zwrot w ciągu {landmark:count of day}",
    },
    "value_low": {
        "en": "a small first purchase (lowest third by value)",
        "pl": "mały pierwszy zakup (najniższa jedna trzecia wartości)",
    },
    "value_middle": {
        "en": "a middling first purchase (middle third by value)",
        "pl": "średni pierwszy zakup (środkowa jedna trzecia wartości)",
    },
    "value_high": {
        "en": "a large first purchase (highest third by value)",
        "pl": "duży pierwszy zakup (najwyższa jedna trzecia wartości)",
    },
    "open": {
        "en": "First purchases beside all others",
        "pl": "Pierwsze zakupy w porównaniu z pozostałymi",
    },
    "caption": {
        "en": "Share with a second purchase within {days:count day}",
        "pl": "Ilu klientów kupiło ponownie w ciągu {days:count of day}",
    },
    "caption_alike": {
        "en": "Compared without a difference that holds",
        "pl": "Porównane, bez różnicy, której można być pewnym",
    },
    "col_group": {"en": "First purchase", "pl": "Pierwszy zakup"},
    "col_customers": {"en": "Customers", "pl": "Klienci"},
    "col_share": {"en": "Came back", "pl": "Wróciło"},
    "col_beside": {"en": "Others", "pl": "Pozostali"},
    "col_difference": {"en": "Difference", "pl": "Różnica"},
    "span": {"en": "{low:+points} to {high:+points}", "pl": "od {low:+points} do {high:+points}"},
    "note": {
        "en": "Of {n:count customer} with a first purchase at least {days:count day} ago, "
        "{share:share} bought again in time. Others are weighted to the same months. Signals and "
        "refunds count within {landmark:count day} of the first purchase; there the "
        "{days:count day} run from their end, among those who had not bought again by then. With "
        "{compared:n} groups compared some differ by chance: those above are chosen so that at "
        "most 5% of them should be false, and the intervals allow for that choice.",
        "pl": "Z klientów, których pierwszy zakup był co najmniej {days:count day} temu ({n:n}), "
        "{share:share} kupiło ponownie w tym czasie. Pozostali są zważeni do tych samych miesięcy. "
        "Sygnały i zwroty liczą się w ciągu {landmark:count of day} od pierwszego zakupu; tam "
        "{days:count day} biegnie od końca tego okresu, wśród tych, którzy do tej pory nie kupili "
        "ponownie. Przy {compared:n} porównaniach niektóre grupy różnią się przez przypadek: te "
        "powyżej wybrano tak, by fałszywych było wśród nich najwyżej 5%, a przedziały "
        "uwzględniają ten wybór.",
    },
    "kinds_shown": {"en": "Shown: {kinds}.", "pl": "Pokazane: {kinds}."},
    "shown_of": {
        "en": "{shown:n} of {of:n} {kind} ({apart:n} differ)",
        "pl": "{kind}: {shown:n} z {of:n} (różni się {apart:n})",
    },
    "compared_of": {"en": "{of:n} {kind}", "pl": "{kind}: {of:n}"},
    "kind_product": {"en": "products", "pl": "produkty"},
    "kind_category": {"en": "categories", "pl": "kategorie"},
    "kind_attribute": {"en": "attributes", "pl": "cechy"},
    "kind_signal": {"en": "signals", "pl": "sygnały"},
    "kind_refund": {"en": "refunds", "pl": "zwroty"},
    "kind_value": {"en": "thirds by value", "pl": "jedne trzecie wartości"},
    "private": {
        "en": "Left out since their names hint at something private: {n:n}.",
        "pl": "Pominięte, bo nazwa zdradza coś prywatnego: {n:n}.",
    },
    # Carts
    "carts": {"en": "Carts that were left", "pl": "Porzucone koszyki"},
    "no_carts": {
        "en": "Carts that were left would stand here, with what came of them, once signals "
        "(ingest.signals) such as cart_abandoned tell of them.",
        "pl": "Tu staną porzucone koszyki i to, co się z nimi stało, gdy podasz sygnały "
        "(ingest.signals) takie jak cart_abandoned.",
    },
    "left": {
        "en": "In the last {days:count day} {customers:count customer} left {carts:n} carts. Of "
        "the {followed:n} whose next week is known, {within:n} ({share:share}) were followed by a "
        "purchase within 7 days.",
        "pl": "W ostatnich {days:count after day} klienci ({customers:n}) zostawili koszyki: "
        "{carts:n}. Z tych, po których znamy cały tydzień ({followed:n}), po {within:n} "
        "({share:share}) nastąpił zakup w ciągu 7 dni.",
    },
    "none_left": {
        "en": "No cart was left in the last {days:count day} by a customer who had bought before, "
        "of which the week after is known.",
        "pl": "W ostatnich {days:count after day} nie ma koszyka po wcześniejszym zakupie, dla "
        "którego znamy cały następny tydzień.",
    },
    "usual": {
        "en": "Not all of that is won back: four weeks before and after, the same customers bought "
        "within 7 days in {usual:share} of cases, after a cart in {share:share} (difference "
        "{difference}, 95% interval {low:+points} to {high:+points}).",
        "pl": "Nie wszystko to odzyskane koszyki: cztery tygodnie wcześniej i później ci sami "
        "klienci kupowali w ciągu 7 dni w {usual:share} przypadków, po koszyku w {share:share} "
        "(różnica {difference}, przedział 95%: od {low:+points} do {high:+points}).",
    },
    "usual_unknown": {
        "en": "How many of them would have bought anyway cannot be said: too few carts have the "
        "same customer's weeks before and after them in the history.",
        "pl": "Nie wiadomo, ilu z nich kupiłoby i tak: dla zbyt małej liczby koszyków historia "
        "pokazuje tygodnie tego samego klienta przed nimi i po nich.",
    },
    "same": {
        "en": "Of {named:n} carts that name a product, {same:n} ({share:share}) led to a purchase "
        "of that product.",
        "pl": "Spośród koszyków z nazwą produktu ({named:n}) w {same:n} przypadkach "
        "({share:share}) kupiono ten właśnie produkt.",
    },
    "open_carts": {
        "en": "{n:count customer} {n:noun has} a cart of the last {days:count day} that no "
        "purchase has followed{worth}; {fresh:n} of these are at most {young:count day} old.",
        "pl": "Otwarty koszyk z ostatnich {days:count of day}, po którym nic nie kupiono, "
        "{n:noun has} {n:count customer}{worth}; u {fresh:n} ma najwyżej {young:count day}.",
    },
    "worth": {"en": ", worth {value:money} in all", "pl": ", łącznie za {value:money}"},
    "on_list": {
        "en": "On this list {n:count customer} {n:noun gets} a message that begins with the cart.",
        "pl": "Na tej liście wiadomość, która zaczyna się od koszyka, {n:noun gets} "
        "{n:count customer}.",
    },
    "carts_open": {"en": "What came of the carts", "pl": "Co się stało z koszykami"},
    "carts_caption": {
        "en": "Carts by what came after them",
        "pl": "Koszyki według tego, co było po nich",
    },
    "col_period": {"en": "What came after", "pl": "Co było potem"},
    "col_last": {"en": "Last {days:count day}", "pl": "Ostatnie {days:count day}"},
    "row_within_1": {
        "en": "purchase on the day or the next",
        "pl": "zakup tego samego lub następnego dnia",
    },
    "row_within_3": {"en": "on the second or third day", "pl": "drugiego lub trzeciego dnia"},
    "row_within_7": {"en": "on the fourth to seventh", "pl": "od czwartego do siódmego dnia"},
    "row_later": {"en": "later", "pl": "później"},
    "row_not_since": {"en": "no purchase so far", "pl": "do tej pory bez zakupu"},
    "row_recent": {"en": "not a week old yet", "pl": "nie minął jeszcze tydzień"},
    "row_before_first": {"en": "before a first purchase", "pl": "przed pierwszym zakupem"},
    "row_all": {"en": "All", "pl": "Razem"},
    "carts_note": {
        "en": "A cart is what a customer left on one day, by the signals {names}. Carts from "
        "before a first purchase say nothing: whoever never bought is not in the data.",
        "pl": "Koszyk to, co klient zostawił jednego dnia, według sygnałów: {names}. Koszyki "
        "sprzed pierwszego zakupu nic nie mówią: kto nigdy nie kupił, tego nie ma w danych.",
    },
}

_AT = "shop.journey.beginnings"


def label(one: Beginning, landmark: int, w: Words) -> str:
    """What a group is called."""
    name = f"value_{one.level}" if one.kind == "value" else one.kind
    called = (one.name or "").replace("_", " ")
    return w.fill(TEXTS[name], {"name": called, "level": one.level, "landmark": landmark})


def apart(found: Beginnings, w: Words) -> list[str]:
    """The worst and the best beginnings that differ, or that none does."""
    held = [(at, one) for at, one in enumerate(found.groups) if one.apart]
    if not held:
        kinds = ", ".join(
            w.fill(TEXTS["compared_of"], {"of": row.compared, "kind": _kind(row.kind, w)})
            for row in found.kinds
        )
        n = sum(row.compared for row in found.kinds)
        return [w.fill(TEXTS["none_apart"], {"n": n, "kinds": kinds})] if n else []
    lines = []
    worst = min(held, key=lambda each: each[1].difference)
    best = max(held, key=lambda each: each[1].difference)
    for name, (at, one) in (("worst", worst), ("best", best)):
        if (one.difference < 0) == (name == "worst"):
            lines.append(_beside(name, at, one, found, w))
    return [*lines, w.fill(TEXTS["no_cause"], {})]


def _beside(name: str, at: int, one: Beginning, found: Beginnings, w: Words) -> str:
    key = f"{_AT}.groups.{at}"
    return w.fill(
        TEXTS[name],
        {
            "label": label(one, found.landmark_days, w),
            "share": Figure(f"{key}.share", one.share),
            "beside": Figure(f"{key}.beside", one.beside),
            "days": found.days,
            "difference": w.points(100 * one.difference, signed=True),
            "low": 100 * one.low,
            "high": 100 * one.high,
        },
    )


def _kind(kind: str, w: Words) -> str:
    return w.fill(TEXTS[f"kind_{kind}"], {})


def missing(found: Beginnings, w: Words) -> list[str]:
    """What would be compared as well, were it there."""
    kinds = {row.kind for row in found.kinds}
    absent = {"attribute": "no_attributes", "signal": "no_signals"}
    return [w.fill(TEXTS[text], {}) for kind, text in absent.items() if kind not in kinds]


def note(found: Beginnings, w: Words) -> str:
    """How groups were compared, how many of each kind are shown, and what was left out."""
    values = {
        "n": found.customers,
        "days": found.days,
        "share": found.share,
        "landmark": found.landmark_days,
        "compared": sum(row.compared for row in found.kinds),
    }
    shown = "; ".join(
        w.fill(
            TEXTS["shown_of"],
            {
                "shown": sum(one.kind == row.kind for one in found.groups),
                "of": row.compared,
                "kind": _kind(row.kind, w),
                "apart": row.apart,
            },
        )
        for row in found.kinds
    )
    lines = [w.fill(TEXTS["note"], values), w.fill(TEXTS["kinds_shown"], {"kinds": shown})]
    if found.private:
        lines.append(w.fill(TEXTS["private"], {"n": found.private}))
    return " ".join(lines)


def carts(found: Carts, listed: int | None, w: Words) -> list[str]:
    """What came of the carts of the last 90 days, beside what was usual, and what is open."""
    at, last = "shop.journey.carts", found.periods[0]
    lines = []
    if last.followed:
        within = last.within_7
        values: dict[str, Figure | float | str] = {
            "days": last.days,
            "customers": Figure(f"{at}.periods.0.customers", last.customers),
            "carts": Figure(f"{at}.periods.0.carts", last.carts),
            "followed": Figure(f"{at}.periods.0.followed", last.followed),
            "within": Figure(f"{at}.periods.0.within_7", within),
            "share": within / last.followed,
        }
        lines.append(w.fill(TEXTS["left"], values))
    else:
        lines.append(w.fill(TEXTS["none_left"], {"days": last.days}))
    lines.append(_usual(found, w))
    if last.named:
        same = {"named": last.named, "same": last.same_product}
        share = last.same_product / last.named
        lines.append(w.fill(TEXTS["same"], same | {"share": share}))
    values = {
        "n": Figure(f"{at}.open_customers", found.open_customers),
        "days": last.days,
        "worth": "",
        "fresh": Figure(f"{at}.fresh_customers", found.fresh_customers),
        "young": found.fresh_days,
    }
    if found.open_value:
        value = Figure(f"{at}.open_value", found.open_value)
        values["worth"] = w.fill(TEXTS["worth"], {"value": value})
    lines.append(w.fill(TEXTS["open_carts"], values))
    if listed:
        lines.append(w.fill(TEXTS["on_list"], {"n": Figure("manifest.leads.cart", listed)}))
    return [Markup(" ").join(lines[:2]), Markup(" ").join(lines[2:])]


def _usual(found: Carts, w: Words) -> str:
    if found.beside is None:
        return w.fill(TEXTS["usual_unknown"], {})
    key, one = "shop.journey.carts.beside", found.beside
    return w.fill(
        TEXTS["usual"],
        {
            "usual": Figure(f"{key}.usual", one.usual),
            "share": Figure(f"{key}.share", one.share),
            "difference": w.points(100 * one.difference, signed=True),
            "low": 100 * one.low,
            "high": 100 * one.high,
        },
    )
