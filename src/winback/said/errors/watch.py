"""What can be wrong when it is asked what came of a list, or how the shop has changed."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_list": {
        "en": "{campaign}: no list of that name is in the ledger; the last are {known}.",
        "pl": "{campaign}: w rejestrze nie ma takiej listy; ostatnie to {known}.",
    },
    "not_ripe": {
        "en": "{campaign}: not ripe. Its horizon closes on {ripe_on}, and the orders reach "
        "{today}; grade it then.",
        "pl": "{campaign}: za wcześnie na ocenę. Horyzont kończy się {ripe_on}, a zamówienia "
        "sięgają {today}; oceń listę wtedy.",
    },
    "not_ripe_early": {
        "en": "{campaign}: not ripe. Its horizon closes on {ripe_on}, a first early grade is to be "
        "had on {early_on}, and the orders reach {today}.",
        "pl": "{campaign}: za wcześnie na ocenę. Horyzont kończy się {ripe_on}, pierwsza wczesna "
        "ocena będzie {early_on}, a zamówienia sięgają {today}.",
    },
    "unproven": {
        "en": "{campaign}: no chances were foretold, so there is nothing to grade.",
        "pl": "{campaign}: nie było prognoz, więc nie ma czego oceniać.",
    },
    "gap": {
        "en": "{campaign}: the shop has a gap within its horizon, so what came is not known.",
        "pl": "{campaign}: w horyzoncie listy sklep ma lukę w zamówieniach, więc nie wiadomo, co "
        "się stało.",
    },
    "nobody_left": {
        "en": "{campaign}: nobody is left who was sent nothing, so there is nobody to grade by.",
        "pl": "{campaign}: nie został nikt, komu nic nie wysłano, więc nie ma kogo ocenić.",
    },
    "before_history": {
        "en": "{campaign}: today's orders begin only after it left; bring back the earlier ones.",
        "pl": "{campaign}: dzisiejsze zamówienia zaczynają się dopiero po tej liście; przywróć "
        "wcześniejsze.",
    },
    "no_week": {
        "en": "--from {first} --to {last}: no week lies between these days.",
        "pl": "--from {first} --to {last}: między tymi dniami nie ma żadnego tygodnia.",
    },
    "outside_history": {
        "en": "--from {first} --to {last}: the orders begin on {begins} and are read up to "
        "{ends}; choose days between.",
        "pl": "--from {first} --to {last}: zamówienia zaczynają się {begins}, a wczytano je do "
        "{ends}; wybierz dni pomiędzy.",
    },
    "no_days": {
        "en": "replay needs --from and --to, for example --from 2024-01-01 --to 2024-06-10.",
        "pl": "replay wymaga --from i --to, na przykład --from 2024-01-01 --to 2024-06-10.",
    },
}
