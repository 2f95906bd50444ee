"""What an experiment taught, in words."""

from __future__ import annotations

from winback.results.effects import Estimated, Learned, OfArm
from winback.said.words import Texts, Words

TEXTS: Texts = {
    # doubts
    "rows_left": {
        "en": "{n:count row} of {of:n} without a treatment or an outcome were left out",
        "pl": "pominięto {n:count row} z {of:n} bez zabiegu albo wyniku",
    },
    "after_treatment": {
        "en": "column {column!r} was left out: it looks like a consequence of the treatment, not "
        "like something known before",
        "pl": "pominięto kolumnę {column!r}: wygląda na skutek działania, a nie na coś znanego "
        "wcześniej",
    },
    "key_left": {
        "en": "column {column!r} was left out: nearly every person has another value in it",
        "pl": "pominięto kolumnę {column!r}: prawie każda osoba ma w niej inną wartość",
    },
    "columns_missing": {
        "en": "columns {columns} are not in the file that effects were asked for; such people "
        "count as average in them",
        "pl": "w pliku, dla którego policzono efekty, nie ma kolumn {columns}; osoby te traktujemy "
        "w nich jako przeciętne",
    },
    # problems
    "ids_lost": {
        "en": "outcomes are missing in one arm more than in another, so the arms can no longer be "
        "compared",
        "pl": "w jednej grupie brakuje wyników częściej niż w innej, więc grup nie da się porównać",
    },
    "sample_ratio": {
        "en": "the arms are not of the sizes that their chances say, so somebody was lost or moved",
        "pl": "grupy nie mają wielkości, jakie wynikają z szans losowania, więc kogoś zgubiono "
        "albo przesunięto",
    },
    "arms_differ": {
        "en": "the arms differed before they were treated, more than a draw by lot explains",
        "pl": "grupy różniły się jeszcze przed działaniem, bardziej niż tłumaczy to losowanie",
    },
    # verdicts
    "head_treat_some": {
        "en": "Treat some: it moves some people more than others",
        "pl": "Wyślij niektórym: na jednych działa mocniej niż na innych",
    },
    "head_treat_all": {
        "en": "Treat everybody: it pays, and nothing tells people apart",
        "pl": "Wyślij wszystkim: opłaca się, a ludzi nie da się od siebie odróżnić",
    },
    "head_treat_none": {
        "en": "Treat nobody: it does not pay",
        "pl": "Nie wysyłaj nikomu: to się nie opłaca",
    },
    "head_not_distinguishable": {
        "en": "Not to be told from nothing",
        "pl": "Nie da się odróżnić od braku efektu",
    },
    "head_invalid": {"en": "This table cannot be read", "pl": "Tej tabeli nie da się odczytać"},
    "average_share": {
        "en": "{arm}: the mean outcome changes by {effect} ({low} to {high}); without it "
        "{level:share1} had one.",
        "pl": "{arm}: średni wynik zmienia się o {effect} (od {low} do {high}); bez tego miało go "
        "{level:share1}.",
    },
    "average_amount": {
        "en": "{arm}: the mean outcome changes by {effect} ({low} to {high}); without it it is "
        "{level:n2}.",
        "pl": "{arm}: średni wynik zmienia się o {effect} (od {low} do {high}); bez tego wynosi "
        "{level:n2}.",
    },
    "targeting_found": {
        "en": "Whom it moves can be told: held-out people show it (z {z:n1}, above 1.6 counts).",
        "pl": "Można wskazać, na kogo działa: widać to u osób, których model nie znał (z {z:n1}, "
        "liczy się powyżej 1,6).",
    },
    "targeting_none": {
        "en": "No difference between people was found beyond one ratio for all (z {z:n1}, above "
        "1.6 counts); who is likelier anyway is also moved a little more or less by it.",
        "pl": "Poza jednym współczynnikiem dla wszystkich nie widać różnic między ludźmi (z "
        "{z:n1}, liczy się powyżej 1,6).",
    },
    "worth_some": {
        "en": "Treating the {share:share} for whom a gain is foretold brings {value} a person "
        "({low} to {high}), treating everybody {all}.",
        "pl": "Wysłanie do {share:share} osób z przewidywanym zyskiem daje {value} na osobę (od "
        "{low} do {high}), a do wszystkich {all}.",
    },
    "worth_all": {
        "en": "Treating everybody brings {value} a person ({low} to {high}){cost}.",
        "pl": "Wysłanie do wszystkich daje {value} na osobę (od {low} do {high}){cost}.",
    },
    "after_cost": {"en": ", cost taken off", "pl": ", po odjęciu kosztu"},
    # the page
    "title": {"en": "What an experiment taught", "pl": "Czego nauczył eksperyment"},
    "kicker": {
        "en": "{treatment} on {outcome}, {file}", "pl": "{treatment} a {outcome}, {file}",
    },
    "as_of": {
        "en": "{people:count person}, dealt by lot.", "pl": "{people:count person}, losowo.",
    },
    "skip": {"en": "To the result", "pl": "Przejdź do wyniku"},
    "contents": {"en": "Contents", "pl": "Spis treści"},
    "footer": {
        "en": "Made by winback out of the same result as learned.json. Every effect is of people "
        "whom the method had not seen.",
        "pl": "Strona przygotowana przez winback z tego samego wyniku co learned.json. Każdy efekt "
        "policzono na osobach, których metoda nie widziała.",
    },
    "warnings": {"en": "Mind this first", "pl": "Najpierw to"},
    "why_invalid": {"en": "Why it cannot be read", "pl": "Dlaczego nie da się odczytać"},
    "keep_in_mind": {"en": "Keep in mind", "pl": "Warto pamiętać"},
    "whom": {"en": "Whom it moves: {arm}", "pl": "Na kogo działa: {arm}"},
    "fifths_title": {
        "en": "First fifth {first}, last fifth {last}",
        "pl": "Pierwsza piąta {first}, ostatnia {last}",
    },
    "fifths_shows": {
        "en": "Change of the outcome in each fifth of people, by the order in which they would be "
        "treated",
        "pl": "Zmiana wyniku w każdej piątej części osób, w kolejności wysyłki",
    },
    "fifth": {"en": "fifth {place:n}", "pl": "piąta część nr {place:n}"},
    "among_title": {
        "en": "By the columns that change it",
        "pl": "Według kolumn, które go zmieniają",
    },
    "among_shows": {
        "en": "Change of the outcome among people of one value, or one third, of a column",
        "pl": "Zmiana wyniku wśród osób z jedną wartością albo jednej trzeciej kolumny",
    },
    "ends_foot": {
        "en": "Thin lines: 95% intervals. Bold: clear of nothing.",
        "pl": "Cienkie linie: przedziały 95%. Pogrubione: wyraźnie różne od zera.",
    },
    "low": {"en": "lowest third", "pl": "najniższa trzecia"},
    "middle": {"en": "middle third", "pl": "środkowa trzecia"},
    "high": {"en": "highest third", "pl": "najwyższa trzecia"},
    "among_level": {"en": "{column}: {level}", "pl": "{column}: {level}"},
    "among_third": {
        "en": "{column}: {level} ({low:g} to {high:g})",
        "pl": "{column}: {level} (od {low:g} do {high:g})",
    },
    "empty": {"en": "empty", "pl": "brak"},
    "earn": {"en": "What a list would earn: {arm}", "pl": "Ile zarobiłaby lista: {arm}"},
    "curve_table": {
        "en": "Gain a person of the whole, by size of the list and by whom it takes first",
        "pl": "Zysk na osobę z całości, według wielkości listy i tego, kogo bierze najpierw",
    },
    "size": {"en": "Treated", "pl": "Objęci"},
    "methods_table": {
        "en": "Methods judged on people they had not seen",
        "pl": "Metody ocenione na osobach, których nie widziały",
    },
    "method": {"en": "Method", "pl": "Metoda"},
    "qini": {"en": "Qini", "pl": "Qini"},
    "qini_less": {"en": "This less it", "pl": "Ta minus tamta"},
    "value": {"en": "Gain a person", "pl": "Zysk na osobę"},
    "value_less": {"en": "This less it", "pl": "Ta minus tamta"},
    "share": {"en": "Treats", "pl": "Obejmuje"},
    "this": {"en": "this method", "pl": "ta metoda"},
    "one_ratio": {"en": "one ratio for all", "pl": "jeden współczynnik dla wszystkich"},
    "response": {"en": "likeliest if treated first", "pl": "najpierw najbardziej skłonni"},
    "risk": {"en": "least likely first", "pl": "najpierw najmniej skłonni"},
    "value_first": {"en": "most valuable first", "pl": "najpierw najcenniejsi"},
    "all": {"en": "everybody", "pl": "wszyscy"},
    "none": {"en": "nobody", "pl": "nikt"},
    "random": {"en": "by lot", "pl": "losowo"},
    "learner": {"en": "{name} learner", "pl": "metoda {name}"},
    "open_methods": {
        "en": "All methods, with errors", "pl": "Wszystkie metody, z błędami",
    },
    "ends": {"en": "{low} to {high}", "pl": "od {low} do {high}"},
    "budget_title": {
        "en": "What a budget earns, treatments chosen person by person",
        "pl": "Ile zarabia budżet, gdy działanie dobieramy do osoby",
    },
    "spent": {"en": "Spent a person", "pl": "Wydatek na osobę"},
    "sure": {"en": "How sure this is", "pl": "Na ile to pewne"},
    "rests_on": {
        "en": "Effects rest on the draw alone: who was treated was dealt by lot. Intervals hold "
        "for groups; of a single person no method can promise one.",
        "pl": "Efekty opierają się wyłącznie na losowaniu: o tym, kogo objęto, zdecydował los. "
        "Przedziały dotyczą grup; dla pojedynczej osoby żadna metoda ich nie obieca.",
    },
    "sizes": {
        "en": "{arm}: {treated:n} treated, {control:n} in the control group.",
        "pl": "{arm}: objętych {treated:n}, w grupie kontrolnej {control:n}.",
    },
    "learned_from": {
        "en": "Learned from: {columns}.", "pl": "Uczono się z kolumn: {columns}.",
    },
    "no_columns": {
        "en": "No column was left to learn from.", "pl": "Nie została żadna kolumna do nauki.",
    },
    "written": {"en": "Effects: {effects}", "pl": "Efekty: {effects}"},
    "page": {"en": "Page:    {page}", "pl": "Strona: {page}"},
}  # fmt: skip


def effect(found: Learned, value: float, words: Words) -> str:
    """A change of the outcome with its unit."""
    if found.kind == "share":
        return words.points(100 * value, signed=True)
    return words.number(value, _digits(value), signed=True)


def gain(found: Learned, value: float, words: Words) -> str:
    """A gain a person: of outcomes that are worth 1 and cost nothing the same as an effect."""
    return words.number(value, _digits(value), signed=True)


def _digits(value: float) -> int:
    return 4 if abs(value) < 0.1 else 2


def headline(found: Learned, words: Words) -> str:
    """The verdict."""
    return words.fill(TEXTS[f"head_{found.verdict}"], {})


def lines(found: Learned, words: Words) -> list[str]:
    """What was found, a sentence each; of a table that cannot be read why."""
    if found.problems:
        return [words.fill(TEXTS[problem], {}) for problem in found.problems]
    told: list[str] = []
    for arm in found.arms:
        ends = _ends(found, arm.average, words)
        values = {"arm": arm.arm, "level": arm.mean_control, **ends}
        told.append(words.fill(TEXTS[f"average_{found.kind}"], values))
        name = "targeting_found" if arm.targeting.found else "targeting_none"
        told.append(words.fill(TEXTS[name], {"z": arm.targeting.z}))
        told.append(_worth(found, arm, words))
    return told


def _worth(found: Learned, arm: OfArm, words: Words) -> str:
    own = next((each for each in arm.methods if each.method == "this"), None)
    if arm.verdict == "treat_some" and own is not None:
        values = {
            "share": arm.share, "value": gain(found, own.value.effect, words),
            "low": gain(found, own.value.low, words), "high": gain(found, own.value.high, words),
            "all": gain(found, arm.worth.effect, words),
        }  # fmt: skip
        return words.fill(TEXTS["worth_some"], values)
    cost = words.fill(TEXTS["after_cost"], {}) if found.priced else ""
    values = {
        "value": gain(found, arm.worth.effect, words), "low": gain(found, arm.worth.low, words),
        "high": gain(found, arm.worth.high, words), "cost": cost,
    }  # fmt: skip
    return words.fill(TEXTS["worth_all"], values)


def _ends(found: Learned, ends: Estimated, words: Words) -> dict[str, str]:
    return {name: effect(found, ends[name], words) for name in ("effect", "low", "high")}
