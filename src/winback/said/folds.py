"""The page's headings, and what is inside each in a line with its main figure."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "title_list": {"en": "The list", "pl": "Lista"},
    "title_customers": {"en": "The customers", "pl": "Klienci"},
    "title_shop": {"en": "The shop", "pl": "Sklep"},
    "title_outcome": {"en": "Did it work?", "pl": "Czy to działa?"},
    "title_analyst": {"en": "For the analyst", "pl": "Dla analityka"},
    "list": {
        "en": "{listed:count customer} {listed:noun gets} an offer, {control:n} get nothing for "
        "comparison; who gets which, and what it costs",
        "pl": "ofertę {listed:noun gets} {listed:count customer}, a {control:n} do porównania nic; "
        "kto co dostanie i ile to kosztuje",
    },
    "list_all": {
        "en": "{listed:count customer} {listed:noun gets} an offer; who gets which, and what it "
        "costs",
        "pl": "ofertę {listed:noun gets} {listed:count customer}; kto co dostanie i ile to "
        "kosztuje",
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
        "themselves; who, and what sets them apart",
        "pl": "w ciągu {days:count of day} samo kupi około {expected:n} z {customers:n}; kto i "
        "czym się różni od reszty",
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
        "en": "what came of earlier lists ({n:n}), beside what was foretold",
        "pl": "co wynikło z wcześniejszych list ({n:n}) i co zapowiadano",
    },
    "outcome_none": {
        "en": "No list has been sent and sealed yet. After winback seal and {days:count day}, the "
        "answer stands here.",
        "pl": "Żadna lista nie została jeszcze wysłana i potwierdzona. Po winback seal i "
        "{days:count after day} znajdziesz tu odpowiedź.",
    },
    "analyst": {
        "en": "{forecasts:count forecast} checked against what came, what moves them, what was "
        "read, every version",
        "pl": "{forecasts:count forecast} i to, co po nich nastąpiło; co na nie wpływa, co "
        "wczytano, wszystkie wersje",
    },
    "analyst_untested": {
        "en": "no forecast could be tested yet; what was read, every version",
        "pl": "prognoz nie było jeszcze na czym sprawdzić; co wczytano, wszystkie wersje",
    },
}
