"""The page of a campaign's result: its headline, its titles and what it rests on."""

from __future__ import annotations

from winback.results.measured import Awaited, Measurement, ProgrammeMeasurement
from winback.said import earned, measured
from winback.said.next import steps
from winback.said.telling import tell
from winback.said.words import Texts, Words

TEXTS: Texts = {
    "title": {"en": "Result of a campaign", "pl": "Wynik kampanii"},
    "kicker": {"en": "Result of {campaign}", "pl": "Wynik kampanii {campaign}"},
    "kicker_programme": {"en": "All campaigns together", "pl": "Wszystkie kampanie razem"},
    "skip": {"en": "To the result", "pl": "Przejdź do wyniku"},
    "contents": {"en": "Contents", "pl": "Spis treści"},
    "footer": {
        "en": "Made by winback out of the same measurement as the JSON file beside it. Everybody "
        "counts in the group that was drawn for them, whether or not the message reached them.",
        "pl": "Strona przygotowana przez winback z tego samego pomiaru co plik JSON obok. Każdy "
        "liczy się w grupie, do której go wylosowano, niezależnie od tego, czy wiadomość dotarła.",
    },
    "as_of": {
        "en": "Drawn {first:day}, orders of {days:count day}; {treated:n} with an offer, "
        "{control:n} held out.",
        "pl": "Losowanie {first:day}, zamówienia z {days:count of day}; {treated:n} z ofertą, "
        "{control:n} w grupie kontrolnej.",
    },
    "as_of_days": {
        "en": "Drawn {first:day} to {last:day}, orders of {days:count day} each; {treated:n} with "
        "an offer, {control:n} held out.",
        "pl": "Losowanie od {first:day} do {last:day}, zamówienia z {days:count of day} od "
        "każdego; {treated:n} z ofertą, {control:n} w grupie kontrolnej.",
    },
    # the headline
    "head_works_earned": {
        "en": "It worked, and it earned money",
        "pl": "Zadziałała i zarobiła",
    },
    "head_works_lost": {
        "en": "It moved customers, but lost money",
        "pl": "Zadziałała, ale przyniosła stratę",
    },
    "head_works_unsure": {
        "en": "It moved customers; whether it paid cannot be told yet",
        "pl": "Zadziałała; czy się opłaciła, jeszcze nie wiadomo",
    },
    "head_works": {
        "en": "It worked; what it earned is not known",
        "pl": "Zadziałała; ile zarobiła, nie wiadomo",
    },
    "head_works_looked": {
        "en": "It moves customers; whether it pays stands below",
        "pl": "Działa na klientów; czy się opłaca, czytaj niżej",
    },
    "head_works_looked_lost": {
        "en": "It moves customers, but loses money by this reading",
        "pl": "Działa na klientów, ale według tego odczytu przynosi stratę",
    },
    "head_harms": {"en": "It did harm", "pl": "Zaszkodziła"},
    "head_not_distinguishable": {
        "en": "No effect can be told from chance",
        "pl": "Efektu nie da się odróżnić od przypadku",
    },
    "head_not_distinguishable_lost": {
        "en": "No effect can be told from chance, and it lost money",
        "pl": "Efektu nie da się odróżnić od przypadku, a kampania przyniosła stratę",
    },
    "head_too_few": {
        "en": "Too few customers to read a result",
        "pl": "Za mało klientów, żeby odczytać wynik",
    },
    "head_invalid": {
        "en": "This campaign cannot be read",
        "pl": "Tej kampanii nie da się odczytać",
    },
    "head_programme_works": {
        "en": "The campaigns worked",
        "pl": "Kampanie zadziałały",
    },
    "head_programme_harms": {"en": "The campaigns did harm", "pl": "Kampanie zaszkodziły"},
    "head_programme_not_distinguishable": {
        "en": "No effect of the campaigns can be told from chance",
        "pl": "Efektu kampanii nie da się odróżnić od przypadku",
    },
    "head_early": {"en": "Early look: {told}", "pl": "Odczyt przed czasem: {told}"},
    "head_awaited": {
        "en": "The result can be read after {day:day}",
        "pl": "Wynik będzie można odczytać po {day:day}",
    },
    # sections
    "warnings": {"en": "Read this first", "pl": "Najpierw to"},
    "earned": {"en": "What it earned and cost", "pl": "Ile dała i ile kosztowała"},
    "offers": {"en": "By offer and segment", "pl": "Według ofert i segmentów"},
    "sure": {"en": "How sure this is", "pl": "Na ile to pewne"},
    "next": {"en": "What to do next", "pl": "Co dalej"},
    "why_invalid": {"en": "Why it cannot be read", "pl": "Dlaczego nie da się odczytać"},
    "keep_in_mind": {"en": "Keep in mind", "pl": "O czym pamiętać"},
    "looks_title": {"en": "Looked at more than once", "pl": "Więcej niż jeden odczyt"},
    # cards
    "card_profit": {"en": "profit in all, {low} to {high}", "pl": "zysk razem, od {low} do {high}"},
    "card_effect": {
        "en": "change of: {metric}; from {low} to {high}",
        "pl": "zmiana: {metric}; od {low} do {high}",
    },
    "card_cost": {"en": "cost: discounts and contacts", "pl": "koszt: rabaty i kontakty"},
    # by offer and segment
    "by_offer_title": {
        "en": "{best}: the effect is clear of chance",
        "pl": "{best}: efekt wyraźny, nie z przypadku",
    },
    "by_offer_none": {
        "en": "For no offer can an effect be told from chance",
        "pl": "Dla żadnej oferty efektu nie da się odróżnić od przypadku",
    },
    "by_offer_one": {
        "en": "The effect of {offer}",
        "pl": "Efekt oferty {offer}",
    },
    "by_segment_title": {
        "en": "Clear of chance in: {best}",
        "pl": "Efekt wyraźny w grupach: {best}",
    },
    "by_segment_none": {
        "en": "In no segment by itself can an effect be told from chance",
        "pl": "W żadnym segmencie z osobna efektu nie da się odróżnić od przypadku",
    },
    "profit_by_offer_title": {
        "en": "What each offer earned a customer",
        "pl": "Ile każda oferta zarobiła na kliencie",
    },
    "against_title": {"en": "One offer against the other", "pl": "Oferta przeciw ofercie"},
    "shows_returned": {
        "en": "Change of the share that returned, in points, with its 95% interval; right of the "
        "line is more",
        "pl": "Zmiana odsetka powrotów, w p.p., z przedziałem 95%; na prawo od kreski znaczy "
        "więcej",
    },
    "shows_orders": {
        "en": "Change of orders a customer, with its 95% interval; right of the line is more",
        "pl": "Zmiana liczby zamówień na klienta, z przedziałem 95%; na prawo od kreski znaczy "
        "więcej",
    },
    "shows_net_spend": {
        "en": "Change of net spend a customer, with its 95% interval; right of the line is more",
        "pl": "Zmiana wydatków netto na klienta, z przedziałem 95%; na prawo od kreski znaczy "
        "więcej",
    },
    "shows_profit": {
        "en": "Profit a customer after discounts and contacts, with its 95% interval; right of "
        "the line is gain",
        "pl": "Zysk na klienta po rabatach i kontaktach, z przedziałem 95%; na prawo od kreski "
        "jest zysk",
    },
    "effects_alt": {"en": "{pairs}", "pl": "{pairs}"},
    "effects_pair": {
        "en": "{label}: {effect}, from {low} to {high}",
        "pl": "{label}: {effect}, od {low} do {high}",
    },
    "ends": {"en": "{low} to {high}", "pl": "od {low} do {high}"},
    "range": {"en": "{effect} ({low} to {high})", "pl": "{effect} (od {low} do {high})"},
    "foot_offers": {
        "en": "Each offer against the customers held out of it, as drawn.",
        "pl": "Każda oferta wobec klientów, których z niej wylosowano do grupy kontrolnej.",
    },
    "foot_segments": {
        "en": "Each segment against its own held-out customers. Where many are compared some look "
        "different by chance; the verdicts in the table allow for that.",
        "pl": "Każdy segment wobec własnej grupy kontrolnej. Przy wielu porównaniach niektóre "
        "różnią się przypadkiem; oceny w tabeli to uwzględniają.",
    },
    "foot_against": {
        "en": "Among customers who could have been drawn either.",
        "pl": "Wśród klientów, którym mogła przypaść każda z tych ofert.",
    },
    "figures": {"en": "The figures", "pl": "Liczby"},
    "table_offer": {"en": "Each offer", "pl": "Każda oferta"},
    "table_segment": {"en": "Each segment", "pl": "Każdy segment"},
    "offer": {"en": "offer", "pl": "oferta"},
    "segment": {"en": "segment", "pl": "segment"},
    "with_offer": {"en": "with offer", "pl": "z ofertą"},
    "held_out": {"en": "held out", "pl": "kontrolna"},
    "effect": {"en": "effect (95% interval)", "pl": "efekt (przedział 95%)"},
    "said": {"en": "verdict", "pl": "ocena"},
    "verdict_works": {"en": "works", "pl": "działa"},
    "verdict_harms": {"en": "harms", "pl": "szkodzi"},
    "verdict_not_distinguishable": {"en": "not told from chance", "pl": "nie do odróżnienia"},
    "verdict_too_few": {"en": "too few", "pl": "za mało klientów"},
    "versus_works": {"en": "{offer} is better", "pl": "lepsza: {offer}"},
    "versus_none": {"en": "no difference told", "pl": "bez wykrytej różnicy"},
    "pair": {"en": "{offer} against {against}", "pl": "{offer} kontra {against}"},
    "pair_column": {"en": "pair", "pl": "para"},
    "profit_column": {"en": "profit a customer", "pl": "zysk na klienta"},
    # how sure
    "sizes": {
        "en": "{treated:n} customers with an offer are compared with {control:n} who were held "
        "out by lot.",
        "pl": "Porównujemy {treated:n} klientów z ofertą z {control:n} klientami wylosowanymi do "
        "grupy kontrolnej.",
    },
    "detectable": {
        "en": "A campaign of this size had an 80% chance to find a change of {least} or more.",
        "pl": "Kampania tej wielkości miała 80% szans na wykrycie zmiany o {least} lub większej.",
    },
    "pays_from": {
        "en": "By the terms of the offers a change of {least} just pays.",
        "pl": "Przy warunkach ofert zmiana o {least} tylko się zwraca.",
    },
    "ratio_fits": {
        "en": "The groups are as large as the draw made them ({p}).",
        "pl": "Grupy są tak liczne, jak powinny po losowaniu ({p}).",
    },
    "ratio_off": {
        "en": "The groups are not as large as the draw made them ({p}).",
        "pl": "Grupy nie są tak liczne, jak powinny po losowaniu ({p}).",
    },
    "ratio_unknown": {
        "en": "How the groups were to be split is not known.",
        "pl": "Nie wiadomo, w jakiej proporcji losowano grupy.",
    },
    "alike": {
        "en": "Before the draw the groups were alike; the largest difference is {most:n2} standard "
        "deviations ({covariate}).",
        "pl": "Przed losowaniem grupy były podobne; największa różnica to {most:n2} odchylenia "
        "standardowego ({covariate}).",
    },
    "unlike": {
        "en": "Before the draw the groups differed by up to {most:n2} standard deviations "
        "({covariate}), more than a draw explains.",
        "pl": "Przed losowaniem grupy różniły się nawet o {most:n2} odchylenia standardowego "
        "({covariate}), więcej, niż tłumaczy losowanie.",
    },
    "in_orders": {
        "en": "Of those with an offer {treated:share1} had ordered before, of the held-out "
        "{control:share1}.",
        "pl": "Wcześniej kupowało {treated:share1} klientów z ofertą i {control:share1} z grupy "
        "kontrolnej.",
    },
    "window": {
        "en": "Orders count until {closes_on:short_day}; the file covers the days until "
        "{seen_until:short_day}.",
        "pl": "Zamówienia liczą się do {closes_on:short_day}; plik obejmuje dni do "
        "{seen_until:short_day}.",
    },
    "covers": {
        "en": "The orders cover the days until {day:short_day}.",
        "pl": "Zamówienia obejmują dni do {day:short_day}.",
    },
    "rests_on": {
        "en": "Everybody counts as drawn: the difference is that of the offer being sent, not of "
        "its being used. The interval holds in 95 of 100 such campaigns.",
        "pl": "Każdy liczy się tak, jak go wylosowano: różnica wynika z wysłania oferty, nie z jej "
        "użycia. Taki przedział jest trafny w 95 na 100 kampanii.",
    },
    "sent": {
        "en": "Of those with an offer {share:share1} were really sent one.",
        "pl": "Ofertę naprawdę wysłano do {share:share1} klientów, którzy mieli ją dostać.",
    },
    "foretold": {
        "en": "Foretold gain: {predicted:+money0}; it came to {realised:+money0}.",
        "pl": "Prognoza zysku: {predicted:+money0}; wyszło {realised:+money0}.",
    },
    "metrics_table": {
        "en": "Both groups, with an offer less held out",
        "pl": "Obie grupy: z ofertą minus kontrolna",
    },
    "metric": {"en": "measure", "pl": "miara"},
    "metric_returned": {"en": "share that returned", "pl": "odsetek powrotów"},
    "metric_orders": {"en": "orders a customer", "pl": "zamówienia na klienta"},
    "metric_net_spend": {"en": "net spend a customer", "pl": "wydatki netto na klienta"},
    "metric_named": {"en": "{metric} (the one named before)", "pl": "{metric} (miara wybrana)"},
    "adjusted": {"en": "past taken out", "pl": "po uwzględnieniu przeszłości"},
    "balance_open": {"en": "The groups before the draw", "pl": "Grupy przed losowaniem"},
    "balance_table": {
        "en": "Differences in standard deviations; near zero is alike",
        "pl": "Różnice w odchyleniach standardowych; blisko zera znaczy podobne",
    },
    "covariate": {"en": "known before", "pl": "co było wiadomo"},
    "difference": {"en": "difference", "pl": "różnica"},
    "p": {"en": "p", "pl": "p"},
    "p_value": {"en": "p = {p:n3}", "pl": "p = {p:n3}"},
    "p_tiny": {"en": "p < {p:n3}", "pl": "p < {p:n3}"},
    # on the terminal
    "step": {"en": "Next: {told}", "pl": "Co dalej: {told}"},
}


def headline(found: Measurement | Awaited, words: Words) -> str:
    """The verdict in a few words, with what is known of the money in it."""
    if isinstance(found, Awaited):
        return words.fill(TEXTS["head_awaited"], {"day": found.closes_on})
    name, profit, looks = f"head_{found.verdict}", found.profit, found.looks
    if isinstance(found, ProgrammeMeasurement) and f"head_programme_{found.verdict}" in TEXTS:
        name = f"head_programme_{found.verdict}"
    elif looks is not None and looks.always_valid is not None:
        # What was earned has an interval of a single look alone.
        if found.verdict == "works":
            lost = profit is not None and profit.total_high is not None and profit.total_high < 0
            name = "head_works_looked_lost" if lost else "head_works_looked"
    elif profit is not None and profit.total_low is not None and profit.total_high is not None:
        earned = "earned" if profit.total_low > 0 else "lost" if profit.total_high < 0 else "unsure"
        name = f"{name}_{earned}" if f"{name}_{earned}" in TEXTS else name
    told = words.fill(TEXTS[name], {})
    if found.problems or looks is None or not looks.early:
        return told
    return words.fill(TEXTS["head_early"], {"told": told[:1].lower() + told[1:]})


def lines(found: Measurement | Awaited, words: Words) -> list[str]:
    """The result on the terminal: verdict, cautions, money, what to do next."""
    told: list[str] = [measured.verdict(found, words)]
    if isinstance(found, Measurement):
        once = measured.one_look(found, words)
        told += [once] if once else []
        told += [tell(caution, words) for caution in found.cautions]
        if isinstance(found, ProgrammeMeasurement):
            told += measured.programme(found, words)
        else:
            told += earned.lines(found, words)
    return [*told, *(words.fill(TEXTS["step"], {"told": step}) for step in steps(found, words))]
