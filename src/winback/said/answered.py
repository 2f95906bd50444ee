"""What notebooks answer, in a sentence each, and what they could not ask."""

from __future__ import annotations

from winback.results.tried import Tried
from winback.said.words import Texts, Words

_TREATED = (
    "{treated:count customer} with an offer, {control:n} in the control group",
    "klienci z ofertą: {treated:n}, w grupie kontrolnej: {control:n}",
)

TEXTS: Texts = {
    # 01
    "history": {
        "en": "{customers:count customer} placed {orders:count order} worth {gross:money} between "
        "{first:short_day} and {last:short_day}; {once:share} of them bought only once, and "
        "purchases after the first brought {later:share} of the revenue.",
        "pl": "Od {first:short_day} do {last:short_day} klienci ({customers:n}) złożyli "
        "{orders:count order} za {gross:money}; {once:share} z nich kupiło tylko raz, a kolejne "
        "zakupy dały {later:share} przychodu.",
    },
    "history_empty": {
        "en": "Nothing yet: of {n:count line} none is a purchase before the cutoff.",
        "pl": "Na razie nic: wierszy jest {n:n}, ale żaden nie jest zakupem sprzed dnia oceny.",
    },
    # 02
    "churn_holds": {
        "en": "{days:count day} without a purchase: from then on a customer counts as lost here, "
        "{lost:n} of {customers:n} today ({share:share}); of those who did come back within "
        "{year:count day} this rule would have given up {mistaken:share} by mistake.",
        "pl": "{days:count day} bez zakupu: od tej chwili klient liczy się tu jako utracony, dziś "
        "{lost:n} z {customers:n} ({share:share}); spośród tych, którzy wrócili w ciągu "
        "{year:count of day}, ta reguła skreśliłaby niesłusznie {mistaken:share}.",
    },
    "churn_overdue": {
        "en": "Nobody can be called lost yet: after {days:count day} without a purchase most "
        "customers still come back; by mistake {mistaken:share} would have been given up.",
        "pl": "Nikogo nie można jeszcze nazwać utraconym: po {days:count after day} bez zakupu "
        "większość klientów i tak wraca; niesłusznie skreśliłoby się {mistaken:share}.",
    },
    "churn_longest": {
        "en": "No silence that this history shows makes fewer than {tolerated:share} mistakes: "
        "even after {days:count day} without a purchase {mistaken:share} of those who came back "
        "would have been given up.",
        "pl": "Żadna przerwa widoczna w tej historii nie daje mniej niż {tolerated:share} pomyłek: "
        "nawet po {days:count after day} bez zakupu niesłusznie skreśliłoby się {mistaken:share} "
        "tych, którzy wrócili.",
    },
    "churn_unjudged": {
        "en": "The history can judge no more than {days:count day} without a purchase, and that "
        "long {mistaken:share} of those who came back would have been given up by mistake.",
        "pl": "Na tej historii da się ocenić najwyżej {days:count day} bez zakupu, a po takiej "
        "przerwie niesłusznie skreśliłoby się {mistaken:share} tych, którzy wrócili.",
    },
    "churn_too_short": {
        "en": "Nobody can say yet: of {customers:count customer} too few were seen coming back, or "
        "not for long enough.",
        "pl": "Jeszcze nie wiadomo: klientów jest {customers:n}, ale widać za mało powrotów albo "
        "zbyt krótko.",
    },
    # 03
    "model_beats": {
        "en": "Yes: the model's chances are nearer to what came than those of the best simple rule "
        "({rule:term method}), by log loss {ours:n4} against {theirs:n4}, a difference of "
        "{difference:+n4} (95% interval {low:+n4} to {high:+n4}).",
        "pl": "Tak: prognozy modelu są bliższe temu, co się stało, niż najlepsza prosta reguła "
        "({rule:term method}): log loss {ours:n4} wobec {theirs:n4}, różnica {difference:+n4} "
        "(przedział 95% od {low:+n4} do {high:+n4}).",
    },
    "model_even": {
        "en": "Not provably: model and best simple rule ({rule:term method}) cannot be told apart, "
        "log loss {ours:n4} against {theirs:n4}, a difference of {difference:+n4} (95% interval "
        "{low:+n4} to {high:+n4}).",
        "pl": "Tego nie widać: modelu nie da się odróżnić od najlepszej prostej reguły "
        "({rule:term method}): log loss {ours:n4} wobec {theirs:n4}, różnica {difference:+n4} "
        "(przedział 95% od {low:+n4} do {high:+n4}).",
    },
    "model_worse": {
        "en": "No: the best simple rule ({rule:term method}) is nearer to what came, log loss "
        "{ours:n4} against its {theirs:n4}, a difference of {difference:+n4} (95% interval "
        "{low:+n4} to {high:+n4}).",
        "pl": "Nie: najlepsza prosta reguła ({rule:term method}) jest bliżej tego, co się stało: "
        "log loss modelu {ours:n4}, reguły {theirs:n4}, różnica {difference:+n4} (przedział 95% od "
        "{low:+n4} do {high:+n4}).",
    },
    "model_by_chance": {
        "en": "No: who returns can hardly be told from chance here (ROC AUC {auc:n2}, where 0.5 is "
        "guessing; {returned:count customer} returned, {stayed_away:n} did not).",
        "pl": "Nie: przewidywanie, kto wróci, jest tu bliskie zgadywaniu (ROC AUC {auc:n2}, "
        "zgadując byłoby 0,5; wróciło: {returned:n}, nie wróciło: {stayed_away:n}).",
    },
    "model_unjudged": {
        "en": "Nobody can say yet: {returned:count customer} who returned and {stayed_away:n} who "
        "did not were seen at closed cutoffs, too few to compare.",
        "pl": "Jeszcze nie wiadomo: w zamkniętych okresach wróciło {returned:n}, a nie wróciło "
        "{stayed_away:n}; to za mało, żeby porównywać.",
    },
    # 04 and 08
    "rivals_better": {
        "en": "Yes: of {n:n} tried, {name} is nearer to what came than the project's model, by "
        "{gain:n4} of log loss (95% interval {low:+n4} to {high:+n4}; {customers:count customer}).",
        "pl": "Tak: z prób ({n:n}) {name} jest bliżej tego, co się stało, niż model projektu: o "
        "{gain:n4} log loss (przedział 95% od {low:+n4} do {high:+n4}; klienci: {customers:n}).",
    },
    "rivals_none": {
        "en": "No: of {n:n} tried none is shown to be better than the project's model; the "
        "nearest, {name}, differs by {gain:+n4} of log loss (95% interval {low:+n4} to {high:+n4}; "
        "above 0 is better; {customers:count customer}).",
        "pl": "Nie: żadna z prób ({n:n}) nie okazała się lepsza od modelu projektu; najbliższa, "
        "{name}, różni się o {gain:+n4} log loss (przedział 95% od {low:+n4} do {high:+n4}; "
        "powyżej 0 znaczy lepiej; klienci: {customers:n}).",
    },
    "rivals_unjudged": {
        "en": "Nobody can say yet: {n:n} were tried, and {customers:count customer} were seen at "
        "closed cutoffs, too few to compare.",
        "pl": "Jeszcze nie wiadomo: prób było {n:n}, ale w zamkniętych okresach widać klientów: "
        "{customers:n}; to za mało, żeby porównywać.",
    },
    "no_git": {
        "en": "Commits and experiments are left out: the project is not under git and DVC.",
        "pl": "Bez zatwierdzonych wersji i eksperymentów: projekt nie jest pod kontrolą git i DVC.",
    },
    "no_dvc": {
        "en": "Commits and experiments are left out: DVC is not installed (winback[pipeline]).",
        "pl": "Bez zatwierdzonych wersji i eksperymentów: DVC nie jest zainstalowane "
        "(winback[pipeline]).",
    },
    "no_dvc_run": {
        "en": "A folder of winback run has no commits or experiments; name other folders in "
        "`others` to see them side by side.",
        "pl": "Folder z winback run nie ma zatwierdzonych wersji ani eksperymentów; wpisz inne "
        "foldery w `others`, żeby zobaczyć je obok siebie.",
    },
    "no_mlflow": {
        "en": "Runs of MLflow are left out: it is not installed (winback[pipeline]).",
        "pl": "Bez przebiegów MLflow: nie jest zainstalowany (winback[pipeline]).",
    },
    "no_mlflow_run": {
        "en": "A folder of winback run logs nothing to MLflow.",
        "pl": "Folder z winback run niczego nie zapisuje w MLflow.",
    },
    "no_mlflow_runs": {
        "en": "MLflow has no run of this project yet; dvc repro logs one.",
        "pl": "MLflow nie ma jeszcze przebiegu tego projektu; zapisze go dvc repro.",
    },
    # 05
    "offers_arm": {"en": "{n:n} get {offer}", "pl": "{n:n} dostaje {offer}"},
    "offers_test": {
        "en": "{arms}, {control:n} are held out and {alone:n} left alone, for {cost:money}; what "
        "the offers change is not shown yet, so between {low:money} and {high:money} can come of "
        "it.",
        "pl": "{arms}, {control:n} zostaje w grupie kontrolnej, a {alone:n} bez kontaktu; koszt: "
        "{cost:money}. Efektu ofert jeszcze nie wykazano, więc wynik może wynieść od {low:money} "
        "do {high:money}.",
    },
    "offers_known": {
        "en": "{arms}, {control:n} are held out and {alone:n} left alone, for {cost:money}; it "
        "should bring {gain:money} ({low:money} to {high:money}).",
        "pl": "{arms}, {control:n} zostaje w grupie kontrolnej, a {alone:n} bez kontaktu; koszt: "
        "{cost:money}, a powinno to dać {gain:money} (od {low:money} do {high:money}).",
    },
    "offers_nobody": {
        "en": "Nobody: of {scored:count customer} {eligible:n} may get an offer, and none is "
        "planned one.",
        "pl": "Nikomu: klientów jest {scored:n}, oferta przysługuje {eligible:n}, a dla nikogo jej "
        "nie zaplanowano.",
    },
    # 06
    "worked_none": {
        "en": "No campaign of this shop has left yet ({n:n} sealed).",
        "pl": "Z tego sklepu nie wyszła jeszcze żadna kampania (zatwierdzonych: {n:n}).",
    },
    "worked_waits": {
        "en": "Not known yet: {n:count campaign} left, and the first window closes on "
        "{closes_on:short_day}.",
        "pl": "Jeszcze nie wiadomo: {n:count campaign} w toku, pierwsze okno zamknie się "
        "{closes_on:short_day}.",
    },
    "worked_works": {
        "en": f"Yes: {{campaign}} changed the share that returned by {{effect:+n1}} points (95% "
        f"interval {{low:+n1}} to {{high:+n1}}; {_TREATED[0]}).",
        "pl": f"Tak: {{campaign}} zmieniła odsetek powrotów o {{effect:+n1}} p.p. (przedział 95% "
        f"od {{low:+n1}} do {{high:+n1}}; {_TREATED[1]}).",
    },
    "worked_harms": {
        "en": f"No, it did harm: {{campaign}} changed the share that returned by {{effect:+n1}} "
        f"points (95% interval {{low:+n1}} to {{high:+n1}}; {_TREATED[0]}).",
        "pl": f"Nie, zaszkodziło: {{campaign}} zmieniła odsetek powrotów o {{effect:+n1}} p.p. "
        f"(przedział 95% od {{low:+n1}} do {{high:+n1}}; {_TREATED[1]}).",
    },
    "worked_not_distinguishable": {
        "en": f"Not provably: {{campaign}} changed the share that returned by {{effect:+n1}} "
        f"points (95% interval {{low:+n1}} to {{high:+n1}}), which chance alone can do "
        f"({_TREATED[0]}).",
        "pl": f"Tego nie widać: {{campaign}} zmieniła odsetek powrotów o {{effect:+n1}} p.p. "
        f"(przedział 95% od {{low:+n1}} do {{high:+n1}}), a tyle może zrobić sam przypadek "
        f"({_TREATED[1]}).",
    },
    "worked_too_few": {
        "en": f"Nobody can say: {{campaign}} was too small ({_TREATED[0]}).",
        "pl": f"Nie wiadomo: {{campaign}} była za mała ({_TREATED[1]}).",
    },
    "worked_invalid": {
        "en": f"Nobody can say: the two groups of {{campaign}} cannot be compared ({_TREATED[0]}).",
        "pl": f"Nie wiadomo: grup z {{campaign}} nie da się porównać ({_TREATED[1]}).",
    },
    "simulated": {
        "en": "{why} SIMULATED: what follows is a made-up shop, whose truth is known; it says "
        "nothing of this one.",
        "pl": "{why} SYMULACJA: dalej jest zmyślony sklep, o którym znamy prawdę; o tym sklepie "
        "nic ona nie mówi.",
    },
    "simulated_inside": {
        "en": "SIMULATED: as measured the offers changed the share that returned by {effect:+n1} "
        "points (95% interval {low:+n1} to {high:+n1}); the truth, {truth:+n1}, lies within.",
        "pl": "SYMULACJA: według pomiaru oferty zmieniły odsetek powrotów o {effect:+n1} p.p. "
        "(przedział 95% od {low:+n1} do {high:+n1}); prawda, {truth:+n1}, mieści się w nim.",
    },
    "simulated_outside": {
        "en": "SIMULATED: as measured the offers changed the share that returned by {effect:+n1} "
        "points (95% interval {low:+n1} to {high:+n1}); the truth, {truth:+n1}, lies outside, as "
        "one in twenty does.",
        "pl": "SYMULACJA: według pomiaru oferty zmieniły odsetek powrotów o {effect:+n1} p.p. "
        "(przedział 95% od {low:+n1} do {high:+n1}); prawda, {truth:+n1}, leży poza nim, co zdarza "
        "się raz na dwadzieścia.",
    },
    # 07
    "moved_none": {
        "en": "No list of this shop that is over has taught anything yet ({n:n} learned from).",
        "pl": "Żadna zakończona lista tego sklepu niczego jeszcze nie nauczyła (list: {n:n}).",
    },
    "moved_unknown": {
        "en": "Not known yet: {campaigns:count campaign} with {people:count of person} "
        "showed too few orders to tell anything of an offer.",
        "pl": "Jeszcze nie wiadomo: {campaigns:count campaign}, osoby: {people:n}; zamówień było "
        "za mało, żeby cokolwiek powiedzieć o ofertach.",
    },
    "moved_shown": {
        "en": "Of {n:n} offers {shown:n} are shown to change what customers do; most clearly "
        "{offer}, with {ratio:n2} times as many orders (95% interval {low:n2} to {high:n2}; "
        "{campaigns:count campaign}, {people:n} people).",
        "pl": "Ofert jest {n:n}, a na tyle z nich klienci wyraźnie reagują: {shown:n}; "
        "najwyraźniej na {offer}: {ratio:n2} raza tyle zamówień co bez niej (przedział 95% od "
        "{low:n2} do {high:n2}; {campaigns:count campaign}, osoby: {people:n}).",
    },
    "moved_unsure": {
        "en": "Nobody is shown to be moved by any of {n:n} offers; nearest is {offer}, with "
        "{ratio:n2} times as many orders (95% interval {low:n2} to {high:n2}; "
        "{campaigns:count campaign}, {people:n} people), which chance alone can do.",
        "pl": "Przy żadnej z ofert ({n:n}) nie widać reakcji; najbliżej jest {offer}: {ratio:n2} "
        "raza tyle zamówień co bez niej (przedział 95% od {low:n2} do {high:n2}; "
        "{campaigns:count campaign}, osoby: {people:n}), a tyle może zrobić sam przypadek.",
    },
    "moved_here_apart": {
        "en": "SIMULATED: on average {effect:+n1} points (95% interval {low:+n1} to {high:+n1}; "
        "the truth is {truth:+n1}) among {people:n} people, and some are shown to be moved more "
        "than others.",
        "pl": "SYMULACJA: przeciętnie {effect:+n1} p.p. (przedział 95% od {low:+n1} do {high:+n1}; "
        "prawda to {truth:+n1}), osoby: {people:n}; widać, że jedni reagują mocniej niż inni.",
    },
    "moved_here_alike": {
        "en": "SIMULATED: on average {effect:+n1} points (95% interval {low:+n1} to {high:+n1}; "
        "the truth is {truth:+n1}) among {people:n} people, and nobody is shown to be moved more "
        "than the others.",
        "pl": "SYMULACJA: przeciętnie {effect:+n1} p.p. (przedział 95% od {low:+n1} do {high:+n1}; "
        "prawda to {truth:+n1}), osoby: {people:n}; nie widać, żeby ktoś reagował mocniej niż "
        "pozostali.",
    },
    "moved_here_invalid": {
        "en": "SIMULATED: the groups of {people:n} people cannot be compared.",
        "pl": "SYMULACJA: grup nie da się porównać (osoby: {people:n}).",
    },
    # 09
    "graded_right": {
        "en": "Right: {campaign} foretold that {foretold:share1} return and {returned:share1} did, "
        "a difference that chance can make ({lists:n} graded).",
        "pl": "Trafnie: {campaign} zapowiadała {foretold:share1} powrotów, a wróciło "
        "{returned:share1}; taką różnicę może dać przypadek (rozliczonych list: {lists:n}).",
    },
    "graded_off": {
        "en": "Off by {gap:+n1} points: {campaign} foretold that {foretold:share1} return and "
        "{returned:share1} did ({lists:n} graded).",
        "pl": "Różnica {gap:+n1} p.p.: {campaign} zapowiadała {foretold:share1} powrotów, a "
        "wróciło {returned:share1} (rozliczonych list: {lists:n}).",
    },
    "rehearsed": {
        "en": "No list of this shop is ripe yet. What follows are forecasts of the past, made from "
        "what was known then: they were never sent.",
        "pl": "Żadna lista tego sklepu jeszcze nie dojrzała. Dalej są prognozy z przeszłości, z "
        "tego, co było wtedy wiadome: nikomu ich nie wysłano.",
    },
    "rehearsed_right": {
        "en": "No list has been graded yet, but as of {day:short_day} it was foretold that "
        "{foretold:share1} return and {returned:share1} of {n:count customer} did, a difference "
        "that chance can make.",
        "pl": "Żadnej listy jeszcze nie rozliczono, ale prognoza na {day:short_day} zapowiadała "
        "{foretold:share1} powrotów, a wróciło {returned:share1} (klienci: {n:n}); taką różnicę "
        "może dać przypadek.",
    },
    "rehearsed_off": {
        "en": "No list has been graded yet, but as of {day:short_day} it was foretold that "
        "{foretold:share1} return and {returned:share1} of {n:count customer} did, off by "
        "{gap:+n1} points.",
        "pl": "Żadnej listy jeszcze nie rozliczono, ale prognoza na {day:short_day} zapowiadała "
        "{foretold:share1} powrotów, a wróciło {returned:share1} (klienci: {n:n}), czyli różnica "
        "{gap:+n1} p.p.",
    },
    "graded_none": {
        "en": "Nobody can say yet: no list has been graded, and no earlier cutoff has closed "
        "({n:count forecast} to look at).",
        "pl": "Jeszcze nie wiadomo: żadnej listy nie rozliczono i żaden wcześniejszy okres się nie "
        "zamknął (prognoz do obejrzenia: {n:n}).",
    },
    # A rival beside the model
    "tried_better": {
        "en": "{name} is nearer to what came than {against:term method}",
        "pl": "{name}: bliżej tego, co się stało, niż {against:term method}",
    },
    "tried_worse": {
        "en": "{name} is further from what came than {against:term method}",
        "pl": "{name}: dalej od tego, co się stało, niż {against:term method}",
    },
    "tried_even": {
        "en": "{name} cannot be told from {against:term method}",
        "pl": "{name}: nie do odróżnienia od: {against:term method}",
    },
    "tried_few": {
        "en": "{name} and {against:term method}: too few customers to say",
        "pl": "{name} i {against:term method}: za mało klientów, żeby rozstrzygnąć",
    },
    "tried_not_compared": {
        "en": "{name} has no forecasts to compare",
        "pl": "{name}: nie ma prognoz do porównania",
    },
    "tried_gain": {
        "en": "{said}: log loss {ours:n4} against {theirs:n4} (95% interval of what it gains "
        "{low:+n4} to {high:+n4}).",
        "pl": "{said}: log loss {ours:n4} wobec {theirs:n4} (przedział 95% zysku od {low:+n4} do "
        "{high:+n4}).",
    },
    "tried_alone": {"en": "{said}.", "pl": "{said}."},
    "none_here": {"en": "Nothing to show here yet.", "pl": "Na razie nie ma tu czego pokazać."},
}


def tried(found: Tried, words: Words) -> str:
    """A rival of one's own beside the method it was compared with."""
    values = {"name": found.name, "against": found.against}
    said = words.fill(TEXTS[f"tried_{found.finding}"], values)
    if found.gain is None:
        return words.fill(TEXTS["tried_alone"], {"said": said})
    return words.fill(
        TEXTS["tried_gain"],
        {"said": said, "ours": found.log_loss, "theirs": found.log_loss_against,
         "low": found.gain.low, "high": found.gain.high},
    )  # fmt: skip
