"""Names of codes in English and Polish."""

from __future__ import annotations

TERMS: dict[str, dict[str, dict[str, str]]] = {
    "stage": {
        "fetch": {"en": "fetch", "pl": "pobranie"},
        "ingest": {"en": "ingest", "pl": "wczytanie"},
        "products": {"en": "products", "pl": "produkty"},
        "snapshot": {"en": "snapshot", "pl": "migawki"},
        "describe": {"en": "describe", "pl": "opis sklepu"},
        "simulate": {"en": "simulate", "pl": "symulacja"},
        "train": {"en": "train", "pl": "nauka"},
        "evaluate": {"en": "evaluate", "pl": "ocena"},
        "gate": {"en": "gate", "pl": "bramka"},
        "score": {"en": "score", "pl": "szanse"},
        "learn": {"en": "learn", "pl": "wnioski z list"},
        "target": {"en": "target", "pl": "plan"},
        "export": {"en": "export", "pl": "lista"},
        "report": {"en": "report", "pl": "raport"},
        "track": {"en": "track", "pl": "rejestr"},
        "measure": {"en": "measure", "pl": "pomiar"},
        "grade": {"en": "grade", "pl": "rozliczenie list"},
        "watch": {"en": "watch", "pl": "czuwanie"},
        "churn": {"en": "churn", "pl": "odejścia"},
        "push": {"en": "push", "pl": "wysyłka"},
        "tune": {"en": "tune", "pl": "strojenie"},
    },
    # Why somebody gets nothing at a destination, or has our values taken back.
    "skipped": {
        "control": {"en": "control group", "pl": "grupa kontrolna"},
        "left": {"en": "no longer on the list", "pl": "już nie na liście"},
        "no_marketing": {"en": "no marketing", "pl": "bez zgody na marketing"},
        "no_profiling": {"en": "objected to profiling", "pl": "sprzeciw wobec profilowania"},
        "erased": {"en": "erased", "pl": "dane usunięte"},
        "no_ads": {"en": "no consent to ads", "pl": "bez zgody na reklamy"},
        "no_key": {"en": "no address", "pl": "bez adresu"},
        "bad_email": {"en": "no e-mail address", "pl": "błędny adres e-mail"},
        "bad_phone": {"en": "no phone number", "pl": "błędny numer telefonu"},
        "duplicate_key": {"en": "another's address", "pl": "adres innej osoby"},
        "not_known": {"en": "not known to ingest", "pl": "nieznani przy wczytaniu"},
    },
    "entry_kind": {
        "seal": {"en": "list left", "pl": "lista wyszła"},
        "replay": {"en": "replayed", "pl": "odtworzony tydzień"},
        "grade": {"en": "grades", "pl": "oceny list"},
        "gate": {"en": "gate", "pl": "bramka modeli"},
        "champion": {"en": "champion named", "pl": "wskazany czempion"},
        "watch": {"en": "watch", "pl": "czuwanie"},
        "measurement": {"en": "measurement", "pl": "pomiar"},
        "correction": {"en": "correction", "pl": "poprawka"},
    },
    "change": {
        "entered": {"en": "New on the list", "pl": "Nowi na liście"},
        "other_offer": {
            "en": "Still on it, with another offer",
            "pl": "Nadal na niej, z inną ofertą",
        },
        "other_band": {
            "en": "Still on it, in another band of risk",
            "pl": "Nadal na niej, w innym przedziale ryzyka",
        },
        "same": {"en": "Still on it as before", "pl": "Nadal na niej bez zmian"},
        "left": {"en": "No longer on it", "pl": "Już nie na liście"},
    },
    "left_out": {
        "open": {"en": "not over yet", "pl": "jeszcze trwa"},
        "invalid": {"en": "its reading is invalid", "pl": "wynik jest nieważny"},
        "no_control": {
            "en": "nobody was held out, or nobody got it",
            "pl": "zabrakło grupy kontrolnej albo klientów z ofertą",
        },
        "unreadable": {
            "en": "the orders do not know its people or its days",
            "pl": "zamówienia nie znają jej klientów albo jej dni",
        },
        "unproven": {
            "en": "nobody had a chance of an order yet",
            "pl": "nikt nie miał jeszcze policzonej szansy na zakup",
        },
    },
    "chosen_by": {
        "gain": {"en": "because it should earn most", "pl": "bo powinna zarobić najwięcej"},
        "test": {"en": "by lot, to measure it", "pl": "losowo, żeby ją zmierzyć"},
        "explore": {"en": "by lot, to explore", "pl": "losowo, żeby sprawdzić inne"},
    },
    "reign": {
        "sealed": {
            "en": "it scored the last list that left",
            "pl": "ocenił ostatnią wysłaną listę",
        },
        "named": {"en": "named by winback champion", "pl": "wskazany przez winback champion"},
        "rolled_back": {"en": "brought back", "pl": "przywrócony"},
        "replayed": {
            "en": "it scored the last replayed week; no list has left",
            "pl": "ocenił ostatni odtworzony tydzień; żadna lista nie wyszła",
        },
    },
    "value_kind": {
        "flag": {"en": "flag", "pl": "wartość tak/nie"},
        "number": {"en": "number", "pl": "liczba"},
        "text": {"en": "text", "pl": "tekst"},
    },
    "segment": {
        "champions": {"en": "Champions", "pl": "Mistrzowie"},
        "loyal": {"en": "Loyal", "pl": "Lojalni"},
        "potential_loyalist": {"en": "Potential loyalists", "pl": "Potencjalnie lojalni"},
        "new": {"en": "New", "pl": "Nowi"},
        "promising": {"en": "Promising", "pl": "Obiecujący"},
        "needs_attention": {"en": "Need attention", "pl": "Wymagają uwagi"},
        "about_to_sleep": {"en": "About to sleep", "pl": "Zasypiający"},
        "at_risk": {"en": "At risk", "pl": "Zagrożeni"},
        "cannot_lose": {"en": "Cannot lose them", "pl": "Nie do stracenia"},
        "hibernating": {"en": "Hibernating", "pl": "Uśpieni"},
        "lost": {
            "en": "One small order, long ago",
            "pl": "Jedno drobne zamówienie, dawno temu",
        },
        "seasonal": {"en": "Once a year", "pl": "Raz w roku"},
    },
    "advice": {
        "champions": {
            "en": "Thank them and show them new things first",
            "pl": "Podziękuj i pokaż im nowości jako pierwszym",
        },
        "loyal": {
            "en": "Suggest what goes with their purchases; ask for an opinion",
            "pl": "Zaproponuj coś do poprzednich zakupów, poproś o opinię",
        },
        "potential_loyalist": {
            "en": "Give a reason for the next order: a set, a refill, a loyalty programme",
            "pl": "Daj powód do kolejnego zamówienia: zestaw, uzupełnienie, program lojalnościowy",
        },
        "new": {
            "en": "Welcome them and help with the first purchase before selling more",
            "pl": "Powitaj i pomóż przy pierwszym zakupie, zanim zaproponujesz następny",
        },
        "promising": {
            "en": "Remind them of the shop; the second order matters most",
            "pl": "Przypomnij o sklepie; najważniejsze jest drugie zamówienie",
        },
        "needs_attention": {
            "en": "Write now, with something they liked before",
            "pl": "Napisz teraz i nawiąż do tego, co wcześniej lubili",
        },
        "about_to_sleep": {
            "en": "Remind them of the shop before they forget it",
            "pl": "Przypomnij o sklepie, zanim o nim zapomną",
        },
        "at_risk": {
            "en": "Ask what kept them away, and remind them of what they liked",
            "pl": "Zapytaj, co ich zniechęciło, i przypomnij, co lubili",
        },
        "cannot_lose": {
            "en": "Get in touch in person; they used to be among the best",
            "pl": "Skontaktuj się osobiście; to byli jedni z najlepszych klientów",
        },
        "hibernating": {
            "en": "Write rarely, by a channel that costs little",
            "pl": "Pisz rzadko i tanim kanałem",
        },
        "lost": {
            "en": "Write once more, then leave them in peace",
            "pl": "Napisz jeszcze raz, a potem daj im spokój",
        },
        "seasonal": {
            "en": "Write shortly before their season, not in between",
            "pl": "Napisz tuż przed ich sezonem, a nie pomiędzy",
        },
    },
    "meaning": {
        # Recency is relative: in a grocery's slowest fifth are customers silent for a fortnight.
        "champions": {
            "en": "among the 20% with the latest orders, 5 orders or more",
            "pl": "wśród 20% z najświeższym zakupem, co najmniej 5 zamówień",
        },
        "loyal": {
            "en": "the next 40% by the last order, 5 orders or more",
            "pl": "następne 40% według świeżości zakupu, co najmniej 5 zamówień",
        },
        "potential_loyalist": {
            "en": "among the 40% with the latest orders, 2 to 4 orders",
            "pl": "wśród 40% z najświeższym zakupem, od 2 do 4 zamówień",
        },
        "new": {
            "en": "among the 20% with the latest orders, one order",
            "pl": "wśród 20% z najświeższym zakupem, jedno zamówienie",
        },
        "promising": {
            "en": "the next 20% by the last order, one order",
            "pl": "następne 20% według świeżości zakupu, jedno zamówienie",
        },
        "needs_attention": {
            "en": "the middle 20% by the last order, 3 or 4 orders",
            "pl": "środkowe 20% według świeżości zakupu, 3 lub 4 zamówienia",
        },
        "about_to_sleep": {
            "en": "the middle 20% by the last order, 1 or 2 orders",
            "pl": "środkowe 20% według świeżości zakupu, 1 lub 2 zamówienia",
        },
        "at_risk": {
            "en": "among the 40% longest without an order, 3 to 9 orders",
            "pl": "wśród 40% najdłużej bez zakupu, od 3 do 9 zamówień",
        },
        "cannot_lose": {
            "en": "among the 40% longest without an order, 10 orders or more",
            "pl": "wśród 40% najdłużej bez zakupu, co najmniej 10 zamówień",
        },
        "hibernating": {
            "en": "among the 40% longest without an order, 1 or 2 orders",
            "pl": "wśród 40% najdłużej bez zakupu, 1 lub 2 zamówienia",
        },
        "lost": {
            "en": "among the 20% longest without an order and the 20% that spent least, one order",
            "pl": "wśród 20% najdłużej bez zakupu i 20% z najmniejszymi wydatkami, jedno "
            "zamówienie",
        },
        "seasonal": {
            "en": "buy in the same season each year, and the next one is not over",
            "pl": "kupują co roku o tej samej porze, a najbliższa jeszcze nie minęła",
        },
    },
    "band": {
        "low": {"en": "Low risk", "pl": "Niskie ryzyko"},
        "medium": {"en": "Medium risk", "pl": "Średnie ryzyko"},
        "high": {"en": "High risk", "pl": "Wysokie ryzyko"},
        # Not the words of the segments of these names, which hold other customers.
        "lost": {"en": "Too long silent", "pl": "Zbyt długo bez zakupu"},
        "new": {"en": "Too new to say", "pl": "Za wcześnie na ocenę"},
    },
    "decision": {
        "offer": {"en": "gets an offer", "pl": "dostają ofertę"},
        "control": {
            "en": "held back by lot, to measure the effect",
            "pl": "grupa kontrolna: odłożeni losowo, żeby zmierzyć efekt",
        },
        "comes_anyway": {
            "en": "likely to come anyway: a discount would be a gift",
            "pl": "powrót prawdopodobny i tak: rabat byłby prezentem",
        },
        "cannot_pay": {
            "en": "the discount takes the whole margin",
            "pl": "rabat zjada całą marżę",
        },
        "too_weak": {
            "en": "no effect that can be expected would pay",
            "pl": "spodziewany efekt jest za słaby, by się zwrócił",
        },
        "impossible": {
            "en": "ten times as many orders would not pay",
            "pl": "nawet dziesięć razy więcej zamówień by się nie zwróciło",
        },
        "universal_holdout": {
            "en": "kept out of all campaigns this year, to measure them",
            "pl": "w tym roku poza wszystkimi kampaniami, żeby je zmierzyć",
        },
        "subscriber": {"en": "pays a subscription", "pl": "opłacony abonament"},
        "contacted_recently": {
            "en": "was in a campaign lately",
            "pl": "niedawno w innej kampanii",
        },
        "complaint": {"en": "has an open complaint", "pl": "otwarta reklamacja"},
        "too_uncertain": {
            "en": "too little is known to decide",
            "pl": "za mało wiadomo, żeby decydować",
        },
        "sent_back": {
            "en": "most of what was bought was cancelled or sent back",
            "pl": "większość zakupów anulowano lub zwrócono",
        },
        "no_contact": {
            "en": "asked not to be contacted, or gave no consent",
            "pl": "sprzeciw albo brak zgody na kontakt",
        },
        "not_eligible": {
            "en": "meets no offer's conditions",
            "pl": "poza warunkami wszystkich ofert",
        },
        "budget": {
            "en": "others were worth more within the limits",
            "pl": "w limitach zmieścili się cenniejsi",
        },
    },
    "method": {
        "lightgbm": {"en": "the model", "pl": "model"},
        "base_rate": {"en": "the same chance for all", "pl": "ta sama szansa dla wszystkich"},
        "recency": {"en": "days since last order", "pl": "dni od ostatniego zamówienia"},
        "rfm": {"en": "RFM groups", "pl": "grupy RFM"},
        "logistic_rfm": {"en": "logistic regression on RFM", "pl": "regresja logistyczna na RFM"},
        "bgnbd": {"en": "BG/NBD", "pl": "BG/NBD"},
        "mbgnbd": {"en": "MBG/NBD", "pl": "MBG/NBD"},
        "pareto_nbd": {"en": "Pareto/NBD", "pl": "Pareto/NBD"},
    },
    "value_method": {
        "winback": {"en": "this forecast", "pl": "ta prognoza"},
        "literature": {"en": "BG/NBD with gamma-gamma", "pl": "BG/NBD z gamma-gamma"},
        "previous": {"en": "the same again as before", "pl": "tyle samo co poprzednio"},
    },
    "population": {
        "everyone": {"en": "everyone", "pl": "wszyscy"},
        "recently_active": {"en": "recently active", "pl": "aktywni ostatnio"},
        "one_time_buyers": {"en": "bought once so far", "pl": "dotąd jeden zakup"},
    },
    "story": {
        "silence": {"en": "Silence and rhythm", "pl": "Przerwa i rytm zakupów"},
        "orders": {"en": "How many orders", "pl": "Liczba zamówień"},
        "trend": {"en": "More or fewer lately", "pl": "Ostatnio częściej czy rzadziej"},
        "money": {"en": "How much was spent", "pl": "Wydatki"},
        "age": {"en": "How long a customer", "pl": "Staż klienta"},
        "products": {"en": "Which products", "pl": "Produkty"},
        "refunds": {"en": "Cancelled or sent back", "pl": "Anulowania i zwroty"},
        "year_ago": {"en": "The same weeks last year", "pl": "Ta sama pora rok temu"},
        "habit": {"en": "Days and hours of shopping", "pl": "Dni i godziny zakupów"},
        "blocks": {"en": "How regularly they buy", "pl": "Regularność zakupów"},
    },
    "column": {
        "days_since_last_order": {
            "en": "Days since the last order",
            "pl": "Dni od ostatniego zamówienia",
        },
        "orders_total": {"en": "Orders so far", "pl": "Dotychczasowe zamówienia"},
        "orders_90d": {"en": "Orders in the last 90 days", "pl": "Zamówienia z ostatnich 90 dni"},
        "order_value_mean": {"en": "Average basket", "pl": "Średni koszyk"},
        "days_since_first_order": {
            "en": "Days since the first order",
            "pl": "Dni od pierwszego zamówienia",
        },
        "distinct_products_total": {"en": "Different products", "pl": "Różne produkty"},
        "lines_per_order": {"en": "Lines in an order", "pl": "Pozycje w zamówieniu"},
        "refund_share": {
            "en": "Share cancelled or sent back",
            "pl": "Część anulowana lub zwrócona",
        },
        "orders_year_ago_90d": {
            "en": "Orders in the same weeks last year",
            "pl": "Zamówienia o tej porze rok temu",
        },
        "weekend_share": {"en": "Share of orders at weekends", "pl": "Część zamówień w weekendy"},
        "block_share": {"en": "Share of periods with a purchase", "pl": "Część okresów z zakupem"},
        "yearly_gaps": {"en": "Years between seasons", "pl": "Lata między sezonami"},
    },
    "feast": {
        "christmas": {"en": "Christmas", "pl": "Boże Narodzenie"},
        "black_friday": {"en": "Black Friday", "pl": "Black Friday"},
        "easter": {"en": "Easter", "pl": "Wielkanoc"},
        "orthodox_easter": {"en": "Orthodox Easter", "pl": "Wielkanoc prawosławna"},
        "corpus_christi": {"en": "Corpus Christi", "pl": "Boże Ciało"},
        "mothers_day": {"en": "Mother's Day", "pl": "Dzień Matki"},
        "fathers_day": {"en": "Father's Day", "pl": "Dzień Ojca"},
        "valentines_day": {"en": "Valentine's Day", "pl": "walentynki"},
        "womens_day": {"en": "International Women's Day", "pl": "Dzień Kobiet"},
        "all_saints": {"en": "All Saints' Day", "pl": "Wszystkich Świętych"},
        "singles_day": {"en": "Singles' Day", "pl": "Dzień Singla"},
        "st_nicholas": {"en": "Saint Nicholas' Day", "pl": "mikołajki"},
        "eid_al_fitr": {"en": "the end of Ramadan", "pl": "koniec ramadanu"},
        "eid_al_adha": {"en": "Eid al-Adha", "pl": "Święto Ofiarowania"},
        "lunar_new_year": {"en": "Lunar New Year", "pl": "Chiński Nowy Rok"},
        "mid_autumn": {"en": "the Mid-Autumn Festival", "pl": "Święto Środka Jesieni"},
        "diwali": {"en": "Diwali", "pl": "Diwali"},
        "rosh_hashanah": {"en": "Rosh Hashanah", "pl": "Rosz ha-Szana"},
        "passover": {"en": "Passover", "pl": "Pesach"},
    },
    "list_column": {
        "customer_id": {"en": "the customer's id", "pl": "identyfikator klienta"},
        "offer": {"en": "code of the offer", "pl": "kod oferty"},
        "offer_label": {"en": "name of the offer", "pl": "nazwa oferty"},
        "channel": {"en": "how to send it", "pl": "jak ją wysłać"},
        "contact_on": {"en": "on which day", "pl": "którego dnia"},
        "valid_until": {"en": "last day of the offer", "pl": "ostatni dzień oferty"},
        "churn_probability": {
            "en": "chance of not returning, without an offer",
            "pl": "szansa, że nie wróci, bez żadnej zachęty",
        },
        "churn_risk": {
            "en": "risk of not returning: high, medium, low; new (too new to say) or lost (too "
            "long silent)",
            "pl": "ryzyko, że nie wróci: high (wysokie), medium (średnie), low (niskie); new (za "
            "wcześnie na ocenę) albo lost (zbyt długo bez zakupu)",
        },
        "churn_horizon_days": {"en": "within so many days", "pl": "w ciągu tylu dni"},
        "change": {
            "en": "beside the last list that left: entered, other_offer, other_band or same",
            "pl": "wobec ostatniej wysłanej listy: entered (nowy), other_offer (inna oferta), "
            "other_band (inne ryzyko) albo same (bez zmian)",
        },
        "offer_before": {
            "en": "offer on the last list that left",
            "pl": "oferta na ostatniej wysłanej liście",
        },
        "churn_risk_before": {"en": "risk on that list", "pl": "ryzyko na tamtej liście"},
        "last_contact_date": {
            "en": "day of the last list that left with this customer on it",
            "pl": "dzień ostatniej wysłanej listy z tym klientem",
        },
        "rfm_segment": {"en": "code of the segment", "pl": "kod segmentu"},
        "rfm_score": {
            "en": "recency, frequency and money, each from 1 to 5, the best; recency and money by "
            "fifths of the shop's customers, frequency by steps: 1, 2, 3\u20134, 5\u20139, 10 and "
            "more orders",
            "pl": "świeżość, częstość i kwota zakupów, każda od 1 do 5; 5 to najlepsza; świeżość i "
            "kwota to piąte części klientów sklepu, częstość ma progi: 1, 2, 3\u20134, 5\u20139 "
            "oraz 10 i więcej zamówień",
        },
        "value_band": {
            "en": "value beside the shop's other customers: low, medium or high",
            "pl": "wartość na tle innych klientów sklepu: low (niska), medium (średnia), high "
            "(wysoka)",
        },
        "segment_advice": {
            "en": "what is usually done with this segment",
            "pl": "co się zwykle robi z tym segmentem",
        },
        "expected_orders": {
            "en": "orders expected within those days",
            "pl": "spodziewane zamówienia w ciągu tylu dni",
        },
        "expected_spend": {
            "en": "spend expected within those days, after refunds",
            "pl": "spodziewane wydatki w ciągu tylu dni, po zwrotach",
        },
        "lifetime_value": {
            "en": "spend expected in the long run, after refunds",
            "pl": "spodziewane wydatki w dłuższym czasie, po zwrotach",
        },
        "days_since_last_order": {
            "en": "days since the last order",
            "pl": "dni od ostatniego zamówienia",
        },
        "last_order_date": {"en": "day of the last order", "pl": "dzień ostatniego zamówienia"},
        "expected_next_order_date": {
            "en": "day of the next order, by the own rhythm",
            "pl": "dzień kolejnego zamówienia według własnego rytmu",
        },
        "orders_count": {"en": "orders so far", "pl": "dotychczasowe zamówienia"},
        "total_spent": {"en": "spent so far, after refunds", "pl": "dotychczas wydał, po zwrotach"},
        "avg_order_value": {"en": "average basket", "pl": "średni koszyk"},
        "currency": {"en": "currency of the amounts", "pl": "waluta kwot"},
        "reason_1": {
            "en": "what moved the chance most, against an average customer of the shop",
            "pl": "co najbardziej zmieniło szansę wobec przeciętnego klienta sklepu",
        },
        "reason_2": {"en": "the second reason", "pl": "drugi powód"},
        "reason_3": {"en": "the third reason", "pl": "trzeci powód"},
        "next_product_1": {
            "en": "what to put in the message first: from a cart that was left, likely to be "
            "bought again or, with a discount, new",
            "pl": "co pokazać w wiadomości najpierw: z porzuconego koszyka, do ponownego zakupu, "
            "a przy rabacie coś nowego",
        },
        "next_product_2": {"en": "the second product", "pl": "drugi produkt"},
        "next_product_3": {"en": "the third product", "pl": "trzeci produkt"},
        "next_product_reason": {
            "en": "why the first product; not for the customer",
            "pl": "dlaczego właśnie ten produkt; nie dla klienta",
        },
        "message_offer": {
            "en": "for a message: name of the offer",
            "pl": "do wiadomości: nazwa oferty",
        },
        "message_until": {
            "en": "for a message: last day of the offer, in words",
            "pl": "do wiadomości: ostatni dzień oferty, słownie",
        },
        "message_last_order": {
            "en": "for a message: day of the last order, in words",
            "pl": "do wiadomości: dzień ostatniego zamówienia, słownie",
        },
        "message_product": {
            "en": "for a message: a product of the last order; empty where it could hint at "
            "something private",
            "pl": "do wiadomości: produkt z ostatniego zamówienia; puste, gdy mógłby zdradzać coś "
            "prywatnego",
        },
        "message_next_product": {
            "en": "for a message: what the customer may want next; empty where it could hint at "
            "something private",
            "pl": "do wiadomości: co klient może teraz chcieć kupić; puste, gdy mogłoby zdradzać "
            "coś prywatnego",
        },
        "model_version": {"en": "version of the model", "pl": "wersja modelu"},
    },
    "sheet": {
        "list": {"en": "List", "pl": "Lista"},
        "columns": {"en": "Columns", "pl": "Kolumny"},
        "column": {"en": "Column", "pl": "Kolumna"},
        "meaning": {"en": "Meaning", "pl": "Znaczenie"},
        "own": {"en": "a column of the shop's own", "pl": "kolumna z danych sklepu"},
    },
    "kind": {
        "order": {"en": "order", "pl": "zakup"},
        "refund": {"en": "refund", "pl": "zwrot"},
        "free": {"en": "free", "pl": "gratis"},
    },
    "arm": {"control": {"en": "Control group", "pl": "Grupa kontrolna"}},
    # What a column was looked for, and of what the lines of a file are.
    "meant": {
        "customer": {"en": "the customer", "pl": "klienta"},
        "date": {"en": "the date of the order", "pl": "datę zamówienia"},
        "amount": {
            "en": "the amount (a line's total, or a price with a quantity)",
            "pl": "kwotę (sumę wiersza albo cenę z ilością)",
        },
        "order": {"en": "the order number", "pl": "numer zamówienia"},
        "product": {"en": "product", "pl": "produkt"},
        "quantity": {"en": "quantity", "pl": "ilość"},
        "price": {"en": "price", "pl": "cenę"},
        "status": {"en": "status", "pl": "status"},
        "currency": {"en": "currency", "pl": "walutę"},
        "known_at": {"en": "known_at", "pl": "known_at"},
        "cancelled_at": {"en": "cancelled_at", "pl": "cancelled_at"},
        "refunded": {"en": "refunded", "pl": "kwotę zwrotu"},
    },
    "beside": {
        "signals": {"en": "signals", "pl": "zdarzeń"},
        "attributes": {"en": "attributes", "pl": "atrybutów"},
        "products": {"en": "products", "pl": "produktów"},
    },
    "role": {
        "customer": {"en": "customer", "pl": "klient"},
        "order": {"en": "order", "pl": "zamówienie"},
        "product": {"en": "product", "pl": "produkt"},
        "date": {"en": "date", "pl": "data"},
        "known_at": {"en": "known_at", "pl": "kiedy było wiadomo"},
        "cancelled_at": {"en": "cancelled_at", "pl": "kiedy anulowano"},
        "clock": {"en": "clock", "pl": "godzina"},
        "month": {"en": "month", "pl": "miesiąc"},
        "day": {"en": "day", "pl": "dzień"},
        "parent": {"en": "order refunded", "pl": "zamówienie zwracane"},
        "quantity": {"en": "quantity", "pl": "ilość"},
        "amount": {"en": "amount", "pl": "kwota"},
        "price": {"en": "price", "pl": "cena"},
        "refunded": {"en": "refunded", "pl": "zwrócono"},
        "discount": {"en": "discount", "pl": "rabat"},
        "divisor": {"en": "divisor", "pl": "dzielnik"},
        "exponent": {"en": "decimals", "pl": "miejsca po przecinku"},
        "rate": {"en": "rate", "pl": "kurs"},
        "rate_below": {"en": "rate", "pl": "kurs"},
        "unconverted": {"en": "amount before conversion", "pl": "kwota przed przeliczeniem"},
        "status": {"en": "status", "pl": "status"},
        "currency": {"en": "currency", "pl": "waluta"},
        "store": {"en": "store", "pl": "sklep"},
    },
    "purpose": {
        "marketing": {"en": "marketing", "pl": "marketing"},
        "profiling": {"en": "profiling", "pl": "profilowanie"},
        "ads": {"en": "ads platforms", "pl": "platformy reklamowe"},
        "erased": {"en": "erasure", "pl": "usunięcie danych"},
    },
    "privacy_why": {
        "objected": {"en": "objected", "pl": "sprzeciw"},
        "refused": {"en": "refused", "pl": "brak zgody"},
        "unknown": {"en": "said nothing", "pl": "nic nie wiadomo"},
    },
    "kept_out": {
        "erased": {
            "en": "erased: nothing of them is stored",
            "pl": "usunięci: nic o nich nie jest przechowywane",
        },
        "no_profiling": {
            "en": "not to be profiled: neither scored nor learned from",
            "pl": "nie wolno profilować: nieoceniani i poza danymi modelu",
        },
        "no_marketing": {
            "en": "no marketing: scored, on no list",
            "pl": "bez marketingu: oceniani, poza każdą listą",
        },
        "no_ads": {
            "en": "not for ads platforms: no consent to them",
            "pl": "nie dla platform reklamowych: brak zgody na nie",
        },
    },
    "privacy_kind": {
        "column": {"en": "column", "pl": "kolumna"},
        "attribute": {"en": "attribute", "pl": "atrybut"},
        "file": {"en": "file", "pl": "plik"},
        "table": {"en": "table", "pl": "tabela"},
    },
    "column_rule": {
        "told": {"en": "as told", "pl": "wskazana"},
        "shop": {"en": "as this shop system writes it", "pl": "tak pisze ten system sklepu"},
        "usual": {"en": "by its usual name", "pl": "po typowej nazwie"},
        "documents": {"en": "by its kinds of documents", "pl": "po rodzajach dokumentów"},
        "words": {"en": "by a word in its name", "pl": "po słowie w nazwie"},
        "content": {"en": "by what stands in it", "pl": "po zawartości"},
        "fits": {"en": "by how it fits the other columns", "pl": "bo pasuje do innych kolumn"},
    },
    "set_aside": {
        "wrong_column_count": {"en": "wrong number of columns", "pl": "zła liczba kolumn"},
        "empty_row": {"en": "empty row", "pl": "pusty wiersz"},
        "no_customer": {
            "en": "no customer: guests cannot be scored",
            "pl": "brak klienta: zakupów bez konta nie da się ocenić",
        },
        "damaged_id": {
            "en": "customer id damaged by a spreadsheet",
            "pl": "identyfikator klienta zepsuty przez arkusz",
        },
        "no_date": {"en": "no date", "pl": "brak daty"},
        "unreadable_date": {"en": "unreadable date", "pl": "nieczytelna data"},
        "no_amount": {"en": "no amount", "pl": "brak kwoty"},
        "unreadable_amount": {"en": "unreadable amount", "pl": "nieczytelna kwota"},
        "amount_too_large": {
            "en": "an amount beyond 100 trillion",
            "pl": "kwota ponad 100 bilionów",
        },
        "not_paid": {
            "en": "never paid: failed, pending or a test",
            "pl": "bez zapłaty: nieudane, oczekujące lub testowe",
        },
        "not_a_purchase": {
            "en": "another event than a purchase or refund",
            "pl": "inne zdarzenie niż zakup lub zwrot",
        },
        "no_order": {
            "en": "a purchase event without its order's id",
            "pl": "zdarzenie zakupu bez numeru zamówienia",
        },
        "marked": {
            "en": "marked as void, deleted or a test",
            "pl": "oznaczone jako unieważnione, usunięte lub testowe",
        },
        "left_out": {"en": "left out, as told", "pl": "pominięte, jak wskazano"},
        "duplicate": {
            "en": "copy of another line of the order",
            "pl": "kopia innego wiersza zamówienia",
        },
        "part_of_line": {
            "en": "a part of another line, which has its money already",
            "pl": "część innej pozycji, która ma już jej kwotę",
        },
        "total_row": {
            "en": "a row of totals, the sum of other rows",
            "pl": "wiersz podsumowania, suma innych wierszy",
        },
        "lonely_date": {
            "en": "a placeholder date, or far from all others",
            "pl": "data zastępcza albo daleko od wszystkich innych",
        },
    },
}
