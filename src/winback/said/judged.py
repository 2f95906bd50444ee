"""Whether there is enough data, how good forecasts were, who gives the scores; and tuning."""

from __future__ import annotations

from winback.results.judged import MODEL, AgainstChance, Champion, Interval, Judged, Verdict
from winback.results.learned import Concern, Evidence
from winback.results.tuned import Tuned
from winback.said.words import Texts, Words, capital


def evidence(found: Evidence, words: Words) -> str:
    """How much data there is, and whether that is enough."""
    counted = _LEVELS["counted" if found.separate_windows else "no_window"]
    values = found.model_dump(exclude={"drift", "concerns"})
    return f"{_LEVELS[found.level][words.language]}: {words.fill(counted, values)}"


def concern(found: Concern, words: Words) -> str:
    """What is missing or has changed, and what to do about it."""
    feast = words.term("feast", found.feast)
    said = capital(words.fill(_CONCERNS[found.code], {"feast": feast, **found.values}))
    if found.code == "feast_unseen" and found.feast == "christmas":
        said += " " + words.fill(_CONCERNS["typical_christmas"], {})
    return said


def evidence_in_full(found: Evidence, words: Words) -> str:
    """The same with what is missing, a line each."""
    told = (evidence(found, words), *(concern(each, words) for each in found.concerns))
    return "\n".join(told)


def verdict(found: Verdict, words: Words) -> str:
    """What the forecasts are worth, in numbers, and who gives the scores if not the model.

    Forecasts no better than chance, or than the same chance for everybody, are called so first,
    and no lead over a rule is told as praise.
    """
    use, told = found.against_chance, []
    if use and use.use in ("near_chance", "worse_than_base"):
        told.append(against_chance(use, words))
        compared = found.finding not in ("beats", "not_compared") and use.tells_apart
        if compared and found.best_simple != "base_rate":
            told.append(_finding(found, words))
    else:
        told.append(_finding(found, words))
        if use and use.use != "good":
            told.append(against_chance(use, words))
    # Who scores goes without saying, unless the reader would expect another.
    other = found.champion and found.champion.method != found.model
    if found.champion and (other or found.finding == "worse"):
        told.append(champion(found.champion, words))
    if found.tested_days < found.horizon_days:
        told.append(words.fill(_FIRST_DAYS_ALONE, found.model_dump()))
    return " ".join(told)


def against_chance(found: AgainstChance, words: Words) -> str:
    """What forecasts are worth beside chance and beside the same chance for everybody."""
    area, gain = found.roc_auc, found.log_loss_difference
    code: str = found.use
    if code in ("near_chance", "worse_than_base"):
        code += "_ordered" if found.tells_apart else ""
    values = {
        "auc": _ranged(area, 3, "auc", words) if area else "",
        "losses": "",
        "returned": found.returned,
        "stayed_away": found.stayed_away,
    }
    if gain is not None:
        digits = 3 if abs(gain.value) >= 0.0005 else 4
        values["losses"] = words.fill(
            _USES["losses"],
            {
                "ours": words.number(found.log_loss, digits),
                "theirs": words.number(found.log_loss_base, digits),
                "gap": _ranged(gain, digits, "interval", words),
            },
        )
    said = words.fill(_USES[code], values)
    if found.use != "near_chance" or found.tells_apart or gain is None:
        return said
    return f"{said} {capital(str(values['losses']))}."


def _ranged(found: Interval, digits: int, text: str, words: Words) -> str:
    """A figure with its interval, where that is known."""
    written = {
        name: words.number(value, digits)
        for name, value in dict(found).items()
        if value is not None
    }
    alone = {"auc": "auc_alone", "interval": "difference"}
    return words.fill(_FIGURES[text if "low" in written else alone[text]], written)


def summary(found: Judged, words: Words) -> str:
    """What an evaluation comes down to: its verdict."""
    return verdict(found.verdict, words)


def champion(found: Champion, words: Words) -> str:
    """Who gives the scores, and why."""
    return words.fill(_CHAMPIONS[found.why], {"rule": _called(found.method, words, "a_rule")})


def tuned(found: Tuned, words: Words) -> str:
    """What tuned settings gain where they were not searched."""
    said = _TUNED[found.finding][words.language]
    if found.finding == "unchanged":
        return said
    days = ", ".join(words.short_day(day) for day in found.proved_on)
    values = {"ours": found.log_loss, "given": found.log_loss_given, **dict(found.difference)}
    written = {name: words.number(value, 4) for name, value in values.items()}
    return f"{words.fill(_TUNED['gain'], {'days': days, **written})} {said}"


def called(method: str, words: Words) -> str:
    """A method's name: that of a rule in words, one's own model as its column is called."""
    known = _METHODS.get(method)
    return known[words.language] if known else method


def _finding(found: Verdict, words: Words) -> str:
    difference, area = found.log_loss_difference, found.roc_auc_difference
    if found.finding == "not_compared" or difference is None or found.best_simple is None:
        case = "not_compared" if found.model == MODEL else "own_not_compared"
        return words.fill(_FINDINGS[case], {"model": found.model})
    # A third decimal that hides on which side of 0 the interval ends would mislead.
    shown = [v for v in (difference.value, difference.low, difference.high) if v is not None]
    digits = 3 if all(abs(value) >= 0.0005 for value in shown) else 4
    model = _called(found.model, words, "it")
    said = words.fill(
        _FINDINGS[found.finding],
        {
            "model": capital(model) if found.model in (MODEL, *_METHODS) else model,
            "object": model,
            "rival": _called(found.best_simple, words, "the_rule"),
            "than": _called(found.best_simple, words, "than_the_rule"),
            "returned": found.returned,
            "stayed_away": found.stayed_away,
        },
    )
    gap = _ranged(difference, digits, "interval", words)
    losses, areas = (
        {"ours": words.number(ours, places), "theirs": words.number(theirs, places)}
        for ours, theirs, places in (
            (found.log_loss, found.log_loss_rival, digits),
            (found.roc_auc, found.roc_auc_rival, 3),
        )
    )
    figures = f"log loss {words.fill(_FIGURES['against'], losses)} ({gap})"
    if area is not None:
        figures += f"; ROC AUC {words.fill(_FIGURES['against'], areas)}"
    return f"{said}: {figures}."


def _called(method: str, words: Words, how: str) -> str:
    """A method where a sentence has room for it; ``how`` it is spoken of if it is a rule."""
    if method == MODEL:
        return _OURS[how][words.language]
    if method in _METHODS:
        return words.fill(_RULES[how], {"rule": called(method, words)})
    return method


_METHODS: Texts = {
    "base_rate": {"en": "the base rate for everybody", "pl": "ten sam odsetek dla wszystkich"},
    "recency": {"en": "days since the last order", "pl": "dni od ostatniego zamówienia"},
    "own_rhythm": {
        "en": "silence against the customer's own rhythm",
        "pl": "cisza na tle własnego rytmu klienta",
    },
    "rfm": {"en": "RFM quintiles", "pl": "kwintyle RFM"},
    "logistic_rfm": {"en": "logistic regression on RFM", "pl": "regresja logistyczna na RFM"},
    "bgnbd": {"en": "BG/NBD", "pl": "BG/NBD"},
    "mbgnbd": {"en": "MBG/NBD", "pl": "MBG/NBD"},
    "pareto_nbd": {"en": "Pareto/NBD", "pl": "Pareto/NBD"},
}

_RULES: Texts = {
    "it": {"en": "{rule}", "pl": "{rule}"},
    "the_rule": {
        "en": "the best simple rule ({rule})",
        "pl": "najlepsza prosta reguła ({rule})",
    },
    "than_the_rule": {
        "en": "the best simple rule ({rule})",
        "pl": "najlepszej prostej reguły ({rule})",
    },
    "a_rule": {"en": "a simple rule ({rule})", "pl": "prostej reguły ({rule})"},
}

_OURS: Texts = {
    "it": {"en": "the model", "pl": "model"},
    "the_rule": {"en": "winback's model", "pl": "model winback"},
    "than_the_rule": {"en": "winback's model", "pl": "modelu winback"},
    "a_rule": {"en": "winback's model", "pl": "modelu winback"},
}

_FINDINGS: Texts = {
    "not_compared": {
        "en": "The model could not be compared with a simple rule: it takes evaluation cutoffs at "
        "which some customers returned and some did not, scored by both.",
        "pl": "Modelu nie dało się porównać z prostą regułą: potrzeba momentów oceny, po których "
        "część klientów wróciła, a część nie, ocenionych przez obie metody.",
    },
    "own_not_compared": {
        "en": "{model} could not be compared with another method: it takes evaluation cutoffs at "
        "which some customers returned and some did not, scored by both.",
        "pl": "Nie było z czym porównać {model}: potrzeba momentów oceny, po których część "
        "klientów wróciła, a część nie, ocenionych przez obie metody.",
    },
    "beats": {
        "en": "{model} predicts returns better than {rival}",
        "pl": "{model} przewiduje powroty lepiej niż {rival}",
    },
    "even": {
        "en": "{model} does not clearly beat {rival}",
        "pl": "{model} nie jest wyraźnie lepszy od {than}",
    },
    "few": {
        "en": "Too few customers to tell whether {object} beats {rival}: {returned:n} returned, "
        "{stayed_away:n} did not",
        "pl": "Za mało klientów, by rozstrzygnąć, czy {object} jest lepszy od {than}: wróciło "
        "{returned:n}, nie wróciło {stayed_away:n}",
    },
    "worse": {
        "en": "{model} predicts returns worse than {rival}",
        "pl": "{model} przewiduje powroty gorzej niż {rival}",
    },
}

_USES: Texts = {
    "losses": {
        "en": "log loss {ours} against {theirs} with the same chance for everybody ({gap})",
        "pl": "log loss {ours} wobec {theirs} przy tej samej szansie dla wszystkich ({gap})",
    },
    "modest": {
        "en": "The forecasts tell customers apart only in part: {auc}.",
        "pl": "Prognozy odróżniają klientów tylko częściowo: {auc}.",
    },
    "near_chance": {
        "en": "Close to guessing: the forecasts can hardly tell who comes back ({auc}).",
        "pl": "To prawie zgadywanie: prognozy ledwie odróżniają tych, którzy wrócą ({auc}).",
    },
    "near_chance_ordered": {
        "en": "The percentages are hardly better than giving everybody the same chance: {losses}. "
        "The order of customers still tells something ({auc}): go by the order.",
        "pl": "Same procenty są niewiele lepsze niż ta sama szansa dla wszystkich: {losses}. "
        "Kolejność klientów coś jednak mówi ({auc}): kieruj się kolejnością.",
    },
    "worse_than_base": {
        "en": "The forecasts are worse than giving everybody the same chance: {losses}. They can "
        "hardly tell who comes back ({auc}).",
        "pl": "Prognozy są gorsze niż ta sama szansa dla wszystkich: {losses}. Prawie nie "
        "odróżniają tych, którzy wrócą ({auc}).",
    },
    "worse_than_base_ordered": {
        "en": "The percentages are worse than giving everybody the same chance: {losses}. The "
        "order of customers still tells something ({auc}): go by the order.",
        "pl": "Same procenty są gorsze niż ta sama szansa dla wszystkich: {losses}. Kolejność "
        "klientów coś jednak mówi ({auc}): kieruj się kolejnością.",
    },
    "unknown": {
        "en": "Whether the forecasts are any better than chance is not known: {returned:n} "
        "customers returned, {stayed_away:n} did not ({auc}).",
        "pl": "Nie wiadomo, czy prognozy są lepsze niż los: wróciło {returned:n}, nie wróciło "
        "{stayed_away:n} ({auc}).",
    },
}

_FIGURES: Texts = {
    "auc": {
        "en": "ROC AUC {value}, 95% interval {low} to {high}; 0.5 is chance",
        "pl": "ROC AUC {value}, przedział 95% od {low} do {high}; 0,5 to los",
    },
    "auc_alone": {
        "en": "ROC AUC {value}; 0.5 is chance",
        "pl": "ROC AUC {value}; 0,5 to los",
    },
    "against": {"en": "{ours} against {theirs}", "pl": "{ours} wobec {theirs}"},
    "difference": {"en": "difference {value}", "pl": "różnica {value}"},
    "interval": {
        "en": "difference {value}, 95% interval {low} to {high}",
        "pl": "różnica {value}, przedział 95% od {low} do {high}",
    },
}

_CHAMPIONS: Texts = {
    "no_rule_led": {
        "en": "The scores come from the model: no simple rule led at every evaluation cutoff, and "
        "beyond chance.",
        "pl": "Oceny pochodzą z modelu: żadna prosta reguła nie wygrała we wszystkich momentach "
        "oceny bardziej, niż tłumaczy przypadek.",
    },
    "too_few_judges": {
        "en": "The scores come from the model: at fewer than two evaluation cutoffs had it learned "
        "from four fifths of the past that it knows by now, so that a rule's lead there would not "
        "count against it.",
        "pl": "Oceny pochodzą z modelu: w mniej niż dwóch momentach oceny uczył się z co najmniej "
        "czterech piątych przeszłości, którą zna dziś, więc przewaga prostej reguły z tamtych dni "
        "nie liczy się na jego niekorzyść.",
    },
    "near_chance": {
        "en": "So everybody gets the same chance, and the list begins with the latest buyers: that "
        "is what is known of them.",
        "pl": "Dlatego wszyscy dostają tę samą szansę, a lista zaczyna się od ostatnich "
        "kupujących: tyle o nich wiadomo.",
    },
    "rule_led": {
        "en": "The scores come from {rule}, not from the model: it led at each evaluation cutoff "
        "that counts.",
        "pl": "Oceny pochodzą z {rule}, a nie z modelu, bo wygrywa w każdym momencie oceny, który "
        "się liczy.",
    },
}

_FIRST_DAYS_ALONE = {
    "en": "The test is of the first {tested_days:n} of {horizon_days:n} days: later dates could "
    "test no more.",
    "pl": "To sprawdzian pierwszych {tested_days:n} z {horizon_days:n} dni: więcej na późniejszych "
    "datach nie dało się sprawdzić.",
}

_LEVELS: Texts = {
    "enough": {"en": "Enough data", "pl": "Danych wystarcza"},
    "thin": {"en": "Little data", "pl": "Mało danych"},
    "unproven": {"en": "Too little data to predict", "pl": "Za mało danych na prognozę"},
    "counted": {
        "en": "{history_days:count day} of history, {customers:count customer} "
        "({repeat_customers:n} with a second day of shopping), "
        "{closed_windows:count closed window} of {horizon_days:count day}, in which {returned:n} "
        "came back and {stayed_away:n} did not, counted where windows do not overlap.",
        "pl": "{history_days:count day} historii, {customers:count customer} (z drugim dniem "
        "zakupów: {repeat_customers:n}), {closed_windows:count closed window} (dni: "
        "{horizon_days:n}); w oknach, które się nie nakładają, wróciło {returned:n}, nie wróciło "
        "{stayed_away:n}.",
    },
    "no_window": {
        "en": "{history_days:count day} of history, {customers:count customer} "
        "({repeat_customers:n} with a second day of shopping), and no closed window of "
        "{horizon_days:count day}.",
        "pl": "{history_days:count day} historii, {customers:count customer} (z drugim dniem "
        "zakupów: {repeat_customers:n}), żadnego zamkniętego okna (dni: {horizon_days:n}).",
    },
}

_CONCERNS: Texts = {
    "no_window": {
        "en": "No window of {horizon_days:count day} has closed after somebody's first purchase, "
        "so no forecast can be learned or tested. Choose a shorter horizon, or come back when the "
        "history is {needed_days:count day} long.",
        "pl": "Żadne okno tej długości ({horizon_days:count day}) od czyjegoś pierwszego zakupu "
        "jeszcze się nie zamknęło, więc prognozy nie da się nauczyć ani sprawdzić. Wybierz krótszy "
        "horyzont albo wróć, gdy historia będzie miała {needed_days:count day}.",
    },
    "few_outcomes": {
        "en": "With fewer than {least:n} who came back, or who did not, chances are rough and "
        "their test is rougher. Use the order of the list rather than the percentages; a longer "
        "history or another horizon helps.",
        "pl": "Gdy wróciło albo nie wróciło mniej niż {least:n} klientów, szanse są zgrubne, a ich "
        "sprawdzian tym bardziej. Ufaj raczej kolejności na liście niż procentom; pomoże dłuższa "
        "historia albo inny horyzont.",
    },
    "short_past": {
        "en": "The closed windows saw too little past to teach anything about customers as old as "
        "today's: chances come from each customer's own rhythm and, where enough happened, from "
        "the first days of newer windows. A shorter horizon leaves more past to learn from.",
        "pl": "Zamknięte okna widziały za mało przeszłości, żeby uczyć o klientach o dzisiejszym "
        "stażu: szanse wynikają z własnego rytmu klienta, a gdy dość się działo, także z "
        "pierwszych dni nowszych okien. Krótszy horyzont zostawia więcej przeszłości.",
    },
    "one_window": {
        "en": "No two windows lie side by side, so that no forecast of a whole window is tested on "
        "later days: at most one of its first days is. Test the list with a control group.",
        "pl": "Nie ma dwóch osobnych okien, więc na późniejszych dniach nie da się sprawdzić "
        "prognozy całego okna, najwyżej jego pierwszych dni. Sprawdź listę z grupą kontrolną.",
    },
    "gap": {
        "en": "From {first:day} to {last:day} the shop has no orders ({days:count day}): it was "
        "closed, or the export has a gap. {windows:n} of {of:count closed window} overlap these "
        "days; they neither teach nor judge. If orders are missing, add them.",
        "pl": "Od {first:day} do {last:day} sklep nie ma zamówień ({days:count day}): był "
        "zamknięty albo eksport ma lukę. Okna, które zachodzą na te dni, ani nie uczą, ani nie "
        "sprawdzają ({windows:n} z {of:n}). Jeśli zamówień brakuje, dołóż je.",
    },
    "gap_everywhere": {
        "en": "From {first:day} to {last:day} the shop has no orders ({days:count day}): it was "
        "closed, or the export has a gap. Every closed window overlaps days without orders, so "
        "that all are kept and chances are likely too low. Add the missing orders, or choose a "
        "shorter horizon.",
        "pl": "Od {first:day} do {last:day} sklep nie ma zamówień ({days:count day}): był "
        "zamknięty albo eksport ma lukę. Na dni bez zamówień zachodzi każde zamknięte okno, więc "
        "zostają wszystkie, a szanse są pewnie za niskie. Dołóż brakujące zamówienia albo wybierz "
        "krótszy horyzont.",
    },
    "gap_now": {
        "en": "The history ends with {days:count day} without orders, from {first:day} to "
        "{last:day}. The forecast takes the shop to be open from the next day on; if orders are "
        "missing, add them, or set the cutoff to {first:day}.",
        "pl": "Historia kończy się bez zamówień: od {first:day} do {last:day} ({days:count day}). "
        "Prognoza zakłada, że od następnego dnia sklep jest czynny. Jeśli zamówień brakuje, dołóż "
        "je albo ustaw dzień oceny na {first:day}.",
    },
    "weekdays": {
        "en": "{windows:n} of {of:count closed window} begin on other weekdays than the coming one "
        "and usually hold {orders:n1} orders, the coming one {coming:n1}: their chances are of "
        "another length. Make snapshot.every_days a multiple of 7, or leave it out.",
        "pl": "Część zamkniętych okien ({windows:n} z {of:n}) zaczyna się w innym dniu tygodnia "
        "niż to, które nadchodzi: mają zwykle tyle zamówień: {orders:n1}, a nadchodzące "
        "{coming:n1}, więc szanse wychodzą inne. Ustaw snapshot.every_days na wielokrotność 7 albo "
        "je usuń.",
    },
    "drift": {
        "en": "Returns have moved beyond chance: in the newest window {newest_share:share} came "
        "back, where habits and earlier windows would have had {expected_share:share}. Look for "
        "what changed (a season, prices, another kind of customer, orders missing from the "
        "export); the forecast takes over what seems to last and, once the history holds the same "
        "weeks of an earlier year, their season.",
        "pl": "Powroty zmieniły się bardziej, niż tłumaczy przypadek: w najnowszym oknie wróciło "
        "{newest_share:share}, a nawyki i wcześniejsze okna wskazywałyby {expected_share:share}. "
        "Sprawdź, co się zmieniło (sezon, ceny, inni klienci, zamówienia brakujące w eksporcie); "
        "prognoza przejmuje to, co wygląda na trwałe, a gdy historia zna te same tygodnie "
        "wcześniejszego roku, także ich sezon.",
    },
    "no_year": {
        "en": "The history does not show the same season twice, so a Christmas or a summer cannot "
        "be foreseen. Read forecasts across a season with care.",
        "pl": "Historia nie pokazuje tej samej pory roku dwa razy, więc świąt ani lata nie da się "
        "przewidzieć. Ostrożnie z prognozą na przełomie sezonów.",
    },
    "feast_unseen": {
        "en": "A feast that no year of this shop has shown is near: {feast}, {day:day}. If people "
        "buy for it, more will come than foretold: each tenth more purchases are about "
        "{customers:count customer} and {money:money} in this shop.",
        "pl": "Zbliża się święto, którego historia sklepu jeszcze nie zna: {feast}, {day:day}. "
        "Jeśli klienci kupują na tę okazję, wróci ich więcej, niż mówi prognoza: każde 10% zakupów "
        "więcej to tutaj około {customers:count customer} i {money:money}.",
    },
    "typical_christmas": {
        "en": "For comparison: US online shops sold 23% more in the last quarter of 2020 than in "
        "the third, German toy shops twice as much in a month before Christmas as in another.",
        "pl": "Dla porównania: sklepy internetowe w USA sprzedały w czwartym kwartale 2020 r. o "
        "23% więcej niż w trzecim, a niemieckie sklepy z zabawkami w miesiącu przed świętami dwa "
        "razy tyle co w zwykłym.",
    },
    "feast_once": {
        "en": "{feast} ({day:day}) moves from year to year, and the history shows it once. What "
        "rose then is taken for its doing and follows it; it may have been something else. Each "
        "tenth more or fewer purchases are about {customers:count customer} and {money:money}.",
        "pl": "{feast} ({day:day}) to święto ruchome, a historia pokazuje je raz. To, co wtedy "
        "wzrosło, prognoza przypisuje świętu i przesuwa razem z nim, choć powód mógł być inny. "
        "Każde 10% zakupów więcej albo mniej to około {customers:count customer} i {money:money}.",
    },
    "feast_unsteady": {
        "en": "{feast} ({day:day}) moved purchases in one year and not in another, so the forecast "
        "leaves it out. Each tenth more or fewer purchases are about {customers:count customer} "
        "and {money:money}.",
        "pl": "{feast} ({day:day}): w jednym roku zakupy wyraźnie się zmieniły, w innym nie, więc "
        "prognoza tego święta nie uwzględnia. Każde 10% zakupów więcej albo mniej to około "
        "{customers:count customer} i {money:money}.",
    },
    "rise": {
        "en": "In the last {days:count day} there were {times:g} times as many orders a day as in "
        "the weeks before, which no earlier year shows. Closed windows cannot have taught it: if "
        "it lasts, more will come than foretold. Each tenth more purchases are about "
        "{customers:count customer} and {money:money}.",
        "pl": "Ostatnio ({days:count day}) zamówień dziennie było {times:g} raza tyle co w "
        "poprzednich tygodniach, a żaden wcześniejszy rok tego nie pokazuje. Zamknięte okna nie "
        "mogły tego nauczyć: jeśli wzrost się utrzyma, wróci więcej klientów, niż mówi prognoza. "
        "Każde 10% zakupów więcej to około {customers:count customer} i {money:money}.",
    },
}

_TUNED: Texts = {
    "gain": {
        "en": "At cutoffs not searched ({days}) log loss is {ours} with the tuned settings and "
        "{given} with the given ones: difference {value} (95% interval {low} to {high}).",
        "pl": "W momentach, których nie przeszukiwano ({days}), log loss wynosi {ours} z "
        "dostrojonymi ustawieniami i {given} z dotychczasowymi: różnica {value} (przedział 95% od "
        "{low} do {high}).",
    },
    "better": {
        "en": "The tuned settings are better.",
        "pl": "Dostrojone ustawienia są lepsze.",
    },
    "even": {
        "en": "That is not provably better; keep the given ones.",
        "pl": "To nie jest dowiedziona poprawa; zostań przy dotychczasowych.",
    },
    "worse": {
        "en": "The tuned settings are worse there; keep the given ones.",
        "pl": "Dostrojone ustawienia są tam gorsze; zostań przy dotychczasowych.",
    },
    "unchanged": {
        "en": "No settings tried were better than the given ones; keep them.",
        "pl": "Żadne z wypróbowanych ustawień nie było lepsze od dotychczasowych; zostań przy "
        "nich.",
    },
}
