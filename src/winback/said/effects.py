"""What an experiment taught, in words."""

from __future__ import annotations

import math

from winback.results.effects import Estimated, Judged, Learned, OfArm, Policy
from winback.said.words import Texts, Words, capital

# A value that says nothing without its column.
_BARE = frozenset(("true", "false", "yes", "no", "tak", "nie"))
# A share this near to nothing, or to all, is nobody or everybody.
_NOBODY = 0.005
# An effect is seen in four of five tables from so many half intervals on: (1.96 + 0.84) / 1.96.
_DETECTED = 2.8 / 1.96

TEXTS: Texts = {
    # doubts
    "constant_left": {
        "en": "column {column!r} was left out: it is the same for everybody",
        "pl": "pominięto kolumnę {column!r}: u wszystkich jest taka sama",
    },
    "key_left": {
        "en": "column {column!r} was left out: nearly every person has another value in it",
        "pl": "pominięto kolumnę {column!r}: prawie każda osoba ma w niej inną wartość",
    },
    "id_maybe": {
        "en": "column {column!r} was left out: nearly every person has another value in it; if it "
        "names the people, say --id {column}",
        "pl": "pominięto kolumnę {column!r}: prawie każda osoba ma w niej inną wartość; jeśli to "
        "identyfikator osoby, podaj --id {column}",
    },
    "only_treated": {
        "en": "column {column!r} was left out: it has something only for the treated, so it came "
        "with the treatment",
        "pl": "pominięto kolumnę {column!r}: jest wypełniona tylko u objętych działaniem, więc "
        "powstała razem z nim",
    },
    "names_arm": {
        "en": "column {column!r} was left out: it says the same as the treatment; if people were "
        "chosen by it, this is no experiment",
        "pl": "pominięto kolumnę {column!r}: mówi to samo co kolumna z grupą; jeśli to według niej "
        "wybierano ludzi, to nie jest eksperyment",
    },
    "after_outcome": {
        "en": "column {column!r} was left out: it goes with the outcome always, so it was known "
        "only afterwards",
        "pl": "pominięto kolumnę {column!r}: zawsze idzie w parze z wynikiem, więc znano ją "
        "dopiero po fakcie",
    },
    "outcome_again": {
        "en": "column {column!r} was left out: it is the outcome in another form",
        "pl": "pominięto kolumnę {column!r}: to ten sam wynik w innej postaci",
    },
    "after_treatment": {
        "en": "column {column!r} was left out: it looks like a consequence of the treatment, not "
        "like something known before",
        "pl": "pominięto kolumnę {column!r}: wygląda na skutek działania, a nie na coś znanego "
        "wcześniej",
    },
    "nested_left": {
        "en": "column {column!r} was left out: its cells are lists",
        "pl": "pominięto kolumnę {column!r}: w jej komórkach są listy",
    },
    "cells_unread": {
        "en": "{n:count cell} of column {column!r} could not be read like the rest and count as "
        "empty",
        "pl": "w kolumnie {column!r} nie dało się odczytać {n:count of cell}; traktujemy je jak "
        "puste",
    },
    "day_order": {
        "en": "days of column {column!r} were read day first; write them like 2024-03-31 if the "
        "month comes first",
        "pl": "daty w kolumnie {column!r} odczytano jako dzień, potem miesiąc; jeśli jest "
        "odwrotnie, zapisz je jak 2024-03-31",
    },
    "mark_unsure": {
        "en": "numbers of column {column!r} can be read two ways, with 1.250 as little more than "
        "one or as a thousand; say --decimal-mark point or comma",
        "pl": "liczby w kolumnie {column!r} można odczytać na dwa sposoby: 1.250 to nieco ponad "
        "jeden albo ponad tysiąc; podaj --decimal-mark point (kropka) albo comma (przecinek)",
    },
    "odd_sizes": {
        "en": "the arms ({sizes}) are of no usual sizes; if everybody had the same chance of each, "
        "somebody was lost: name a column of the chances with --probability to have that checked",
        "pl": "wielkości grup ({sizes}) są nietypowe; jeśli każdy miał tę samą szansę trafić do "
        "każdej, kogoś zgubiono: wskaż kolumnę z szansami przez --probability, a to sprawdzimy",
    },
    "chance_of_treatment": {
        "en": "the chances were read as those of being treated, since as chances of the arm that "
        "was dealt they do not fit the arms",
        "pl": "szanse odczytano jako szanse objęcia działaniem, bo jako szanse wylosowanej grupy "
        "nie pasują do grup",
    },
    "cost_spent": {
        "en": "column {column!r} was read as what was spent in each arm, a person: {costs}; fill "
        "it for the control as well if it is what treating a person would cost",
        "pl": "kolumnę {column!r} odczytano jako koszt poniesiony w każdej grupie, na osobę: "
        "{costs}; jeśli to koszt, jaki trzeba by ponieść, wypełnij ją także dla grupy kontrolnej",
    },
    "small_arms": {
        "en": "arms of fewer than {least:n} people were set aside: {arms}",
        "pl": "pominięto grupy, w których jest mniej niż {least:n} osób: {arms}",
    },
    "arms_merged": {
        "en": "values of {column!r} that differ in capitals alone were read as one: {values}",
        "pl": "wartości kolumny {column!r} różniące się tylko wielkością liter połączono: {values}",
    },
    "values_unknown": {
        "en": "{n:count row} of the file that effects were asked for have a value in {column!r} "
        "that nobody in the experiment had, or that cannot be read; they count as average in it",
        "pl": "w pliku, dla którego policzono efekty, {n:count row} ma w kolumnie {column!r} "
        "wartość nieznaną z eksperymentu albo nieczytelną; traktujemy ją jako przeciętną",
    },
    "columns_missing": {
        "en": "columns {columns} are not in the file that effects were asked for; such people "
        "count as average in them",
        "pl": "w pliku, dla którego policzono efekty, nie ma kolumn {columns}; osoby te traktujemy "
        "w nich jako przeciętne",
    },
    "apply_twice": {
        "en": "{n:count row} of the file that effects were asked for repeat an id in {column!r}; "
        "each has its effect",
        "pl": "w pliku, dla którego policzono efekty, {n:count row} powtarza identyfikator z "
        "{column!r}; każdy ma swój efekt",
    },
    # rows set aside
    "rows_kept": {
        "en": "{rows:count row} read: learned from {people:n}, set aside {aside:n} ({reasons}).",
        "pl": "Wczytano {rows:count row}: uczono się z {people:n}, odłożono {aside:n} ({reasons}).",
    },
    "aside_no_treatment": {"en": "{n:n} without a treatment", "pl": "bez grupy: {n:n}"},
    "aside_no_outcome": {"en": "{n:n} without an outcome", "pl": "bez wyniku: {n:n}"},
    "aside_no_id": {"en": "{n:n} without an id", "pl": "bez identyfikatora: {n:n}"},
    "aside_copy": {"en": "{n:n} equal to another row", "pl": "powtórzonych: {n:n}"},
    "aside_small_arm": {"en": "{n:n} of a very small arm", "pl": "z bardzo małej grupy: {n:n}"},
    "aside_no_probability": {"en": "{n:n} without a chance", "pl": "bez szansy: {n:n}"},
    "aside_no_value": {"en": "{n:n} without a value", "pl": "bez wartości: {n:n}"},
    "aside_no_cost": {"en": "{n:n} without a cost", "pl": "bez kosztu: {n:n}"},
    # problems
    "ids_lost": {
        "en": "rows could not be used more often in one arm than in another ({lost}), so the arms "
        "can no longer be compared; find the lost outcomes or ids",
        "pl": "w jednej grupie częściej niż w innej wierszy nie dało się wykorzystać ({lost}), "
        "więc grup nie da się porównać; odszukaj zgubione wyniki albo identyfikatory",
    },
    "lost_of": {"en": "{arm} {share:share}", "pl": "{arm} {share:share}"},
    "sample_ratio": {
        "en": "the arms are not of the sizes that their chances say ({due}), so somebody was lost "
        "or moved; mend the table, or the chances",
        "pl": "grupy nie mają wielkości, jakie wynikają z szans losowania ({due}), więc kogoś "
        "zgubiono albo przesunięto; popraw tabelę albo szanse",
    },
    "chances_apart": {
        "en": "the chances in the table do not fit who was dealt which arm, though the sizes do; "
        "give the chance of the arm that each person was dealt",
        "pl": "szanse w tabeli nie pasują do tego, kto trafił do której grupy, choć wielkości grup "
        "się zgadzają; podaj szansę grupy, do której trafiła dana osoba",
    },
    "due_of": {
        "en": "{arm} {people:n} where {due:n} were due", "pl": "{arm} {people:n} zamiast {due:n}",
    },
    "arms_differ": {
        "en": "the arms differed before they were treated, more than a draw by lot explains "
        "({columns}); if such a column was known only after the treatment, leave it out with "
        "--ignore, else people were not dealt by lot",
        "pl": "grupy różniły się jeszcze przed działaniem, bardziej niż tłumaczy to losowanie "
        "({columns}); jeśli taką kolumnę znano dopiero po działaniu, pomiń ją przez --ignore, w "
        "przeciwnym razie ludzi nie losowano",
    },
    "arms_differ_little": {
        "en": "the arms differed before they were treated, a little in many columns, more than a "
        "draw by lot explains; people were not dealt by lot, or some were lost",
        "pl": "grupy różniły się jeszcze przed działaniem, po trochu w wielu kolumnach, bardziej "
        "niż tłumaczy to losowanie; ludzi nie losowano albo części brakuje",
    },
    "differs_by": {
        "en": "{column} is {difference} standard deviations off in {arm}",
        "pl": "{column} w grupie {arm} odbiega o {difference} odchylenia standardowego",
    },
    # verdicts
    "head_treat_some": {
        "en": "Treat {share:share} of people: it moves some more than others",
        "pl": "Wyślij {share:share} osób: na jednych działa mocniej niż na innych",
    },
    "head_treat_some_first": {
        "en": "It moves some people more than others: these {share:share} first",
        "pl": "Na jednych działa mocniej niż na innych: najpierw te {share:share} osób",
    },
    "head_treat_some_all": {
        "en": "Treat everybody, but some first: it moves some more than others",
        "pl": "Wyślij wszystkim, ale niektórym najpierw: na jednych działa mocniej niż na innych",
    },
    "head_treat_some_none": {
        "en": "Treat nobody at this price, though it moves some more than others",
        "pl": "Za tę cenę nie wysyłaj nikomu, choć na jednych działa mocniej niż na innych",
    },
    "head_treat_each": {
        "en": "To each the treatment that moves them: {arms}",
        "pl": "Każdemu to, co na niego działa: {arms}",
    },
    "head_treat_each_first": {
        "en": "The treatments move different people: {arms}",
        "pl": "Każde działanie trafia do kogoś innego: {arms}",
    },
    "head_arm": {"en": "{arm} to {share:share}", "pl": "{arm} dla {share:share} osób"},
    "head_treat_all": {
        "en": "Treat everybody: it pays, and nothing tells people apart",
        "pl": "Wyślij wszystkim: opłaca się, a ludzi nie da się od siebie odróżnić",
    },
    "head_treat_all_best": {
        "en": "Treat everybody with {arm}: it pays, and nothing tells people apart",
        "pl": "Wyślij wszystkim {arm}: opłaca się, a ludzi nie da się od siebie odróżnić",
    },
    "head_treat_none": {
        "en": "Treat nobody: it does not pay",
        "pl": "Nie wysyłaj nikomu: to się nie opłaca",
    },
    "head_not_distinguishable": {
        "en": "The effect cannot be told from nothing",
        "pl": "Efektu nie da się odróżnić od zera",
    },
    "head_invalid": {
        "en": "These arms cannot be compared", "pl": "Tych grup nie da się porównać",
    },
    "earns": {
        "en": "That earns {value} a person ({low} to {high}), {less} against treating everybody "
        "({less_low} to {less_high}).",
        "pl": "To daje {value} na osobę (od {low} do {high}); w porównaniu z wysłaniem wszystkim "
        "{less} (od {less_low} do {less_high}).",
    },
    "earns_each": {
        "en": "That earns {value} a person ({low} to {high}), {less} against {best} for everybody "
        "({less_low} to {less_high}).",
        "pl": "To daje {value} na osobę (od {low} do {high}); w porównaniu z {best} dla wszystkich "
        "{less} (od {less_low} do {less_high}).",
    },
    "less_unsure": {
        "en": "That it earns more than the same for everybody is not shown.",
        "pl": "Nie wykazano, że daje to więcej niż wysłanie wszystkim tego samego.",
    },
    "earns_all": {
        "en": "Treating everybody brings {value} a person ({low} to {high}){cost}.",
        "pl": "Wysłanie wszystkim daje {value} na osobę (od {low} do {high}){cost}.",
    },
    "earns_unsure": {
        "en": "Treating everybody brings anything from {low} to {high} a person{cost}: this table "
        "cannot tell it from nothing.",
        "pl": "Wysłanie wszystkim daje od {low} do {high} na osobę{cost}: z tej tabeli nie wynika, "
        "czy to cokolwiek zmienia.",
    },
    "after_cost": {"en": ", cost taken off", "pl": ", po odjęciu kosztu"},
    "unseen": {
        "en": "With {people:count person} an average effect below {least} would hardly have been "
        "seen.",
        "pl": "Przy takiej liczbie osób ({people:n}) średniego efektu poniżej {least} raczej nie "
        "dałoby się zauważyć.",
    },
    "average_share": {
        "en": "{arm}: the average effect is {effect} ({low} to {high}); left alone, {level:share1} "
        "have the outcome.",
        "pl": "{arm}: średni efekt to {effect} (od {low} do {high}); bez działania wynik "
        "osiąga {level:share1} osób.",
    },
    "average_amount": {
        "en": "{arm}: the average effect is {effect} a person ({low} to {high}); left alone, the "
        "mean is {level:n2}.",
        "pl": "{arm}: średni efekt to {effect} na osobę (od {low} do {high}); bez działania "
        "średnia wynosi {level:n2}.",
    },
    "targeting_found": {
        "en": "{arm}: whom it moves can be told; people whom the method had not seen show it "
        "(z {z:n1}, above 1.6 counts).",
        "pl": "{arm}: można wskazać, na kogo działa; widać to u osób, których metoda nie znała (z "
        "{z:n1}, liczy się powyżej 1,6).",
    },
    "targeting_none": {
        "en": "{arm}: nothing shows that it moves some more than one ratio for everybody says "
        "(z {z:n1}, above 1.6 counts).",
        "pl": "{arm}: nic nie wskazuje, żeby na kogoś działało inaczej, niż wynika z jednego "
        "współczynnika dla wszystkich (z {z:n1}, liczy się powyżej 1,6).",
    },
    # the page
    "title": {"en": "What an experiment taught", "pl": "Czego nauczył eksperyment"},
    "kicker": {"en": "Experiment {file}", "pl": "Eksperyment {file}"},
    "as_of": {
        "en": "{people:count person}, dealt by lot: {groups}. Outcome: {outcome}.",
        "pl": "{people:count of person} rozlosowanych: {groups}. Wynik: {outcome}.",
    },
    "as_of_invalid": {
        "en": "{people:count person}: {groups}. Outcome: {outcome}.",
        "pl": "{people:count of person}: {groups}. Wynik: {outcome}.",
    },
    "group_of": {"en": "{arm} ({people:n})", "pl": "{arm} ({people:n})"},
    "skip": {"en": "To the result", "pl": "Przejdź do wyniku"},
    "contents": {"en": "Contents", "pl": "Spis treści"},
    "footer": {
        "en": "Made by winback out of the same result as learned.json. Every effect is of people "
        "whom the method had not seen.",
        "pl": "Strona przygotowana przez winback z tego samego wyniku co learned.json. Każdy efekt "
        "policzono na osobach, których metoda nie widziała.",
    },
    "footer_invalid": {
        "en": "Made by winback out of the same result as learned.json.",
        "pl": "Strona przygotowana przez winback z tego samego wyniku co learned.json.",
    },
    "warnings": {"en": "Mind this first", "pl": "Najpierw to"},
    "why_invalid": {"en": "Why they cannot be compared", "pl": "Dlaczego nie da się porównać"},
    "keep_in_mind": {"en": "Keep in mind", "pl": "Warto pamiętać"},
    "next": {"en": "What to do next", "pl": "Co dalej"},
    "earn": {"en": "What it earns", "pl": "Ile to daje"},
    "card_policy": {
        "en": "a person, if {share:share} are treated ({low} to {high})",
        "pl": "na osobę, gdy wyślesz {share:share} osób (od {low} do {high})",
    },
    "card_less": {
        "en": "a person more than treating everybody ({low} to {high})",
        "pl": "na osobę więcej, niż gdy wyślesz wszystkim (od {low} do {high})",
    },
    "card_average": {
        "en": "average effect of {arm} ({low} to {high})",
        "pl": "średni efekt: {arm} (od {low} do {high})",
    },
    "card_each": {
        "en": "a person, if each gets what moves them ({low} to {high})",
        "pl": "na osobę, gdy każdy dostanie to, co na niego działa (od {low} do {high})",
    },
    "card_less_each": {
        "en": "a person more than {best} for everybody ({low} to {high})",
        "pl": "na osobę więcej, niż gdy {best} dostaną wszyscy (od {low} do {high})",
    },
    "curve_title": {
        "en": "The {share:share} whom it pays to treat bring {value}, everybody {all}",
        "pl": "{share:share} osób, którym warto wysłać, daje {value}, wszyscy {all}",
    },
    "curve_title_all": {
        "en": "Everybody brings {all}, the first of the list most of it",
        "pl": "Wszyscy dają {all}, z tego najwięcej pierwsi na liście",
    },
    "curve_title_none": {
        "en": "Nobody can be told apart: what a list brings is a matter of its size",
        "pl": "Ludzi nie da się odróżnić: liczy się tylko wielkość listy",
    },
    "of_arm": {"en": "{arm}: {said}", "pl": "{arm}: {said}"},
    "curve_shows": {
        "en": "Gain a person of the whole, by how many are treated and who comes first. The band "
        "is the 95% interval of this list",
        "pl": "Zysk na osobę z całości, zależnie od wielkości listy i kolejności. Pas to przedział "
        "95% dla tej listy",
    },
    "curve_alt": {"en": "{lines}.", "pl": "{lines}."},
    "curve_of": {"en": "{name}: {points}", "pl": "{name}: {points}"},
    "curve_point": {"en": "{share:share} {value}", "pl": "{share:share} {value}"},
    "curve_foot": {
        "en": "By lot is a list of the same size drawn at random; its end is everybody.",
        "pl": "Losowo: lista tej samej wielkości wybrana na chybił trafił; jej koniec to wszyscy.",
    },
    "treated_axis": {"en": "Share of people treated", "pl": "Odsetek osób, którym wysyłamy"},
    "open_curve": {"en": "The curve in figures", "pl": "Krzywa w liczbach"},
    "curve_table": {
        "en": "Gain a person of the whole, by size of the list and by whom it takes first",
        "pl": "Zysk na osobę z całości, według wielkości listy i tego, kogo bierze najpierw",
    },
    "size": {"en": "Treated", "pl": "Objęci"},
    "whom": {"en": "Whom it moves: {arm}", "pl": "Na kogo działa: {arm}"},
    "whom_one": {"en": "Whom it moves", "pl": "Na kogo działa"},
    "fifths_title": {
        "en": "First fifth of the list {first}, last fifth {last}",
        "pl": "Pierwsza piąta część listy {first}, ostatnia {last}",
    },
    "fifths_title_none": {
        "en": "Fifths of the people by what they would do anyway",
        "pl": "Piąte części osób według tego, co zrobiłyby i tak",
    },
    "fifths_shows": {
        "en": "Change of the outcome in each fifth of people, in the order of the list",
        "pl": "Zmiana wyniku w każdej piątej części osób, w kolejności listy",
    },
    "fifth": {"en": "fifth {place:n}", "pl": "piąta część nr {place:n}"},
    "fifth_first": {
        "en": "fifth 1, first on the list", "pl": "piąta część nr 1, pierwsza na liście",
    },
    "most_least": {
        "en": "{column}: most {most}, {high}; least {least}, {low}.",
        "pl": "{column}: najmocniej {most}, {high}; najsłabiej {least}, {low}.",
    },
    "anyway_more": {
        "en": "Who is likelier to act anyway is moved more than one ratio for everybody says.",
        "pl": "Na osoby, które i tak częściej osiągają wynik, działa mocniej, niż wynika z jednego "
        "współczynnika dla wszystkich.",
    },
    "anyway_less": {
        "en": "Who is likelier to act anyway is moved less than one ratio for everybody says.",
        "pl": "Na osoby, które i tak częściej osiągają wynik, działa słabiej, niż wynika z jednego "
        "współczynnika dla wszystkich.",
    },
    "among_title": {
        "en": "By the columns that change it", "pl": "Według kolumn, które go zmieniają",
    },
    "among_shows": {
        "en": "Change of the outcome among people of one value, or one third, of a column",
        "pl": "Zmiana wyniku wśród osób z jedną wartością albo jednej trzeciej kolumny",
    },
    "ends_foot": {
        "en": "Thin lines: 95% intervals. Bold: clear of nothing.",
        "pl": "Cienkie linie: przedziały 95%. Pogrubione: wyraźnie różne od zera.",
    },
    "low": {"en": "lowest third", "pl": "najniższa trzecia część"},
    "middle": {"en": "middle third", "pl": "środkowa trzecia część"},
    "high": {"en": "highest third", "pl": "najwyższa trzecia część"},
    "among_level": {"en": "{column}: {level}", "pl": "{column}: {level}"},
    "third": {"en": "{third} ({low} to {high})", "pl": "{third} (od {low} do {high})"},
    "empty": {"en": "empty", "pl": "brak"},
    "arms": {"en": "Which treatment", "pl": "Które działanie"},
    "arms_title": {
        "en": "On average {best} moves most, by {effect}",
        "pl": "Średnio najmocniej działa {best}: {effect}",
    },
    "arms_shows": {
        "en": "Average change of the outcome by each treatment",
        "pl": "Średnia zmiana wyniku po każdym działaniu",
    },
    "policy_table": {
        "en": "Each person gets what is foretold to gain them most",
        "pl": "Każda osoba dostaje to, co według prognozy da najwięcej",
    },
    "policy_nobody": {"en": "nothing", "pl": "nic"},
    "treatment": {"en": "Treatment", "pl": "Działanie"},
    "people_share": {"en": "People", "pl": "Osoby"},
    "average_column": {"en": "Average effect", "pl": "Średni efekt"},
    "budget": {"en": "What a budget earns", "pl": "Ile daje budżet"},
    "budget_title": {
        "en": "Spending {half} a person brings {half_gain}, spending {whole} brings {whole_gain}",
        "pl": "Wydatek {half} na osobę daje {half_gain}, a {whole} daje {whole_gain}",
    },
    "budget_shows": {
        "en": "Gain a person of the whole, cost taken off, where the next coin goes where it is "
        "foretold to earn most. The band is the 95% interval",
        "pl": "Zysk na osobę z całości, po odjęciu kosztu, gdy każdą kolejną złotówkę wydajemy "
        "tam, gdzie według prognozy da najwięcej. Pas to przedział 95%",
    },
    "budget_line": {"en": "best use of the budget", "pl": "najlepsze wykorzystanie budżetu"},
    "budget_foot": {
        "en": "Beyond its right end more money finds nobody whom it pays to treat.",
        "pl": "Za prawym końcem nie ma już nikogo, komu opłaca się wysłać.",
    },
    "open_budget": {"en": "The budget in figures", "pl": "Budżet w liczbach"},
    "budget_table": {
        "en": "What each budget buys and earns, a person of the whole",
        "pl": "Co daje każdy budżet, na osobę z całości",
    },
    "spent": {"en": "Spent a person", "pl": "Wydatek na osobę"},
    "methods_table": {
        "en": "{arm}: methods judged on people they had not seen",
        "pl": "{arm}: metody ocenione na osobach, których nie widziały",
    },
    "method": {"en": "Method", "pl": "Metoda"},
    "qini": {"en": "Qini", "pl": "Qini"},
    "qini_less": {"en": "Qini: this less it", "pl": "Qini: ta minus tamta"},
    "value": {"en": "Gain a person", "pl": "Zysk na osobę"},
    "value_less": {"en": "Gain: this less it", "pl": "Zysk: ta minus tamta"},
    "share": {"en": "Treats", "pl": "Obejmuje"},
    "this": {"en": "this list", "pl": "ta lista"},
    "one_ratio": {"en": "one ratio for all", "pl": "jeden współczynnik dla wszystkich"},
    "response": {"en": "likeliest if treated first", "pl": "najpierw najbardziej skłonni"},
    "risk": {"en": "least likely anyway first", "pl": "najpierw najmniej skłonni"},
    "value_first": {"en": "most valuable first", "pl": "najpierw najcenniejsi"},
    "all": {"en": "everybody", "pl": "wszyscy"},
    "none": {"en": "nobody", "pl": "nikt"},
    "random": {"en": "by lot", "pl": "losowo"},
    "learner": {"en": "{name} learner", "pl": "metoda {name}"},
    "open_methods": {
        "en": "For analysts: all methods, with errors",
        "pl": "Dla analityków: wszystkie metody, z błędami",
    },
    "ends": {"en": "{low} to {high}", "pl": "od {low} do {high}"},
    "sure": {"en": "How sure this is", "pl": "Na ile to pewne"},
    "rests_on": {
        "en": "Effects rest on the draw alone: who was treated was dealt by lot. Intervals hold "
        "for groups; of a single person no method can promise one.",
        "pl": "Efekty opierają się wyłącznie na losowaniu: o tym, komu wysłano, zdecydował los. "
        "Przedziały dotyczą grup; dla pojedynczej osoby żadna metoda ich nie obieca.",
    },
    "learned_from": {
        "en": "Learned from: {columns}.", "pl": "Uczono się z kolumn: {columns}.",
    },
    "no_columns": {
        "en": "No column was left to learn from.", "pl": "Nie została żadna kolumna do nauki.",
    },
    "next_some": {
        "en": "Sort effects.parquet by priority, highest first, and treat whoever is above 0; with "
        "less money, the first.",
        "pl": "Posortuj effects.parquet malejąco według priority i wyślij osobom z wartością "
        "powyżej 0; przy mniejszym budżecie pierwszym z listy.",
    },
    "next_each": {
        "en": "In effects.parquet the column best names the treatment of each person; sort by "
        "priority and begin with the highest.",
        "pl": "W effects.parquet kolumna best podaje działanie dla każdej osoby; posortuj malejąco "
        "według priority i zacznij od góry.",
    },
    "next_all": {
        "en": "Treat everybody; a list that picks some is not shown to earn more.",
        "pl": "Wyślij wszystkim; nie wykazano, żeby wybór części osób dawał więcej.",
    },
    "next_none": {
        "en": "Do not repeat it as it is: change the offer or its cost, and test again.",
        "pl": "Nie powtarzaj tego w tej postaci: zmień ofertę albo koszt i sprawdź jeszcze raz.",
    },
    "next_unsure": {
        "en": "Decide by what it costs, or repeat it with more people; until then nothing speaks "
        "for choosing whom to treat.",
        "pl": "Zdecyduj według kosztu albo powtórz na większej liczbie osób; na razie nic nie "
        "przemawia za wybieraniem odbiorców.",
    },
    "next_control": {
        "en": "Keep a part of them out by lot again, so that the next table can tell whether it "
        "held.",
        "pl": "Znów losowo pomiń część osób, żeby z następnej tabeli było widać, czy to się "
        "utrzymało.",
    },
    "written": {"en": "Effects: {effects}", "pl": "Efekty: {effects}"},
    "page": {"en": "Page:    {page}", "pl": "Strona: {page}"},
}  # fmt: skip


def effect(found: Learned, value: float, words: Words) -> str:
    """A change of the mean outcome with its unit."""
    if found.kind == "share":
        return words.points(100 * value, signed=True)
    return words.number(value, _digits(found), signed=True)


def gain(found: Learned, value: float, words: Words) -> str:
    """A gain a person of the whole: of outcomes that are worth 1 and cost nothing an effect."""
    if found.priced or found.valued:
        return words.number(value, _digits(found), signed=True)
    return effect(found, value, words)


def _digits(found: Learned) -> int:
    """Digits after the point, the same for all gains: three that say something."""
    ends = [abs(end) for arm in found.arms for end in (arm.worth.low, arm.worth.high)]
    largest = max(ends, default=0.0)
    return min(max(2 - math.floor(math.log10(largest)), 0), 6) if largest > 0 else 2


def arm_name(found: Learned, arm: str) -> str:
    """A treatment as it is called; of a mere 1 or yes with its column."""
    if len(arm) > 1 and arm.casefold() not in _BARE and not arm.isdecimal():
        return arm
    return f"{found.treatment} = {arm}"


def own_method(arm: OfArm) -> Judged | None:
    """How this method was judged; None where no court was held."""
    return next((each for each in arm.methods if each.method == "this"), None)


def against_all(arm: OfArm) -> Judged | None:
    """How treating everybody was judged."""
    return next((each for each in arm.methods if each.method == "all"), None)


def headline(found: Learned, words: Words) -> str:
    """The verdict, as what to do; where choosing is not shown to pay more, who comes first."""
    name = f"head_{found.verdict}"
    values: dict[str, str | float | tuple[str, ...]] = {}
    each = each_its_own(found)
    if each is not None:
        arms = [words.fill(TEXTS["head_arm"], {"arm": arm_name(found, a.arm), "share": a.share})
                for a in each.shares if a.share > 0]  # fmt: skip
        name = "head_treat_each" if each.less.low > 0 else "head_treat_each_first"
        values = {"arms": tuple(arms)}
    elif found.verdict == "treat_some":
        arm = max((a for a in found.arms if a.verdict == "treat_some"), key=lambda a: a.share)
        against = against_all(arm)
        values = {"share": arm.share}
        if arm.share < _NOBODY:
            name += "_none"
        elif arm.share > 1 - _NOBODY:
            name += "_all"
        elif against is None or against.less.low <= 0:
            name += "_first"
    elif found.verdict == "treat_all" and found.policy is not None:
        name, values = "head_treat_all_best", {"arm": arm_name(found, found.policy.best)}
    return words.fill(TEXTS[name], values)


def each_its_own(found: Learned) -> Policy | None:
    """Who gets which of several treatments, where people can be told apart by any of them."""
    policy = found.policy
    if found.verdict != "treat_some" or policy is None:
        return None
    return policy if sum(each.share > 0 for each in policy.shares) > 1 else None


def answer(found: Learned, words: Words) -> list[str]:
    """What the verdict earns, in a sentence or two; of arms that cannot be compared why."""
    if found.problems:
        return [f"{capital(each)}." for each in problems(found, words)]
    policy, arm = found.policy, found.arms[0]
    if policy is not None:
        arm = next(each for each in found.arms if each.arm == policy.best)
    if found.verdict == "treat_some":
        one = next(each for each in found.arms if each.verdict == "treat_some")
        own, against = own_method(one), against_all(one)
        if policy is not None:
            told = _earns(
                "earns_each",
                found,
                policy.value,
                policy.less,
                words,
                best=arm_name(found, policy.best),
            )
            return _with_doubt(told, policy.less, words)
        if own is not None and against is not None:
            told = _earns("earns", found, own.value, against.less, words)
            return told if own.share > 1 - _NOBODY else _with_doubt(told, against.less, words)
    worth = arm.worth if policy is None else policy.best_value
    cost = words.fill(TEXTS["after_cost"], {}) if found.priced else ""
    values = {"value": gain(found, worth.effect, words), "low": gain(found, worth.low, words),
              "high": gain(found, worth.high, words), "cost": cost}  # fmt: skip
    if found.verdict != "not_distinguishable":
        return [words.fill(TEXTS["earns_all"], values)]
    told = [words.fill(TEXTS["earns_unsure"], values)]
    if arm.average.low < arm.average.high:
        half = (arm.average.high - arm.average.low) / 2
        least = effect(found, _DETECTED * half, words).lstrip("+")
        told.append(words.fill(TEXTS["unseen"], {"people": found.people, "least": least}))
    return told


def _earns(
    name: str, found: Learned, value: Estimated, less: Estimated, words: Words, **more: str
) -> list[str]:
    values = {"value": gain(found, value.effect, words), "low": gain(found, value.low, words),
              "high": gain(found, value.high, words), "less": gain(found, less.effect, words),
              "less_low": gain(found, less.low, words),
              "less_high": gain(found, less.high, words)}  # fmt: skip
    return [words.fill(TEXTS[name], {**values, **more})]


def _with_doubt(told: list[str], less: Estimated, words: Words) -> list[str]:
    return told if less.low > 0 else [*told, words.fill(TEXTS["less_unsure"], {})]


def problems(found: Learned, words: Words) -> list[str]:
    """Why the arms cannot be compared, with the figures."""
    told = []
    for problem in found.problems:
        name = str(problem)
        values: dict[str, tuple[str, ...]] = {}
        if problem == "ids_lost":
            values = {"lost": tuple(
                words.fill(TEXTS["lost_of"], {
                    "arm": arm_name(found, g.arm), "share": g.lost / (g.lost + g.people),
                })
                for g in found.groups if g.lost + g.people
            )}  # fmt: skip
        elif problem == "sample_ratio" and all(
            abs(g.people - (g.due or 0.0)) < 2 * math.sqrt(g.people) for g in found.groups
        ):
            name = "chances_apart"
        elif problem == "sample_ratio":
            values = {"due": tuple(
                words.fill(TEXTS["due_of"], {
                    "arm": arm_name(found, g.arm), "people": g.people, "due": g.due,
                })
                for g in found.groups
            )}  # fmt: skip
        elif found.differs:
            values = {"columns": tuple(
                words.fill(TEXTS["differs_by"], {
                    "column": d.column, "arm": arm_name(found, d.arm),
                    "difference": words.number(d.difference, 2, signed=True),
                })
                for d in found.differs[:3]
            )}  # fmt: skip
        else:
            name = "arms_differ_little"
        told.append(words.fill(TEXTS[name], values))
    return told


def findings(found: Learned, words: Words) -> list[str]:
    """The average effect and whether people can be told apart, of each treatment."""
    told: list[str] = []
    for arm in found.arms:
        ends = {name: effect(found, arm.average[name], words) for name in ("effect", "low", "high")}
        values = {"arm": arm_name(found, arm.arm), "level": arm.mean_control, **ends}
        told.append(words.fill(TEXTS[f"average_{found.kind}"], values))
        name = "targeting_found" if arm.targeting.found else "targeting_none"
        told.append(
            words.fill(TEXTS[name], {"arm": arm_name(found, arm.arm), "z": arm.targeting.z})
        )
    return told


def rows_kept(found: Learned, words: Words) -> str:
    """How many rows were set aside and why; empty where none was."""
    if not found.set_aside:
        return ""
    reasons = tuple(
        words.fill(TEXTS[f"aside_{each.reason}"], {"n": each.rows}) for each in found.set_aside
    )
    values = {"rows": found.rows, "people": found.people, "aside": found.rows - found.people,
              "reasons": reasons}  # fmt: skip
    return words.fill(TEXTS["rows_kept"], values)
