"""Every text of the page in English and Polish."""

from __future__ import annotations

TEXTS: dict[str, dict[str, str]] = {
    "millions": {"en": "{number}\u00a0M", "pl": "{number}\u00a0mln"},
    "thousands": {"en": "{number}\u00a0k", "pl": "{number}\u00a0tys."},
    # Head
    "title": {
        "en": "Who comes back, and who needs a nudge",
        "pl": "Kto wróci sam, a kogo zachęcić",
    },
    "kicker": {"en": "Customer retention report", "pl": "Raport o powrotach klientów"},
    "kicker_shop": {
        "en": "{shop}: customer retention report",
        "pl": "{shop}: raport o powrotach klientów",
    },
    "as_of": {
        "en": "As of {cutoff}, looking {horizon} ahead.",
        "pl": "Stan na {cutoff}, prognoza na {horizon}.",
    },
    "skip": {"en": "Skip to the findings", "pl": "Przejdź do wniosków"},
    "contents": {"en": "Contents", "pl": "Spis treści"},
    "doubts": {
        "en": "Check the data first: all below rests on it",
        "pl": "Najpierw sprawdź dane: na nich opiera się cała reszta",
    },
    # Found
    "found": {"en": "What we found", "pl": "Co widać w zamówieniach"},
    "card_customers": {"en": "customers", "pl": "klientów w historii"},
    "card_expected": {
        "en": "expected to return within {horizon}",
        "pl": "spodziewane powroty w ciągu {horizon}",
    },
    "card_slipping": {
        "en": "at high risk of not returning",
        "pl": "z wysokim ryzykiem, że nie wrócą",
    },
    "card_listed": {"en": "on the list to contact", "pl": "na liście do kontaktu"},
    "card_unplanned": {
        "en": "on the list, by recency and without an offer",
        "pl": "na liście, od ostatnich zakupów i bez ofert",
    },
    "s_history": {
        "en": "From {first} to {last} the shop took {orders} from {customers}: {revenue} after "
        "refunds.",
        "pl": "Od {first} do {last} sklep przyjął {orders} od {customers}: {revenue} po "
        "odjęciu zwrotów.",
    },
    "s_history_day": {
        "en": "On {first} the shop took {orders} from {customers}: {revenue} after refunds. One "
        "day shows no rhythm yet.",
        "pl": "Dnia {first} sklep przyjął {orders} od {customers}: {revenue} po odjęciu zwrotów. "
        "Jeden dzień nie pokazuje jeszcze rytmu zakupów.",
    },
    "s_refunds": {
        "en": "The orders include those cancelled or sent back later: {refunds} cancellations and "
        "refunds.",
        "pl": "Wśród zamówień są też późniejsze anulowania i zwroty: {refunds}.",
    },
    "s_guests": {
        "en": "{lines} ({share} of those read) name no customer and are in none of these numbers.",
        "pl": "Wiersze bez klienta ({lines}, {share} wczytanych) nie wchodzą do tych liczb.",
    },
    "s_one_customer": {
        "en": "One customer alone brings in {share} of revenue; averages and totals include that "
        "one.",
        "pl": "Jeden klient daje {share} sprzedaży; średnie i sumy obejmują też jego zakupy.",
    },
    "s_empty": {
        "en": "There is no purchase before {cutoff}, so there is nothing to say yet.",
        "pl": "Przed {cutoff} nie ma ani jednego zakupu, więc nie ma jeszcze o czym pisać.",
    },
    "s_repeat": {
        "en": "{repeat} of customers have bought more than once. Purchases after a customer's "
        "first bring in {returning} of revenue; with their first ones, those customers bring in "
        "{repeaters}.",
        "pl": "Więcej niż raz kupiło {repeat} klientów. Zakupy po pierwszym dają {returning} "
        "sprzedaży; razem z pierwszymi zakupami ci klienci dają {repeaters}.",
    },
    "s_basket": {
        "en": "A first basket is worth {first} on average, a later one {later}; half of all later "
        "shopping days come within {gap} of the one before.",
        "pl": "Pierwszy koszyk jest wart średnio {first}, kolejny {later}; połowa ponownych "
        "zakupów następuje w ciągu {gap} od poprzedniego.",
    },
    "s_expected": {
        "en": "Without any offer we expect {customers} ({share}) to buy again in the {horizon} "
        "from {cutoff}.",
        "pl": "Bez żadnej zachęty w ciągu {horizon} od {cutoff} kupi ponownie według prognozy "
        "{customers} ({share}).",
    },
    "s_slipping": {
        "en": "At high risk of not returning: {customers}. They have spent {spent} so far, "
        "{share} of all net spending; one more usual order from each would be worth {one_order}.",
        "pl": "Wysokie ryzyko, że nie wrócą: {customers}. Ich dotychczasowe zakupy to {spent}, "
        "czyli {share} całości po zwrotach; gdyby każdy złożył jedno typowe zamówienie, dałoby to "
        "{one_order}.",
    },
    "s_alike": {
        "en": "Which of them cannot be told from this history, so everybody has the same chance "
        "here and nobody is put at high risk.",
        "pl": "Z tej historii nie da się odczytać, którzy to będą, dlatego wszyscy mają tu tę samą "
        "szansę i nikomu nie przypisujemy wysokiego ryzyka.",
    },
    "s_unproven": {
        "en": "The history is too short to prove any forecast, so this page gives no chance of "
        "return: what follows describes, it does not predict.",
        "pl": "Historia jest za krótka, żeby sprawdzić jakąkolwiek prognozę, dlatego nie podajemy "
        "szans powrotu: raport opisuje, ale nie przewiduje.",
    },
    "col_band": {"en": "Risk", "pl": "Ryzyko"},
    "col_customers": {"en": "Customers", "pl": "Klienci"},
    "col_amount": {"en": "Amount", "pl": "Kwota"},
    "col_share": {"en": "Share", "pl": "Udział"},
    "col_p_return": {"en": "Chance to return", "pl": "Szansa powrotu"},
    "col_spent": {"en": "Spent so far", "pl": "Dotychczas wydali"},
    "col_expected_spend": {"en": "Expected in {horizon}", "pl": "Prognoza na {horizon}"},
    # Do
    "do": {"en": "What to do", "pl": "Co zrobić"},
    "do_list": {
        "en": "Contact the {listed} on the list. For {planned} an offer was planned; {control} of "
        "them, drawn by lot, will get nothing, so that the effect can be measured.",
        "pl": "Skontaktuj się z klientami z listy (jest ich {listed}). Ofertę zaplanowano dla "
        "{planned}; losowo wybrana grupa kontrolna ({control}) nie dostaje nic, żeby dało się "
        "zmierzyć efekt.",
    },
    "do_all": {
        "en": "Contact the {listed} on the list, all for whom an offer was planned. Nobody is held "
        "back, so that nothing can be measured.",
        "pl": "Skontaktuj się z klientami z listy (jest ich {listed}); to wszyscy, dla których "
        "zaplanowano ofertę. Nie ma grupy kontrolnej, więc niczego nie da się zmierzyć.",
    },
    "do_alike": {
        "en": "The forecasts do not tell these customers apart, so list.csv is in the simplest "
        "order: the latest buyers first.",
        "pl": "Prognozy nie odróżniają tych klientów, dlatego plik list.csv ma najprostszą "
        "kolejność: najpierw ostatni kupujący.",
    },
    "do_nobody": {
        "en": "Nobody is on the list this time: no offer was planned for any of {scored}. The "
        "reasons are below.",
        "pl": "Tym razem lista jest pusta: dla nikogo z {scored} nie zaplanowano oferty. Powody są "
        "niżej.",
    },
    "do_unplanned": {
        "en": "No offer was planned, and nothing here says whom to contact: no window of {horizon} "
        "has closed yet, so no chance of return can be given. list.csv holds all who may be "
        "contacted ({rows} of {scored}), the latest buyers first, without offers; nobody was "
        "chosen. Choose a shorter horizon, or wait for a longer history.",
        "pl": "Nie zaplanowano żadnej oferty i nic tu nie mówi, z kim się kontaktować: nie minęło "
        "jeszcze żadne całe okno ({horizon}), więc nie da się podać szans powrotu. Plik list.csv "
        "zawiera wszystkich, do których wolno pisać ({rows} z {scored}), od ostatnich kupujących, "
        "bez ofert; nikogo nie wybrano. Skróć horyzont albo poczekaj na dłuższą historię.",
    },
    "do_unplanned_alike": {
        "en": "No offer was planned, and nothing here says whom to contact: who returns within "
        "{horizon} cannot be told from this history, and no offer would pay by what is known. "
        "list.csv holds all who may be contacted ({rows} of {scored}), the latest buyers first, "
        "without offers; nobody was chosen. The reasons are below.",
        "pl": "Nie zaplanowano żadnej oferty i nic tu nie mówi, z kim się kontaktować: z tej "
        "historii nie da się odczytać, kto wróci ({horizon}), a z tego, co wiadomo, żadna oferta "
        "się nie zwróci. Plik list.csv zawiera wszystkich, do których wolno pisać ({rows} z "
        "{scored}), od ostatnich kupujących, bez ofert; nikogo nie wybrano. Powody są niżej.",
    },
    "do_none": {"en": "No campaign was planned.", "pl": "Nie zaplanowano kampanii."},
    "arms_caption": {"en": "Who gets what", "pl": "Kto co dostaje"},
    "col_offer": {"en": "Offer", "pl": "Oferta"},
    "col_break_even": {"en": "Break-even", "pl": "Próg opłacalności"},
    "col_cost": {"en": "Expected cost", "pl": "Oczekiwany koszt"},
    "col_gain": {"en": "Expected gain", "pl": "Oczekiwany zysk"},
    "total": {"en": "Total", "pl": "Razem"},
    "rests_title": {
        "en": "What the offers' effects rest on",
        "pl": "Skąd znamy efekty ofert",
    },
    "test_title": {"en": "This list is a test", "pl": "Ta lista jest testem"},
    "test_text": {
        "en": "Nobody has measured yet what these offers change, so we promise no gain. What this "
        "campaign can tell depends on its size:",
        "pl": "Nikt jeszcze nie zmierzył, co te oferty zmieniają, dlatego nie obiecujemy zysku. "
        "To, co pokaże ta kampania, zależy od jej wielkości:",
    },
    "test_costly": {
        "en": "As planned, this test costs more than it teaches: read on before you send it.",
        "pl": "W tej postaci test kosztuje więcej, niż warta jest wiedza z niego: przeczytaj "
        "dalej, zanim go wyślesz.",
    },
    "test_blind": {
        "en": "One campaign of this size cannot tell whether all its offers just pay.",
        "pl": "Jedna kampania tej wielkości nie pokaże o każdej ofercie, czy choćby się zwraca.",
    },
    "test_worth": {
        "en": "If the tested offers change nothing, {loss} is lost; what the test teaches is "
        "worth about {value} in the next campaign.",
        "pl": "Jeśli testowane oferty niczego nie zmienią, przepadnie {loss}; wiedza z testu jest "
        "warta około {value} w następnej kampanii.",
    },
    "test_helps": {"en": "What would help: {ways}.", "pl": "Co by pomogło: {ways}."},
    "help_one": {
        "en": "one offer instead of {offers}, so that the customers are not divided between them",
        "pl": "jedna oferta zamiast {offers}, żeby nie dzielić między nie klientów",
    },
    "help_control": {
        "en": "a larger control group (target.control_share; now {control} of {planned})",
        "pl": "większa grupa kontrolna (target.control_share; teraz {control} z {planned})",
    },
    "help_campaigns": {
        "en": "more campaigns measured together (by offer, {campaigns} of this size)",
        "pl": "więcej kampanii mierzonych razem (zależnie od oferty: {campaigns} tej wielkości)",
    },
    "test_beyond": {
        "en": "Two groups that would tell hold {needed} together, and this shop has {scored}: no "
        "single campaign in it can.",
        "pl": "Dwie grupy, które by to pokazały, to razem {needed}, a w sklepie jest {scored}: nie "
        "pokaże tego żadna pojedyncza kampania.",
    },
    "test_offers": {"en": "The test of each offer", "pl": "Test każdej oferty"},
    "steps": {"en": "Next steps", "pl": "Kolejne kroki"},
    "step_import": {
        "en": "Import list.csv into your CRM and send each customer the offer named there.",
        "pl": "Wczytaj plik list.csv do swojego CRM i wyślij każdemu klientowi wskazaną ofertę.",
    },
    "step_send": {
        "en": "Send it on {day}: the offers, and the measurement, count from that day.",
        "pl": "Wyślij ją {day}: od tego dnia liczą się oferty i pomiar.",
    },
    "step_seal": {
        "en": "Once it has left, type winback seal: the next list then leaves these customers in "
        "peace, and this one is graded and measured when its days are over.",
        "pl": "Gdy lista wyjdzie, wpisz winback seal: następna zostawi tych klientów w spokoju, a "
        "ta zostanie oceniona i zmierzona, gdy miną jej dni.",
    },
    "step_control": {
        "en": "Leave the control group alone: {customers}, not on the list. Contacting them would "
        "spoil the measurement.",
        "pl": "Grupę kontrolną ({customers} spoza listy) zostaw w spokoju: kontakt z nią zepsułby "
        "pomiar.",
    },
    "step_measure": {
        "en": "Wait {window}, then run dvc repro, or winback measure: it compares both groups as "
        "they were drawn, whatever was opened or clicked.",
        "pl": "Odczekaj {window} i uruchom dvc repro albo winback measure: porówna obie grupy tak, "
        "jak je wylosowano, bez względu na otwarcia i kliknięcia.",
    },
    "reasons_caption": {
        "en": "What was decided for each of {customers}, and why",
        "pl": "Jaka decyzja zapadła i dlaczego (liczba klientów: {customers})",
    },
    "col_reason": {"en": "Decision", "pl": "Decyzja"},
    # Cost
    "cost": {
        "en": "What it should cost and earn",
        "pl": "Ile to będzie kosztować i ile przyniesie",
    },
    "card_budget": {"en": "budget", "pl": "budżet"},
    "card_cost": {"en": "expected cost", "pl": "oczekiwany koszt"},
    "card_gain": {"en": "expected gain after costs", "pl": "oczekiwany zysk po kosztach"},
    "card_break_even": {"en": "break-even effect", "pl": "próg opłacalności"},
    "unknown": {"en": "not known yet", "pl": "jeszcze nieznany"},
    "no_limit": {"en": "no limit", "pl": "bez limitu"},
    "cost_known": {
        "en": "We expect the list to cost {cost} and to earn {gain} after all costs.",
        "pl": "Lista będzie kosztować około {cost} i przyniesie około {gain} po odjęciu "
        "wszystkich kosztów.",
    },
    "cost_unknown": {
        "en": "We expect the list to cost {cost}, discounts included, if the offers work as well "
        "as can be hoped; if the tested ones change nothing, {loss} of it is lost. It pays off if "
        "they raise the chance of a return by at least the break-even effect above; a "
        "measurement, not a forecast, will tell.",
        "pl": "W optymistycznym wariancie lista będzie kosztować około {cost} razem z rabatami; "
        "jeśli testowane oferty niczego nie zmienią, {loss} z tego przepadnie. Zwróci się, jeśli "
        "podniosą szansę powrotu co najmniej o podany wyżej próg; pokaże to pomiar, nie prognoza.",
    },
    "cost_worst": {
        "en": "If they change nothing and more of those who would come anyway take them than was "
        "forecast, the loss may reach {worst}: the lower end in the picture.",
        "pl": "Jeśli niczego nie zmienią, a skorzysta z nich więcej osób, które i tak by wróciły, "
        "niż wynika z prognozy, strata może sięgnąć {worst}: to dolny koniec na wykresie.",
    },
    "from_to": {"en": "{low} to {high}", "pl": "{low} do {high}"},
    "cost_assumed": {
        "en": "These sums rest on a margin of {margin} of a purchase and on {contact} for a "
        "contact; where yours are others, state them in the catalogue of offers first.",
        "pl": "Te kwoty zakładają marżę {margin} wartości zakupu i koszt kontaktu {contact}; "
        "jeśli u Ciebie jest inaczej, najpierw podaj swoje w katalogu ofert.",
    },
    "break_even_note": {
        "en": "Break-even: by how many percentage points the offer must raise the chance of a "
        "return to pay for itself, counting discounts taken by those who would have come anyway.",
        "pl": "Próg opłacalności: o ile punktów procentowych oferta musi podnieść szansę powrotu, "
        "żeby się zwrócić, licząc też rabaty dla tych, którzy wróciliby i bez niej.",
    },
    # Sure
    "sure": {"en": "How sure we are", "pl": "Na ile można temu ufać"},
    "sure_how": {
        "en": "Tested on dates the model had never seen ({cutoffs}): {forecasts}, one "
        "for each customer and date; after {base_rate} of them the customer came back within "
        "{horizon}.",
        "pl": "Sprawdzono na datach, których model nie widział ({cutoffs}): {forecasts}, po jednej "
        "na klienta i datę; po {base_rate} z nich klient wrócił w ciągu {horizon}.",
    },
    "sure_rule": {
        "en": "Tested on dates the rule had never seen ({cutoffs}): {forecasts}, one "
        "for each customer and date; after {base_rate} of them the customer came back within "
        "{horizon}.",
        "pl": "Sprawdzono na datach, których reguła nie widziała ({cutoffs}): {forecasts}, po "
        "jednej na klienta i datę; po {base_rate} z nich klient wrócił w ciągu {horizon}.",
    },
    "sure_others": {
        "en": "No later period could test the forecasts, so each half of the customers of "
        "{cutoffs} was predicted from the other half, by the same windows: {forecasts}; "
        "{base_rate} of those customers came back within {horizon}. Later days may differ more.",
        "pl": "Prognoz nie dało się sprawdzić na późniejszym okresie, więc każdą połowę klientów z "
        "dnia {cutoffs} przewidziano na podstawie drugiej połowy, z tych samych okien: "
        "{forecasts}; w ciągu {horizon} wróciło {base_rate} tych klientów. Późniejsze dni mogą "
        "różnić się bardziej.",
    },
    "sure_none": {
        "en": "There was no later period on which a forecast could be tested. A history at least "
        "twice as long as the {horizon} looked ahead is needed.",
        "pl": "Nie było późniejszego okresu, na którym dałoby się sprawdzić prognozę. Potrzebna "
        "jest historia co najmniej dwa razy dłuższa niż horyzont ({horizon}).",
    },
    "lead_beats": {
        "en": "The chances were off by {ece} on average, and better than the best simple rule.",
        "pl": "W grupach prognoza różniła się od wyniku średnio o {ece} i była lepsza od "
        "najlepszej prostej reguły.",
    },
    "lead_not": {
        "en": "The chances were off by {ece} on average, and a simple rule did about as well or "
        "better.",
        "pl": "W grupach prognoza różniła się od wyniku średnio o {ece}, a prosta reguła wypadła "
        "równie dobrze albo lepiej.",
    },
    "lead_rule": {
        "en": "A simple rule ({rule}), off by {ece} on average, did better than the model at "
        "earlier dates, so the scores come from it.",
        "pl": "Prosta reguła ({rule}), która w grupach różniła się od wyniku średnio o {ece}, "
        "wypadła na wcześniejszych datach lepiej niż model, więc oceny pochodzą z niej.",
    },
    "lead_unknown": {
        "en": "Too few customers were seen returning to say whether the model beats a simple rule.",
        "pl": "Widać za mało powrotów, żeby powiedzieć, czy model jest lepszy od prostej reguły.",
    },
    "lead_near_chance": {
        "en": "The forecasts are hardly better than chance: this history hardly tells who comes "
        "back.",
        "pl": "Prognozy są niewiele lepsze niż los: z tej historii prawie nie da się odczytać, kto "
        "wróci.",
    },
    "lead_order_alone": {
        "en": "The percentages are no better than the same chance for everybody; go by the order "
        "of customers, which still tells something.",
        "pl": "Same procenty nie są lepsze niż ta sama szansa dla wszystkich; kieruj się "
        "kolejnością klientów, która coś jednak mówi.",
    },
    "lead_worse_than_base": {
        "en": "The forecasts are worse than the same chance for everybody would have been.",
        "pl": "Prognozy są gorsze niż ta sama szansa dla wszystkich.",
    },
    "lead_use_unknown": {
        "en": "Too little was seen to say whether the forecasts are better than chance.",
        "pl": "Widać za mało, żeby powiedzieć, czy prognozy są lepsze niż los.",
    },
    "source_test": {
        "en": "Source: forecasts as of {cutoffs}, checked against the orders that followed.",
        "pl": "Źródło: prognozy z dnia {cutoffs}, porównane z późniejszymi zamówieniami.",
    },
    "populations_caption": {
        "en": "Whom the forecasts were tested on",
        "pl": "Na kim sprawdzono prognozy",
    },
    "metrics_caption": {
        "en": "The test in numbers, with 95% intervals: {population}",
        "pl": "Test w liczbach, z przedziałami 95%: {population}",
    },
    "value": {"en": "Expected spend", "pl": "Przewidywane wydatki"},
    "value_part": {
        "en": "These sums are of the first {tested} of {horizon} days: later dates could test no "
        "more.",
        "pl": "Te sumy dotyczą pierwszych {tested} z {horizon} dni: więcej na późniejszych datach "
        "nie dało się sprawdzić.",
    },
    "value_text": {
        "en": "In total, the forecasts came to {bias} of what was then spent. The tenth of "
        "customers from whom most was expected spent {top} each ({expected} expected), the "
        "average customer {mean}.",
        "pl": "Łącznie prognozy wyniosły {bias} tego, co klienci potem wydali. 10% klientów, po "
        "których spodziewaliśmy się najwięcej, wydało średnio {top} (prognoza: {expected}), "
        "przeciętny klient {mean}.",
    },
    "value_interval": {
        "en": "The {stated} interval: of customers more than a fifth likely to return "
        "({forecasts}), {likely} spent an amount inside it, {above} more and {below} less.",
        "pl": "Przedział {stated}: spośród klientów z szansą powrotu powyżej jednej piątej "
        "({forecasts}) {likely} wydało kwotę z przedziału, {above} więcej, a {below} mniej.",
    },
    "value_lifetime": {
        "en": "Lifetime value ({days}) was tested on what customers of {since} have spent since: "
        "forecasts came to {bias} of it, and {inside} of those likely to return spent an amount "
        "inside their interval.",
        "pl": "Wartość klienta (w ciągu {days}) sprawdzono na tym, co wydali dotąd klienci znani "
        "{since}: prognozy wyniosły {bias} tej kwoty, a spośród klientów z dużą szansą powrotu "
        "{inside} wydało kwotę z przedziału.",
    },
    "value_open": {
        "en": "The test of expected spend in numbers",
        "pl": "Test przewidywanych wydatków w liczbach",
    },
    "value_caption": {
        "en": "Net spend per customer, by tenths of the forecast, highest first",
        "pl": "Wydatki klienta po zwrotach w dziesięciu równych grupach, od najwyższej prognozy",
    },
    "value_methods_caption": {
        "en": "The forecast of spend against simple rules",
        "pl": "Prognoza wydatków na tle prostych reguł",
    },
    "value_note": {
        "en": "Gini: 1 if customers were ranked as they spent, 0 if at random. Forecast over "
        "spent: 100% is right in total. Mean error: by how much a customer's forecast was off.",
        "pl": "Gini: 1, jeśli prognoza ułożyła klientów tak, jak wydawali, 0, jeśli losowo. "
        "Prognoza do wydatków: 100% to trafna suma. Średni błąd: o ile mylimy się przy kliencie.",
    },
    "col_tenth": {"en": "Tenth", "pl": "Grupa"},
    "col_spent_then": {"en": "Spent", "pl": "Wydano"},
    "col_gini": {"en": "Gini", "pl": "Gini"},
    "col_bias": {"en": "Forecast over spent", "pl": "Prognoza do wydatków"},
    "col_mae": {"en": "Mean error", "pl": "Średni błąd"},
    "col_population": {"en": "Population", "pl": "Populacja"},
    "col_method": {"en": "Method", "pl": "Metoda"},
    "col_n": {"en": "Tested", "pl": "Sprawdzono"},
    "col_base_rate": {"en": "Came back", "pl": "Wróciło"},
    "col_auc": {"en": "ROC AUC", "pl": "ROC AUC"},
    "col_log_loss": {"en": "Log loss", "pl": "Log loss"},
    "col_ece": {"en": "Calibration error", "pl": "Błąd kalibracji"},
    "col_lift": {"en": "Lift at 10%", "pl": "Lift dla 10%"},
    "col_cutoff": {"en": "Tested from", "pl": "Test od"},
    "col_mean_p": {"en": "Predicted", "pl": "Prognoza"},
    "cutoffs_caption": {"en": "The same test, date by date", "pl": "Ten sam test, data po dacie"},
    "metrics_note": {
        "en": "ROC AUC: how often a customer who came back was ranked above one who did not (0.5 "
        "is chance). Log loss: how far the chances were off, sure mistakes counting most; "
        "smaller is better. Calibration error: mean distance between predicted and observed "
        "shares. Lift: how many times more often the highest-ranked 10% "
        "came back than the average. Recently active: bought within the last {active}.",
        "pl": "ROC AUC: jak często klient, który wrócił, stał w rankingu wyżej niż ten, który nie "
        "wrócił (0,5 to los). Log loss: jak bardzo szanse chybiły, a pewne pomyłki liczą się "
        "najmocniej; im mniej, tym lepiej. Błąd kalibracji: średnia odległość prognozy od "
        "rzeczywistości. Lift: ile razy częściej od średniej wracało 10% klientów z "
        "góry rankingu. Aktywni ostatnio: zakup w ciągu ostatnich {active}.",
    },
    "metrics_open": {"en": "All methods and measures", "pl": "Wszystkie metody i miary"},
    "gated": {"en": "Who gives the scores", "pl": "Który model liczy szanse"},
    "evidence": {"en": "Is there enough data?", "pl": "Czy danych wystarcza?"},
    # What moves the odds of a return
    "drivers": {"en": "What speaks for or against a return", "pl": "Co wpływa na powroty"},
    "drivers_text": {
        "en": "These are the model's own reasons, added up by what they are about, over "
        "{customers}. They say what the forecast leans on, not what would bring anybody back: "
        "that takes a measured campaign.",
        "pl": "To powody, którymi kieruje się model, zebrane według tematu (klienci: {customers}). "
        "Mówią, na czym opiera się prognoza, a nie co kogoś sprowadzi z powrotem: to pokaże "
        "dopiero zmierzona kampania.",
    },
    "drivers_rule": {
        "en": "The scores come from a simple rule ({rule}), which looks at little: here is what "
        "moves it, added up by what it is about, over {customers}. This says what the forecast "
        "leans on, not what would bring anybody back: that takes a measured campaign.",
        "pl": "Oceny pochodzą z prostej reguły ({rule}), która patrzy na niewiele: oto co ją "
        "zmienia, zebrane według tematu (klienci: {customers}). To pokazuje, na czym opiera się "
        "prognoza, a nie co kogoś sprowadzi z powrotem: to pokaże dopiero zmierzona kampania.",
    },
    "drivers_open": {"en": "The next ones", "pl": "Pokaż kolejne czynniki"},
    "source_model": {
        "en": "Source: the return model, for customers as of {cutoff}.",
        "pl": "Źródło: model powrotów, klienci według stanu na {cutoff}.",
    },
    "source_rule": {
        "en": "Source: the rule that scores, for customers as of {cutoff}.",
        "pl": "Źródło: reguła, z której pochodzą oceny, klienci według stanu na {cutoff}.",
    },
    "importance_title": {
        "en": "{story}: this moves the odds of a return most, by {factor} on average",
        "pl": "{story}: to najsilniej wpływa na powroty, przeciętnie {factor}",
    },
    "importance_subtitle": {
        "en": "By how much each kind of reason multiplies or divides the odds of a return, on "
        "average over customers",
        "pl": "Ile razy każdy rodzaj powodów mnoży lub dzieli stosunek powracających do "
        "niewracających, średnio po klientach",
    },
    "everything_else": {
        "en": "All else, such as the calendar",
        "pl": "Cała reszta, np. kalendarz",
    },
    "dependence_first": {
        "en": "{column}: those up to {to} come back most often",
        "pl": "{column}: najczęściej wracają klienci z wartością do {to}",
    },
    "dependence_last": {
        "en": "{column}: those from {start} on come back most often",
        "pl": "{column}: najczęściej wracają klienci z wartością od {start}",
    },
    "dependence_within": {
        "en": "{column}: those from {start} to {to} come back most often",
        "pl": "{column}: najczęściej wracają klienci z wartością od {start} do {to}",
    },
    "dependence_silence": {
        "en": "Who bought in the last {days} comes back most often",
        "pl": "Kto kupił w ciągu ostatnich {days}, wraca najczęściej",
    },
    "dependence_subtitle": {
        "en": "Times the odds of an average customer, for groups of customers from low to high "
        "values; dot: mean, bar: the middle 80% of the group",
        "pl": "Stosunek powracających do niewracających w porównaniu z przeciętnym klientem, w "
        "grupach od niskich do wysokich wartości; punkt: średnia, pasek: środkowe 80% grupy",
    },
    "dependence_alt": {
        "en": "Dots of groups by {column}: {pairs}.",
        "pl": "Punkty grup według: {column}: {pairs}.",
    },
    "dependence_pair": {"en": "up to {to}: {factor}", "pl": "do {to}: {factor}"},
    "axis_up_to": {"en": "{column}, up to", "pl": "{column}, do"},
    # What is churn here
    "churn": {"en": "What is churn here?", "pl": "Co tu znaczy odejście?"},
    "gaps_title": {
        "en": "Within {days} of a purchase {share} of customers buy again",
        "pl": "W ciągu {days} od zakupu kupuje ponownie {share} klientów",
    },
    "gaps_subtitle": {
        "en": "Share of customers who have bought again, by days since a purchase; each customer "
        "is one vote, and who is still silent counts for as long as was seen",
        "pl": "Odsetek klientów, którzy kupili ponownie, według dni od zakupu; każdy klient to "
        "jeden głos, a kto jeszcze nie kupił, liczy się tak długo, jak go widać",
    },
    "gaps_alt": {
        "en": "Rising curve of customers who bought again: {pairs}.",
        "pl": "Rosnąca krzywa klientów, którzy kupili ponownie: {pairs}.",
    },
    "gaps_pair": {"en": "{share} within {days}", "pl": "{share} w ciągu {days}"},
    "gaps_all": {"en": "all customers", "pl": "wszyscy klienci"},
    "gaps_finished": {"en": "only gaps that ended", "pl": "tylko zakończone przerwy"},
    "axis_days": {"en": "days since a purchase", "pl": "dni od zakupu"},
    "comebacks_title": {
        "en": "Of those silent for {days}, {share} come back within the next {within}",
        "pl": "Z klientów bez zakupu od {days} wraca {share} w ciągu kolejnych {within}",
    },
    "comebacks_subtitle": {
        "en": "Share of customers called churned by each rule who bought again within {within} "
        "from then on; with 95% intervals",
        "pl": "Odsetek klientów, którzy według danej reguły odeszli, a w ciągu {within} od tej "
        "chwili kupili ponownie; z przedziałami 95%",
    },
    "churn_caption": {
        "en": "Rules of churn: how many customers each calls churned now, and how many of those "
        "it called churned came back",
        "pl": "Reguły odejścia: ilu klientów według każdej odeszło i ilu takich wróciło",
    },
    "col_rule": {"en": "Rule", "pl": "Reguła"},
    "col_on_list": {"en": "Churned now", "pl": "Odeszli dziś"},
    "col_within": {"en": "Back in {days}", "pl": "Powrót w {days}"},
    "churn_note": {
        "en": "Silent for so many days: the last purchase so long ago or longer. A dash: the "
        "history is too short to say. The usual gap is the mean of a customer's "
        "own earlier gaps, where there are at least two.",
        "pl": "Bez zakupu od tylu dni: ostatni zakup tyle dni temu lub dawniej. Kreska: historia "
        "jest za krótka, żeby to powiedzieć. Zwykły odstęp to średnia "
        "wcześniejszych odstępów klienta, jeśli są co najmniej dwa.",
    },
    "churn_farther": {
        "en": "The forecasts on this page look {horizon} ahead, farther than this rule: they ask "
        "who buys in that time, not who is lost.",
        "pl": "Prognozy w tym raporcie patrzą na {horizon} naprzód, dalej niż ta reguła: pytają, "
        "kto w tym czasie kupi, a nie kto odszedł.",
    },
    "churn_nearer": {
        "en": "The forecasts on this page look {horizon} ahead, which is a nearer question than "
        "who is lost.",
        "pl": "Prognozy w tym raporcie patrzą na {horizon} naprzód; to pytanie bliższe niż to, kto "
        "odszedł.",
    },
    "churn_rules": {
        "en": "Rules for who has left, side by side",
        "pl": "Reguły odejścia obok siebie",
    },
    "churn_open": {
        "en": "How the rules differ",
        "pl": "Czym różnią się reguły",
    },
    "mistaken_caption": {
        "en": "Customers whom a horizon would have given up although they came back within {year}",
        "pl": "Klienci, których horyzont by skreślił, choć wrócili w ciągu {year}",
    },
    "col_horizon": {"en": "Horizon", "pl": "Horyzont"},
    "col_mistaken": {"en": "Given up by mistake", "pl": "Skreśleni niesłusznie"},
    "overlap_caption": {
        "en": "Churned by the rule: {rule}; beside other rules. Overlap is who is churned by both, "
        "as part of who is by either",
        "pl": "Odeszli według reguły: {rule}, obok innych; część wspólna to klienci wskazani przez "
        "obie wobec wskazanych przez którąkolwiek",
    },
    "col_other": {"en": "Compared with", "pl": "W porównaniu z"},
    "col_both": {"en": "By both", "pl": "Według obu"},
    "col_overlap": {"en": "Overlap", "pl": "Część wspólna"},
    # Details
    "details": {"en": "The details", "pl": "Szczegóły"},
    "shop_whole": {"en": "The whole history", "pl": "Cała historia"},
    "shop_open": {"en": "All figures of the shop", "pl": "Wszystkie liczby sklepu"},
    "shop_caption": {"en": "The shop in numbers", "pl": "Sklep w liczbach"},
    "f_orders": {"en": "Purchases", "pl": "Zakupy"},
    "f_refunds": {
        "en": "Cancellations and refunds, whole or in part",
        "pl": "Anulowania i zwroty, w całości lub w części",
    },
    "f_gross": {"en": "Revenue as placed", "pl": "Sprzedaż według zamówień"},
    "f_refunded": {"en": "Refunded", "pl": "Zwroty"},
    "f_net": {"en": "Net revenue", "pl": "Sprzedaż po zwrotach"},
    "f_one_time": {"en": "Customers with one purchase", "pl": "Klienci z jednym zakupem"},
    "f_returning_orders": {
        "en": "Share of orders that are not the first",
        "pl": "Udział zamówień innych niż pierwsze",
    },
    "f_returning_revenue": {
        "en": "Share of revenue from purchases after a customer's first",
        "pl": "Udział ponownych zakupów w sprzedaży",
    },
    "f_repeat_revenue": {
        "en": "Share of revenue from customers who bought more than once, first purchases included",
        "pl": "Udział klientów z więcej niż jednym zakupem w sprzedaży, z pierwszymi zakupami",
    },
    "f_first_basket": {"en": "Average first basket", "pl": "Średni pierwszy koszyk"},
    "f_later_basket": {"en": "Average later basket", "pl": "Średni kolejny koszyk"},
    "f_gap": {
        "en": "Days between shopping days: half within, and the middle 80%",
        "pl": "Odstęp między dniami zakupów, w dniach: mediana i środkowe 80%",
    },
    "f_gap_value": {"en": "{median} ({low} to {high})", "pl": "{median} (od {low} do {high})"},
    "f_top": {
        "en": "Revenue from the top tenth of customers",
        "pl": "Sprzedaż od 10% najlepszych klientów",
    },
    "f_active": {"en": "Bought in the last {days}", "pl": "Kupili w ciągu ostatnich {days}"},
    "shop_note": {
        "en": "A purchase stays a purchase when it is refunded later; shares of revenue are of "
        "orders as placed. A customer from before the history began counts as new once.",
        "pl": "Zakup pozostaje zakupem także po zwrocie; udziały liczymy od sprzedaży według "
        "zamówień. Klient sprzed początku historii liczy się raz jako nowy.",
    },
    "col_segment": {"en": "Segment", "pl": "Segment"},
    "lines": {"en": "What was read", "pl": "Co wczytano"},
    "lines_text": {
        "en": "{read} read: {kept} kept, {aside} set aside, {ignored} from {cutoff} on ignored"
        "{withheld}.",
        "pl": "Wczytane wiersze: {read}. Zachowane: {kept}, odłożone: {aside}, pominięte (od "
        "{cutoff}): {ignored}{withheld}.",
    },
    "lines_withheld": {"en": ", {n} withheld", "pl": ", wyłączone: {n}"},
    "kept_out_caption": {
        "en": "Who is left out, by ingest.privacy",
        "pl": "Kto jest wyłączony według ingest.privacy",
    },
    "col_who": {"en": "Who", "pl": "Kto"},
    "col_people": {"en": "Customers", "pl": "Klienci"},
    "kept_out_channel": {
        "en": "no offer by {channel}",
        "pl": "bez ofert kanałem {channel}",
    },
    "kept_out_note": {
        "en": "The strictest source wins. Of those who get no offer: {why}.",
        "pl": "Rozstrzyga najsurowsze źródło. Powody braku ofert: {why}.",
    },
    "kept_out_plain": {
        "en": "The strictest source wins.",
        "pl": "Rozstrzyga najsurowsze źródło.",
    },
    "aside_caption": {"en": "Lines set aside, by reason", "pl": "Odłożone wiersze według powodu"},
    "col_why": {"en": "Reason", "pl": "Powód"},
    "col_lines": {"en": "Lines", "pl": "Wiersze"},
    "aside_note": {
        "en": "Each of them is in quarantine.csv with its row number.",
        "pl": "Każdy z nich jest w pliku quarantine.csv z numerem wiersza.",
    },
    "suspicious": {"en": "Customers to look at", "pl": "Klienci do sprawdzenia"},
    "suspicious_text": {
        "en": "They place an unusually large share of all orders: perhaps a till, staff or a test "
        "account. They were kept; suppress them if they are not customers.",
        "pl": "Składają wyjątkowo dużą część zamówień: może to kasa, pracownik albo konto testowe. "
        "Zostali w danych; jeśli to nie klienci, wyłącz ich z list.",
    },
    "col_customer": {"en": "Customer", "pl": "Klient"},
    "understood": {"en": "How the columns were understood", "pl": "Jak zrozumiano kolumny"},
    "excerpt": {"en": "An excerpt of the list", "pl": "Fragment listy"},
    "excerpt_caption": {
        "en": "First {shown} of {listed} rows of list.csv, without contact data",
        "pl": "Pierwsze wiersze pliku list.csv ({shown} z {listed}), bez danych kontaktowych",
    },
    "excerpt_note": {
        "en": "Why: what sets the customer apart from an average one of this shop. Where most are "
        "silent even longer, even a long silence is more promising than theirs; the chance itself "
        "may be small all the same.",
        "pl": "Dlaczego: czym klient różni się od przeciętnego w tym sklepie. Gdy większość nie "
        "kupuje jeszcze dłużej, nawet długa przerwa rokuje lepiej niż u nich; sama szansa może "
        "mimo to być mała.",
    },
    "columns_open": {
        "en": "What the columns of list.csv mean",
        "pl": "Co znaczą kolumny pliku list.csv",
    },
    "columns_caption": {
        "en": "Columns of list.csv; their names are the same in every language, so that a CRM "
        "finds them again",
        "pl": "Kolumny pliku list.csv; ich nazwy są takie same w każdym języku, żeby CRM zawsze je "
        "znalazł",
    },
    "codes_caption": {
        "en": "Codes of segments in list.csv",
        "pl": "Kody segmentów w pliku list.csv",
    },
    "col_column": {"en": "Column", "pl": "Kolumna"},
    "col_code": {"en": "Code", "pl": "Kod"},
    "col_meaning": {"en": "Meaning", "pl": "Znaczenie"},
    "col_last_order": {"en": "Last order", "pl": "Ostatnie zamówienie"},
    "col_orders": {"en": "Orders", "pl": "Zamówienia"},
    "col_why_him": {"en": "Why", "pl": "Dlaczego"},
    "versions": {"en": "Versions and hashes", "pl": "Wersje i sumy kontrolne"},
    "versions_caption": {
        "en": "With these the list can be rebuilt",
        "pl": "Dzięki nim listę można odtworzyć",
    },
    "col_key": {"en": "What", "pl": "Co"},
    "col_value": {"en": "Value", "pl": "Wartość"},
    "footer": {
        "en": "Made by winback. This page loads nothing from elsewhere and can be read offline.",
        "pl": "Przygotowane przez winback. Strona niczego nie pobiera z sieci i działa offline.",
    },
    "source": {
        "en": "Source: the shop's orders before {cutoff}.",
        "pl": "Źródło: zamówienia sklepu sprzed {cutoff}.",
    },
    # Pictures
    "calibration_title": {
        "en": "Foretold for all: {predicted}, came back: {observed}; within groups off by {ece} on "
        "average",
        "pl": "Prognoza dla wszystkich: {predicted}, wróciło: {observed}; w grupach różnica "
        "wynosi średnio {ece}",
    },
    "calibration_subtitle": {
        "en": "Predicted and observed share of returns in groups of equal size, from least to most "
        "likely; with 95% intervals",
        "pl": "Przewidywany i zaobserwowany odsetek powrotów w równych grupach, od najmniej do "
        "najbardziej prawdopodobnych; z przedziałami 95%",
    },
    "calibration_alt": {
        "en": "Bars of predicted and dots of observed shares of returns: {pairs}.",
        "pl": "Słupki przewidywanych i punkty zaobserwowanych odsetków powrotów: {pairs}.",
    },
    "calibration_pair": {
        "en": "predicted {predicted}, observed {observed}",
        "pl": "prognoza {predicted}, rzeczywistość {observed}",
    },
    "axis_predicted": {
        "en": "predicted share in each group, %",
        "pl": "przewidywany odsetek w grupie, %",
    },
    "predicted": {"en": "predicted", "pl": "prognoza"},
    "observed": {"en": "observed", "pl": "rzeczywistość"},
    "lift_title": {
        "en": "The 10% ranked highest came back {times} as often as average",
        "pl": "10% klientów z góry rankingu wracało {times} częściej niż przeciętnie",
    },
    "lift_title_chance": {
        "en": "The 10% ranked highest came back {times} as often as average: hardly more than a "
        "random 10%",
        "pl": "10% klientów z góry rankingu wracało {times} częściej niż przeciętnie: prawie tyle, "
        "co losowe 10%",
    },
    "lift_subtitle": {
        "en": "Lift of the highest-ranked 10%, the model and simple rules on the same customers; "
        "with 95% intervals",
        "pl": "Lift dla 10% z góry rankingu: model i proste reguły na tych samych klientach; "
        "z przedziałami 95%",
    },
    "lift_alt": {"en": "Bars of lift: {pairs}.", "pl": "Słupki liftu: {pairs}."},
    "gains_title": {
        "en": "The 20% ranked highest hold {captured} of those who come back, a random 20% would "
        "hold 20%",
        "pl": "W 20% z góry rankingu jest {captured} tych, którzy wracają, w losowych 20% byłoby "
        "ich 20%",
    },
    "gains_subtitle": {
        "en": "Share of all returning customers found among the highest-ranked share of customers",
        "pl": "Odsetek wszystkich powracających, którzy mieszczą się w górnej części rankingu",
    },
    "gains_alt": {
        "en": "Curve of the ranking above the line of drawing by lot: {pairs}.",
        "pl": "Krzywa rankingu nad linią losowania: {pairs}.",
    },
    "gains_pair": {
        "en": "{targeted} of customers hold {captured} of returns",
        "pl": "{targeted} klientów to {captured} powrotów",
    },
    "cohorts_thin": {
        "en": "Rows without a colour have fewer than {least}: their shares are chance for the most "
        "part",
        "pl": "Wiersze bez koloru to mniej niż {least}: ich odsetki to w dużej mierze przypadek",
    },
    "lines_coincide": {
        "en": "The lines of {one} and {other} lie on one another",
        "pl": "Linie „{one}” i „{other}” się pokrywają",
    },
    "by_lot": {"en": "drawn by lot", "pl": "losowo"},
    "profit_title_known": {
        "en": "A list of {customers} should earn {gain}, most likely between {low} and {high}",
        "pl": "Lista dla {customers} powinna zarobić {gain}, najpewniej od {low} do {high}",
    },
    "profit_title_unknown": {
        "en": "A list of {customers} brings between {low} and {high}: the effect has to be "
        "measured",
        "pl": "Lista dla {customers} przyniesie od {low} do {high}: efekt trzeba zmierzyć",
    },
    "profit_subtitle_known": {
        "en": "Expected gain after all costs{currency} of the best list of each size, with its 95% "
        "interval; the dot is this list, as it was drawn",
        "pl": "Oczekiwany zysk po wszystkich kosztach{currency} z najlepszej listy każdej "
        "wielkości, "
        "z przedziałem 95%; kropka to ta lista po losowaniu",
    },
    "profit_subtitle_unknown": {
        "en": "Gain after all costs{currency} of the best list of each size: the lower end of its "
        "95% interval if the offers change nothing (grey), the upper end at the plausible effect "
        "(in colour), since more or fewer may come anyway than forecast; the bar is this list, as "
        "it was drawn",
        "pl": "Zysk po wszystkich kosztach{currency} z najlepszej listy każdej wielkości: dolny "
        "koniec przedziału 95%, jeśli oferty niczego nie zmienią (szara linia), i górny przy "
        "prawdopodobnym efekcie (w kolorze), bo i bez ofert może wrócić więcej lub mniej osób, niż "
        "wynika z prognozy; kreska to ta lista po losowaniu",
    },
    "profit_alt_known": {
        "en": "Expected gain by list size: {customers}, expected cost {cost}, gain {gain} ({low} "
        "to {high}).",
        "pl": "Oczekiwany zysk według wielkości listy: {customers}, oczekiwany koszt {cost}, zysk "
        "{gain} (od {low} do {high}).",
    },
    "profit_alt_unknown": {
        "en": "Loss and gain by list size: {customers}, expected cost {cost}, outcome {low} to "
        "{high}.",
        "pl": "Strata i zysk według wielkości listy: {customers}, oczekiwany koszt {cost}, wynik "
        "od {low} do {high}.",
    },
    "source_list": {
        "en": "Source: the plan of this campaign as of {cutoff}, the control held out.",
        "pl": "Źródło: plan tej kampanii według stanu na {cutoff}, bez grupy kontrolnej.",
    },
    "profit_axis": {
        "en": "customers, and expected cost of the list",
        "pl": "klienci i oczekiwany koszt listy",
    },
    "axis_targeted": {
        "en": "share of customers, highest-ranked first",
        "pl": "część klientów, od góry rankingu",
    },
    "slipping_title": {
        "en": "Customers at high risk hold {spent} of all spending so far, most of it among: "
        "{segment}",
        "pl": "Klienci z wysokim ryzykiem to {spent} dotychczasowych wydatków, najwięcej w "
        "segmencie: {segment}",
    },
    "segments_title": {
        "en": "{segment}: {customers} of customers, {spent} of all spending so far",
        "pl": "{segment}: {customers} klientów i {spent} dotychczasowych wydatków",
    },
    "slipping_subtitle": {
        "en": "Share of customers (thin bar) and of net spending (thick bar) by segment; in "
        "colour: at high risk of not returning",
        "pl": "Udział w liczbie klientów (cienki pasek) i w wydatkach po zwrotach (gruby pasek); "
        "w kolorze: wysokie ryzyko, że nie wrócą",
    },
    "segments_subtitle": {
        "en": "Share of customers (thin bar) and of net spending (thick bar) by segment",
        "pl": "Udział w liczbie klientów (cienki pasek) i w wydatkach po zwrotach (gruby pasek)",
    },
    "slipping_alt": {"en": "Bars by segment: {pairs}.", "pl": "Paski według segmentu: {pairs}."},
    "slipping_pair": {
        "en": "{segment}: {customers} of customers, {spent} of spending, of which {high} at high "
        "risk",
        "pl": "{segment}: {customers} klientów, {spent} wydatków, w tym {high} z wysokim ryzykiem",
    },
    "of_customers": {"en": "{share} of customers", "pl": "{share} klientów"},
    "of_spending": {"en": "{share} of spending, {money}", "pl": "{share} wydatków, {money}"},
    "cohorts_title": {
        "en": "{share} of new customers buy again in the calendar {unit} after the one of their "
        "first order",
        "pl": "{share} nowych klientów kupuje ponownie w następnym {unit} kalendarzowym",
    },
    "cohorts_subtitle": {
        "en": "Percent of each {unit}'s new customers who bought {steps} {units} later",
        "pl": "Odsetek klientów z pierwszym zamówieniem w danym {unit}, którzy kupili po "
        "{steps} {units}",
    },
    "cohorts_alt": {
        "en": "Heat map of {rows} groups of new customers; on average {pairs}.",
        "pl": "Mapa cieplna grup nowych klientów ({rows}); średnio {pairs}.",
    },
    "cohorts_pair": {"en": "after {step}: {share}", "pl": "po {step}: {share}"},
    "unit_month": {"en": "month", "pl": "miesiącu"},
    "unit_quarter": {"en": "quarter", "pl": "kwartale"},
    "units_month": {"en": "months", "pl": "miesiącach"},
    "units_quarter": {"en": "quarters", "pl": "kwartałach"},
    "axis_customers": {"en": "customers", "pl": "klienci"},
    "revenue_title": {
        "en": "Purchases after the first bring in {share} of revenue",
        "pl": "Ponowne zakupy dają {share} sprzedaży",
    },
    "revenue_subtitle": {
        "en": "Revenue{currency} by {unit}, before refunds",
        "pl": "Sprzedaż{currency} w kolejnych {unit}, bez odejmowania zwrotów",
    },
    "by_week": {"en": "week", "pl": "tygodniach"},
    "by_month": {"en": "month", "pl": "miesiącach"},
    "by_quarter": {"en": "quarter", "pl": "kwartałach"},
    "revenue_alt": {
        "en": "Stacked bars from {first} to {last}; the highest is {top} with {value}.",
        "pl": "Słupki od {first} do {last}; najwyższy: {top}, {value}.",
    },
    "later_purchases": {"en": "later purchases", "pl": "ponowne zakupy"},
    "first_purchases": {"en": "first purchases", "pl": "pierwsze zakupy"},
    "silence_alt": {"en": "Bars: {pairs}.", "pl": "Słupki: {pairs}."},
    "changes_caption": {
        "en": "Beside the last list that left, {campaign} of {day}",
        "pl": "W porównaniu z ostatnią wysłaną listą, {campaign} z {day}",
    },
    "changes_what": {"en": "What changed", "pl": "Co się zmieniło"},
    "changes_in_peace": {
        "en": "of these, mailed already and left in peace until {until}",
        "pl": "w tym po niedawnej wysyłce, w spokoju do {until}",
    },
}
