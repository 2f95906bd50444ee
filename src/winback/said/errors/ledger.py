"""What can be wrong with the ledger, and with what is asked of it."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "missing": {
        "en": "{file}: missing from the ledger. Bring the ledger back as it was: git checkout, dvc "
        "checkout or dvc pull.",
        "pl": "{file}: brakuje tego pliku w dzienniku. Przywróć dziennik: git checkout, dvc "
        "checkout albo dvc pull.",
    },
    "changed": {
        "en": "{file}: not as it was written; somebody changed the ledger. Bring it back as it "
        "was (git checkout, dvc checkout); a mistake is mended by a new entry: winback ledger "
        "correct.",
        "pl": "{file}: nie jest taki, jak go zapisano; ktoś zmienił dziennik. Przywróć go (git "
        "checkout, dvc checkout); pomyłkę poprawia nowy wpis: winback ledger correct.",
    },
    "broken": {
        "en": "{file}: does not follow the entry before; entry {number} of the ledger was taken "
        "out, put in or changed. Bring the ledger back as it was: git checkout or dvc checkout.",
        "pl": "{file}: nie pasuje do poprzedniego wpisu; wpis {number} dziennika usunięto, dodano "
        "albo zmieniono. Przywróć dziennik: git checkout albo dvc checkout.",
    },
    "forked": {
        "en": "{one} and {other}: both are entry {number} of the ledger, written on two machines. "
        "Keep the one that is shared, take the other away, and seal its list again after it.",
        "pl": "{one} i {other}: oba są wpisem {number} dziennika, zapisanym na dwóch komputerach. "
        "Zostaw ten wspólny, drugi usuń i zatwierdź jego listę ponownie.",
    },
    "stranger": {
        "en": "{file}: no entry of the ledger names this file. Take it away.",
        "pl": "{file}: żaden wpis dziennika nie zna tego pliku. Usuń go.",
    },
    "no_people": {
        "en": "{file}: missing, so nobody knows who was on the lists that left. Carry it here from "
        "the machine that sealed them, as you do with the salt.",
        "pl": "{file}: brakuje tego pliku, więc nie wiadomo, kto był na wysłanych listach. "
        "Przenieś go z komputera, na którym je zatwierdzono, tak jak sól.",
    },
    "no_people_table": {
        "en": "{file}: not a table of people as winback writes it. Carry the file here again from "
        "the machine that sealed the lists.",
        "pl": "{file}: to nie jest tabela osób zapisana przez winback. Przenieś plik ponownie z "
        "komputera, na którym zatwierdzono listy.",
    },
    "people_old": {
        "en": "{file}: knows {found:n} people, the ledger speaks of number {needed:n}. It is older "
        "than the ledger: carry the newest here from the machine that sealed last.",
        "pl": "{file}: zna {found:n} osób, a dziennik mówi o numerze {needed:n}. Plik jest starszy "
        "niż dziennik: przenieś najnowszy z komputera, na którym ostatnio zatwierdzono listę.",
    },
    "not_as_drawn": {
        "en": "{file}: not who was drawn for {campaign}, which left on {day}; somebody changed the "
        "file. Read it out of the ledger: winback measure --campaign {campaign}",
        "pl": "{file}: to nie są osoby wylosowane do {campaign}, wysłanej {day}; ktoś zmienił "
        "plik. Odczytaj ją z dziennika: winback measure --campaign {campaign}",
    },
    "no_campaign": {
        "en": "{campaign!r}: no such list in the ledger. It has: {known}.",
        "pl": "{campaign!r}: nie ma takiej listy w dzienniku. Są: {known}.",
    },
    "no_campaign_yet": {
        "en": "{campaign!r}: no list has left yet. winback seal says that one has.",
        "pl": "{campaign!r}: żadna lista jeszcze nie wyszła. Mówi o tym winback seal.",
    },
    "not_the_list": {
        "en": "{folder}: holds the list of campaign {found}, not of {campaign}. To seal that one: "
        "winback seal {found}",
        "pl": "{folder}: jest tu lista kampanii {found}, a nie {campaign}. Aby zatwierdzić tamtą: "
        "winback seal {found}",
    },
    "no_run": {
        "en": "{folder}: no folder of a winback run, for no manifest.json is in it. Give the one "
        "that was named with --out.",
        "pl": "{folder}: to nie jest folder winback run, bo nie ma w nim manifest.json. Podaj ten, "
        "który wskazano w --out.",
    },
    "no_list": {
        "en": "{file}: no list is here to be sealed. Make one: dvc repro, or winback run.",
        "pl": "{file}: nie ma tu listy do zatwierdzenia. Utwórz ją: dvc repro albo winback run.",
    },
    "file_changed": {
        "en": "{file}: not as {manifest} says it was written. Seal what has left: make the list "
        "again with dvc repro (or winback run), and leave the file as it is.",
        "pl": "{file}: nie jest taki, jak zapisano w {manifest}. Zatwierdza się to, co wyszło: "
        "utwórz listę ponownie (dvc repro albo winback run) i nie zmieniaj pliku.",
    },
    "half_made": {
        "en": "{file}: not what the list was made from; the stages behind it have not all run. "
        "Run dvc repro, look at the list, then seal it.",
        "pl": "{file}: nie z tego powstała lista; nie wszystkie etapy zostały wykonane. Uruchom "
        "dvc repro, obejrzyj listę i dopiero wtedy ją zatwierdź.",
    },
    "left_already": {
        "en": "{campaign}: another list has left under this name on {day} (entry {entry}). Choose "
        "a new target.campaign_id, such as weekly-{{cutoff}}, and make the list again.",
        "pl": "{campaign}: pod tą nazwą wyszła już inna lista, {day} (wpis {entry}). Wybierz nowe "
        "target.campaign_id, na przykład weekly-{{cutoff}}, i utwórz listę ponownie.",
    },
    "sent_before": {
        "en": "--sent-on {day}: earlier than the day {cutoff} that the list was scored at.",
        "pl": "--sent-on {day}: wcześniej niż dzień oceny {cutoff}, z którego jest ta lista.",
    },
    "no_entry": {
        "en": "No entry {number} in the ledger; it has {n:n}.",
        "pl": "W dzienniku nie ma wpisu {number}; jest ich {n:n}.",
    },
    "nothing_corrected": {
        "en": "winback ledger correct: say what was wrong, --sent-on DAY or --never-left.",
        "pl": "winback ledger correct: podaj, co było nie tak: --sent-on DZIEŃ albo --never-left.",
    },
    "forgotten": {
        "en": "{campaign}: {n:count person} of this list were forgotten; it cannot be made again.",
        "pl": "{campaign}: z tej listy zapomniano {n:count person}; nie da się jej odtworzyć.",
    },
    "not_rebuilt": {
        "en": "{campaign}: made again, the list differs from the one that left: its {columns} come "
        "from contacts and products as they are now, which the ledger does not keep.",
        "pl": "{campaign}: odtworzona lista różni się od wysłanej: {columns} pochodzą z obecnych "
        "danych o kontaktach i produktach, których dziennik nie przechowuje.",
    },
    "not_rebuilt_at_all": {
        "en": "{campaign}: made again, the list differs from the one that left, though all its "
        "inputs are there; winback {code} wrote it. Install that version to make it again.",
        "pl": "{campaign}: odtworzona lista różni się od wysłanej, choć ma wszystkie dane; zapisał "
        "ją winback {code}. Zainstaluj tę wersję, aby ją odtworzyć.",
    },
    "no_contacts": {
        "en": "{campaign}: the list had the contact columns {columns}, and {file} is not there. "
        "In a project winback ingest makes it again; a folder of winback run keeps no contacts.",
        "pl": "{campaign}: lista miała kolumny kontaktowe {columns}, a brakuje pliku {file}. W "
        "projekcie utworzy go winback ingest; folder z winback run nie przechowuje kontaktów.",
    },
    "no_model": {
        "en": "No file of model {version}. Those that can be champion: {known}.",
        "pl": "Nie ma pliku modelu {version}. Wskazać można: {known}.",
    },
    "none_before": {
        "en": "No other model was champion before this one: there is nothing to go back to.",
        "pl": "Przed tym modelem nie było innego czempiona: nie ma do czego wracać.",
    },
    "no_reason": {
        "en": "winback champion: say why with --reason, for whoever reads the ledger later.",
        "pl": "winback champion: podaj powód w --reason, dla tego, kto kiedyś przeczyta dziennik.",
    },
    "named_and_back": {
        "en": "winback champion: name {version}, or go back with --rollback; not both.",
        "pl": "winback champion: wskaż {version} albo wróć przez --rollback, nie jedno i drugie.",
    },
    "no_recipe": {
        "en": "Model {version} is champion, and the ledger does not say what made it. Name "
        "another: winback champion",
        "pl": "Model {version} jest wskazany, ale rejestr nie mówi, z czego powstał. Wskaż inny: "
        "winback champion",
    },
}
