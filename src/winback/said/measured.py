"""A measurement in one sentence, and its cautions."""

from __future__ import annotations

from winback.results.measured import Awaited, Measurement, MetricEffect, ProgrammeMeasurement
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
        "wielkości wykryje zmianę o co najmniej {least}",
    },
    "too_few": {
        "en": "Too few customers to read anything: {control:n} control, {treated:n} with an "
        "offer; each arm needs {least:n} or more.",
        "pl": "Za mało klientów, żeby cokolwiek odczytać: w grupie kontrolnej {control:n}, z "
        "ofertą {treated:n}; w każdej grupie potrzeba co najmniej {least:n}.",
    },
    "no_interval": {
        "en": "No interval for the {metric}: within each arm all customers are alike.",
        "pl": "Nie ma przedziału dla wpływu na {metric}: w obrębie grup wszyscy klienci są tacy "
        "sami.",
    },
    "invalid": {"en": "Not to be read: {problems}.", "pl": "Nie do odczytu: {problems}."},
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
    "least_orders": {"en": "{least:n2} orders", "pl": "{least:n2} zamówienia."},
    "least_net_spend": {"en": "{least:money2}", "pl": "{least:money2}."},
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
        "en": "the arms differed before the draw, in past orders, spend or segments, as chance "
        "does not make them, so they were not drawn by lot, or ids were changed in one of them",
        "pl": "grupy różniły się już przed losowaniem (wcześniejsze zamówienia, wydatki, segmenty) "
        "bardziej, niż zdarza się przypadkiem: nie było losowania albo w jednej grupie zmieniono "
        "identyfikatory",
    },
    "split_by_day": {
        "en": "the split of the arms changes with the day of assignment, so they are customers, "
        "and windows, of different days",
        "pl": "podział na grupy zmienia się z dniem przydziału, więc grupy to klienci i okna z "
        "różnych dni",
    },
    "ids_lost": {
        "en": "{treated_found:share1} of the customers with an offer and {control_found:share1} of "
        "the control had ordered before; in one arm ids were lost or changed on the way",
        "pl": "wcześniejsze zamówienia ma {treated_found:share1} klientów z ofertą i "
        "{control_found:share1} grupy kontrolnej; w jednej z grup po drodze zgubiono albo "
        "zmieniono identyfikatory",
    },
    # cautions
    "compared_within_days": {
        "en": "The split of the arms changes with the day of assignment; they were compared within "
        "days.",
        "pl": "Podział na grupy zmienia się z dniem przydziału; porównano je w obrębie dni.",
    },
    "compared_within_strata": {
        "en": "The split of the arms differs between strata; they were compared within strata.",
        "pl": "Podział na grupy różni się między warstwami; porównano je w obrębie warstw.",
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
    """What came of the campaign in one sentence."""
    if isinstance(found, Awaited):
        return words.fill(TEXTS["awaited"], {"day": found.closes_on})
    if found.problems:
        told = "; ".join(_problem(problem, found, words) for problem in found.problems)
        return words.fill(TEXTS["invalid"], {"problems": told})
    if found.verdict == "too_few":
        sizes = {
            "control": found.n_control, "treated": found.n_treated, "least": found.least_in_arm
        }  # fmt: skip
        return words.fill(TEXTS["too_few"], sizes)
    effect: MetricEffect = found[found.metric]
    metric = words.fill(TEXTS[f"metric_{found.metric}"], {})
    if effect.low is None:
        return words.fill(TEXTS["no_interval"], {"metric": metric})
    # Shares are told in points.
    factor = 100 if found.metric == "returned" else 1
    ends = {key: factor * effect[key] for key in ("effect", "low", "high")}
    values = {"metric": metric, "change": words.fill(TEXTS[f"change_{found.metric}"], ends)}
    name: str = found.verdict
    if name == "not_distinguishable" and found.minimal_detectable_effect is not None:
        name = "not_distinguishable_sees"
        least = {"least": factor * found.minimal_detectable_effect}
        values["least"] = words.fill(TEXTS[f"least_{found.metric}"], least)
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


def _problem(problem: str, found: Measurement, words: Words) -> str:
    name = "one_control" if problem == "no_control" and found.n_control else problem
    known = found.in_orders
    values = {
        "treated_found": known and known.share_treated,
        "control_found": known and known.share_control,
        "arms": list(found.n)[:5],
        "both": found.in_both_arms,
        "control": found.n_control,
        "treated": found.n_treated,
    }
    return words.fill(TEXTS[name], values)
