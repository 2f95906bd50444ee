"""One customer in words: the lines of `winback explain`, and the sentences of the card.

Both say the same facts, `winback.results.customer.CustomerCard`.
"""

from __future__ import annotations

from collections.abc import Mapping

from winback.results.customer import (
    CustomerCard,
    NextProduct,
    OnList,
    Rhythm,
    Scored,
    SignalSeen,
    Weighed,
)
from winback.said import conditions, declared, message
from winback.said.reacted import rests
from winback.said.words import Texts, Words, capital

_MOST_LINES = 20

# Of `winback explain` on the terminal.
TEXTS: Texts = {
    "head": {
        "en": "Customer {customer} as of {cutoff}",
        "pl": "Klient {customer}, stan na {cutoff}",
    },
    "sealed": {
        "en": "{customer}, as known on {cutoff}, for the list {campaign} that left on {sent}",
        "pl": "{customer}, według stanu z {cutoff}, dla listy {campaign} wysłanej {sent}",
    },
    "model": {
        "en": "Scored by model {version} ({kind})",
        "pl": "Szanse z modelu {version} ({kind})",
    },
    "considered": {
        "en": "Offers of that campaign: {offers}",
        "pl": "Oferty tej kampanii: {offers}",
    },
    "drawn": {
        "en": "Drawn by lot with a chance of {share}, in stratum {stratum}; the offer was chosen "
        "{why}",
        "pl": "Wylosowano z szansą {share}, w warstwie {stratum}; ofertę wybrano {why}",
    },
    "history": {"en": "History (newest last)", "pl": "Historia (najnowsze na końcu)"},
    "earlier": {"en": "... and earlier ones: {n}", "pl": "... i wcześniejsze: {n}"},
    "score": {"en": "Score", "pl": "Ocena"},
    "unproven": {
        "en": "unproven: no horizon has closed yet",
        "pl": "bez szansy powrotu: nie minął jeszcze cały horyzont",
    },
    "chance": {
        "en": "{share} likely to buy within {days}",
        "pl": "szansa na zakup w ciągu {days}: {share}",
    },
    "expected": {
        "en": "expected in that time: {orders} orders, {spend} net",
        "pl": "spodziewane w tym czasie: zamówienia {orders}, wydatki po zwrotach {spend}",
    },
    "interval": {
        "en": "four such customers in five spend {low} to {high}",
        "pl": "czterech takich klientów na pięciu wydaje od {low} do {high}",
    },
    "lifetime": {
        "en": "lifetime value: {value} net ({low} to {high})",
        "pl": "wartość klienta po zwrotach: {value} (od {low} do {high})",
    },
    "segment": {
        "en": "segment: {segment} (RFM {rfm}); {band}",
        "pl": "segment: {segment} (RFM {rfm}); {band}",
    },
    "reasons": {"en": "Reasons", "pl": "Powody"},
    "declared": {"en": "What else is known", "pl": "Co jeszcze wiadomo"},
    "average": {
        "en": "the shop's average: {average}",
        "pl": "przeciętnie w sklepie: {average}",
    },
    "offer": {"en": "Offer", "pl": "Oferta"},
    "none": {"en": "none", "pl": "brak"},
    "held": {
        "en": "{offer} (held out as control, so nothing is sent)",
        "pl": "{offer} (grupa kontrolna, więc nic nie jest wysyłane)",
    },
}

# Of the card.
CARD: Texts = {
    "title": {"en": "Customer card", "pl": "Karta klienta"},
    "kicker": {"en": "{shop}: customer card", "pl": "{shop}: karta klienta"},
    "heading": {"en": "Customer {customer}", "pl": "Klient {customer}"},
    "as_of": {
        "en": "As known on {cutoff:day}.",
        "pl": "Stan na {cutoff:day}.",
    },
    "skip": {"en": "Skip to the history", "pl": "Przejdź do historii"},
    "contents": {"en": "Parts of this page", "pl": "Części strony"},
    "footer": {
        "en": "This page is about one person. Show it to those who need it, and delete it when "
        "done: winback forget finds it only in the project's folder.",
        "pl": "Ta strona dotyczy jednej osoby. Pokazuj ją tylko tym, którzy jej potrzebują, a "
        "potem usuń: winback forget znajdzie ją tylko w folderze projektu.",
    },
    # the sentence on top
    "bought_once": {
        "en": "Bought once, {silent:count day} ago, for {spent:money}",
        "pl": "Jeden zakup, {silent:count day} temu, za {spent:money}",
    },
    "bought": {
        "en": "Bought {n:count time} for {spent:money} in all, the last {silent:count day} ago",
        "pl": "{n:count purchase} na {spent:money} łącznie, ostatni {silent:count day} temu",
    },
    "chance": {
        "en": "{before}; chance of a purchase within {days:count day}: {share:share}.",
        "pl": "{before}; szansa na zakup w ciągu {days:count of day}: {share:share}.",
    },
    "no_chance": {
        "en": "{before}; no chance of return yet, since no horizon has closed.",
        "pl": "{before}; szansy powrotu jeszcze nie ma, bo nie minął cały horyzont.",
    },
    "top_offer": {"en": "On the list: {offer}.", "pl": "Na liście: {offer}."},
    "top_control": {
        "en": "In the control group of this list: nothing is sent.",
        "pl": "W grupie kontrolnej tej listy: nic nie wysyłamy.",
    },
    "top_none": {"en": "No offer: {why}.", "pl": "Bez oferty: {why}."},
    "top_open": {
        "en": "First settle what is open: {names}.",
        "pl": "Najpierw załatw to, co otwarte: {names}.",
    },
    # history
    "history": {"en": "History", "pl": "Historia"},
    "drawn_once": {
        "en": "One purchase, on {day:day}",
        "pl": "Jeden zakup: {day:day}",
    },
    "drawn": {
        "en": "{n:count purchase} since {first:day}, the last {silent:count day} ago",
        "pl": "{n:count purchase} od {first:day}, ostatni {silent:count day} temu",
    },
    "drawn_each": {
        "en": "Each line is a day with purchases, as high as what was bought; refunds go down.",
        "pl": "Każda kreska to dzień z zakupami, tak wysoka jak ich kwota; zwroty w dół.",
    },
    "drawn_months": {
        "en": "Each bar is a month, as high as what was bought; refunds go down.",
        "pl": "Każdy słupek to miesiąc, tak wysoki jak kwota zakupów; zwroty w dół.",
    },
    "drawn_alt": {
        "en": "Time line from {first:day} to {cutoff:day}: {n:count purchase} for {spent:money}, "
        "refunds {refunded:money}; the highest is {top:money} on {top_day:day}.{more}",
        "pl": "Oś czasu od {first:day} do {cutoff:day}: {n:count purchase} na {spent:money}, "
        "zwroty {refunded:money}; najwyższa kwota to {top:money}, {top_day:day}.{more}",
    },
    "alt_next": {
        "en": " Next purchase expected on {day:day}.",
        "pl": " Następny zakup spodziewany {day:day}.",
    },
    "alt_signals": {
        "en": " Signals on {n:count day}, with trouble on {trouble:n}.",
        "pl": " Zdarzenia w {n:n} dniach, w tym kłopoty w {trouble:n}.",
    },
    "alt_lists": {"en": " Lists that left: {n:n}.", "pl": " Wysłane listy: {n:n}."},
    "today": {"en": "as of", "pl": "stan na"},
    "expected": {"en": "next expected", "pl": "spodziewany zakup"},
    "lane_trouble": {"en": "Complaints and tickets", "pl": "Reklamacje i zgłoszenia"},
    "lane_signals": {"en": "Other signals", "pl": "Inne zdarzenia"},
    "lane_lists": {
        "en": "Lists: full with an offer, empty as control",
        "pl": "Listy: pełne z ofertą, puste w grupie kontrolnej",
    },
    "rows": {"en": "Purchases and refunds, newest first", "pl": "Zakupy i zwroty, od najnowszych"},
    "rows_cut": {
        "en": "{shown:n} of {n:n} shown; the others are in the orders.",
        "pl": "Pokazano {shown:n} z {n:n}; pozostałe są w zamówieniach.",
    },
    "show_rows": {"en": "Show them one by one", "pl": "Pokaż po kolei"},
    "col_day": {"en": "Day", "pl": "Dzień"},
    "col_kind": {"en": "What", "pl": "Co"},
    "col_order": {"en": "Order", "pl": "Zamówienie"},
    "col_amount": {"en": "Amount", "pl": "Kwota"},
    # rhythm
    "rhythm": {"en": "Rhythm", "pl": "Rytm zakupów"},
    "usual": {"en": "usually between purchases", "pl": "zwykle między zakupami"},
    "silent": {"en": "since the last purchase", "pl": "od ostatniego zakupu"},
    "longest": {"en": "longest pause so far", "pl": "najdłuższa przerwa dotąd"},
    "next": {"en": "next purchase expected", "pl": "spodziewany następny zakup"},
    "one_day": {
        "en": "One day with purchases shows no rhythm yet.",
        "pl": "Jeden dzień z zakupami to za mało, żeby mówić o rytmie.",
    },
    "one_pause": {
        "en": "One pause between two days with purchases shows no rhythm yet.",
        "pl": "Jedna przerwa między dwoma dniami z zakupami to za mało, żeby mówić o rytmie.",
    },
    "within": {
        "en": "The pause is no longer than usual.",
        "pl": "Przerwa nie jest dłuższa niż zwykle.",
    },
    "happened_before": {
        "en": "The pause is {times} the usual one; it was as long before, {n:count time} "
        "out of {of:n}.",
        "pl": "Przerwa trwa {times} tyle co zwykle; tak długa zdarzyła się już "
        "{n:count time} na {of:n}.",
    },
    "never_before": {
        "en": "The pause is {times} the usual one, and was never as long before.",
        "pl": "Przerwa trwa {times} tyle co zwykle i nigdy dotąd nie była tak długa.",
    },
    "passed": {
        "en": "By this rhythm the next purchase was due before today.",
        "pl": "Według tego rytmu następny zakup powinien już nastąpić.",
    },
    "risk": {"en": "In the words of the list: {band}.", "pl": "Na liście: {band}."},
    # score
    "score": {"en": "Score", "pl": "Ocena"},
    "within_days": {
        "en": "chance within {days:count day}",
        "pl": "szansa w ciągu {days:count of day}",
    },
    "spend": {
        "en": "expected within {days:count day}",
        "pl": "spodziewane w ciągu {days:count of day}",
    },
    "lifetime": {"en": "expected in the longer run", "pl": "spodziewane w dłuższym czasie"},
    "chance_means": {
        "en": "Of a hundred such customers about {n:n} buy within {days:count day}; of one alone "
        "nobody knows.",
        "pl": "Na stu takich klientów kupi w tym czasie ({days:count day}) około {n:n}; "
        "o jednym nikt tego nie wie.",
    },
    "spend_means": {
        "en": "Expected within {days:count day}: {orders:n2} orders and {spend:money2} net of "
        "refunds; four such customers in five spend {low:money2} to {high:money2}.",
        "pl": "Spodziewane w tym czasie ({days:count day}): zamówienia {orders:n2}, wydatki po "
        "zwrotach {spend:money2}; czterech takich klientów na pięciu wyda od {low:money2} do "
        "{high:money2}.",
    },
    "segment": {
        "en": "Segment: {segment}. What is usually done: {advice}.",
        "pl": "Segment: {segment}. Co zwykle się robi: {advice}.",
    },
    "moved": {"en": "What moved the chance", "pl": "Co wpłynęło na szansę"},
    "not_moved": {
        "en": "No single thing sets this customer apart, or nobody asked why.",
        "pl": "Nic szczególnego nie wyróżnia tego klienta albo nie policzono powodów.",
    },
    # signals
    "signals": {"en": "Signals", "pl": "Zdarzenia"},
    "open": {"en": "Open now", "pl": "Teraz otwarte"},
    "open_line": {
        "en": "{name}: {n:n} not closed, the last on {day:day}",
        "pl": "{name}: niezamknięte {n:n}, ostatnie z {day:day}",
    },
    "all_signals": {"en": "What happened, trouble first", "pl": "Co się działo, najpierw kłopoty"},
    "col_signal": {"en": "Signal", "pl": "Zdarzenie"},
    "col_recent": {"en": "in 90 days", "pl": "w ciągu 90 dni"},
    "col_all": {"en": "in all", "pl": "łącznie"},
    "col_last": {"en": "last on", "pl": "ostatnio"},
    "col_value": {"en": "last value", "pl": "ostatnia wartość"},
    "signals_cut": {
        "en": "{shown:n} of {n:n} kinds shown.",
        "pl": "Pokazano {shown:n} z {n:n} rodzajów.",
    },
    "lists_cut": {"en": "{shown:n} of {n:n} shown.", "pl": "Pokazano {shown:n} z {n:n}."},
    "declared": {
        "en": "Beside the shop's average",
        "pl": "Na tle sklepu",
    },
    # campaigns
    "lists": {"en": "Lists that left", "pl": "Wysłane listy"},
    "no_lists": {
        "en": "No list that left had this customer.",
        "pl": "Tego klienta nie było na żadnej wysłanej liście.",
    },
    "lists_caption": {"en": "Campaigns, newest first", "pl": "Kampanie, od najnowszych"},
    "col_campaign": {"en": "Campaign", "pl": "Kampania"},
    "col_sent": {"en": "Left on", "pl": "Wysłana"},
    "col_arm": {"en": "Drawn", "pl": "Wylosowano"},
    "col_planned": {"en": "Offer planned", "pl": "Planowana oferta"},
    "col_came": {"en": "What came of it", "pl": "Co potem"},
    "control": {"en": "control: got nothing", "pl": "grupa kontrolna: bez oferty"},
    "got": {"en": "got the offer", "pl": "z ofertą"},
    "came": {
        "en": "bought for {spent:money2} by {until:short_day}",
        "pl": "zakup za {spent:money2} do {until:short_day}",
    },
    "came_not": {
        "en": "nothing bought by {until:short_day}",
        "pl": "bez zakupu do {until:short_day}",
    },
    "came_open": {
        "en": "nothing so far; counts until {until:short_day}",
        "pl": "na razie bez zakupu; liczy się do {until:short_day}",
    },
    "one_proves_nothing": {
        "en": "One customer proves nothing about an offer: whether it works is seen only in both "
        "groups together.",
        "pl": "Jeden klient niczego nie dowodzi: czy oferta działa, widać dopiero po obu grupach "
        "razem.",
    },
    # offer
    "offer": {"en": "Why this offer, or none", "pl": "Dlaczego ta oferta albo żadna"},
    "not_planned": {
        "en": "Nothing has been planned yet.",
        "pl": "Nic jeszcze nie zaplanowano.",
    },
    "gets": {
        "en": "On the list {campaign}: {offer}.",
        "pl": "Na liście {campaign}: {offer}.",
    },
    "held": {
        "en": "{offer} was planned on the list {campaign}, and the draw put this customer into "
        "the control group: nothing is sent, so that the effect can be measured.",
        "pl": "Na liście {campaign} planowano: {offer}, ale losowanie przydzieliło klienta do "
        "grupy kontrolnej: nic nie wysyłamy, żeby dało się zmierzyć efekt.",
    },
    "none": {"en": "No offer: {why}.", "pl": "Bez oferty: {why}."},
    "peace": {
        "en": "Left in peace until {day:day}.",
        "pl": "W spokoju do {day:day}.",
    },
    "weighed": {"en": "Offers of this list", "pl": "Oferty tej listy"},
    "col_offer": {"en": "Offer", "pl": "Oferta"},
    "col_asks": {"en": "For whom", "pl": "Dla kogo"},
    "col_why": {"en": "For this customer", "pl": "U tego klienta"},
    "met": {"en": "may have it", "pl": "spełnia warunki"},
    "missed": {"en": "not met: {parts}", "pl": "niespełnione: {parts}"},
    "missed_whole": {"en": "not met", "pl": "niespełnione"},
    "not_known": {"en": "cannot be told here", "pl": "tu nie da się sprawdzić"},
    # next products
    "products": {"en": "What may be bought next", "pl": "Co może teraz kupić"},
    "products_caption": {
        "en": "Next products, likeliest first",
        "pl": "Następne produkty, od najbardziej prawdopodobnych",
    },
    "col_product": {"en": "Product", "pl": "Produkt"},
    "col_reason": {"en": "Why", "pl": "Dlaczego"},
    "not_named": {
        "en": "a product that is not named here",
        "pl": "produkt, którego tu nie nazywamy",
    },
}


def explained(card: CustomerCard, w: Words) -> list[str]:
    """The lines of `winback explain`."""

    def say(name: str, **values: object) -> str:
        return w.fill(TEXTS[name], values)

    lines = [say("head", customer=card.customer_id, cutoff=w.short_day(card.cutoff)), ""]
    lines += [*_history(card, w), "", *score_lines(card.scored, w)]
    reasons = card.scored.reasons[w.language]
    if reasons:
        lines += ["", say("reasons"), *(f"  {reason}" for reason in reasons)]
    if card.told:
        lines += ["", say("declared"), *(f"  {line}" for line in declared_lines(card, w))]
    return [*lines, *_offer(card, w), *_next(card, w)]


def _history(card: CustomerCard, w: Words) -> list[str]:
    lines = [w.fill(TEXTS["history"], {})]
    lines += [
        f"  {w.short_day(each.day)}  {w.term('kind', each.kind):<6} {each.order_id:<24.24} "
        f"{w.money(each.amount, 2):>12}"
        for each in card.history[-_MOST_LINES:]
    ]
    if len(card.history) > _MOST_LINES:
        more = w.number(len(card.history) - _MOST_LINES)
        lines.append("  " + w.fill(TEXTS["earlier"], {"n": more}))
    return lines


def score_lines(scored: Scored, w: Words) -> list[str]:
    """The score, a line a number."""

    def say(name: str, **values: object) -> str:
        return "  " + w.fill(TEXTS[name], values)

    lines = [w.fill(TEXTS["score"], {})]
    if scored.p_return is None:
        lines.append(say("unproven"))
    else:
        days = f"{scored.horizon_days} {w.noun(scored.horizon_days, 'of day')}"
        orders = w.number(scored.expected_orders, 2)
        spend, low, high = scored.spend or (None, None, None)
        lines += [
            say("chance", share=w.share(scored.p_return, 1), days=days),
            say("expected", orders=orders, spend=w.money(spend, 2)),
        ]
        if high is not None:
            lines.append(say("interval", low=w.money(low, 2), high=w.money(high, 2)))
        if scored.lifetime is not None:
            value, least, most = (w.money(each, 2) for each in scored.lifetime)
            lines.append(say("lifetime", value=value, low=least, high=most))
    named, band = w.term("segment", scored.segment), w.term("band", scored.band)
    lines.append(say("segment", segment=named, rfm=scored.rfm, band=band))
    return lines


def declared_lines(card: CustomerCard, w: Words) -> list[str]:
    """What the shop declares itself, of this customer and beside the average one."""
    lines = []
    for told in card.told:
        line = declared.value(told.column, told.own, w)
        usual = declared.average(told.column, told.mean, w)
        if not told.column.levels and usual:
            line += f" ({w.fill(TEXTS['average'], {'average': usual})})"
        lines.append(line)
    return lines


def called(offer: str, label: Mapping[str, str], w: Words) -> str:
    """An offer in words before its code, where somebody said what it is."""
    return f"{label[w.language]} ({offer})" if label else offer


def _offer(card: CustomerCard, w: Words) -> list[str]:
    """What was planned for the customer, or why nothing was."""
    if not card.planned_here:
        return []
    lines = ["", w.fill(TEXTS["offer"], {})]
    if not card.planned:
        why = f": {w.term('decision', card.decision)}" if card.decision else ""
        lines.append(f"  {w.fill(TEXTS['none'], {})}{why}")
        if card.decision == "not_eligible":
            lines += [
                f"    {called(each.offer, each.label, w)}: {weighed(each, card, w)}"
                for each in card.weighed
            ]
    for plan in card.planned:
        offer = called(plan.offer, plan.label, w)
        held = plan.arm == "control"
        lines.append("  " + (w.fill(TEXTS["held"], {"offer": offer}) if held else offer))
        if plan.rests_on is not None:
            lines.append(f"  {capital(rests(plan.rests_on, w))}.")
    return lines


def _next(card: CustomerCard, w: Words) -> list[str]:
    """What the customer may want next and why, and what of it the message leads with."""
    if not card.next:
        return []
    lines = ["", w.fill(message.TEXTS["next"], {})]
    lines += [f"  {product(each.called, w)}: {product_why(each, w)}" for each in card.next]
    if card.leads is not None:
        names, why = card.leads
        told = ", ".join(product(name, w) for name in names)
        values = {
            "products": told or w.fill(message.TEXTS["none"], {}),
            "why": message.in_words(why, w),
        }
        lines += ["", w.fill(message.TEXTS["for_message"], {}),
                  "  " + w.fill(message.TEXTS["leads"], values)]  # fmt: skip
    return lines


def product(name: str | None, w: Words) -> str:
    """A product's name, or that it is not named."""
    return name or w.fill(CARD["not_named"], {})


def product_why(each: NextProduct, w: Words) -> str:
    """Why a product stands there, and when to remind of it."""
    due = "" if each.due is None else f"; {message.in_words(each.due, w)}"
    return message.in_words(each.why, w) + due


# --- the card --------------------------------------------------------------------------------


def on_top(card: CustomerCard, w: Words) -> str:
    """The card in two or three sentences."""
    bought, scored = card.of_kind("order"), card.scored
    before = w.fill(
        CARD["bought" if len(bought) > 1 else "bought_once"],
        {"n": len(bought), "spent": sum(each.amount for each in bought),
         "silent": card.rhythm.silent_days},
    )  # fmt: skip
    sentences = [
        w.fill(
            CARD["no_chance" if scored.p_return is None else "chance"],
            {"before": before, "days": scored.horizon_days, "share": scored.p_return},
        )
    ]
    names = [signal(each, w) for each in card.signals if each.n_open]
    if names:
        sentences.append(w.fill(CARD["top_open"], {"names": names}))
    sentences += [
        w.fill(CARD["top_control" if plan.arm == "control" else "top_offer"],
               {"offer": plan.label.get(w.language, plan.offer)})
        for plan in card.planned
    ]  # fmt: skip
    if not card.planned and card.decision:
        sentences.append(w.fill(CARD["top_none"], {"why": w.term("decision", card.decision)}))
    return " ".join(sentences)


def rhythm(found: Rhythm, w: Words) -> list[str]:
    """How unusual the silence of now is for this customer, in sentences."""
    band = w.fill(CARD["risk"], {"band": w.term("band", found.band)})
    times = found.times_usual
    if times is None:
        return [w.fill(CARD["one_day"], {}), band]
    if not found.is_known:
        return [w.fill(CARD["one_pause"], {}), band]
    name = "within" if times <= 1 else "happened_before" if found.longer_before else "never_before"
    values = {
        "times": w.times(round(times, 1 if times < 10 else 0)),
        "n": found.longer_before,
        "of": found.days_bought - 1,
    }
    lines = [w.fill(CARD[name], values)]
    if found.expected_on is None:
        lines.append(w.fill(CARD["passed"], {}))
    return [*lines, band]


def score(scored: Scored, w: Words) -> list[str]:
    """What the chance and the sums mean, and what is usually done with the segment."""
    lines: list[str] = []
    if scored.p_return is None:
        lines.append(f"{capital(w.fill(TEXTS['unproven'], {}))}.")
    else:
        of_hundred = {"n": 100 * scored.p_return, "days": scored.horizon_days}
        lines.append(w.fill(CARD["chance_means"], of_hundred))
    if scored.spend is not None and scored.spend[2] is not None:
        spend, low, high = scored.spend
        lines.append(w.fill(
            CARD["spend_means"],
            {"days": scored.horizon_days, "orders": scored.expected_orders, "spend": spend,
             "low": low, "high": high},
        ))  # fmt: skip
    named = {
        "segment": w.term("segment", scored.segment),
        "advice": w.term("advice", scored.segment),
    }
    return [*lines, w.fill(CARD["segment"], named)]


def signal(seen: SignalSeen, w: Words) -> str:
    """What people call a signal."""
    return seen.label[w.language] if seen.label else seen.name.replace("_", " ")


def came(found: OnList, w: Words) -> str:
    """What came of a list for this customer."""
    name = "came" if found.bought else "came_not" if found.closed else "came_open"
    return w.fill(CARD[name], {"spent": found.spent, "until": found.until})


def asked(found: Weighed, card: CustomerCard, w: Words) -> str:
    """Whom an offer is for, in words."""
    basket = [] if found.min_basket is None else [conditions.min_basket(found.min_basket, w)]
    if basket and not found.condition.strip():
        return basket[0]
    return "; ".join([condition(found.condition, card, w), *basket])


def weighed(found: Weighed, card: CustomerCard, w: Words) -> str:
    """Whether an offer's condition holds for the customer, and which parts do not."""
    if found.met is None:
        return w.fill(CARD["not_known"], {})
    if found.met:
        return w.fill(CARD["met"], {})
    parts = "; ".join(condition(part, card, w) for part in found.missed)
    return w.fill(CARD["missed" if parts else "missed_whole"], {"parts": parts})


def condition(text: str, card: CustomerCard, w: Words) -> str:
    """A condition of the catalogue in words."""
    return conditions.as_text(conditions.condition(text, w, card.own))


def decided(card: CustomerCard, w: Words) -> list[str]:
    """Why this offer, or none, in sentences."""
    lines = []
    for plan in card.planned:
        name = "held" if plan.arm == "control" else "gets"
        values = {"offer": called(plan.offer, plan.label, w), "campaign": plan.campaign_id}
        lines.append(w.fill(CARD[name], values))
        if plan.rests_on is not None:
            lines.append(f"{capital(rests(plan.rests_on, w))}.")
    if not card.planned:
        why = w.term("decision", card.decision) if card.decision else ""
        lines.append(w.fill(CARD["none" if why else "not_planned"], {"why": why}))
    if card.in_peace_until is not None:
        lines.append(w.fill(CARD["peace"], {"day": card.in_peace_until}))
    return lines
