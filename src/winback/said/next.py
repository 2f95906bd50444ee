"""What to do after a campaign, as sentences."""

from __future__ import annotations

from winback.results.base import Fact
from winback.results.measured import Awaited, Measurement
from winback.said.terms import TERMS
from winback.said.words import Texts, Words

TEXTS: Texts = {
    # nothing is read yet
    "wait": {
        "en": "Wait until {day:short_day}, then measure with the orders of all days.",
        "pl": "Zaczekaj do {day:short_day}, potem zmierz na zamówieniach ze wszystkich dni.",
    },
    "read_again": {
        "en": "Read it again when all {days:n} days have passed, and decide then.",
        "pl": "Odczytaj wynik jeszcze raz po wszystkich {days:n} dniach i dopiero wtedy zdecyduj.",
    },
    "read_again_on": {
        "en": "Read it again after {day:short_day}, when all {days:n} days have passed, and decide "
        "then.",
        "pl": "Odczytaj wynik jeszcze raz po {day:short_day}, gdy minie całe {days:n} dni, i "
        "dopiero wtedy zdecyduj.",
    },
    # what is wrong, and how to mend it
    "repair_no_control": {
        "en": "Give the assignment of everybody who was drawn, with the held-out customers in it; "
        "a campaign without a control group cannot be measured afterwards. Hold some out of the "
        "next one.",
        "pl": "Podaj przydział wszystkich wylosowanych, razem z grupą kontrolną; kampanii bez tej "
        "grupy nie da się zmierzyć po fakcie. W następnej zostaw część klientów bez oferty.",
    },
    "repair_no_treated": {
        "en": "Give the assignment of everybody who was drawn, with those who got the offer in it.",
        "pl": "Podaj przydział wszystkich wylosowanych, razem z tymi, którzy dostali ofertę.",
    },
    "repair_customer_in_both_arms": {
        "en": "Leave each customer in the one group that was drawn: take assignment.parquet as it "
        "was sealed, not lists put together later.",
        "pl": "Zostaw każdego klienta w jednej, wylosowanej grupie: weź assignment.parquet z dnia "
        "wysyłki, a nie listy złożone później.",
    },
    "repair_sample_ratio": {
        "en": "Find out who is missing: customers taken off after the draw (unsubscribed, bounced, "
        "called back) belong into the file, in the group they were drawn for.",
        "pl": "Sprawdź, kogo brakuje: klienci usunięci po losowaniu (wypisani, z błędnym adresem) "
        "należą do pliku, w grupie, do której ich wylosowano.",
    },
    "repair_arms_differ": {
        "en": "Find out what parted the groups before the draw: ids changed or merged in one of "
        "them, or customers chosen for the offer by hand.",
        "pl": "Sprawdź, co rozdzieliło grupy przed losowaniem: zmienione lub scalone "
        "identyfikatory w jednej z nich albo klienci wybrani do oferty ręcznie.",
    },
    "repair_split_by_day": {
        "en": "Give the probability each customer was drawn with, or draw both groups on every day "
        "in the same share.",
        "pl": "Podaj prawdopodobieństwo, z jakim losowano każdego klienta, albo każdego dnia "
        "losuj obie grupy w tej samej proporcji.",
    },
    "repair_ids_lost": {
        "en": "Bring the customer ids back into the form the orders have: leading zeros that a "
        "spreadsheet took, ids that were merged or changed after the draw.",
        "pl": "Przywróć identyfikatory klientów do postaci z zamówień: zera wiodące zgubione w "
        "arkuszu, identyfikatory scalone lub zmienione po losowaniu.",
    },
    "repair_not_sent": {
        "en": "Find out what really left: send the offers as they were drawn, or give the file of "
        "this campaign's own messages.",
        "pl": "Sprawdź, co naprawdę wyszło: wyślij oferty tak, jak je wylosowano, albo podaj plik "
        "wiadomości właśnie z tej kampanii.",
    },
    "repair_gap_in_window": {
        "en": "Export the orders of the missing days again.",
        "pl": "Wyeksportuj jeszcze raz zamówienia z brakujących dni.",
    },
    "measure_again": {
        "en": "Then measure again; until then nothing should be decided by this campaign.",
        "pl": "Potem zmierz jeszcze raz; do tego czasu niczego nie rozstrzygaj na podstawie tej "
        "kampanii.",
    },
    # by offer
    "send": {
        "en": "Send {offers} to all customers like these: this earns money. Go on holding out "
        "{share:share} of them, so that you notice when it stops.",
        "pl": "Wysyłaj {offers} do wszystkich takich klientów: to zarabia. Nadal zostawiaj "
        "{share:share} z nich bez oferty, żeby zauważyć, kiedy przestanie.",
    },
    "send_unpriced": {
        "en": "{offers}: worth sending on to customers like these if it costs less than it brings. "
        "Go on holding out {share:share} of them.",
        "pl": "{offers}: warto wysyłać dalej do takich klientów, jeśli kosztuje mniej, niż "
        "przynosi. Nadal zostawiaj {share:share} z nich bez oferty.",
    },
    "other_terms": {
        "en": "{offers}: this moves customers, but costs more than it earns. Do not send it on "
        "these terms; test a smaller discount or a higher minimum basket.",
        "pl": "{offers}: klienci reagują, ale kosztuje to więcej, niż zarabia. Nie wysyłaj na tych "
        "warunkach; przetestuj mniejszy rabat albo wyższy minimalny koszyk.",
    },
    "profit_unsure": {
        "en": "{offers}: this moves customers, but whether it pays cannot be told by a test of "
        "this kind: gain and cost are nearly the same. Test better terms, such as a smaller "
        "discount.",
        "pl": "{offers}: klienci reagują, ale taki test nie powie, czy się to opłaca: zysk i koszt "
        "są prawie równe. Przetestuj lepsze warunki, na przykład mniejszy rabat.",
    },
    "profit_unsure_size": {
        "en": "{offers}: this moves customers, but whether it pays is open. Repeat it with "
        "{times:n1} times as many customers, or with a smaller discount.",
        "pl": "{offers}: klienci reagują, ale nie wiadomo, czy się to opłaca. Powtórz na grupach "
        "{times:n1} razy większych albo z mniejszym rabatem.",
    },
    "stop": {
        "en": "Stop sending {offers} to customers like these: this does harm.",
        "pl": "Przestań wysyłać {offers} do takich klientów: to szkodzi.",
    },
    "drop": {
        "en": "{offers}: do not send it on these terms. Even at the best end of the range it loses "
        "money; try another offer.",
        "pl": "{offers}: nie wysyłaj na tych warunkach. Nawet w najlepszym wariancie przynosi "
        "stratę; spróbuj innej oferty.",
    },
    "drop_seen": {
        "en": "{offers}: a change that pays ({effect:n1} points) would most likely have shown in a "
        "campaign of this size. Try another offer rather than this one again.",
        "pl": "{offers}: opłacalną zmianę ({effect:n1} p.p.) kampania tej wielkości raczej by "
        "pokazała. Zamiast powtarzać, spróbuj innej oferty.",
    },
    "test_pays": {
        "en": "{offers}: this pays from {effect:n1} points on. A test that sees this takes "
        "{needed:n} customers with the offer and {needed:n} held out; this one had {treated:n} "
        "and {control:n}.",
        "pl": "{offers}: opłaca się to od {effect:n1} p.p. Test, który to wykryje, wymaga "
        "{needed:n} klientów z ofertą i {needed:n} w grupie kontrolnej; w tym było ich "
        "{treated:n} i {control:n}.",
    },
    "test_half_returned": {
        "en": "{offers}: to see a change half as small as this campaign could ({effect:n1} "
        "points), test it with {needed:n} customers with the offer and {needed:n} held out.",
        "pl": "{offers}: aby wykryć zmianę o połowę mniejszą niż w tej kampanii ({effect:n1} "
        "p.p.), przetestuj ją na {needed:n} klientach z ofertą i {needed:n} w grupie kontrolnej.",
    },
    "test_half_orders": {
        "en": "{offers}: to see a change half as small as this campaign could ({effect:n2} orders "
        "a customer), test it with {needed:n} customers with the offer and {needed:n} held out.",
        "pl": "{offers}: aby wykryć zmianę o połowę mniejszą niż w tej kampanii ({effect:n2} "
        "zamówienia na klienta), przetestuj ją na {needed:n} klientach z ofertą i {needed:n} w "
        "grupie kontrolnej.",
    },
    "test_half_net_spend": {
        "en": "{offers}: to see a change half as small as this campaign could ({effect:money2} a "
        "customer), test it with {needed:n} customers with the offer and {needed:n} held out.",
        "pl": "{offers}: aby wykryć zmianę o połowę mniejszą niż w tej kampanii ({effect:money2} "
        "na klienta), przetestuj ją na {needed:n} klientach z ofertą i {needed:n} w grupie "
        "kontrolnej.",
    },
    "test": {
        "en": "{offers}: test it again with more customers than {treated:n} with the offer and "
        "{control:n} held out.",
        "pl": "{offers}: przetestuj jeszcze raz na większych grupach niż {treated:n} klientów z "
        "ofertą i {control:n} w grupie kontrolnej.",
    },
    "too_few_pays": {
        "en": "{offers}: test it with {needed:n} customers with the offer and {needed:n} held out; "
        "that is what an effect that just pays ({effect:n1} points) takes. Here there were "
        "{treated:n} and {control:n}.",
        "pl": "{offers}: przetestuj na {needed:n} klientach z ofertą i {needed:n} w grupie "
        "kontrolnej; tylu wymaga efekt, który tylko się zwraca ({effect:n1} p.p.). Tu było ich "
        "{treated:n} i {control:n}.",
    },
    "too_few_beyond": {
        "en": "{offers}: an effect that just pays ({pays:n1} points) cannot be told by tests of "
        "this size. One of {effect:n1} points takes {needed:n} customers with the offer and "
        "{needed:n} held out; here there were {treated:n} and {control:n}.",
        "pl": "{offers}: efektu, który tylko się zwraca ({pays:n1} p.p.), testy tej wielkości nie "
        "rozstrzygną. Efekt {effect:n1} p.p. wymaga {needed:n} klientów z ofertą i {needed:n} w "
        "grupie kontrolnej; tu było ich {treated:n} i {control:n}.",
    },
    "too_few_plausible": {
        "en": "{offers}: test it with {needed:n} customers with the offer and {needed:n} held out "
        "to see an effect of {effect:n1} points. Here there were {treated:n} and {control:n}.",
        "pl": "{offers}: przetestuj na {needed:n} klientach z ofertą i {needed:n} w grupie "
        "kontrolnej, aby wykryć efekt {effect:n1} p.p. Tu było ich {treated:n} i {control:n}.",
    },
    "too_few": {
        "en": "{offers}: test it with at least {least:g} customers in each group; here there were "
        "{treated:n} with the offer and {control:n} held out.",
        "pl": "{offers}: przetestuj na co najmniej {least:g} klientach w każdej grupie; tu było "
        "{treated:n} z ofertą i {control:n} w grupie kontrolnej.",
    },
    "beyond_tests": {
        "en": "{offers}: this pays from {effect:n1} points on, which cannot be told by tests of "
        "this size; {times:n} times as many customers would see {sees:n1}. Test an offer with a "
        "larger effect, or a cheaper one.",
        "pl": "{offers}: opłaca się to od {effect:n1} p.p., a tego nie rozstrzygną testy tej "
        "wielkości; grupy {times:n} razy większe wykryłyby {sees:n1} p.p. Przetestuj ofertę, która "
        "działa mocniej albo mniej kosztuje.",
    },
    # offers and segments against each other
    "prefer_by_profit": {
        "en": "Prefer {offer} to {against}: it earned more with customers who could have been "
        "drawn either.",
        "pl": "Wybieraj {offer} zamiast {against}: u klientów, którym mogła przypaść każda z tych "
        "ofert, zarobiła więcej.",
    },
    "prefer_by_effect": {
        "en": "Prefer {offer} to {against} as long as it costs no more: it moved more customers.",
        "pl": "Wybieraj {offer} zamiast {against}, o ile nie kosztuje więcej: podziałała na więcej "
        "klientów.",
    },
    "none_better": {
        "en": "Between the offers no difference can be told from chance: send the cheaper one.",
        "pl": "Różnicy między ofertami nie da się odróżnić od przypadku: wysyłaj tańszą.",
    },
    "leave_out": {
        "en": "Leave out {segments}: there the offers did harm.",
        "pl": "Pomiń grupy: {segments}. Tam oferty zaszkodziły.",
    },
    "begin_with": {
        "en": "Begin with {segments}: there the effect is clear by itself.",
        "pl": "Zacznij od grup: {segments}. Tam efekt widać osobno.",
    },
    "segments_alike": {
        "en": "Do not choose by segment: no single one is large enough to be told from chance.",
        "pl": "Nie wybieraj według segmentów: w żadnym z osobna efektu nie da się odróżnić od "
        "przypadku.",
    },
    "test_in": {
        "en": "Test it again in {segments} alone: there an effect showed, though not in the whole.",
        "pl": "Przetestuj jeszcze raz tylko w grupach: {segments}. Tam efekt widać, choć w całości "
        "nie.",
    },
    # what the reading lacks
    "count_both_windows": {
        "en": "Judge it by twice {days:count day}: part of what it won came out of the days after.",
        "pl": "Oceniaj ją w podwójnym oknie (dwa razy {days:count day}): część zysku pochodzi z "
        "następnych dni.",
    },
    "say_contact_price": {
        "en": "Write what a contact costs (`contact_cost`) into the offers and measure again; the "
        "profit above rests on an assumed price.",
        "pl": "Wpisz w ofertach koszt kontaktu (`contact_cost`) i zmierz jeszcze raz; zysk powyżej "
        "opiera się na cenie przyjętej.",
    },
    "say_contact_price_uncounted": {
        "en": "Write what a contact costs (`contact_cost`) into the offers and measure again; no "
        "sum here counts contacts yet.",
        "pl": "Wpisz w ofertach koszt kontaktu (`contact_cost`) i zmierz jeszcze raz; na razie "
        "żadna kwota nie uwzględnia kontaktów.",
    },
    "give_terms": {
        "en": "Give the offers' terms (`--params`, or the manifest beside the assignment), so that "
        "it can be told whether it paid.",
        "pl": "Podaj warunki ofert (`--params` albo manifest obok przydziału), żeby dało się "
        "powiedzieć, czy się opłaciło.",
    },
    # a programme
    "programme_works": {
        "en": "Go on with the campaigns, and with the customers held out of all of them.",
        "pl": "Prowadź kampanie dalej i nadal zostawiaj tych samych klientów bez żadnej z nich.",
    },
    "programme_harms": {
        "en": "Stop the campaigns until it is clear which of them does harm; measure each by its "
        "own control group.",
        "pl": "Wstrzymaj kampanie, aż będzie jasne, która szkodzi; zmierz każdą jej własną grupą "
        "kontrolną.",
    },
    "programme_not_distinguishable": {
        "en": "Read it again over more days, or hold out a larger share next year; until then "
        "judge each campaign by its own control group.",
        "pl": "Odczytaj na dłuższym okresie albo w przyszłym roku odłóż więcej klientów; do tego "
        "czasu oceniaj każdą kampanię jej własną grupą kontrolną.",
    },
    "programme_too_few": {
        "en": "Hold out more customers: at least {least:g} are needed.",
        "pl": "Odłóż więcej klientów: potrzeba co najmniej {least:g}.",
    },
}
# Thirds of the chance of a return, as the measurement names them.
_THIRDS: Texts = {
    "lowest third": {"en": "least likely to return", "pl": "najmniej skłonni wrócić"},
    "middle third": {"en": "in between", "pl": "pośrodku"},
    "highest third": {"en": "most likely to return", "pl": "najbardziej skłonni wrócić"},
}


def steps(found: Measurement | Awaited, words: Words) -> list[str]:
    """What to do next, one sentence a step, with the offers by their names."""
    if isinstance(found, Awaited):
        return [words.fill(TEXTS["wait"], {"day": found.closes_on})]
    return [_step(told, found, words) for told in found.next_steps]


def offer_name(code: str, found: Measurement, words: Words) -> str:
    """An offer as the catalogue calls it in this language, else by its code."""
    label = found.labels.get(code)
    return code if label is None else label[words.language]


def segment_name(column: str, code: str, words: Words) -> str:
    """One part of the customers, by the column that parts them."""
    if column == "p_return" and code in _THIRDS:
        return words.fill(_THIRDS[code], {})
    return words.term(column, code) if column in TERMS else code


def _step(told: Fact, found: Measurement, words: Words) -> str:
    values = dict(told.values)
    column = str(values.get("column", ""))
    quoted = {"en": "“{}”", "pl": "„{}”"}[words.language].format

    def offer(code: object) -> str:
        return quoted(offer_name(str(code), found, words))

    for key in ("offer", "against"):
        if key in values:
            values[key] = offer(values[key])
    for key in ("offers", "segments"):
        codes = values.get(key)
        if isinstance(codes, tuple):
            values[key] = tuple(
                offer(code) if key == "offers" else segment_name(column, str(code), words)
                for code in codes
            )
    return words.fill(TEXTS[told.code.partition(".")[2]], values)
