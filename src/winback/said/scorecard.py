"""How the shop does, in words: its figures with what they count, and its months."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "section": {"en": "How the shop is doing", "pl": "Kondycja sklepu"},
    "year": {
        "en": "The last twelve closed months, {start:day} to {last:day}, beside the twelve before.",
        "pl": "Ostatnie dwanaście pełnych miesięcy, od {start:day} do {last:day}, obok dwunastu "
        "poprzednich.",
    },
    "year_alone": {
        "en": "The last twelve closed months, {start:day} to {last:day}. The year before them is "
        "not in the history, so nothing can be held against it.",
        "pl": "Ostatnie dwanaście pełnych miesięcy, od {start:day} do {last:day}. Roku przed nimi "
        "nie ma w historii, więc nie ma z czym porównać.",
    },
    "days": {
        "en": "All {days:count day} of the history, {start:day} to {last:day}. It has no twelve "
        "closed months yet, so nothing can be held against a year earlier.",
        "pl": "Cała historia, {days:count day}: od {start:day} do {last:day}. Nie ma w niej "
        "jeszcze dwunastu pełnych miesięcy, więc nie ma z czym porównać.",
    },
    # The table of figures
    "figures": {
        "en": "The shop's figures, with 95% intervals",
        "pl": "Wskaźniki sklepu z przedziałami 95%",
    },
    "col_figure": {"en": "Figure", "pl": "Wskaźnik"},
    "col_now": {"en": "Now", "pl": "Teraz"},
    "col_before": {"en": "A year earlier", "pl": "Rok wcześniej"},
    "col_change": {"en": "Change", "pl": "Zmiana"},
    "col_usual": {"en": "Earlier years", "pl": "Wcześniejsze lata"},
    "frequency": {"en": "Purchases per customer", "pl": "Zakupy na klienta"},
    "frequency_is": {
        "en": "purchases in these {span}, by customers with at least one in them",
        "pl": "zakupy z tego okresu ({span}) na klienta, który w nim coś kupił",
    },
    "span_year": {"en": "twelve months", "pl": "12 miesięcy"},
    "span_days": {"en": "{days:count day}", "pl": "{days:count day}"},
    "order_value_mean": {"en": "Average order value", "pl": "Średnia wartość zamówienia"},
    "order_value_mean_is": {
        "en": "as placed, before refunds",
        "pl": "w chwili zamówienia, przed zwrotami",
    },
    "order_value_median": {"en": "Typical order value", "pl": "Typowa wartość zamówienia"},
    "order_value_median_is": {
        "en": "half of the orders were for this much or less",
        "pl": "połowa zamówień była na tę kwotę albo niższą",
    },
    "repeat_share": {"en": "Bought at least twice", "pl": "Kupili co najmniej dwa razy"},
    "repeat_share_is": {
        "en": "of the customers with a purchase in these months, those with two or more in them",
        "pl": "z klientów, którzy kupili w tym okresie: ci, którzy mieli w nim co najmniej dwa "
        "zakupy",
    },
    "second_share": {
        "en": "Second purchase within {days:count day}",
        "pl": "Drugi zakup w ciągu {days:count of day}",
    },
    "second_share_is": {
        "en": "of the customers whose first purchase fell in these months, {days:n} days or more "
        "before their end, those who bought again on a later day",
        "pl": "z klientów, którzy w tym okresie kupili po raz pierwszy, co najmniej {days:n} dni "
        "przed jego końcem: ci, którzy kupili znowu innego dnia",
    },
    "returning_revenue_share": {
        "en": "Revenue from customers with an earlier purchase",
        "pl": "Sprzedaż klientom, którzy kupili już wcześniej",
    },
    "returning_revenue_share_is": {
        "en": "purchases after a customer's first, of all revenue as placed",
        "pl": "zakupy inne niż pierwszy zakup klienta, jako część sprzedaży według zamówień",
    },
    "refunded_share": {"en": "Refunded", "pl": "Zwroty i anulowania"},
    "refunded_share_is": {
        "en": "of revenue as placed, by the day of the purchase; nine in ten refunds come within "
        "{days:count day}, and younger purchases are left out in both years",
        "pl": "część sprzedaży według zamówień, liczona w dniu zakupu; 9 z 10 zwrotów przychodzi w "
        "ciągu {days:count of day}, więc młodsze zakupy pomijamy w obu latach",
    },
    "refunded_share_unlinked": {
        "en": "of revenue as placed, by the day of the refund: refunds name no order here",
        "pl": "część sprzedaży według zamówień, liczona w dniu zwrotu: zwroty nie wskazują tu "
        "zamówienia",
    },
    "mean": {"en": "{name}: average mark", "pl": "{name}: średnia ocena"},
    "mean_is": {
        "en": "of marks from {bottom:n} to {top:n}; {answers:n} answers",
        "pl": "oceny od {bottom:n} do {top:n}; odpowiedzi: {answers:n}",
    },
    "good_share": {"en": "{name}: good marks", "pl": "{name}: dobre oceny"},
    "good_share_is": {
        "en": "{least:n} to {top:n}, of all answers",
        "pl": "od {least:n} do {top:n}, z wszystkich odpowiedzi",
    },
    "net_promoters": {
        "en": "{name}: would recommend the shop (NPS)",
        "pl": "{name}: skłonność do polecenia (NPS)",
    },
    "net_promoters_is": {
        "en": "percent of marks 9 and 10 less percent of marks 0 to 6; {answers:n} answers",
        "pl": "procent ocen 9 i 10 minus procent ocen od 0 do 6; odpowiedzi: {answers:n}",
    },
    "interval": {"en": "{low} to {high}", "pl": "od {low} do {high}"},
    "span": {"en": "{low}\u2013{high}", "pl": "{low}\u2013{high}"},
    "of_years": {"en": "{years:n} years", "pl": "lata: {years:n}"},
    "mark_early": {"en": "begin of the history", "pl": "początek historii"},
    "mark_gap": {"en": "with a break", "pl": "z przerwą"},
    "mark_thin": {"en": "few customers", "pl": "mało klientów"},
    "note": {
        "en": "A change in bold is more than chance would make: its interval leaves out 0.",
        "pl": "Zmiana pogrubiona wykracza poza przypadek: jej przedział nie obejmuje zera.",
    },
    "note_early": {
        "en": "Begin of the history: whoever bought before {first:day} counts as new once. Nine in "
        "ten repeated purchases come within {rhythm:count day}, so until {settled:day} too many "
        "look new.",
        "pl": "Początek historii: kto kupował przed {first:day}, raz liczy się jako nowy. 9 z 10 "
        "ponownych zakupów następuje w ciągu {rhythm:count of day}, więc do {settled:day} nowych "
        "klientów wydaje się więcej, niż ich było.",
    },
    "note_gap": {
        "en": "With a break: the shop was closed, or its export broken off, for a part of the "
        "time.",
        "pl": "Z przerwą: przez część tego czasu sklep był zamknięty albo brakuje danych.",
    },
    "note_usual": {
        "en": "What is usual for a year takes two earlier ones to say.",
        "pl": "Żeby powiedzieć, jaki rok jest zwykły, trzeba dwóch wcześniejszych lat.",
    },
    "note_refunds": {
        "en": "{share:share} of the money refunded names no order and is counted on the day it was "
        "paid back.",
        "pl": "{share:share} zwróconych pieniędzy nie ma numeru zamówienia; liczymy je w dniu "
        "zwrotu.",
    },
    "no_voices": {
        "en": "Satisfaction and recommendation: not known, since no signal holds marks. A file of "
        "signals (ingest.signals) whose name is, say, review, rating, csat or nps, with the mark "
        "as its value, would make it so.",
        "pl": "Zadowolenie i polecanie: brak danych, bo nie ma ocen od klientów. Wystarczy plik "
        "zdarzeń (ingest.signals) o nazwie takiej jak ocena, review, csat albo nps, z oceną w "
        "kolumnie wartości.",
    },
    "unsure": {"en": "Can be read in two ways", "pl": "Można to odczytać dwojako"},
    # Doubts
    "either": {
        "en": "the signal {name} holds marks up to 10, and its name does not say whether customers "
        "were asked how satisfied they are or whether they would recommend the shop; both readings "
        "are shown. Call the signal csat or nps to settle it",
        "pl": "zdarzenie {name} to oceny do 10, a z nazwy nie wynika, czy pytano o zadowolenie, "
        "czy o polecenie sklepu; pokazujemy jedno i drugie. Nazwij je csat albo nps, a zostanie "
        "właściwe",
    },
    "no_ten": {
        "en": "the signal {name} sounds like a recommendation, but its {n:n} marks lie between "
        "{bottom:n} and {top:n}: NPS takes marks from 0 to 10, so the average is shown. If 10 was "
        "the best mark "
        "and nobody gave more than {top:n}, the average is of 10",
        "pl": "zdarzenie {name} wygląda na pytanie o polecenie, ale {n:n} ocen leży między "
        "{bottom:n} a {top:n}. NPS liczy się z ocen od 0 do 10, więc pokazujemy średnią. Jeśli "
        "najlepsza ocena to 10, a nikt nie dał więcej niż {top:n}, to jest to średnia z 10",
    },
    "no_scale": {
        "en": "the signal {name} sounds like a mark, but its values from {low:g} to {high:g} are "
        "no scale up to 5, 10 or 100; it is left out",
        "pl": "zdarzenie {name} wygląda na ocenę, ale wartości od {low:g} do {high:g} nie są skalą "
        "do 5, 10 ani 100; pomijamy je",
    },
    # The months
    "trend_told": {
        "en": "{usual:n} of {n:count month} brought what is usual for their season; {verdict}",
        "pl": "Sprzedaż jak zwykle o tej porze roku: w {usual:n} z {n:count of month}; {verdict}",
    },
    "was_usual": {
        "en": "{newest}, the latest, did too",
        "pl": "w ostatnim ({newest}) też",
    },
    "was_above": {
        "en": "{newest}, the latest, brought more",
        "pl": "w ostatnim ({newest}) wyższa",
    },
    "was_below": {
        "en": "{newest}, the latest, brought less",
        "pl": "w ostatnim ({newest}) niższa",
    },
    "trend_month": {
        "en": "A typical complete month brought {money:money}; there is no earlier year yet to say "
        "what is usual",
        "pl": "Typowy pełny miesiąc to {money:money} sprzedaży; nie ma jeszcze poprzedniego roku "
        "do porównania",
    },
    "trend_week": {
        "en": "A typical complete week brought {money:money}; there is no earlier year yet to say "
        "what is usual",
        "pl": "Typowy pełny tydzień to {money:money} sprzedaży; nie ma jeszcze poprzedniego roku "
        "do porównania",
    },
    "trend_month_shows": {
        "en": "Revenue as placed by month{currency}; {shown:n} of {of:n} shown",
        "pl": "Sprzedaż według zamówień po miesiącach{currency}; pokazano {shown:n} z {of:n}",
    },
    "trend_week_shows": {
        "en": "Revenue as placed by week{currency}; {shown:n} of {of:n} shown",
        "pl": "Sprzedaż według zamówień po tygodniach{currency}; pokazano {shown:n} z {of:n}",
    },
    "hatched": {
        "en": "; hatched: not complete",
        "pl": "; kreskowane: okres niepełny",
    },
    "key_later": {"en": "later purchases", "pl": "kolejne zakupy"},
    "key_first": {"en": "first purchases", "pl": "pierwsze zakupy"},
    "key_usual": {
        "en": "19 of 20 usual months lie within",
        "pl": "tu mieści się 19 z 20 zwykłych miesięcy",
    },
    "trend_alt": {
        "en": "Bars of revenue from {first} to {last}: {pairs}.",
        "pl": "Słupki sprzedaży od {first} do {last}: {pairs}.",
    },
    "pair": {"en": "{when}: {money:money}", "pl": "{when}: {money:money}"},
    "pair_usual": {
        "en": "{when}: {money:money}, usual {low:money} to {high:money}",
        "pl": "{when}: {money:money}, zwykle od {low:money} do {high:money}",
    },
    "pair_state": {
        "en": "{when}: {money:money} ({state})",
        "pl": "{when}: {money:money} ({state})",
    },
    "state_begun": {"en": "the history begins in it", "pl": "tu zaczyna się historia"},
    "state_so_far": {"en": "so far", "pl": "dotychczas"},
    "state_gap": {"en": "with a break", "pl": "z przerwą"},
    "months_open": {"en": "Month by month", "pl": "Miesiąc po miesiącu"},
    "weeks_open": {"en": "Week by week", "pl": "Tydzień po tygodniu"},
    "months": {
        "en": "The shop by period{currency}, the latest first; {shown:n} of {of:n} shown",
        "pl": "Wyniki według okresów{currency}, od ostatniego; pokazano {shown:n} z {of:n}",
    },
    "col_period": {"en": "Period", "pl": "Okres"},
    "col_purchases": {"en": "Purchases", "pl": "Zakupy"},
    "col_customers": {"en": "Customers", "pl": "Klienci"},
    "col_value": {"en": "Order value", "pl": "Wartość zamówienia"},
    "col_revenue": {"en": "Revenue", "pl": "Sprzedaż"},
    "col_foreseen": {"en": "Usual revenue", "pl": "Zwykła sprzedaż"},
    "col_returning": {"en": "From earlier customers", "pl": "Od dotychczasowych klientów"},
    "col_refunded": {"en": "Refunded", "pl": "Zwroty"},
    "verdict_usual": {"en": "usual", "pl": "jak zwykle"},
    "verdict_above": {"en": "above", "pl": "powyżej"},
    "verdict_below": {"en": "below", "pl": "poniżej"},
    "months_note": {
        "en": "Usual: the twelve weeks before a month, times how the same month of earlier years "
        "stood to the twelve weeks before it, with closed days{feasts} counted; of twenty usual "
        "months one lies outside by chance. It takes an earlier year that lies behind the begin of "
        "the history.",
        "pl": "Zwykła sprzedaż: dwanaście tygodni przed miesiącem razy to, jak ten sam miesiąc "
        "wcześniejszych lat wypadał wobec dwunastu tygodni przed nim; dni zamknięte{feasts} są "
        "uwzględnione. Z dwudziestu zwykłych miesięcy jeden wypada poza przedział przypadkiem. "
        "Potrzebny jest wcześniejszy rok, już po początku historii.",
    },
    "and_feasts": {
        "en": " and this shop's feasts ({names})",
        "pl": " i święta ważne dla sklepu ({names})",
    },
    "months_young": {
        "en": "Young: more refunds of it may still come.",
        "pl": "Niepełne: mogą jeszcze przyjść kolejne zwroty.",
    },
    "young": {"en": "young", "pl": "niepełne"},
    # Second purchases
    "seconds": {
        "en": "Of {n:n} new customers ({first}\u2013{last}) {share:share} bought again within "
        "{days:count day}",
        "pl": "Z {n:n} nowych klientów ({first}\u2013{last}) {share:share} kupiło ponownie w ciągu "
        "{days:count of day}",
    },
    "seconds_one": {
        "en": "Of {n:n} new customers ({first}) {share:share} bought again within {days:count day}",
        "pl": "Z {n:n} nowych klientów ({first}) {share:share} kupiło ponownie w ciągu "
        "{days:count of day}",
    },
    "seconds_month": {
        "en": "Share who bought again on a later day, by month of the first purchase, with 95% "
        "intervals; {shown:n} of {of:n} months",
        "pl": "Odsetek tych, którzy kupili znowu innego dnia, według miesiąca pierwszego zakupu, z "
        "przedziałami 95%; miesiące: {shown:n} z {of:n}",
    },
    "seconds_quarter": {
        "en": "Share who bought again on a later day, by quarter of the first purchase, with 95% "
        "intervals; {shown:n} of {of:n} quarters",
        "pl": "Odsetek tych, którzy kupili znowu innego dnia, według kwartału pierwszego zakupu, z "
        "przedziałami 95%; kwartały: {shown:n} z {of:n}",
    },
    "hollow": {
        "en": "; hollow: few customers, a break, or the begin of the history",
        "pl": "; puste w środku: mało klientów, przerwa albo początek historii",
    },
    "seconds_key": {"en": "within {days:count day}", "pl": "w ciągu {days:count of day}"},
    "seconds_alt": {
        "en": "Points by cohort: {pairs}.",
        "pl": "Punkty według okresu pierwszego zakupu: {pairs}.",
    },
    "seconds_pair": {
        "en": "{when}: {share:share} of {n:n}",
        "pl": "{when}: {share:share} z {n:n}",
    },
    "seconds_open": {
        "en": "Second purchases and later ones, by when customers first bought",
        "pl": "Drugie i kolejne zakupy według czasu pierwszego",
    },
    "seconds_table": {
        "en": "Bought again on a later day, by the time of the first purchase; {shown:n} of {of:n} "
        "shown",
        "pl": "Kupili znowu innego dnia, według czasu pierwszego zakupu; pokazano {shown:n} z "
        "{of:n}",
    },
    "col_cohort": {"en": "First purchase", "pl": "Pierwszy zakup"},
    "col_new": {"en": "New customers", "pl": "Nowi klienci"},
    "seconds_note": {
        "en": "A share is shown once the time of the last customer of the cohort is over.",
        "pl": "Odsetek podajemy, gdy ten czas minął także dla ostatniego klienta z danego okresu.",
    },
}
