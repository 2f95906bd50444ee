"""The page's headings, and what is inside each in a line with its main figure."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "cut": {"en": "{shown:n} of {of:n} shown.", "pl": "Pokazano {shown:n} z {of:n}."},
    "title_list": {"en": "The list", "pl": "Lista"},
    "title_customers": {"en": "The customers", "pl": "Klienci"},
    "title_shop": {"en": "The shop", "pl": "Sklep"},
    "title_outcome": {"en": "Did it work?", "pl": "Czy zadziałało?"},
    "title_analyst": {"en": "For the analyst", "pl": "Dla analityka"},
    "list": {
        "en": "{listed:count customer} {listed:noun gets} an offer, {control:n} get nothing for "
        "comparison",
        "pl": "ofertę {listed:noun gets} {listed:count customer}, a {control:n} dla porównania nie "
        "dostanie nic",
    },
    "list_all": {
        "en": "{listed:count customer} {listed:noun gets} an offer",
        "pl": "ofertę {listed:noun gets} {listed:count customer}",
    },
    "list_unplanned": {
        "en": "{rows:count customer} who may be contacted, the latest buyers first, without offers",
        "pl": "bez ofert; {rows:count customer}, do których wolno pisać, od ostatnich kupujących",
    },
    "list_nobody": {
        "en": "nobody this time; why, for each of {scored:count of customer}",
        "pl": "tym razem pusta; dlaczego, dla każdego z {scored:count of customer}",
    },
    "list_none": {"en": "no campaign was planned", "pl": "nie zaplanowano kampanii"},
    "customers": {
        "en": "{expected:n} of {customers:n} should buy again within {days:count day} by "
        "themselves",
        "pl": "w ciągu {days:count of day} samo kupi około {expected:n} z {customers:n}",
    },
    "customers_unproven": {
        "en": "{customers:count customer}, described without a forecast",
        "pl": "{customers:count customer}, opis bez prognozy",
    },
    "shop": {
        "en": "{orders:count order} since {first:day}; {repeat:share} of customers bought more "
        "than once",
        "pl": "{orders:count order} od {first:day}; więcej niż raz kupiło {repeat:share} klientów",
    },
    "shop_empty": {"en": "no purchase yet", "pl": "nie ma jeszcze żadnego zakupu"},
    "outcome": {
        "en": "what came of earlier lists: {n:n}",
        "pl": "co dały wcześniejsze listy: {n:n}",
    },
    "outcome_measured": {
        "en": "what earlier campaigns changed, by comparison with control: {n:n}",
        "pl": "co zmieniły wcześniejsze kampanie, w porównaniu z grupą kontrolną: {n:n}",
    },
    "outcome_waiting": {
        "en": "not known yet: the next list is ripe on {day:day}",
        "pl": "jeszcze nie wiadomo: najbliższa lista będzie do oceny {day:day}",
    },
    "outcome_none": {
        "en": "not known yet: no list has left and been sealed (winback seal)",
        "pl": "jeszcze nie wiadomo: żadna lista nie wyszła i nie została zatwierdzona (winback "
        "seal)",
    },
    "analyst": {
        "en": "{forecasts:count forecast} checked against what came",
        "pl": "{forecasts:count forecast} i to, co po nich nastąpiło",
    },
    "analyst_untested": {
        "en": "no forecast could be tested yet",
        "pl": "prognoz nie było jeszcze na czym sprawdzić",
    },
    "terms": {
        "en": "What these measures and rules mean",
        "pl": "Co znaczą te miary i reguły",
    },
    "methods": {
        "en": "The model: LightGBM, many small trees of yes-or-no questions on what is known of a "
        "customer. RFM: days since the last purchase, number of purchases and money spent; "
        "logistic regression weighs the three. BG/NBD, MBG/NBD and Pareto/NBD: each customer's own "
        "rhythm of buying, and the chance that it has ended. Base rate: the same chance for all.",
        "pl": "Model: LightGBM, wiele małych drzew pytań tak/nie o to, co wiadomo o kliencie. RFM: "
        "dni od ostatniego zakupu, liczba zakupów i wydane pieniądze; regresja logistyczna waży te "
        "trzy. BG/NBD, MBG/NBD i Pareto/NBD: własny rytm zakupów klienta i szansa, że się urwał. "
        "Ta sama szansa dla wszystkich: średnia powrotów, bez rozróżniania klientów.",
    },
}
