"""What can be wrong with the files of a project, and with what they are asked for."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "unreadable": {
        "en": "{file}: `{key}` is not as this winback writes it. Make the file anew: run the stage "
        "that writes it, or dvc repro.",
        "pl": "{file}: „{key}” nie ma postaci, w jakiej zapisuje to ten winback. Utwórz plik na "
        "nowo: uruchom etap, który go zapisuje, albo dvc repro.",
    },
    "missing": {
        "en": "{file}: missing. Run the stage that writes it: dvc repro.",
        "pl": "{file}: nie ma tego pliku. Uruchom etap, który go zapisuje: dvc repro.",
    },
    "nothing_to_open": {
        "en": "{folder}: neither a project nor a folder of winback run. Name one that has a "
        "params.yaml or, of a run, a manifest.json.",
        "pl": "{folder}: to ani projekt, ani folder z winback run. Wskaż taki, w którym jest "
        "params.yaml albo, po winback run, manifest.json.",
    },
    "not_scored": {
        "en": "{folder}: no scores here. Run `winback run` or `dvc repro` first.",
        "pl": "{folder}: nie ma tu ocen. Najpierw uruchom `winback run` albo `dvc repro`.",
    },
    "in_use": {
        "en": "{folder}: another winback is at work here. Wait until it has ended, or choose "
        "another folder.",
        "pl": "{folder}: pracuje tu już inne polecenie winback. Poczekaj, aż się skończy, albo "
        "wybierz inny folder.",
    },
    "no_customer": {
        "en": "{file}: no such customer among {n:n}.",
        "pl": "{file}: wśród {n:n} klientów nie ma takiego.",
    },
    "no_customer_near": {
        "en": "{file}: no such customer among {n:n}. Near ones: {near}.",
        "pl": "{file}: wśród {n:n} klientów nie ma takiego. Podobne: {near}.",
    },
    "several_customers": {
        "en": "That is {n:n} customers, expected one. Give the customer's id as the orders have "
        "it.",
        "pl": "Pasuje do {n:n} klientów, a powinno do jednego. Podaj identyfikator klienta taki "
        "jak w zamówieniach.",
    },
    "customer_forgotten": {
        "en": "That customer was forgotten: nothing is kept of them.",
        "pl": "Dane tego klienta usunięto na jego prośbę: nic o nim nie przechowujemy.",
    },
    "customer_not_profiled": {
        "en": "That customer objected to profiling: neither scored nor shown.",
        "pl": "Ten klient nie zgadza się na profilowanie: nie ma oceny ani karty.",
    },
    "card_no_page": {
        "en": "{file}: a card of a customer is a page: give a name that ends in .html, or "
        "a folder.",
        "pl": "{file}: karta klienta to strona: podaj nazwę z końcówką .html albo folder.",
    },
    "card_over_another": {
        "en": "{file}: lies there and is no card of a customer; it stays. Give another name.",
        "pl": "{file}: ten plik już jest i nie jest kartą klienta, więc zostaje. Podaj inną nazwę.",
    },
    "card_of_stages": {
        "en": "{folder}: stages write there, and DVC keeps it. A card of a customer goes somewhere "
        "else; without --out it has a place of its own.",
        "pl": "{folder}: tu zapisują etapy, a DVC to przechowuje. Kartę klienta zapisz gdzie "
        "indziej; bez --out ma własne miejsce.",
    },
    "card_in_git": {
        "en": "{folder}: git would keep a file there. A card of a customer goes where .gitignore "
        "has it out; without --out it has a place of its own.",
        "pl": "{folder}: git śledziłby ten plik. Kartę klienta zapisz tam, gdzie pomija ją "
        ".gitignore; bez --out ma własne miejsce.",
    },
    "no_contacts": {
        "en": "{file}: holds no addresses, so none can be looked up; give the customer's id. In a "
        "project winback ingest keeps them with ingest.contact_columns; a folder of winback run "
        "has those of its list alone, with --contact-column.",
        "pl": "{file}: nie ma tu adresów, więc nie da się wyszukać klienta; podaj jego "
        "identyfikator. W projekcie zachowa je winback ingest z ingest.contact_columns; folder z "
        "winback run ma tylko te z listy, z opcją --contact-column.",
    },
    "no_address": {
        "en": "{file}: nobody with this address or number. Give the customer's id.",
        "pl": "{file}: nikt nie ma tego adresu ani numeru. Podaj identyfikator klienta.",
    },
    "pattern": {
        "en": "ingest.orders: {orders!r} is a pattern, which DVC cannot watch. Name the folder: "
        "orders: {folder}",
        "pl": "ingest.orders: {orders!r} to wzorzec, którego DVC nie potrafi śledzić. Podaj "
        "folder: orders: {folder}",
    },
    "no_orders_yet": {
        "en": "{folder}: no orders here yet. Put the shop's export into this folder (CSV or "
        "Parquet, a row for each line of an order), then run dvc repro again.",
        "pl": "{folder}: nie ma tu jeszcze zamówień. Włóż do tego folderu eksport ze sklepu (CSV "
        "albo Parquet, wiersz na każdą pozycję zamówienia) i uruchom ponownie dvc repro.",
    },
    "nobody_before": {
        "en": "{file}: no purchase is earlier than the cutoff {cutoff}. Choose a later cutoff.",
        "pl": "{file}: żaden zakup nie jest wcześniejszy niż dzień oceny {cutoff}. Wybierz "
        "późniejszy.",
    },
    "other_assignment": {
        "en": "{file}: not the assignment of these scores; run target again.",
        "pl": "{file}: to nie jest przydział do tych ocen; uruchom ponownie target.",
    },
    "send_on": {
        "en": "target.send_on: {wish} is on {day}, {later:n} days after the cutoff {cutoff}; the "
        "scores say nothing beyond {horizon:n} days. Plan nearer to it, or name another day.",
        "pl": "target.send_on: {wish} wypada {day}, {later:n} dni po dniu oceny {cutoff}; oceny "
        "nic nie mówią dalej niż {horizon:n} dni. Zaplanuj bliżej tego dnia albo podaj inny.",
    },
    "no_campaign": {
        "en": "No campaign {campaign!r}: no such list was sealed, and measure.campaigns does not "
        "name it. There are: {known}.",
        "pl": "Nie ma kampanii {campaign!r}: nie zatwierdzono takiej listy i nie podaje jej "
        "measure.campaigns. Są: {known}.",
    },
    "no_assignment": {
        "en": "{folder}: no assignment.parquet or .csv, so who was control in {campaign!r} is "
        "lost; put the sealed file there.",
        "pl": "{folder}: nie ma assignment.parquet ani .csv, więc nie wiadomo, kto w {campaign!r} "
        "był w grupie kontrolnej; umieść tam zapieczętowany plik.",
    },
    "not_sealed": {
        "en": "{file}: not the file that was sealed with {manifest}; put the original back.",
        "pl": "{file}: to nie jest plik zapieczętowany w {manifest}; przywróć oryginał.",
    },
    "nothing_to_tune": {
        "en": "{file}: missing. Give a file of orders, or run dvc repro first.",
        "pl": "{file}: nie ma tego pliku. Podaj plik z zamówieniami albo najpierw uruchom dvc "
        "repro.",
    },
    "engine": {
        "en": "--engine {engine!r}: expected local or spark.",
        "pl": "--engine {engine!r}: oczekiwano local albo spark.",
    },
    "one_of": {
        "en": "--{flag} {found!r}: expected one of {known}.",
        "pl": "--{flag} {found!r}: oczekiwano jednego z: {known}.",
    },
    "salt_in_params": {
        "en": "target.salt: a secret does not belong in params.yaml, which git keeps. Write it "
        "into salt.txt beside it (one line, readable by you alone, ignored by git) or give it as "
        "WINBACK_SALT, and delete the key.",
        "pl": "target.salt: sekret nie należy do params.yaml, który przechowuje git. Zapisz go w "
        "salt.txt obok (jeden wiersz, tylko do twojego odczytu, pomijany przez git) albo podaj "
        "jako WINBACK_SALT i usuń ten klucz.",
    },
    "no_salt": {
        "en": "{file}: missing, and WINBACK_SALT is not set, so nobody can be drawn for control. "
        "Bring the file over from the machine that made the last list; a new project gets one "
        "from winback init.",
        "pl": "{file}: nie ma tego pliku i nie ustawiono WINBACK_SALT, więc nie da się wylosować "
        "grupy kontrolnej. Przenieś plik z komputera, na którym powstała ostatnia lista; nowy "
        "projekt dostaje go od winback init.",
    },
    "other_salt": {
        "en": "{file}: another salt ({found}) than the one that drew the last sealed list "
        "({sealed}). Bring over salt.txt, or WINBACK_SALT, from the machine that made that list.",
        "pl": "{file}: inna sól ({found}) niż ta, z którą wylosowano ostatnią zapieczętowaną listę "
        "({sealed}). Przenieś salt.txt albo WINBACK_SALT z komputera, na którym powstała.",
    },
    "salt_not_told": {
        "en": "{file}: another salt ({found}) than {told_in} tells ({told}). Bring over salt.txt, "
        "or WINBACK_SALT, from the machine this project came from; to draw with another salt from "
        "now on, write `fingerprint: {found}` into {told_in}.",
        "pl": "{file}: inna sól ({found}), niż podaje {told_in} ({told}). Przenieś salt.txt albo "
        "WINBACK_SALT z komputera, z którego pochodzi projekt; żeby odtąd losować z inną solą, "
        "wpisz `fingerprint: {found}` do {told_in}.",
    },
}
