"""What the press claims of returning customers and what this shop says to it."""

from __future__ import annotations

from winback.results.base import Fact
from winback.results.pressed import Claim, Estimated, Occasion
from winback.said.words import Figure, Texts, Words

TEXTS: Texts = {
    "section": {
        "en": "The shop against the press",
        "pl": "Co piszą w prasie, a co widać w sklepie",
    },
    # The claims, as the press has them
    "claim_returning_revenue": {
        "en": "Returning customers bring {claimed:share} of revenue (said of Amazon)",
        "pl": "Powracający klienci dają {claimed:share} przychodu (mowa o Amazonie)",
    },
    "claim_loyal_again": {
        "en": "A loyal customer is {claimed:g} times as likely to buy again as a one-time one",
        "pl": "Stały klient kupuje ponownie {claimed:g} razy częściej niż jednorazowy",
    },
    "claim_returning_basket": {
        "en": "The basket of a returning customer is {claimed:share} larger than that of a new one",
        "pl": "Koszyk powracającego klienta jest o {claimed:share} większy niż koszyk nowego",
    },
    "claim_valentines_basket": {
        "en": "Around Valentine's Day the basket is {claimed:share} larger",
        "pl": "W okolicy walentynek koszyk jest o {claimed:share} większy",
    },
    "claim_referral": {
        "en": "Customers who were referred convert {claimed:share} more often",
        "pl": "Klienci z polecenia konwertują o {claimed:share} częściej",
    },
    "claim_subscribers": {
        "en": "After a discount the base of subscribers grows by {claimed:share}",
        "pl": "Po rabacie baza subskrybentów rośnie o {claimed:share}",
    },
    "claim_service": {
        "en": "Customers who were served well spend more (no figure is given)",
        "pl": "Dobrze obsłużeni klienci wydają więcej (bez podanej liczby)",
    },
    # How each is tested, in a line
    "test_returning_revenue": {
        "en": "revenue of purchases after a customer's first, as a part of all revenue",
        "pl": "przychód z kolejnych zakupów klienta (nie pierwszego) w całym przychodzie",
    },
    "test_loyal_again": {
        "en": "choose a day: who had bought three times or more by then, who once; then count who "
        "buys after it",
        "pl": "wybierz dzień: kto kupił do niego co najmniej trzy razy, a kto raz; potem policz, "
        "kto kupił po nim",
    },
    "test_returning_basket": {
        "en": "mean value of purchases after a customer's first against that of first ones",
        "pl": "średnia wartość kolejnych zakupów wobec średniej pierwszych",
    },
    "test_valentines_basket": {
        "en": "the seven days up to it against the same weekdays, as many weeks before as after",
        "pl": "siedem dni do walentynek wobec tych samych dni tygodnia, tyle samo tygodni "
        "wcześniej i później",
    },
    "test_referral": {
        "en": "who buys a second time: referred against other new customers of the same month",
        "pl": "kto kupuje drugi raz: klienci z polecenia wobec innych nowych z tego samego "
        "miesiąca",
    },
    "test_subscribers": {
        "en": "the base a month later, among customers with a discount against those without",
        "pl": "baza po miesiącu wśród klientów z rabatem i wśród klientów bez niego",
    },
    "test_service": {
        "en": "revenue after good service against bad, of customers who had bought alike before",
        "pl": "przychód po dobrej i po złej obsłudze od klientów, którzy wcześniej kupowali "
        "podobnie",
    },
    # The first line
    "differs": {
        "en": "The press says: {claim}. In this shop: {value} (95% interval {interval}).",
        "pl": "W prasie: {claim}. W tym sklepie: {value} (przedział 95%: {interval}).",
    },
    "nothing_differs": {
        "en": "Of what the press claims, nothing is surely otherwise in this shop: {agrees:n} of "
        "{all:n} claims are in line with it, the rest cannot be told.",
        "pl": "Żadna liczba z prasy nie różni się w tym sklepie w sposób pewny: zgodnych jest "
        "{agrees:n} z {all:n}, o reszcie nic pewnego nie wiadomo.",
    },
    # The table
    "caption": {
        "en": "What the press claims, tested on this shop",
        "pl": "Liczby z prasy sprawdzone na danych sklepu",
    },
    "col_claim": {"en": "The press says", "pl": "W prasie"},
    "col_value": {"en": "In this shop", "pl": "W tym sklepie"},
    "col_interval": {"en": "95% interval", "pl": "Przedział 95%"},
    "col_test": {"en": "How to test it", "pl": "Jak to sprawdzić"},
    "interval": {"en": "{low} to {high}", "pl": "od {low} do {high}"},
    "verdict_agrees": {"en": "in line with it", "pl": "zgadza się"},
    "verdict_chosen": {
        "en": "of a file of chosen customers",
        "pl": "plik z wyborem klientów",
    },
    "verdict_open": {
        "en": "possible, and so is no difference",
        "pl": "możliwe, tak jak brak różnicy",
    },
    "verdict_higher": {"en": "more here", "pl": "tu więcej"},
    "verdict_lower": {"en": "less here", "pl": "tu mniej"},
    "verdict_opposite": {"en": "the opposite here", "pl": "tu odwrotnie"},
    "verdict_unclear": {"en": "no difference can be shown", "pl": "różnicy nie widać"},
    "verdict_too_few": {"en": "too little to say", "pl": "za mało danych"},
    "verdict_not_testable": {"en": "columns missing", "pl": "brak kolumn"},
    "untestable": {
        "en": "not testable with these columns: {needs}",
        "pl": "z tych kolumn nie da się sprawdzić: {needs}",
    },
    "note": {
        "en": "Revenue and baskets are as placed, before refunds. An interval that holds the "
        "claimed figure is in line with it; that does not prove it. Nothing here proves a cause.",
        "pl": "Przychód i koszyki liczymy przed zwrotami. Jeśli przedział obejmuje liczbę z prasy, "
        "dane się z nią zgadzają, ale jej nie dowodzą. Nic tu nie dowodzi przyczyny.",
    },
    "open": {"en": "How each was counted", "pl": "Jak policzyliśmy każdą z nich"},
    "taken": {"en": "Counted from: {names}.", "pl": "Policzone z: {names}."},
    # What was counted
    "counted_returning": {
        "en": "From {since:day} to {until:day}: {later:count purchase} after a customer's first, "
        "and {new:n} first ones.",
        "pl": "Od {since:day} do {until:day}: {later:n} kolejnych zakupów i {new:n} pierwszych.",
    },
    "counted_basket": {
        "en": "From {since:day} to {until:day}: the mean of {later:count purchase} after a "
        "customer's first against the mean of {new:n} first ones.",
        "pl": "Od {since:day} do {until:day}: średnia z {later:n} kolejnych zakupów wobec "
        "średniej z {new:n} pierwszych.",
    },
    "counted_loyal": {
        "en": "Up to {day:day}: of {loyal:count customer} with {purchases:n} purchases or more, "
        "{loyal_came:n} bought in the next {days:count day}; of {once:n} with one, {once_came:n} "
        "did. Who is loyal is settled before the days in which buying again counts.",
        "pl": "Stan na {day:day}: z {loyal:count of customer} z co najmniej {purchases:n} zakupami "
        "w ciągu następnych {days:count of day} kupiło {loyal_came:n}; z {once:n} z jednym zakupem "
        "{once_came:n}. Kto jest stałym klientem, wiadomo przed dniami, w których liczymy zakupy.",
    },
    "counted_occasion": {
        "en": "Valentine's Day of {years}: {purchases:count purchase} in the seven days up to it, "
        "against {matched:count day} of the same weekdays, as many weeks before as after, outside "
        "of other occasions, public holidays and gaps.",
        "pl": "Walentynki, lata: {years}. {purchases:count purchase} w siedmiu dniach do "
        "walentynek wobec {matched:count of day} o tych samych dniach tygodnia, tyle samo "
        "tygodni wcześniej i później, bez innych okazji, świąt i przerw w danych.",
    },
    "counted_referral": {
        "en": "First purchases from {since:day} to {until:day}, and a second within "
        "{days:count day}: {referred_came:n} of {referred:n} who were referred, {others_came:n} of "
        "{others:n} others; compared within the month of the first purchase.",
        "pl": "Pierwsze zakupy od {since:day} do {until:day} i drugi w ciągu {days:count of day}: "
        "{referred_came:n} z {referred:n} klientów z polecenia, {others_came:n} z {others:n} "
        "pozostałych; porównani w obrębie miesiąca pierwszego zakupu.",
    },
    "counted_subscribers": {
        "en": "Month by month from {since:day} to {until:day}: {before:n} subscribers among "
        "customers with a discount in the {days:count day} before, {then:n} a month later, "
        "{joined:n} of them new; against customers without one in the same months.",
        "pl": "Miesiąc po miesiącu od {since:day} do {until:day}: {before:n} subskrybentów wśród "
        "klientów z rabatem w ciągu poprzednich {days:count of day}, {then:n} miesiąc później, w "
        "tym {joined:n} nowych; wobec klientów bez rabatu w tych samych miesiącach.",
    },
    "counted_service": {
        "en": "On {times:count day} from {since:day} to {until:day}: {bad:count customer} with bad "
        "service in the {before:count day} before, {compared:n} of whom have others alike, and "
        "{good:n} without. Alike are exactly as many purchases in these days, and about the same "
        "purchases and spending in a year. What is compared is their revenue in the next "
        "{days:count day}.",
        "pl": "W {times:n} dniach od {since:day} do {until:day}: {bad:count customer} ze złą "
        "obsługą w ciągu poprzednich {before:count of day} ({compared:n} ma podobnych do "
        "porównania) i {good:n} bez niej. Podobni mają w tych dniach dokładnie tyle samo zakupów, "
        "a w ciągu roku zbliżoną ich liczbę i wartość. Porównujemy przychód z następnych "
        "{days:count of day}.",
    },
    # What limits it
    "no_new_customers": {
        "en": "Hardly anybody new bought since {since:day}: the file seems to hold chosen "
        "customers. It is counted from its beginning, and says little of the shop as a whole.",
        "pl": "Od {since:day} prawie nie ma nowych klientów: plik wygląda na wybór klientów. "
        "Liczymy więc od początku pliku, co niewiele mówi o całym sklepie.",
    },
    "few_new_customers": {
        "en": "Only {new:n} of {customers:count customer} are new: the file may hold chosen "
        "customers (a panel, a loyalty card), and then says little of the shop as a whole.",
        "pl": "Nowych jest tylko {new:n} z {customers:count of customer}: plik może obejmować "
        "wybranych klientów (panel, karta stałego klienta), a wtedy niewiele mówi o całym sklepie.",
    },
    "from_the_first_day": {
        "en": "Whoever bought before {first:day} counts as new at the first purchase that is seen.",
        "pl": "Kto kupił przed {first:day}, przy pierwszym widocznym zakupie uchodzi za nowego.",
    },
    "seen_since": {
        "en": "The history begins on {first:day}, {days:count day} before what is counted: whoever "
        "last bought earlier counts as new.",
        "pl": "Historia zaczyna się {first:day}, {days:count day} przed liczonym okresem: kto "
        "ostatnio kupił wcześniej, uchodzi za nowego.",
    },
    "short_history": {
        "en": "The history has {days:count day}: too short for days before and days after.",
        "pl": "Historia ma {days:count day}: za mało na okres przed i okres po.",
    },
    "not_cause_loyal": {
        "en": "It says who buys again, not that a third purchase makes somebody buy again.",
        "pl": "To mówi, kto kupuje ponownie, a nie że trzeci zakup do tego skłania.",
    },
    "first_unseen": {
        "en": "Purchases before {first:day} are not seen: some one-time customers are none.",
        "pl": "Zakupów przed {first:day} nie widać: część klientów jednorazowych wcale taka nie "
        "jest.",
    },
    "no_such_occasion": {
        "en": "No Valentine's Day with weeks before and after it lies in the history.",
        "pl": "W historii nie ma walentynek z tygodniami przed nimi i po nich.",
    },
    "not_cause_occasion": {
        "en": "What else went on in those days, such as a sale, is in it, too.",
        "pl": "Jest w tym też wszystko inne, co się wtedy działo, na przykład wyprzedaż.",
    },
    "not_cause_referral": {
        "en": "Whoever comes by a friend may be another kind of customer; that is no proof of what "
        "referring does.",
        "pl": "Kto przychodzi z polecenia, może być innym klientem; to nie dowód, co daje samo "
        "polecenie.",
    },
    "known_later": {
        "en": "{n:count customer} are left out whose referral was noted after the first day: it "
        "could be noted of those alone who stayed.",
        "pl": "Pominięci, bo polecenie zapisano po pierwszym dniu: {n:count customer}. Zapisać je "
        "można było tylko u tych, którzy zostali.",
    },
    "referral_by_value": {
        "en": "Taken as referred: {values} in {names}. If that means links from other sites, it is "
        "another thing.",
        "pl": "Za polecenie uznajemy {values} w {names}. Jeśli to linki z innych stron, jest to "
        "coś innego.",
    },
    "not_cause_subscribers": {
        "en": "Whoever gets a discount may be about to subscribe anyway.",
        "pl": "Kto dostaje rabat, może i tak zapisać się do bazy.",
    },
    "other_subscribers": {
        "en": "The base was read from {taken}; {other} would be another.",
        "pl": "Bazę odczytaliśmy z {taken}; inną dałoby {other}.",
    },
    "nobody_leaves": {
        "en": "No signal says who left, so the base can only grow.",
        "pl": "Żaden sygnał nie mówi, kto odszedł, więc baza może tylko rosnąć.",
    },
    "not_cause_service": {
        "en": "No proof of a cause: customers are matched, not drawn by lot, and may differ in "
        "what no column holds.",
        "pl": "To nie dowód przyczyny: klienci są dobrani, nie wylosowani, i mogą się różnić "
        "czymś, czego w kolumnach nie ma.",
    },
    "low_scores": {
        "en": "Low scores count as bad service: {which}. Few write them, and those are not like "
        "all.",
        "pl": "Niskie oceny liczą się jako zła obsługa: {which}. Wystawia je niewielu i nie są jak "
        "wszyscy.",
    },
    "low_score": {"en": "{name} up to {at_most:g}", "pl": "{name} do {at_most:g}"},
    # What would make it testable
    "needs_referred": {
        "en": "add who was referred: an attribute such as referred_by, known at the first "
        "purchase, in the file of ingest.attributes (or a signal referred in ingest.signals)",
        "pl": "dodaj, kto przyszedł z polecenia: atrybut taki jak referred_by, znany przy "
        "pierwszym zakupie, w pliku ingest.attributes (albo sygnał referred w ingest.signals)",
    },
    "needs_who_was_referred": {
        "en": "{names} is noted of whoever refers; add who was referred: an attribute such as "
        "referred_by in ingest.attributes, or a signal referred in ingest.signals at the first "
        "purchase",
        "pl": "{names} dotyczy polecających; dodaj, kto przyszedł z polecenia: atrybut taki jak "
        "referred_by w ingest.attributes albo sygnał referred w ingest.signals przy pierwszym "
        "zakupie",
    },
    "needs_subscribers": {
        "en": "add who subscribes and since when: an attribute such as newsletter (yes, no) in "
        "ingest.attributes, or signals newsletter_subscribed and newsletter_unsubscribed in "
        "ingest.signals",
        "pl": "dodaj, kto i od kiedy subskrybuje: atrybut taki jak newsletter (tak, nie) w "
        "ingest.attributes albo sygnały newsletter_subscribed i newsletter_unsubscribed w "
        "ingest.signals",
    },
    "needs_discounts": {
        "en": "add who was given a discount and when: a signal such as coupon in ingest.signals",
        "pl": "dodaj, kto i kiedy dostał rabat: sygnał taki jak coupon w ingest.signals",
    },
    "needs_both": {
        "en": "add who subscribes and since when, such as an attribute newsletter (yes, no) in "
        "ingest.attributes, and who was given a discount, such as a signal coupon in "
        "ingest.signals",
        "pl": "dodaj, kto i od kiedy subskrybuje, na przykład atrybut newsletter (tak, nie) w "
        "ingest.attributes, oraz kto dostał rabat, na przykład sygnał coupon w ingest.signals",
    },
    "needs_service": {
        "en": "add what went wrong and when: signals such as late_delivery, complaint, "
        "ticket_opened, or review with its score, in ingest.signals",
        "pl": "dodaj, co i kiedy poszło źle: sygnały takie jak late_delivery, complaint, "
        "ticket_opened albo review z oceną, w ingest.signals",
    },
    # The same asked differently
    "asked": {"en": "{what}: {value} ({interval}).", "pl": "{what}: {value} ({interval})."},
    "asked_few": {
        "en": "{what}: {value}, from too little for an interval.",
        "pl": "{what}: {value}, za mało danych na przedział.",
    },
    "asked_own_first": {
        "en": "Of customers who came in this time and bought again, against their own first basket",
        "pl": "U klientów, którzy w tym czasie przyszli i kupili ponownie, wobec ich własnego "
        "pierwszego koszyka",
    },
    "asked_loyal_from_2": {
        "en": "With loyal from two purchases on",
        "pl": "Gdy stały klient to ten, kto kupił co najmniej dwa razy",
    },
    "asked_loyal_from_5": {
        "en": "With loyal from five purchases on",
        "pl": "Gdy stały klient to ten, kto kupił co najmniej pięć razy",
    },
    "asked_same_recency": {
        "en": "Against one-time customers who bought as lately",
        "pl": "Wobec klientów jednorazowych, którzy kupili równie niedawno",
    },
    "asked_referred_share": {
        "en": "Should the press mean how many new customers come by referral",
        "pl": "Jeśli w prasie chodzi o to, ilu nowych klientów przychodzi z polecenia",
    },
    "asked_plain_growth": {
        "en": "The base itself, a month after a discount, compared with nobody",
        "pl": "Sama baza miesiąc po rabacie, bez porównania",
    },
    "asked_came_again": {
        "en": "Whether they bought again at all",
        "pl": "Czy w ogóle kupili ponownie",
    },
    "asked_unmatched": {
        "en": "Without comparing like with like, which misleads (whoever orders more meets more "
        "that goes wrong)",
        "pl": "Bez doboru podobnych, co myli (kto zamawia częściej, częściej trafia na problem)",
    },
    # The picture and table of occasions
    "occasions_title": {
        "en": "{name}: the basket differs by {value} from matched days",
        "pl": "{name}: koszyk różni się o {value} od podobnych dni",
    },
    "occasions_title_none": {
        "en": "No occasion surely moves the basket, of {n:n} that were tested",
        "pl": "Żadna okazja nie zmienia koszyka w sposób pewny (sprawdzonych: {n:n})",
    },
    "occasions_shows": {
        "en": "Change of the mean basket on the days of an occasion against matched days, with its "
        "95% interval; a diamond is what the press claims",
        "pl": "Zmiana średniego koszyka w dniach okazji wobec podobnych dni, z przedziałem 95%; "
        "romb to liczba z prasy",
    },
    "occasions_alt": {
        "en": "Change of the basket by occasion: {pairs}",
        "pl": "Zmiana koszyka według okazji: {pairs}",
    },
    "occasions_pair": {
        "en": "{name} {value} ({interval})",
        "pl": "{name} {value} ({interval})",
    },
    "occasions_few": {"en": "too little to say", "pl": "za mało danych"},
    "occasions_axis": {
        "en": "change of the basket against matched days",
        "pl": "zmiana koszyka wobec podobnych dni",
    },
    "occasions_open": {"en": "Every occasion in figures", "pl": "Każda okazja w liczbach"},
    "occasions_caption": {
        "en": "The mean basket around occasions, against matched days",
        "pl": "Średni koszyk wokół okazji wobec podobnych dni",
    },
    "col_occasion": {"en": "Occasion", "pl": "Okazja"},
    "col_years": {"en": "Years", "pl": "Lata"},
    "col_purchases": {"en": "Purchases", "pl": "Zakupy"},
    "col_change": {"en": "Basket", "pl": "Koszyk"},
    "col_sure": {"en": "Sure?", "pl": "Czy to pewne?"},
    "sure_higher": {"en": "larger", "pl": "większy"},
    "sure_lower": {"en": "smaller", "pl": "mniejszy"},
    "sure_unclear": {"en": "no", "pl": "nie"},
    "sure_too_few": {"en": "too little to say", "pl": "za mało danych"},
    "occasions_note": {
        "en": "The seven days up to the occasion (of Black Friday the four from it on, of Singles' "
        "Day itself), all years together. Sure is what remains so for all occasions together "
        "(after Holm): of twenty, one would differ by chance.",
        "pl": "Siedem dni do okazji włącznie (Black Friday: cztery dni od niego, Dzień Singla: sam "
        "dzień), wszystkie lata razem. Pewne jest to, co zostaje przy wszystkich okazjach naraz "
        "(poprawka Holma): jedna na dwadzieścia różniłaby się przypadkiem.",
    },
    "ordinary": {
        "en": "Tried on {windows:n} ordinary weeks as if they were an occasion: {outside:n} would "
        "have been called different.",
        "pl": "Próba na zwykłych tygodniach ({windows:n}), jakby były okazją: za inne uchodziłoby "
        "{outside:n}.",
    },
}


def in_words(found: Fact, words: Words) -> str:
    """The sentence of a fact."""
    topic, _, name = found.code.partition(".")
    assert topic == "press"
    values = {key: _plain(value, words) for key, value in found.values.items()}
    return words.fill(TEXTS[name], values)


def _plain(value: object, words: Words) -> object:
    if isinstance(value, Fact):
        return in_words(value, words)
    if isinstance(value, tuple):
        return [_plain(each, words) for each in value]
    return value


def claimed(claim: Claim, words: Words) -> str:
    """What the press says."""
    return words.fill(TEXTS[f"claim_{claim.code}"], {"claimed": claim.claimed})


def figure(unit: str, value: float | None, words: Words) -> str:
    """A figure in the unit of its claim: 70%, 9 times, +18%."""
    if unit == "times":
        return words.times(value)
    # With a decimal, an end never reads as the claimed figure that it just misses.
    if unit == "change" and value is not None and abs(value) < 0.0005:
        return f"{words.number(0, 1)}%"
    return words.share(value, 1, signed=unit == "change")


def interval(found: Estimated, words: Words) -> str:
    """The ends of an interval; a dash where there are none."""
    if found.low is None or found.high is None:
        return words.share(None)
    ends = (found.low, found.high)
    if found.unit == "times":
        low, high = (words.number(end, 1) for end in ends)
    else:
        low, high = (figure(found.unit, end, words) for end in ends)
    return words.fill(TEXTS["interval"], {"low": low, "high": high})


def verdict(claim: Claim, words: Words) -> str:
    """Whether the claim holds."""
    code: str = claim.verdict
    if code == "too_few" and "press.no_new_customers" in {each.code for each in claim.caveats}:
        code = "chosen" if claim.code == "returning_revenue" else code
    elif claim.claimed is None and code == "lower":
        code = "opposite"
    elif claim.unit == "change" and code == "agrees" and (claim.low or 0) <= 0:
        code = "open"
    return words.fill(TEXTS[f"verdict_{code}"], {})


def differs(claim: Claim, key: str, words: Words) -> str:
    """The claim beside what this shop says; ``key`` is where the claim stands in the result."""
    value = Figure(f"{key}.value", claim.value).marked(figure(claim.unit, claim.value, words))
    said = {"claim": claimed(claim, words), "value": value, "interval": interval(claim, words)}
    return words.fill(TEXTS["differs"], said)


def occasion(found: Occasion, words: Words) -> str:
    """Name of an occasion."""
    return words.term("feast", found.name)
