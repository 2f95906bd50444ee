"""The page's first screen: what to do now, why, with which files, and what is in doubt."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    # What goes out.
    "one_offer": {"en": "“{offers}”", "pl": "ofertę „{offers}”"},
    "either": {"en": "“{first}” or “{last}”", "pl": "jedną z ofert: „{first}” lub „{last}”"},
    "few_offers": {
        "en": "“{first}”, “{middle}” or “{last}”",
        "pl": "jedną z ofert: „{first}”, „{middle}” lub „{last}”",
    },
    "many_offers": {"en": "one of {n:n} offers", "pl": "jedną z {n:n} ofert"},
    # The sentence: what to do, what it costs, what it earns.
    "send": {
        "en": "Send {what} to {listed:count of customer} on {day:day}",
        "pl": "Wyślij {what} do {listed:count of customer} {day:day}",
    },
    "call": {
        "en": "Call {listed:count of customer} on {day:day} with {what}",
        "pl": "Zadzwoń {day:day} do {listed:count of customer} i zaproponuj {what}",
    },
    "mixed": {
        "en": "Write to or call {listed:count of customer} on {day:day} with {what}",
        "pl": "Napisz lub zadzwoń {day:day} do {listed:count of customer} i zaproponuj {what}",
    },
    "think": {
        "en": "Think twice before you send {what} to {listed:count of customer} on {day:day}",
        "pl": "Zastanów się, zanim {day:day} wyślesz {what} do {listed:count of customer}",
    },
    "costs": {"en": "{do}. It costs about {cost:money}", "pl": "{do}. Koszt to około {cost:money}"},
    "costs_nothing": {
        "en": "{do}. It costs nothing beyond the sending",
        "pl": "{do}. Poza samą wysyłką nic to nie kosztuje",
    },
    "costs_unsaid": {
        "en": "{do}. It costs about {cost:money} plus the sending, whose price you have not said",
        "pl": "{do}. Koszt to około {cost:money} i sama wysyłka, której ceny nie podano",
    },
    "gain": {
        "en": "{costs} and should earn about {gain:money} after costs by {until:day}.",
        "pl": "{costs}, a do {until:day} powinno to przynieść około {gain:money} po kosztach.",
    },
    "gain_stated": {
        "en": "{costs} and should earn about {gain:money} after costs by {until:day}, if the "
        "stated effect is right.",
        "pl": "{costs}, a do {until:day} powinno to przynieść około {gain:money} po kosztach, "
        "jeśli założony efekt jest prawdziwy.",
    },
    "gain_none": {
        "en": "{costs} and should bring nothing by {until:day}: a loss of about {loss:money}.",
        "pl": "{costs}, a do {until:day} nie powinno to nic przynieść: strata to około "
        "{loss:money}.",
    },
    "gain_unknown": {
        "en": "{costs}; what it earns nobody knows yet, and the comparison is ready on "
        "{until:day}.",
        "pl": "{costs}; ile przyniesie, jeszcze nie wiadomo, porównanie będzie gotowe {until:day}.",
    },
    "gain_unmeasured": {
        "en": "{costs}; what it earns by {until:day} is not known and cannot be measured, since "
        "nobody is left out to compare with.",
        "pl": "{costs}; ile przyniesie do {until:day}, nie wiadomo i nie da się zmierzyć, bo nie "
        "ma grupy kontrolnej do porównania.",
    },
    "costly": {
        "en": "Before you send {what} to {listed:count of customer} on {day:day}, change this "
        "test: it costs about {cost:money}, of which {lost:money} is wasted if nothing changes, "
        "and the answer on {until:day} is worth about {worth:money0}.",
        "pl": "Zanim {day:day} wyślesz {what} do {listed:count of customer}, zmień ten test: "
        "kosztuje około {cost:money}, z czego {lost:money} przepadnie, jeśli oferty niczego nie "
        "zmienią, a odpowiedź {until:day} jest warta około {worth:money0}.",
    },
    "no_offers": {
        "en": "Send nothing this time: no offer was planned for any of {scored:count customer}.",
        "pl": "Tym razem nic nie wysyłaj: dla nikogo z {scored:count of customer} nie "
        "zaplanowano oferty.",
    },
    "early": {
        "en": "It is too early for an offer: the history is too short to say who comes back. The "
        "list holds {rows:count of customer} who may be contacted.",
        "pl": "Na ofertę jest za wcześnie: z tak krótkiej historii nie wiadomo, kto wróci. Na "
        "liście są wszyscy, do których wolno pisać: {rows:count customer}.",
    },
    "alike": {
        "en": "Send no offer this time: by what is known none would pay. The list holds "
        "{rows:count of customer} who may be contacted.",
        "pl": "Tym razem nie wysyłaj oferty: z tego, co wiadomo, żadna się nie zwróci. Na liście "
        "są wszyscy, do których wolno pisać: {rows:count customer}.",
    },
    "no_campaign": {
        "en": "No campaign was planned, so there is nothing to send.",
        "pl": "Nie zaplanowano kampanii, więc nie ma czego wysyłać.",
    },
    "no_purchases": {
        "en": "There is nobody to write to yet: the history has no purchase before {cutoff:day}.",
        "pl": "Nie ma jeszcze do kogo pisać: w historii nie ma zakupu sprzed {cutoff:day}.",
    },
    # Why.
    "why": {"en": "Why", "pl": "Dlaczego"},
    "out": {
        "en": "{n:n} of {scored:count customer} are left out, the commonest reason: {why} "
        "({most:n}).",
        "pl": "Poza listą zostaje {n:n} z {scored:count of customer}, najczęstszy powód: {why} "
        "({most:n}).",
    },
    "out_alone": {
        "en": "{n:n} of {scored:count customer} are left out, all for one reason: {why}.",
        "pl": "Poza listą zostaje {n:n} z {scored:count of customer}, wszyscy z tego samego "
        "powodu: {why}.",
    },
    "out_next": {"en": "The next reason: {why} ({n:n}).", "pl": "Następny powód: {why} ({n:n})."},
    "out_all": {
        "en": "All {scored:count customer} get an offer or are drawn to go without it.",
        "pl": "Każdy z {scored:count of customer} dostaje ofertę albo trafia do grupy kontrolnej.",
    },
    "by_recency": {
        "en": "The history does not tell these customers apart, so the latest buyers stand first.",
        "pl": "Historia nie pozwala odróżnić tych klientów, więc najpierw są ostatni kupujący.",
    },
    "unmeasured": {
        "en": "Nobody has measured yet what {what} would change. {control:count customer} drawn by "
        "lot {control:noun gets} nothing, for comparison.",
        "pl": "Nikt jeszcze nie zmierzył, co zmieni {what}. Do porównania losowo wybrana grupa "
        "({control:count customer}) nie dostaje nic.",
    },
    "the_offer": {"en": "this offer", "pl": "ta oferta"},
    "all_offers": {"en": "these {n:n} offers", "pl": "każda z {n:n} ofert"},
    "some_offers": {"en": "{n:n} of these {of:n} offers", "pl": "część ofert ({n:n} z {of:n})"},
    "sees_pay": {
        "en": "The list is large enough to show whether it pays.",
        "pl": "Lista jest dość duża, żeby pokazać, czy to się opłaca.",
    },
    "sees_strong": {
        "en": "A strong effect will show; one that just pays will not.",
        "pl": "Silny efekt będzie widać, a taki, który ledwo się zwraca, nie.",
    },
    "sees_little": {
        "en": "One list of this size cannot show it; several together can.",
        "pl": "Jedna taka lista tego nie pokaże, dopiero kilka razem.",
    },
    "sees_nothing": {
        "en": "One list of this size cannot show it.",
        "pl": "Jedna taka lista tego nie pokaże.",
    },
    "control_none": {
        "en": "Nobody is held back: what comes of it cannot be told from what would have come "
        "anyway.",
        "pl": "Nie ma grupy kontrolnej: tego, co da wysyłka, nie odróżnisz od zakupów, które i tak "
        "by były.",
    },
    "likely_learned": {
        "en": "The gain rests on what your earlier lists changed: most likely {low:money} to "
        "{high:money}.",
        "pl": "Zysk wynika z tego, co zmieniły Twoje wcześniejsze listy: najpewniej od "
        "{low:money} do {high:money}.",
    },
    "likely_measured": {
        "en": "The gain rests on a campaign of yours that was measured: most likely {low:money} to "
        "{high:money}.",
        "pl": "Zysk wynika ze zmierzonej kampanii: najpewniej od {low:money} do {high:money}.",
    },
    "likely_stated": {
        "en": "The gain rests on an effect that was stated and never measured: most likely "
        "{low:money} to {high:money}.",
        "pl": "Zysk opiera się na efekcie, który podano, a nie zmierzono: najpewniej od "
        "{low:money} do {high:money}.",
    },
    "likely_mixed": {
        "en": "The gain rests partly on an effect that was stated and never measured: most likely "
        "{low:money} to {high:money}.",
        "pl": "Zysk częściowo opiera się na efekcie, który podano, a nie zmierzono: najpewniej od "
        "{low:money} do {high:money}.",
    },
    "harms": {
        "en": "“{offer}” is sent to nobody: earlier lists show that it loses orders.",
        "pl": "Oferty „{offer}” nie dostaje nikt: wcześniejsze listy pokazały, że odbiera "
        "zamówienia.",
    },
    "harms_tried": {
        "en": "“{offer}” loses orders, as earlier lists show: only few get it, to keep watching.",
        "pl": "Oferta „{offer}” odbiera zamówienia, jak pokazały wcześniejsze listy: na próbę "
        "dostają ją tylko nieliczni.",
    },
    "held": {
        "en": "Checked on past days, the forecasts foretold that {foretold:share} would come back, "
        "and {came:share} did.",
        "pl": "Gdy sprawdziliśmy prognozy wstecz, zapowiadały powrót {foretold:share} klientów, a "
        "wróciło {came:share}.",
    },
    "near_chance": {
        "en": "Telling who comes back is close to guessing here: this history hardly says.",
        "pl": "Wskazanie, kto wróci, jest tu bliskie zgadywania: ta historia prawie tego nie "
        "zdradza.",
    },
    "order_alone": {
        "en": "Go by the order of customers, not by their percentages: these were no better than "
        "the same chance for all.",
        "pl": "Patrz na kolejność klientów, nie na procenty: te nie były lepsze niż jedna szansa "
        "dla wszystkich.",
    },
    "worse_than_base": {
        "en": "On past days the forecasts did worse than the same chance for all.",
        "pl": "Na dawnych dniach prognozy wypadły gorzej niż jedna szansa dla wszystkich.",
    },
    "use_unknown": {
        "en": "Too little was seen to say whether the forecasts are better than guessing.",
        "pl": "Widać za mało, żeby powiedzieć, czy prognozy są lepsze niż zgadywanie.",
    },
    "untested": {
        "en": "No forecast could be checked on past days yet: the history is too short.",
        "pl": "Prognoz nie dało się jeszcze sprawdzić na dawnych dniach: historia jest za krótka.",
    },
    "rows_alone": {
        "en": "Nobody was chosen: the latest buyers stand first, without offers.",
        "pl": "Nikogo nie wybrano: najpierw są ostatni kupujący, bez ofert.",
    },
    "wait": {
        "en": "A shorter horizon, or a longer history, is what an offer needs.",
        "pl": "Do oferty potrzeba krótszego horyzontu albo dłuższej historii.",
    },
    # Files.
    "files": {
        "en": "Take the file for your CRM",
        "pl": "Weź plik dla swojego CRM",
    },
    "file_of": {"en": "{whom}: {n:count customer}", "pl": "{whom}: {n:count customer}"},
    "file_all": {"en": "any CRM", "pl": "dowolny CRM"},
    "control_in": {
        "en": "control, in assignment.parquet: {n:n}",
        "pl": "kontrolna, w assignment.parquet: {n:n}",
    },
    "file_none": {"en": "No file to take", "pl": "Nie ma pliku do wzięcia"},
    "control_of": {
        "en": "control, leave alone: {n:n}",
        "pl": "kontrolna, nie pisać: {n:n}",
    },
    "more_files": {"en": "and {n:n} more", "pl": "i {n:n} więcej"},
    # Since last time.
    "changes": {
        "en": "{entered:n} new and {left:n} gone since {campaign} of {day:short_day}",
        "pl": "Od listy {campaign} ({day:short_day}) przybyło {entered:n}, ubyło {left:n}",
    },
    "other_offer": {"en": "another offer: {n:n}", "pl": "inna oferta: {n:n}"},
    "other_band": {"en": "another risk: {n:n}", "pl": "inne ryzyko: {n:n}"},
    "same": {"en": "unchanged: {n:n}", "pl": "bez zmian: {n:n}"},
    "in_peace": {
        "en": "of the gone, left in peace until {day:short_day}: {n:n}",
        "pl": "w tym w spokoju do {day:short_day}: {n:n}",
    },
    "came_of": {"en": "what came of it", "pl": "co z tego wyszło"},
    "read": {"en": "{campaign}: {headline}.", "pl": "{campaign}: {headline}."},
    "first_list": {
        "en": "This is the first list, so there is nothing to compare it with yet",
        "pl": "To pierwsza lista, więc nie ma jej jeszcze z czym porównać",
    },
    # In doubt.
    "doubts": {
        "en": "Check the data first: {n:count doubt}",
        "pl": "Najpierw sprawdź dane: {n:count doubt}",
    },
    "more_doubts": {"en": "and {n:n} more", "pl": "i {n:n} więcej"},
    "doubts_open": {"en": "what to do about it", "pl": "co z tym zrobić"},
    "silent": {
        "en": "the history ends {days:count day} before the day of scoring",
        "pl": "historia kończy się {days:count day} przed dniem oceny",
    },
    "thin": {
        "en": "there is little data: {history_days:count day} of history, "
        "{customers:count customer}",
        "pl": "danych jest mało: {history_days:count day} historii, {customers:count customer}",
    },
    "account": {
        "en": "customer {customer} places {share:share} of all purchases",
        "pl": "klient {customer} składa {share:share} wszystkich zakupów",
    },
}
