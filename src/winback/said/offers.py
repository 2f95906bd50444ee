"""What a planned campaign can show and what its test is worth, in words."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from winback.results.planned import OfferTrial, Planned
from winback.said.words import Texts, Words

_SIZES = (
    "{treated:n} with an offer and {control:n} in the control group",
    "{treated:n} z ofertą i {control:n} w grupie kontrolnej",
)

_MET = (
    "Earlier lists of the last year reached {n:count customer} of this plan. {left:share} of the "
    "offers' effect on them is reckoned with, on average",
    "Wcześniejsze listy z ostatniego roku objęły {n:count customer} z tego planu. Liczymy u nich "
    "średnio {left:share} efektu ofert",
)

TEXTS: Texts = {
    "public_salt": {
        "en": "The salt of the draw is {salt!r}, which is no secret: anybody can work out who is "
        "control. Put one of your own into salt.txt or WINBACK_SALT, once, and keep it.",
        "pl": "Sól losowania to {salt!r}, czyli żadna tajemnica: każdy może wyliczyć, kto jest w "
        "grupie kontrolnej. Wpisz raz własną do salt.txt albo WINBACK_SALT i zachowaj ją.",
    },
    "stated_effect": {
        "en": "Gains of {offers} rest on an effect that was assumed, not measured.",
        "pl": "Zyski z ofert {offers} opierają się na założonym, a nie zmierzonym efekcie.",
    },
    "contact_assumed": {
        "en": "Nobody has said what a contact costs ({offers}): a usual price was assumed (such "
        "contacts cost {low:money3} to {high:money3}). State contact_cost in the catalogue.",
        "pl": "Nie podano, ile kosztuje kontakt ({offers}): przyjęto zwykłą cenę (takie kontakty "
        "kosztują od {low:money3} do {high:money3}). Wpisz contact_cost w katalogu ofert.",
    },
    "contact_unknown": {
        "en": "Nobody has said what a contact costs ({offers}), and no usual price is known for "
        "the channel and the currency: it was reckoned at nothing. State contact_cost in the "
        "catalogue.",
        "pl": "Nie podano, ile kosztuje kontakt ({offers}), a dla tego kanału i tej waluty nie "
        "znamy zwykłej ceny: policzono go za darmo. Wpisz contact_cost w katalogu ofert.",
    },
    "objections_unmatched": {
        "en": "Whoever is meant by {n:n} of the {of:n} entries of {file} may be on this list: they "
        "match no customer. Write them as the orders have ids, addresses or phone numbers.",
        "pl": "Na tej liście mogą być osoby z pliku {file}: {n:n} z {of:n} wpisów do nikogo nie "
        "pasuje. Zapisz je tak, jak zamówienia zapisują identyfikatory, adresy lub telefony.",
    },
    "history_strangers": {
        "en": "Past assignments ({pattern}) name {n:n} customers whom the orders do not know; "
        "nobody can leave them in peace. Write their ids as the orders have them.",
        "pl": "W dotychczasowych przydziałach ({pattern}) są klienci, których nie ma w "
        "zamówieniach: {n:n}; nie da się im dać spokoju. Zapisz ich identyfikatory tak jak w "
        "zamówieniach.",
    },
    "power_nobody": {
        "en": "Nobody is on the list: there is nothing to measure.",
        "pl": "Na liście nie ma nikogo: nie ma czego mierzyć.",
    },
    "power_one_arm": {
        "en": "There is no group to compare with: nothing can be measured from this list.",
        "pl": "Nie ma grupy do porównania: z tej listy nie da się niczego zmierzyć.",
    },
    "power_blind": {
        "en": f"This list has {_SIZES[0]}: too few to read, whatever the offer does.",
        "pl": f"Na tej liście jest {_SIZES[1]}: za mało, by cokolwiek odczytać, niezależnie od "
        "tego, co zmieni oferta.",
    },
    "power_sees": {
        "en": f"This list has {_SIZES[0]}: it can see a change of {{sees:g}} points or more.",
        "pl": f"Na tej liście jest {_SIZES[1]}: widać na niej dopiero zmianę o {{sees:g}} p.p. "
        "lub większą.",
    },
    "power_enough": {
        "en": "To see {effect:g} points you need {needed:n} customers in each group; this list "
        f"has {_SIZES[0]}: enough to see it.",
        "pl": "Aby zobaczyć {effect:g} p.p., potrzeba {needed:n} klientów w każdej grupie; na tej "
        f"liście jest {_SIZES[1]}: to wystarczy.",
    },
    "power_noise": {
        "en": "To see {effect:g} points you need {needed:n} customers in each group; this list "
        f"has {_SIZES[0]}: it can see a change of {{sees:g}} points or more, so the reading will "
        "be noise.",
        "pl": "Aby zobaczyć {effect:g} p.p., potrzeba {needed:n} klientów w każdej grupie; na tej "
        f"liście jest {_SIZES[1]}: widać na niej dopiero zmianę o {{sees:g}} p.p. lub większą, "
        "więc wyniku nie odróżnisz od przypadku.",
    },
    "power_enough_to_pay": {
        "en": "To see an effect that just pays for itself ({effect:g} points) you need {needed:n} "
        f"customers in each group; this list has {_SIZES[0]}: enough to see it.",
        "pl": "Aby zobaczyć efekt, który tylko się zwraca ({effect:g} p.p.), potrzeba {needed:n} "
        f"klientów w każdej grupie; na tej liście jest {_SIZES[1]}: to wystarczy.",
    },
    "power_noise_to_pay": {
        "en": "To see an effect that just pays for itself ({effect:g} points) you need {needed:n} "
        f"customers in each group; this list has {_SIZES[0]}: it can see a change of {{sees:g}} "
        "points or more, so the reading will be noise.",
        "pl": "Aby zobaczyć efekt, który tylko się zwraca ({effect:g} p.p.), potrzeba {needed:n} "
        f"klientów w każdej grupie; na tej liście jest {_SIZES[1]}: widać na niej dopiero zmianę "
        "o {sees:g} p.p. lub większą, więc wyniku nie odróżnisz od przypadku.",
    },
    "power_beyond": {
        "en": "{effect:g} points cannot be told by tests of this size: this list has "
        f"{_SIZES[0]}, which shows a change of {{sees:g}} points or more, and two groups that "
        "would tell are more customers than the shop has.",
        "pl": f"{{effect:g}} p.p. nie da się zobaczyć w testach tej wielkości: na tej liście jest "
        f"{_SIZES[1]}, a to pokaże dopiero zmianę o {{sees:g}} p.p. lub większą; dwie grupy, które "
        "by wystarczyły, to więcej klientów, niż ma sklep.",
    },
    "power_beyond_to_pay": {
        "en": "An effect that just pays for itself ({effect:g} points) cannot be told by tests of "
        f"this size: this list has {_SIZES[0]}, which shows a change of {{sees:g}} points or more, "
        "and two groups that would tell are more customers than the shop has.",
        "pl": "Efektu, który tylko się zwraca ({effect:g} p.p.), nie da się zobaczyć w testach tej "
        f"wielkości: na tej liście jest {_SIZES[1]}, a to pokaże dopiero zmianę o {{sees:g}} p.p. "
        "lub większą; dwie grupy, które by wystarczyły, to więcej klientów, niż ma sklep.",
    },
    "power_plausible": {
        "en": " A change of up to {plausible:g} points is plausible, so a strong effect will show.",
        "pl": " Zmiana nawet o {plausible:g} p.p. jest możliwa, więc silny efekt będzie widać.",
    },
    "power_plausible_to_pay": {
        "en": "To see an effect that just pays for itself ({effect:g} points) you need {needed:n} "
        f"customers in each group; this list has {_SIZES[0]}: it can see a change of {{sees:g}} "
        "points or more. An effect of up to {plausible:g} points is plausible, so a strong one "
        "will show; one that just pays will not.",
        "pl": "Aby zobaczyć efekt, który tylko się zwraca ({effect:g} p.p.), potrzeba {needed:n} "
        f"klientów w każdej grupie; na tej liście jest {_SIZES[1]}: widać na niej dopiero zmianę "
        "o {sees:g} p.p. lub większą. Efekt do {plausible:g} p.p. jest możliwy, więc silny będzie "
        "widać, a taki, który tylko się zwraca, nie.",
    },
    "control_few": {
        "en": "The control group has {n:count customer}, fewer than the {least:n} that a verdict "
        "needs: raise target.control_share, or plan for more customers.",
        "pl": "W grupie kontrolnej jest {n:count customer}, mniej niż {least:n} potrzebnych do "
        "wniosku: podnieś target.control_share albo zaplanuj ofertę dla większej liczby klientów.",
    },
    "trial": {
        "en": "Testing it costs about {cost:money0} if it changes nothing; what it teaches is "
        "worth about {value:money0} in the next campaign.",
        "pl": "Test kosztuje około {cost:money0}, jeśli oferta niczego nie zmieni; wiedza z niego "
        "jest warta około {value:money0} w następnej kampanii.",
    },
    "trial_too_dear": {
        "en": "By that the test costs more than it teaches.",
        "pl": "Test kosztuje więcej, niż warta jest wiedza z niego.",
    },
    "trial_campaigns": {
        "en": "It pays from {pays:g} points on and this list shows {sees:g} or more: {campaigns:n} "
        "campaigns of this size would tell.",
        "pl": "Oferta zwraca się od {pays:g} p.p., a ta lista pokaże dopiero {sees:g} p.p.: "
        "potrzeba {campaigns:n} takich kampanii.",
    },
    "trial_beyond": {
        "en": "It pays from {pays:g} points on; that cannot be told by tests of this size, which "
        "show {sees:g} points or more.",
        "pl": "Oferta zwraca się od {pays:g} p.p.; testy tej wielkości tego nie pokażą, bo widać "
        "w nich dopiero {sees:g} p.p. lub więcej.",
    },
    "trial_unreadable": {
        "en": "It pays from {pays:g} points on; with {control:n} in its control group this test "
        "cannot be read.",
        "pl": "Oferta zwraca się od {pays:g} p.p.; przy {control:n} w jej grupie kontrolnej tego "
        "testu nie da się odczytać.",
    },
    "best_alone": {
        "en": "Of the tested offers “{offer}” is best tested by itself: {treated:n} customers with "
        "it and {control:n} in the control group would show {sees:g} points or more (it pays from "
        "{pays:g} on), cost {cost:money0} if it changes nothing, and teach about {value:money0}.",
        "pl": "Z testowanych ofert najlepiej sprawdzić samą jedną: „{offer}”. {treated:n} klientów "
        "z ofertą i {control:n} w grupie kontrolnej pokaże zmianę od {sees:g} p.p. (zwraca się od "
        "{pays:g} p.p.), będzie kosztować {cost:money0}, jeśli niczego nie zmieni, a wiedza z "
        "testu jest warta około {value:money0}.",
    },
    "best_alone_blind": {
        "en": "Of the tested offers “{offer}” is best tested by itself, on {treated:n} customers "
        "with {control:n} in the control group: it costs {cost:money0} if it changes nothing and "
        "teaches about {value:money0}, but take a larger control group, or it cannot be read.",
        "pl": "Z testowanych ofert najlepiej sprawdzić samą jedną: „{offer}”, u {treated:n} "
        "klientów przy {control:n} w grupie kontrolnej. Będzie kosztować {cost:money0}, jeśli "
        "niczego nie zmieni, a wiedza z testu jest warta około {value:money0}; weź jednak "
        "większą grupę kontrolną, bo inaczej nie da się go odczytać.",
    },
    "explored": {
        "en": "Offers are dealt evenly by lot to {n:count customer} of the list "
        "(target.explore_share), so that later lists do better. That should bring {cost:money0} "
        "less than the best choice for each, and what it teaches should be worth {worth:money0} "
        "in the {lists:n} lists to come, as many as left in the last year ({rests_on}).",
        "pl": "Wśród {n:count of customer} z listy oferty rozlosowano po równo "
        "(target.explore_share), żeby przy kolejnych listach wiedzieć więcej. Przyniesie to "
        "około {cost:money0} mniej niż najlepszy wybór dla każdej z tych osób, a wiedza będzie "
        "warta około {worth:money0} w kolejnych listach: przyjęto {lists:n}, tyle co w ostatnim "
        "roku ({rests_on}).",
    },
    "explored_next": {
        "en": "Offers are dealt evenly by lot to {n:count customer} of the list "
        "(target.explore_share), so that later lists do better. That should bring {cost:money0} "
        "less than the best choice for each, and what it teaches should be worth {worth:money0} "
        "in each list like this one ({rests_on}).",
        "pl": "Wśród {n:count of customer} z listy oferty rozlosowano po równo "
        "(target.explore_share), żeby przy kolejnych listach wiedzieć więcej. Przyniesie to "
        "około {cost:money0} mniej niż najlepszy wybór dla każdej z tych osób, a wiedza będzie "
        "warta około {worth:money0} w każdej takiej liście ({rests_on}).",
    },
    "rests_on_intervals": {
        "en": "by how uncertain the measured effects are",
        "pl": "według niepewności zmierzonych efektów",
    },
    "rests_on_assumed": {
        "en": "by what is assumed of effects that nobody has measured",
        "pl": "według założeń o efektach, których nikt nie zmierzył",
    },
    "worn_assumed": {
        "en": f"{_MET[0]}: it is assumed that a list with the same offer takes {{share:share}} of "
        "it, one with another half as much, and that this halves every 90 days "
        "(target.wear_share). Nobody has measured it here.",
        "pl": f"{_MET[1]}: przyjęto, że lista z tą samą ofertą zabiera {{share:share}} efektu, z "
        "inną o połowę mniej, i że co 90 dni to słabnie o połowę (target.wear_share). Nikt tego "
        "tutaj nie zmierzył.",
    },
    "worn_stated": {
        "en": f"{_MET[0]}, as target.wear_share says ({{share:share}} off for a list with the same "
        "offer).",
        "pl": f"{_MET[1]}, zgodnie z target.wear_share (lista z tą samą ofertą zabiera "
        "{share:share}).",
    },
    "worn_learned": {
        "en": f"{_MET[0]}: {{lists:n}} lists that left show that one with the same offer takes "
        "{share:share} of it.",
        "pl": f"{_MET[1]}: z {{lists:n}} wysłanych list wynika, że lista z tą samą ofertą zabiera "
        "{share:share} efektu.",
    },
    "moved_measured": {
        "en": "{share:share} of the orders that “{offer}” wins is reckoned as only moved forward: "
        "so many were missed after the window of earlier lists.",
        "pl": "{share:share} zamówień zdobytych ofertą „{offer}” uznajemy za tylko przyspieszone: "
        "tyle ich zabrakło po zakończeniu wcześniejszych list.",
    },
    "moved_stated": {
        "en": "{share:share} of the orders that “{offer}” wins is reckoned as only moved forward, "
        "as the catalogue states.",
        "pl": "{share:share} zamówień zdobytych ofertą „{offer}” uznajemy za tylko przyspieszone, "
        "jak podano w katalogu ofert.",
    },
    "moved_assumed": {
        "en": "No order won is reckoned as only moved forward ({offers}): nobody has measured it "
        "or stated pull_forward_share.",
        "pl": "Żadnego zdobytego zamówienia nie uznajemy za tylko przyspieszone ({offers}): nikt "
        "tego nie zmierzył ani nie podał pull_forward_share.",
    },
    "pays_below": {
        "en": "{offer}: what a contact costs was not said; {price:money3} was assumed, and it "
        "pays while a contact costs less than {below:money3}.",
        "pl": "{offer}: nie podano, ile kosztuje kontakt; przyjęto {price:money3}, a oferta się "
        "opłaca, póki kontakt kosztuje mniej niż {below:money3}.",
    },
    "pays_never": {
        "en": "{offer}: what a contact costs was not said; {price:money3} was assumed, but it does "
        "not pay at any price of a contact.",
        "pl": "{offer}: nie podano, ile kosztuje kontakt; przyjęto {price:money3}, ale oferta nie "
        "opłaca się przy żadnej cenie kontaktu.",
    },
    "test_pays_below": {
        "en": "{offer}: what a contact costs was not said; {price:money3} was assumed, and the "
        "test is worth its cost while a contact costs less than {below:money3}.",
        "pl": "{offer}: nie podano, ile kosztuje kontakt; przyjęto {price:money3}, a test jest "
        "wart swojej ceny, póki kontakt kosztuje mniej niż {below:money3}.",
    },
    "test_pays_never": {
        "en": "{offer}: what a contact costs was not said; {price:money3} was assumed, but the "
        "test is not worth its cost at any price of a contact.",
        "pl": "{offer}: nie podano, ile kosztuje kontakt; przyjęto {price:money3}, ale test nie "
        "jest wart swojej ceny przy żadnej cenie kontaktu.",
    },
}


def power(planned: Planned, words: Words) -> str:
    """Whether a list of this size can show the effect it reckons with."""
    seen, values = planned.power, {"treated": planned.n_listed, "control": planned.n_control}
    if not planned.n_listed or not planned.n_control:
        either = planned.n_listed or planned.n_control
        return words.fill(TEXTS["power_one_arm" if either else "power_nobody"], values)
    if seen.mde_pp is None:
        return words.fill(TEXTS["power_blind"], values)
    name, more = "power_sees", []
    if seen.n_needed_per_arm is not None and seen.effect_pp is not None:
        name = "power_enough" if abs(seen.effect_pp) >= seen.mde_pp else "power_noise"
        # A test that would show what is plausible is no noise, though it may miss what just pays.
        plausible = (seen.plausible_pp or 0.0) >= seen.mde_pp
        if name == "power_noise" and 2 * seen.n_needed_per_arm > getattr(planned, "n_scored", inf):
            name = "power_beyond"
        elif name == "power_noise" and plausible and not planned.effect_known:
            name = "power_plausible"
        more = ["power_plausible"] if name == "power_beyond" and plausible else []
        # Of an unknown effect the smallest that pays is looked for.
        name += "" if planned.effect_known else "_to_pay"
    looked_for = {
        "needed": seen.n_needed_per_arm,
        "effect": seen.effect_pp,
        "sees": seen.mde_pp,
        "plausible": seen.plausible_pp,
    }
    return "".join(words.fill(TEXTS[each], values | looked_for) for each in (name, *more))


def trial(tested: OfferTrial, words: Words) -> str:
    """What testing an offer costs, what the reading is worth, and how many campaigns it takes."""
    names = ["trial"]
    if round(tested.value) < round(tested.cost):
        names.append("trial_too_dear")
    if tested.mde_pp is None and tested.n_treated and tested.n_control:
        names.append("trial_unreadable")
    elif not tested.tellable and tested.mde_pp is not None:
        names.append("trial_beyond")
    elif tested.campaigns_needed is not None and tested.mde_pp is not None:
        names += ["trial_campaigns"] * (tested.campaigns_needed > 1)
    values = {
        "cost": tested.cost,
        "value": tested.value,
        "pays": tested.break_even_pp,
        "sees": tested.mde_pp,
        "campaigns": tested.campaigns_needed,
        "control": tested.n_control,
    }
    return " ".join(words.fill(TEXTS[name], values) for name in names)


def best_alone(planned: Planned, words: Words, names: Mapping[str, str]) -> list[str]:
    """Which of several tested offers is worth a test of its own; nothing where none is.

    Args:
        names: the offers' names as people read them; one without is shown by its own.
    """
    best = planned.test.best if planned.test else None
    if best is None:
        return []
    values = {
        "offer": names.get(best.offer, best.offer),
        "treated": best.n_treated,
        "control": best.n_control,
        "sees": best.mde_pp,
        "pays": best.break_even_pp,
        "cost": best.cost,
        "value": best.value,
    }
    return [words.fill(TEXTS["best_alone" + "_blind" * (best.mde_pp is None)], values)]


def exploration(planned: Planned, words: Words) -> list[str]:
    """What the part dealt evenly costs and is worth; nothing where nobody is explored."""
    found = planned.exploration
    if found is None or not found.n_listed:
        return []
    values = {
        "n": found.n_listed,
        "cost": found.cost,
        "worth": found.worth,
        "lists": found.lists,
        "rests_on": words.fill(TEXTS[f"rests_on_{found.rests_on}"], {}),
    }
    return [words.fill(TEXTS["explored" if found.lists > 1 else "explored_next"], values)]


def lessened(planned: Planned, words: Words, names: Mapping[str, str]) -> list[str]:
    """What of the effects is reckoned as worn out, or as orders that were only moved.

    Args:
        names: the offers' names as people read them; one without is shown by its own.
    """
    said = []
    if planned.wear is not None and planned.wear.n:
        said.append(words.fill(TEXTS[f"worn_{planned.wear.source}"], dict(planned.wear)))
    assumed = []
    for name, moved in planned.pull_forward.items():
        offer = names.get(name, name)
        if moved.source == "assumed":
            assumed.append(offer)
            continue
        values = {"share": moved.share, "offer": offer}
        said.append(words.fill(TEXTS[f"moved_{moved.source}"], values))
    if assumed:
        said.append(words.fill(TEXTS["moved_assumed"], {"offers": tuple(assumed)}))
    return said


def contact_prices(planned: Planned, words: Words, names: Mapping[str, str]) -> list[str]:
    """For each planned offer whose contact the shop has not priced: up to which price it pays."""
    assumed = planned.assumed.contacts if planned.assumed else {}
    tested = planned.test.offers if planned.test else {}
    said = []
    for name, below in planned.contact_pays_below.items():
        if name in assumed:
            kind = "test_" * (name in tested) + ("pays_never" if below is None else "pays_below")
            values = {"offer": names.get(name, name), "price": assumed[name].price, "below": below}
            said.append(words.fill(TEXTS[kind], values))
    return said
