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
        "en": "{file}: no customer {customer!r} among {n:n}.",
        "pl": "{file}: wśród {n:n} klientów nie ma {customer!r}.",
    },
    "no_customer_near": {
        "en": "{file}: no customer {customer!r} among {n:n}. Near ones: {near}.",
        "pl": "{file}: wśród {n:n} klientów nie ma {customer!r}. Podobne: {near}.",
    },
    "no_contacts": {
        "en": "{file}: missing, so an address cannot be looked up; give the customer's id. In a "
        "project winback ingest makes the file, with ingest.contact_columns; a folder of winback "
        "run keeps no contacts.",
        "pl": "{file}: nie ma tego pliku, więc nie da się wyszukać adresu; podaj identyfikator "
        "klienta. W projekcie utworzy go winback ingest z ingest.contact_columns; folder z winback "
        "run nie przechowuje kontaktów.",
    },
    "no_address": {
        "en": "{file}: {n:n} customers have this address, expected one. Give the customer's id.",
        "pl": "{file}: ten adres ma {n:n} klientów, a powinien jeden. Podaj identyfikator klienta.",
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
