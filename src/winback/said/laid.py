"""What `winback init` and `winback stamp` say, and the comments of the params.yaml they write.

Told here and by no stage: a word changed in this file reruns nothing.
"""

from __future__ import annotations

from winback.results.base import Fact
from winback.said.words import Texts, Words


def tell(found: Fact, words: Words) -> str:
    """The sentence of one of the facts below, with a full stop only where it has one."""
    return words.fill(TEXTS[found.code.partition(".")[2]], found.values)


def comment(key: str, words: Words) -> str:
    """What a key of params.yaml is for; it stands behind the key or above it."""
    return words.fill({**KEYS, **OF_DATABASES}[key], {})


TEXTS: Texts = {
    # why a proposed value is what it is
    "orders_copied": {
        "en": "your file, kept by DVC and not by git; dvc add it again when it is newer",
        "pl": "twój plik; trzyma go DVC, nie git; po każdej nowszej wersji: dvc add",
    },
    "orders_asked": {
        "en": "user and password stand in the environment alone; README.md says how",
        "pl": "użytkownik i hasło są tylko w środowisku; więcej mówi README.md",
    },
    "as_given": {"en": "as you said", "pl": "tak podano w poleceniu"},
    "orders_awaited": {
        "en": "put the shop's export here: CSV or Parquet, a row for each line of an order",
        "pl": "tu włóż eksport ze sklepu: CSV albo Parquet, wiersz na każdą pozycję zamówienia",
    },
    "currency_found": {"en": "the amounts say so", "pl": "tak podają kwoty w pliku"},
    "currency_given": {"en": "as you said", "pl": "tak podano w poleceniu"},
    "currency_unknown": {
        "en": "nothing says it; write a code such as USD",
        "pl": "nic jej nie podaje; wpisz kod, na przykład PLN",
    },
    "country_of_currency": {
        "en": "{currency} is its money; its public holidays count",
        "pl": "tam płaci się w {currency}; liczą się święta tego kraju",
    },
    "country_closed": {
        "en": "on {days:n} of its public holidays the shop sold next to nothing",
        "pl": "dni świątecznych tego kraju, w które sklep prawie nie sprzedawał: {days:n}",
    },
    "country_largest": {
        "en": "a guess: the largest country with {currency}; its public holidays count",
        "pl": "przypuszczenie: największy kraj z walutą {currency}; liczą się jego święta",
    },
    "country_unknown": {
        "en": "a guess, since nothing shows it; the country's public holidays count",
        "pl": "przypuszczenie, bo nic go nie zdradza; liczą się święta tego kraju",
    },
    "horizon_holds": {
        "en": "days without a purchase after which few still come back: of the customers who came "
        "back within a year {mistaken:share} had been silent for longer; winback churn says more",
        "pl": "po tylu dniach bez zakupu mało kto jeszcze wraca: z klientów, którzy wrócili w "
        "ciągu roku, dłużej nie kupowało {mistaken:share}; więcej mówi winback churn",
    },
    "horizon_overdue": {
        "en": "of the customers who came back within a year only {mistaken:share} had been silent "
        "for longer; but most who are silent that long still come, only later; winback churn says "
        "more",
        "pl": "z klientów, którzy wrócili w ciągu roku, dłużej nie kupowało tylko "
        "{mistaken:share}; ale większość z tych, którzy tyle nie kupują, jeszcze wraca, tylko "
        "później; więcej mówi winback churn",
    },
    "horizon_longest": {
        "en": "the longest that the history can judge; {mistaken:share} of the customers who came "
        "back within a year had been silent for longer; winback churn says more",
        "pl": "najdłuższy, jaki da się ocenić na tej historii; z klientów, którzy wrócili w ciągu "
        "roku, dłużej nie kupowało {mistaken:share}; więcej mówi winback churn",
    },
    "horizon_bounded": {
        "en": "customers here take longer ({wanted:count day}), but with {history:count day} of "
        "history a longer horizon could not be tested",
        "pl": "klienci wracają tu wolniej ({wanted:count day}), ale dłuższego horyzontu nie da się "
        "sprawdzić na historii tej długości ({history:count day})",
    },
    "horizon_unknown": {
        "en": "a usual length: {history:count day} of history say too little about who comes back; "
        "ask winback churn again later",
        "pl": "zwykła długość: historia tej długości ({history:count day}) za mało mówi o tym, kto "
        "wraca; zapytaj później winback churn",
    },
    "horizon_unread": {
        "en": "a usual length; once the orders are there, winback churn says which suits the shop",
        "pl": "zwykła długość; gdy będą zamówienia, winback churn powie, jaka pasuje do sklepu",
    },
    "offers_priced": {
        "en": "margin and delivery were set against your median order of {value:money}; put your "
        "own in. What does a contact cost you? contact_cost is null until you say so",
        "pl": "marżę i dostawę dobrano do mediany twoich zamówień ({value:money}); wpisz własne. "
        "Ile kosztuje cię jeden kontakt? Póki tego nie wpiszesz, contact_cost jest puste (null)",
    },
    "offers_priced_usual": {
        "en": "margin and delivery were set against your median order of {value:money}; put your "
        "own in. What does a contact cost you? An e-mail usually costs {low:money3} to "
        "{high:money3}; while contact_cost is null, the middle of that is assumed",
        "pl": "marżę i dostawę dobrano do mediany twoich zamówień ({value:money}); wpisz własne. "
        "Ile kosztuje cię jeden kontakt? E-mail kosztuje zwykle od {low:money3} do {high:money3}; "
        "póki contact_cost jest puste (null), przyjmujemy środek tego przedziału",
    },
    "consents_found": {
        "en": "{columns} says who may be written to; unknown: refuse leaves out whoever said "
        "nothing. For one channel alone add channel: email; docs/privacy.md",
        "pl": "{columns} mówi, do kogo wolno pisać; unknown: refuse pomija tych, o których nic nie "
        "wiadomo. Dla jednego kanału dopisz channel: email; docs/privacy.md",
    },
    # what was done
    "key": {"en": "{key}: {value} ({why})", "pl": "{key}: {value} ({why})"},
    "made": {
        "en": "{folder}: a project of its own, under git and DVC; nothing is committed yet.",
        "pl": "{folder}: osobny projekt, pod kontrolą gita i DVC; nic nie jest jeszcze w commicie.",
    },
    "salt_of_machine": {
        "en": "The salt is the one of WINBACK_SALT; no salt.txt was written.",
        "pl": "Solą jest ta z WINBACK_SALT; nie zapisano salt.txt.",
    },
    "salt_made": {
        "en": "salt.txt is the secret that draws the control group: keep a copy, in no git.",
        "pl": "salt.txt to sekret, którym losuje się grupę kontrolną: zachowaj kopię poza gitem.",
    },
    "not_top": {
        "en": "The folder lies inside the git repository {top}: move .github/workflows/winback.yml "
        "to its top for it to run.",
        "pl": "Folder leży w repozytorium gita {top}: żeby .github/workflows/winback.yml działał, "
        "przenieś go na jego najwyższy poziom.",
    },
    "next": {
        "en": "Next: cd {folder} && dvc repro",
        "pl": "Dalej: cd {folder} && dvc repro",
    },
    "next_poll": {
        "en": "Next: cd {folder} && winback poll && dvc repro",
        "pl": "Dalej: cd {folder} && winback poll && dvc repro",
    },
    "next_watermark": {
        "en": "Next: write ingest.watermark_query into {folder}/params.yaml, then cd {folder} && "
        "winback poll && dvc repro",
        "pl": "Dalej: wpisz ingest.watermark_query do {folder}/params.yaml, potem cd {folder} && "
        "winback poll && dvc repro",
    },
    "next_orders": {
        "en": "Next: put the shop's export into {place}, then cd {folder} && dvc repro",
        "pl": "Dalej: włóż eksport ze sklepu do {place}, potem cd {folder} && dvc repro",
    },
    # the database
    "polled_same": {
        "en": "The orders are as they were ({values}): dvc repro will not read them again.",
        "pl": "Zamówienia są takie, jak były ({values}): dvc repro nie przeczyta ich ponownie.",
    },
    "polled_changed": {
        "en": "The orders have changed ({values}): dvc repro will read them again.",
        "pl": "Zamówienia się zmieniły ({values}): dvc repro przeczyta je ponownie.",
    },
    "pipeline_watched": {
        "en": "dvc.yaml: ingest depends on data/watermark.json now, since ingest.orders is a "
        "database.",
        "pl": "dvc.yaml: etap ingest zależy teraz od data/watermark.json, bo ingest.orders to baza "
        "danych.",
    },
    # the stamp
    "stamp_other": {
        "en": "code.yaml is of another winback than this one; run: winback stamp && dvc repro",
        "pl": "code.yaml jest z innej wersji winbacka niż ta; uruchom: winback stamp && dvc repro",
    },
    "stamped": {
        "en": "code.yaml is of this winback now; dvc repro will rerun: {stages}.",
        "pl": "code.yaml jest już z tej wersji winbacka; dvc repro powtórzy: {stages}.",
    },
    "stamped_same": {
        "en": "code.yaml is of this winback now; no stage reruns for it.",
        "pl": "code.yaml jest już z tej wersji winbacka; żaden etap nie musi się powtórzyć.",
    },
    "stamp_current": {
        "en": "code.yaml is of this winback already.",
        "pl": "code.yaml jest już z tej wersji winbacka.",
    },
    "pipeline_renewed": {
        "en": "dvc.yaml was written anew as this winback has it.",
        "pl": "dvc.yaml zapisano od nowa tak, jak ma go ta wersja winbacka.",
    },
    "pipeline_own": {
        "en": "dvc.yaml was changed by hand and stays; what this winback would write is said by "
        "python -m winback.template --installed",
        "pl": "dvc.yaml zmieniono ręcznie i zostaje; co zapisałaby ta wersja winbacka, mówi "
        "python -m winback.template --installed",
    },
}

# Keys that stand in a new params.yaml where the orders come from a database.
OF_DATABASES: Texts = {
    "ingest.table": {
        "en": "such as public.orders: the table or view of the lines, where no query says it",
        "pl": "na przykład public.orders: tabela albo widok z pozycjami, gdy nie podaje ich query",
    },
    "ingest.query": {
        "en": "or SQL that gives the lines",
        "pl": "albo zapytanie SQL, które je daje",
    },
    "ingest.watermark_query": {
        "en": 'cheap SQL for winback poll, such as "SELECT count(*), max(updated_at) FROM orders"',
        "pl": 'tanie SQL dla winback poll, np. "SELECT count(*), max(updated_at) FROM orders"',
    },
}

# The keys that stand in a new params.yaml, in their order, and what each is for.
KEYS: Texts = {
    "head": {
        "en": "Written by winback init. A key left out has its default; all keys, their meaning "
        "and defaults: python -m winback.definitions. Quote dates.",
        "pl": "Zapisane przez winback init. Klucz pominięty ma wartość domyślną; wszystkie klucze, "
        "ich znaczenie i wartości domyślne: python -m winback.definitions. Daty w cudzysłowie.",
    },
    "ingest.orders": {"en": "", "pl": ""},
    "ingest.columns": {
        "en": "such as {{customer: Client}}, where a column cannot be found by its name",
        "pl": "na przykład {{customer: Klient}}, gdy kolumny nie da się znaleźć po nazwie",
    },
    "ingest.cutoff": {
        "en": 'such as "2026-04-02", in quotes; null is the day after the last order',
        "pl": 'na przykład "2026-04-02", w cudzysłowie; null to dzień po ostatnim zamówieniu',
    },
    "ingest.timezone": {
        "en": "of the shop, where the file's times are of another, such as Europe/London",
        "pl": "sklepu, jeśli czas w pliku jest z innej strefy, na przykład Europe/Warsaw",
    },
    "ingest.currency": {"en": "", "pl": ""},
    "ingest.day_first": {
        "en": "whether 03/04/2025 is in April; null: found out from the column",
        "pl": "czy 03/04/2025 to kwiecień; null: odgadywane z kolumny",
    },
    "ingest.privacy": {
        "en": "who may be written to, scored and advertised to, and who is to be gone",
        "pl": "do kogo wolno pisać, kogo oceniać, komu pokazywać reklamy i kogo usunąć",
    },
    "ingest.contact_columns": {
        "en": "such as [email]: they go into the list alone",
        "pl": "na przykład [email]: trafiają tylko na listę",
    },
    "ingest.signals": {
        "en": "a file of what else happened to customers, such as tickets",
        "pl": "plik z tym, co jeszcze zdarzyło się klientom, na przykład zgłoszenia",
    },
    "ingest.attributes": {
        "en": "a file of what customers were set to, such as a tier",
        "pl": "plik z cechami nadanymi klientom, na przykład poziom w programie",
    },
    "ingest.products": {
        "en": "a file of what is sold: names, categories, stock; such as data/raw/products.csv",
        "pl": "plik z asortymentem: nazwy, kategorie, stan; na przykład data/raw/products.csv",
    },
    "ingest.memory_limit": {
        "en": "most memory for reading; beyond it the disk serves",
        "pl": "najwięcej pamięci przy czytaniu; ponad to używany jest dysk",
    },
    "products.method": {
        "en": "of what a customer may want next; or reranker, where it wins on the shop's own past",
        "pl": "jak wybiera się następne produkty; albo reranker, jeśli wygra na danych sklepu",
    },
    "products.allowed": {
        "en": "such as [wine]: words that do not hint at anything private in this shop",
        "pl": "na przykład [wino]: słowa, które w tym sklepie nie zdradzają nic prywatnego",
    },
    "snapshot.horizon_days": {"en": "", "pl": ""},
    "snapshot.country": {"en": "", "pl": ""},
    "snapshot.paydays": {
        "en": "days of the month on which wages come",
        "pl": "dni miesiąca, w które wypłaca się pensje",
    },
    "snapshot.measures": {
        "en": "own features: [{{name: big_orders, value: amount > 100}}]",
        "pl": "własne cechy: [{{name: big_orders, value: amount > 100}}]",
    },
    "snapshot.signals": {
        "en": "which signals become features: [{{name: ticket_opened}}]",
        "pl": "które zdarzenia stają się cechami: [{{name: ticket_opened}}]",
    },
    "snapshot.attributes": {
        "en": "which attributes: [{{name: tier, levels: [bronze, silver, gold]}}]",
        "pl": "które atrybuty: [{{name: tier, levels: [bronze, silver, gold]}}]",
    },
    "snapshot.threads": {
        "en": "results do not depend on it",
        "pl": "wyniki od tego nie zależą",
    },
    "train.horizons_days": {
        "en": "further horizons that get a probability; shorter ones give early grades",
        "pl": "dalsze horyzonty, dla których podaje się prawdopodobieństwo; po krótszych da się "
        "wcześniej ocenić listę",
    },
    "train.lifetime_days": {
        "en": "how far lifetime_value looks",
        "pl": "jak daleko sięga lifetime_value",
    },
    "train.threads": {
        "en": "results do not depend on it",
        "pl": "wyniki od tego nie zależą",
    },
    "evaluate.origins": {
        "en": "at so many earlier dates the model is tested",
        "pl": "na tylu wcześniejszych datach sprawdza się model",
    },
    "score.medium_risk_above": {
        "en": "risk of not coming back from which a customer is medium",
        "pl": "ryzyko, że klient nie wróci, od którego jest średnie",
    },
    "score.high_risk_above": {"en": "and from which it is high", "pl": "i od którego jest wysokie"},
    "learn.half_life_days": {
        "en": "after so many days what a list taught of its offers counts half",
        "pl": "po tylu dniach to, czego lista nauczyła o ofertach, liczy się w połowie",
    },
    "target.campaign_id": {
        "en": "the day that is scored makes it a new campaign, with a control group of its own",
        "pl": "dzień oceny czyni z tego nową kampanię, z własną grupą kontrolną",
    },
    "target.send_on": {
        "en": 'such as "3 days before black_friday"; winback occasions lists the next ones',
        "pl": 'na przykład "3 days before black_friday"; najbliższe podaje winback occasions',
    },
    "target.budget": {
        "en": "the most to be spent on contacts and discounts; null: no limit",
        "pl": "najwięcej, ile wolno wydać na kontakty i rabaty; null: bez limitu",
    },
    "target.control_share": {
        "en": "who gets nothing, by lot, so that the effect can be measured",
        "pl": "tylu z losowania nic nie dostanie, żeby dało się zmierzyć efekt",
    },
    "target.max_contacts": {
        "en": "most customers on the list; null: no limit",
        "pl": "najwięcej klientów na liście; null: bez limitu",
    },
    "target.plausible_effect_pp": {
        "en": "points that an offer never measured is thought to add at best",
        "pl": "o tyle punktów oferta jeszcze niezmierzona pomoże w najlepszym razie",
    },
    "target.holdout_share": {
        "en": "such as 0.05: the same customers kept out of all campaigns of a year",
        "pl": "na przykład 0.05: ci sami klienci poza wszystkimi kampaniami roku",
    },
    "target.history": {
        "en": "assignments of before winback, such as data/past/*.csv; sealed lists are known",
        "pl": "przydziały sprzed winback, na przykład data/past/*.csv; zatwierdzone listy są znane",
    },
    "target.quiet_days": {
        "en": "days of peace after a list that left",
        "pl": "dni spokoju po liście, która wyszła",
    },
    "target.offers": {
        "en": "effect_pp is null while nobody has measured it: the list is the test that does",
        "pl": "effect_pp to null, póki nikt go nie zmierzył: lista jest testem, który to zrobi",
    },
    "export.destinations": {
        "en": "such as [klaviyo]: its file beside list.csv; it needs ingest.contact_columns",
        "pl": "na przykład [klaviyo]: jego plik obok list.csv; wymaga ingest.contact_columns",
    },
    "measure.campaigns": {
        "en": "every sealed list is measured; here what is read otherwise, such as {{summer: "
        "{{window_days: 45, metric: net_spend}}}}",
        "pl": "mierzona jest każda zatwierdzona lista; tu to, co czytać inaczej, na przykład "
        "{{summer: {{window_days: 45, metric: net_spend}}}}",
    },
    "report.language": {"en": "en or pl", "pl": "en albo pl"},
    "report.shop_name": {"en": "stands on the report", "pl": "stoi na raporcie"},
    "track.experiment": {"en": "in MLflow", "pl": "w MLflow"},
    "track.model_name": {
        "en": "in MLflow's registry of models",
        "pl": "w rejestrze modeli MLflow",
    },
}
