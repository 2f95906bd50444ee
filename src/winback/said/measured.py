"""A measurement in one sentence, and its cautions."""

from __future__ import annotations

from winback.results.measured import (
    Awaited,
    Interval,
    Measurement,
    Metric,
    ProgrammeMeasurement,
)
from winback.said.words import Texts, Words

TEXTS: Texts = {
    # the verdict; how much of which metric is filled in
    "works": {
        "en": "The offers raised the {metric} by {change}.",
        "pl": "Oferty podniosły {metric}: {change}.",
    },
    "harms": {
        "en": "The offers lowered the {metric}: {change}.",
        "pl": "Oferty obniżyły {metric}: {change}.",
    },
    "not_distinguishable": {
        "en": "No effect on the {metric} can be told from chance: {change}.",
        "pl": "Wpływu na {metric} nie da się odróżnić od przypadku: {change}.",
    },
    "not_distinguishable_sees": {
        "en": "No effect on the {metric} can be told from chance: {change}; a campaign of this "
        "size sees changes of {least} or more.",
        "pl": "Wpływu na {metric} nie da się odróżnić od przypadku: {change}; kampania tej "
        "wielkości wykryje zmianę o {least} lub większą.",
    },
    "no_interval": {
        "en": "No interval for the {metric}: within each arm all customers are alike.",
        "pl": "Nie ma przedziału dla wpływu na {metric}: w obrębie grup wszyscy klienci są tacy "
        "sami.",
    },
    "invalid": {"en": "Not to be read: {problems}.", "pl": "Nie do odczytu: {problems}."},
    "too_few": {
        "en": "Too few customers to read: {treated:n} with an offer and {control:n} held out.",
        "pl": "Za mało klientów, żeby odczytać wynik: {treated:n} z ofertą i {control:n} w grupie "
        "kontrolnej.",
    },
    "too_few_needs": {
        "en": "Too few customers to read: {treated:n} with an offer and {control:n} held out; each "
        "group needs at least {least:n}.",
        "pl": "Za mało klientów, żeby odczytać wynik: {treated:n} z ofertą i {control:n} w grupie "
        "kontrolnej; w każdej grupie potrzeba co najmniej {least:n}.",
    },
    # before the verdict of a reading that is none yet
    "early": {
        "en": "Early look, {days:n} of {sealed:n} days: {told}",
        "pl": "Odczyt przed czasem, {days:n} z {sealed:n} dni: {told}",
    },
    "one_look": {
        "en": "If this reading were the only one, the effect would be {change}.",
        "pl": "Gdyby ten odczyt był jedynym, efekt wyniósłby {change}.",
    },
    "awaited": {
        "en": "The window is open until {day:short_day}; nothing is read before it closes.",
        "pl": "Okno trwa do {day:short_day}; przed jego zamknięciem niczego nie odczytujemy.",
    },
    "metric_returned": {"en": "return rate", "pl": "odsetek powrotów"},
    "metric_orders": {"en": "orders a customer", "pl": "liczbę zamówień na klienta"},
    "metric_net_spend": {"en": "net spend a customer", "pl": "wydatki netto na klienta"},
    "change_returned": {
        "en": "{effect:+n1} points (95% interval {low:+n1} to {high:+n1})",
        "pl": "{effect:+n1} p.p. (przedział 95%: od {low:+n1} do {high:+n1})",
    },
    "change_orders": {
        "en": "{effect:+n2} orders (95% interval {low:+n2} to {high:+n2})",
        "pl": "{effect:+n2} zamówienia (przedział 95%: od {low:+n2} do {high:+n2})",
    },
    "change_net_spend": {
        "en": "{effect:+money2} (95% interval {low:+money2} to {high:+money2})",
        "pl": "{effect:+money2} (przedział 95%: od {low:+money2} do {high:+money2})",
    },
    "least_returned": {"en": "{least:n1} points", "pl": "{least:n1} p.p."},
    "least_orders": {"en": "{least:n2} orders", "pl": "{least:n2} zamówienia"},
    "least_net_spend": {"en": "{least:money2}", "pl": "{least:money2}"},
    # a programme as a whole
    "programme_total": {
        "en": "Net spend of the {treated:n} customers not held out, in all: {effect:+money0} (95% "
        "interval {low:+money0} to {high:+money0}).",
        "pl": "Wydatki netto klientów spoza grupy odłożonej ({treated:n}) razem: {effect:+money0} "
        "(przedział 95%: od {low:+money0} do {high:+money0}).",
    },
    "programme_holdout_planned": {
        "en": "Of the held-out customers {n:n} were planned for a campaign all the same; were "
        "target.salt and target.holdout_share others then?",
        "pl": "Klienci z grupy odłożonej, którzy mimo to trafili do kampanii: {n:n}. Czy "
        "target.salt i target.holdout_share były wtedy inne?",
    },
    # what makes it invalid
    "no_control": {
        "en": "nobody is in the arm 'control' (arms found: {arms}); name it with --control",
        "pl": "nikogo nie ma w grupie 'control' (są: {arms}); jej nazwę podaje --control",
    },
    "one_control": {
        "en": "one customer is no control group",
        "pl": "jeden klient to nie grupa kontrolna",
    },
    "no_treated": {
        "en": "fewer than two customers were treated (arms found: {arms})",
        "pl": "ofertę miało mniej niż dwóch klientów (grupy: {arms})",
    },
    "customer_in_both_arms": {
        "en": "{both:count customer} in both arms",
        "pl": "klienci w obu grupach: {both:n}",
    },
    "sample_ratio": {
        "en": "{control:n} control to {treated:n} treated is not the split that was drawn, so "
        "some were lost on the way",
        "pl": "{control:n} kontrolnych do {treated:n} z ofertą to nie jest wylosowany podział, "
        "więc część klientów zgubiono po drodze",
    },
    "arms_differ": {
        "en": "the groups differed before the draw, which a fair draw does not explain",
        "pl": "grupy różniły się jeszcze przed losowaniem, czego uczciwe losowanie nie tłumaczy",
    },
    "arms_differ_by": {
        "en": "the groups differed before the draw, which a fair draw does not explain (by "
        "{covariates})",
        "pl": "grupy różniły się jeszcze przed losowaniem, czego uczciwe losowanie nie tłumaczy "
        "({covariates})",
    },
    "split_by_day": {
        "en": "the share held out changes with the day of the assignment, so both groups were not "
        "watched on the same days",
        "pl": "udział grupy kontrolnej zmienia się z dniem przydziału, więc obu grup nie "
        "obserwowano w te same dni",
    },
    "ids_lost": {
        "en": "fewer customers of one group are found in the orders, so their ids were lost on the "
        "way",
        "pl": "w zamówieniach widać mniej klientów z jednej grupy, więc ich identyfikatory "
        "zgubiono po drodze",
    },
    "ids_lost_shares": {
        "en": "{treated:share1} of those with an offer and {control:share1} of the held-out had "
        "ordered before, so ids of one group were lost on the way",
        "pl": "wcześniej kupowało {treated:share1} klientów z ofertą i {control:share1} klientów "
        "z grupy kontrolnej, więc identyfikatory jednej z grup zgubiono po drodze",
    },
    "not_sent": {
        "en": "by the file of what was sent, no more customers with an offer were sent anything "
        "than of the control, so no difference between them is the offers'",
        "pl": "według pliku wysyłki klienci z ofertą nie dostali niczego częściej niż grupa "
        "kontrolna, więc żadna różnica między nimi nie jest skutkiem ofert",
    },
    "gap_in_window": {
        "en": "the orders have a gap within the days that count, which the shop's own pace makes "
        "incredible",
        "pl": "w dniach, które się liczą, jest przerwa w zamówieniach, niewiarygodna przy tempie "
        "tego sklepu",
    },
    "gap_in_window_days": {
        "en": "no order, or next to none, from {first:short_day} to {last:short_day}, which the "
        "shop's own pace makes incredible",
        "pl": "od {first:short_day} do {last:short_day} nie ma zamówień albo prawie ich nie ma, co "
        "przy tempie tego sklepu jest niewiarygodne",
    },
    "covariate_p_return": {"en": "chance of a return", "pl": "szansa powrotu"},
    "covariate_orders_before_365d": {
        "en": "orders in the year before",
        "pl": "zamówienia w poprzednim roku",
    },
    "covariate_days_since_last_order": {
        "en": "days since the last order",
        "pl": "dni od ostatniego zamówienia",
    },
    "covariate_spend_before_365d": {
        "en": "spend in the year before",
        "pl": "wydatki w poprzednim roku",
    },
    "covariate_orders_before": {"en": "earlier orders", "pl": "wcześniejsze zamówienia"},
    "covariate_in_orders": {
        "en": "share found in the orders",
        "pl": "udział odnalezionych w zamówieniach",
    },
    # cautions
    "forgotten": {
        "en": "People of this campaign who were forgotten since and count no more: {n:n}.",
        "pl": "Osoby z tej kampanii, które od tego czasu usunięto i już się nie liczą: {n:n}.",
    },
    "objected": {
        "en": "People of this campaign who may not be profiled any more and count no more: {n:n}.",
        "pl": "Osoby z tej kampanii, których nie wolno już profilować i które się nie "
        "liczą: {n:n}.",
    },
    "early_look": {
        "en": "This is an early look at {days:n} of the {sealed:n} days the list was sealed for; "
        "wait for the rest before acting on it.",
        "pl": "To odczyt przed czasem: {days:n} z {sealed:n} dni, na które lista była "
        "zaplanowana; z decyzją zaczekaj na pozostałe.",
    },
    "longer_look": {
        "en": "Read over {days:n} days, though the list was sealed for {sealed:n}.",
        "pl": "Odczyt obejmuje {days:n} dni, choć lista była zaplanowana na {sealed:n}.",
    },
    "looked_before": {
        "en": "Looked at {number:count time}: whoever looks often enough finds an effect by "
        "chance, so the verdict takes the interval that holds for any number of looks.",
        "pl": "Liczba odczytów: {number:n}. Kto zagląda dość często, w końcu znajdzie efekt przez "
        "przypadek, dlatego decyduje przedział ważny przy każdej liczbie odczytów.",
    },
    "compared_within_days": {
        "en": "The share held out changed from day to day, so customers were compared with those "
        "assigned on the same day.",
        "pl": "Udział grupy kontrolnej zmieniał się z dnia na dzień, dlatego porównujemy klientów "
        "przydzielonych tego samego dnia.",
    },
    "compared_within_strata": {
        "en": "The share held out differed from stratum to stratum, so customers were compared "
        "within their own.",
        "pl": "Udział grupy kontrolnej różnił się między warstwami, dlatego porównujemy klientów w "
        "obrębie warstwy.",
    },
    "dates_doubted": {
        "en": "Of the dates in the days that count: {doubt}",
        "pl": "O datach w dniach, które się liczą: {doubt}",
    },
    "dates_set_aside": {
        "en": "Lines set aside because their date cannot be read or believed: {n:n}; some of "
        "them may belong to the days that count.",
        "pl": "Wiersze odłożone, bo ich daty nie da się odczytać albo uznać za prawdziwą: {n:n}; "
        "część z nich może należeć do dni, które się liczą.",
    },
    "days_swapped": {
        "en": "After {since:short_day} all lines ({lines:n}) lie on the 1st to 12th of a month, "
        "as where a spreadsheet changed day and month round; some may belong to the days that "
        "count. Take the export anew, without opening it there.",
        "pl": "Po {since:short_day} wszystkie wiersze ({lines:n}) przypadają od 1. do 12. dnia "
        "miesiąca, jak wtedy, gdy arkusz zamienił dzień z miesiącem; część może należeć do dni, "
        "które się liczą. Weź eksport jeszcze raz i nie otwieraj go w arkuszu.",
    },
    "few_at_the_end": {
        "en": "From {since:short_day} on the orders are far fewer than usual ({lines:n} in all), "
        "and that lies in the days that count; make sure that the export is whole.",
        "pl": "Od {since:short_day} zamówień jest o wiele mniej niż zwykle (razem {lines:n}), a to "
        "dni, które się liczą; upewnij się, że eksport jest pełny.",
    },
    "closed_at_new_year": {
        "en": "The shop had no orders from {first:short_day} to {last:short_day}; they are taken "
        "for closed days around New Year.",
        "pl": "Od {first:short_day} do {last:short_day} sklep nie miał zamówień; przyjęto, że w "
        "okresie świąt był zamknięty.",
    },
    "until_on_word": {
        "en": "The last order is of {last:short_day}: that the orders are complete until "
        "{until:short_day} rests on what was said, not on them.",
        "pl": "Ostatnie zamówienie jest z {last:short_day}: że są pełne do {until:short_day}, "
        "wiadomo tylko z tego, co podano, a nie z nich samych.",
    },
    "too_quiet_to_tell": {
        "en": "The shop has so few orders ({orders:n} in the days that count) that nobody could "
        "tell if some were missing.",
        "pl": "Sklep ma tak mało zamówień (w dniach, które się liczą: {orders:n}), że nie dałoby "
        "się zauważyć, gdyby jakichś brakowało.",
    },
    "contacts_assumed": {
        "en": "Nobody said what a contact costs; usual prices are assumed, and profit moves with "
        "them.",
        "pl": "Nikt nie podał kosztu kontaktu; przyjęto typowe ceny, a od nich zależy zysk.",
    },
    "pulled_forward": {
        "en": "Part of the orders were moved forward rather than won: in the days after the window "
        "those with an offer ordered less than the held-out ({effect:+n2} orders a customer).",
        "pl": "Część zamówień przyspieszono, a nie pozyskano: po oknie klienci z ofertą zamawiali "
        "mniej niż grupa kontrolna ({effect:+n2} zamówienia na klienta).",
    },
    "few_in_orders": {
        "en": "Only {known:n} of {n:n} assigned customers are in the orders; the others count as "
        "not returned.",
        "pl": "Tylko {known:n} z {n:n} przydzielonych klientów jest w zamówieniach; pozostali "
        "liczą się jako ci, którzy nie wrócili.",
    },
    "seldom_found": {
        "en": "A campaign of this size finds so small a change seldom; one that it finds is often "
        "chance, or exaggerated. Repeat it with a larger control group before acting.",
        "pl": "Kampania tej wielkości rzadko wykrywa tak małą zmianę; wykryta bywa przypadkiem "
        "albo jest zawyżona. Zanim coś zmienisz, powtórz ją z większą grupą kontrolną.",
    },
    "split_unknown": {
        "en": "The planned split of the arms is not known, so nobody can tell whether customers "
        "were lost on the way; say it with --control-share.",
        "pl": "Planowany podział na grupy nie jest znany, więc nie da się sprawdzić, czy po "
        "drodze nie zgubiono klientów; podaj go przez --control-share.",
    },
    "leading_zeros": {
        "en": "Customer ids were matched without leading zeros, blanks and what else a "
        "spreadsheet changes.",
        "pl": "Identyfikatory klientów dopasowano bez zer wiodących, odstępów i tego, co jeszcze "
        "zmienia arkusz.",
    },
    "sent_to_strangers": {
        "en": "Rows of the sent file about customers who are not in the assignment: {n:n} of "
        "{rows:n}; they are left out.",
        "pl": "Wiersze pliku wysyłki o klientach spoza przydziału: {n:n} z {rows:n}; są pominięte.",
    },
    "no_clock_times": {
        "en": "The orders have no clock times, so windows start at the beginning of the day.",
        "pl": "Zamówienia nie mają godzin, więc okna zaczynają się z początkiem dnia.",
    },
    "control_sent": {
        "en": "Customers of the control group who were sent something all the same: {n:n} "
        "({share:share1}); the effect as assigned is smaller than that of the message.",
        "pl": "Klienci grupy kontrolnej, którzy mimo to coś dostali: {n:n} ({share:share1}); "
        "efekt według przydziału jest mniejszy niż efekt wysłanej oferty.",
    },
    "not_in_sent": {
        "en": "Treated customers whom the sent file does not name: {n:n} of {treated:n}. Some of "
        "its rows fit nobody, so they may be among these under another id.",
        "pl": "Klienci z ofertą, których nie ma w pliku wysyłki: {n:n} z {treated:n}. Część jego "
        "wierszy do nikogo nie pasuje, więc mogą tam być pod innym identyfikatorem.",
    },
    "never_sent": {
        "en": "Treated customers who were never sent their offer: {n:n} of {treated:n}.",
        "pl": "Klienci z ofertą, którzy jej nie dostali: {n:n} z {treated:n}.",
    },
}


def verdict(found: Measurement | Awaited, words: Words) -> str:
    """What came of the campaign in one sentence; of an early look, named so."""
    if isinstance(found, Awaited):
        return words.fill(TEXTS["awaited"], {"day": found.closes_on})
    told = _read(found, words)
    if found.problems or found.looks is None or not found.looks.early:
        return told
    days = {"days": found.window_days, "sealed": found.looks.sealed_days}
    return words.fill(TEXTS["early"], {"told": told, **days})


def one_look(found: Measurement, words: Words) -> str | None:
    """The interval of a single reading, where another has the verdict; None where none has."""
    has_verdict = None if found.looks is None else found.looks.always_valid
    ends: Interval = found[found.metric]
    if found.problems or found.verdict == "too_few" or has_verdict is None or ends.low is None:
        return None
    return words.fill(TEXTS["one_look"], {"change": change(ends, found.metric, words)})


def change(ends: Interval, metric: Metric, words: Words) -> str:
    """An effect on a metric with its interval; shares are told in points."""
    factor = 100 if metric == "returned" else 1
    values = {
        key: None if value is None else factor * value
        for key, value in (("effect", ends.effect), ("low", ends.low), ("high", ends.high))
    }
    return words.fill(TEXTS[f"change_{metric}"], values)


def problems(found: Measurement, words: Words) -> list[str]:
    """What makes it invalid, each as a part of a sentence."""
    return [_problem(problem, found, words) for problem in found.problems]


def least(value: float, metric: Metric, words: Words) -> str:
    """A change of a metric without its sign, as a part of a sentence."""
    factor = 100 if metric == "returned" else 1
    return words.fill(TEXTS[f"least_{metric}"], {"least": factor * value})


def _read(found: Measurement, words: Words) -> str:
    """The verdict of arms that were drawn and followed to the end of the window."""
    if found.problems:
        told = "; ".join(problems(found, words))
        return words.fill(TEXTS["invalid"], {"problems": told})
    if found.verdict == "too_few":
        sizes = {"treated": found.n_treated, "control": found.n_control}
        if found.least_in_arm is None:
            return words.fill(TEXTS["too_few"], sizes)
        return words.fill(TEXTS["too_few_needs"], sizes | {"least": found.least_in_arm})
    effect: Interval = found[found.metric]
    if found.looks is not None and found.looks.always_valid is not None:
        # It has the verdict.
        effect = found.looks.always_valid
    metric = words.fill(TEXTS[f"metric_{found.metric}"], {})
    if effect.low is None:
        return words.fill(TEXTS["no_interval"], {"metric": metric})
    values = {"metric": metric, "change": change(effect, found.metric, words)}
    name: str = found.verdict
    if name == "not_distinguishable" and found.minimal_detectable_effect is not None:
        name = "not_distinguishable_sees"
        values["least"] = least(found.minimal_detectable_effect, found.metric, words)
    return words.fill(TEXTS[name], values)


def programme(found: ProgrammeMeasurement, words: Words) -> list[str]:
    """What a programme added in all, and whether its hold-out was kept."""
    told, total = [], found.total.net_spend
    if total.low is not None:
        values = {"treated": found.n_treated, **dict(total)}
        told.append(words.fill(TEXTS["programme_total"], values))
    if found.planned_holdout:
        told.append(words.fill(TEXTS["programme_holdout_planned"], {"n": found.planned_holdout}))
    return told


_DIFFER = 0.001  # below it the arms' balance is no chance


def _problem(problem: str, found: Measurement, words: Words) -> str:
    if problem == "no_control" and found.n_control:
        return words.fill(TEXTS["one_control"], {})
    if problem == "arms_differ" and (differing := _differing(found, words)):
        return words.fill(TEXTS["arms_differ_by"], {"covariates": differing})
    if problem == "ids_lost" and found.in_orders is not None:
        known = found.in_orders
        shares = {"treated": known.share_treated, "control": known.share_control}
        return words.fill(TEXTS["ids_lost_shares"], shares)
    if problem == "gap_in_window" and found.window is not None and found.window.gaps:
        first, last = max(found.window.gaps, key=lambda gap: gap[1] - gap[0])
        return words.fill(TEXTS["gap_in_window_days"], {"first": first, "last": last})
    values = {
        "arms": list(found.n)[:5],
        "both": found.in_both_arms,
        "control": found.n_control,
        "treated": found.n_treated,
    }
    return words.fill(TEXTS[problem], values)


def _differing(found: Measurement, words: Words) -> list[str]:
    """What the arms differ by, the largest difference first."""
    rows = [row for row in found.balance if row.p is not None and row.p < _DIFFER]
    rows.sort(key=lambda row: -abs(row.standardised_difference or 0))
    return [covariate(row.covariate, words) for row in rows]


def covariate(name: str, words: Words) -> str:
    """What was known before the draw, by its name in the balance."""
    text = TEXTS.get(f"covariate_{name}")
    return words.term("column", name) if text is None else words.fill(text, {})
