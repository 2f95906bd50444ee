"""What forgetting somebody came to: who was meant, what went, and what nobody here could reach."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "known": {
        "en": "{key}: {customers:count customer}.",
        "pl": "{key}: {customers:count customer}.",
    },
    "unknown": {
        "en": "{key}: nobody here is known by it. Its hash is kept all the same, so that no "
        "import brings them in.",
        "pl": "{key}: nikt nie jest tu pod tym znany. Skrót i tak zostaje zapisany, żeby żaden "
        "import tej osoby nie wczytał.",
    },
    "before": {
        "en": "{key}: was forgotten before; what may be left is removed.",
        "pl": "{key}: ta osoba została już usunięta; usuwam to, co mogło zostać.",
    },
    "shared": {
        "en": "{n:n} of their phone numbers are other customers' as well: these stay, and no hash "
        "of the number is kept. To remove all who have it, give the number itself.",
        "pl": "Numery telefonu, które mają też inni klienci: {n:n}. Ci klienci zostają, a skrótu "
        "numeru nie zapisuję. Aby usunąć wszystkich z tym numerem, podaj sam numer.",
    },
    "at": {
        "en": "Delete by hand at {destination}: {n:count person} ({keys}). Nothing is sent there "
        "about them any more.",
        "pl": "Usuń ręcznie w {destination}: {n:count person} ({keys}). Nic więcej o nich tam nie "
        "wyślemy.",
    },
    "removed": {
        "en": "Removed from {file}: {n:n}",
        "pl": "Usunięto z {file}: {n:n}",
    },
    "cache": {
        "en": "Removed from DVC's cache: {objects:n} files, {runs:n} remembered runs",
        "pl": "Usunięto z pamięci podręcznej DVC: pliki: {objects:n}, zapamiętane przebiegi: "
        "{runs:n}",
    },
    "store": {
        "en": "Removed from MLflow's database: {n:n} texts",
        "pl": "Usunięto z bazy MLflow: teksty: {n:n}",
    },
    "numbers": {
        "en": "Removed from {file}: {n:n} ids; their numbers stay without them",
        "pl": "Usunięto z {file}: identyfikatory: {n:n}; numery zostają bez nich",
    },
    "ledger": {
        "en": "The ledger is as it was: {entries:count entry}, every hash holds.",
        "pl": "Dziennik pozostał bez zmian: {entries:count entry}, wszystkie sumy kontrolne się "
        "zgadzają.",
    },
    "remake": {
        "en": "dvc repro makes these again, without them: {files}",
        "pl": "dvc repro utworzy na nowo, już bez tych osób: {files}",
    },
    "raw": {
        "en": "Not changed: {file} is the shop's own. They stand in {n:count line}: {rows} "
        "(--raw writes it again without them).",
        "pl": "Bez zmian: {file} to plik sklepu. Te osoby są w nim w wierszach ({n:n}): {rows} "
        "(--raw zapisze go bez nich).",
    },
    "raw_more": {
        "en": "Not changed: {file} is the shop's own. They stand in {n:count line}, the first of "
        "them {rows} (--raw writes it again without them).",
        "pl": "Bez zmian: {file} to plik sklepu. Te osoby są w nim w wierszach ({n:n}), pierwsze "
        "to {rows} (--raw zapisze go bez nich).",
    },
    "rewritten": {
        "en": "Written again without {n:count line}: {file}",
        "pl": "Zapisano ponownie, bez {n:n} wierszy: {file}",
    },
    "not_rewritten": {
        "en": "Not changed: {file} is packed or a workbook; {n:count line} of it are theirs. "
        "Remove them where the file comes from, and bring it again.",
        "pl": "Bez zmian: {file} to archiwum albo skoroszyt; wiersze tych osób: {n:n}. Usuń je "
        "u źródła i przynieś plik ponownie.",
    },
    "add_again": {
        "en": "DVC knows the file as it was: dvc add {file}",
        "pl": "DVC zna jeszcze poprzedni plik: dvc add {file}",
    },
    "not_looked_into": {
        "en": "Not looked into: {file}, an archive or no table. Look there yourself.",
        "pl": "Nie sprawdzono: {file} to archiwum albo nie tabela. Sprawdź ten plik.",
    },
    "elsewhere": {
        "en": "Not changed: {file}, which winback did not write, names them.",
        "pl": "Bez zmian: {file}, nie zapisał go winback, a wymienia te osoby.",
    },
    "run": {
        "en": "Not changed: {folder} is a folder of winback run, with a salt of its own: winback "
        "forget KEY --in {folder}",
        "pl": "Bez zmian: {folder} to folder winback run z własną solą: winback forget KLUCZ --in "
        "{folder}",
    },
    "where_from": {
        "en": "Not reached: the file that this folder was made from; winback run does not keep "
        "where it lies.",
        "pl": "Poza zasięgiem: plik, z którego powstał ten folder; winback run nie zapisuje, gdzie "
        "on leży.",
    },
    "database": {
        "en": "Not reached: the shop's database, which winback only reads.",
        "pl": "Poza zasięgiem: baza sklepu, którą winback tylko czyta.",
    },
    "shared_cache": {
        "en": "Not reached: versions before the present one in {folder}, a cache of DVC outside "
        "of this project. dvc gc --workspace removes them, in every project that uses it.",
        "pl": "Poza zasięgiem: wcześniejsze wersje w {folder}, pamięci podręcznej DVC poza tym "
        "projektem. Usuwa je dvc gc --workspace, w każdym projekcie, który z niej korzysta.",
    },
    "remote": {
        "en": "Not reached: the remote {name} of DVC. After dvc repro and dvc push: dvc gc "
        "--workspace --cloud --remote {name}",
        "pl": "Poza zasięgiem: zdalny magazyn DVC {name}. Po dvc repro i dvc push: dvc gc "
        "--workspace --cloud --remote {name}",
    },
    "other_store": {
        "en": "Not reached: runs that MLflow keeps at {address}.",
        "pl": "Poza zasięgiem: przebiegi, które MLflow trzyma pod {address}.",
    },
    "no_people": {
        "en": "Not reached: {file} is on another machine. Forget them there as well.",
        "pl": "Poza zasięgiem: {file} jest na innym komputerze. Usuń te osoby także tam.",
    },
    "git": {
        "en": "Not reached: what git committed before; winback lets it keep no file of people, "
        "but notebooks and files of your own may be there.",
        "pl": "Poza zasięgiem: to, co git zapisał wcześniej; winback nie oddaje mu plików z "
        "osobami, ale mogą tam być notatniki i własne pliki.",
    },
    "backups": {
        "en": "Not reached: copies of {people} and of lists on other machines, backups, and what "
        "was imported into destinations by hand.",
        "pl": "Poza zasięgiem: kopie {people} i list na innych komputerach, kopie zapasowe oraz "
        "to, co ręcznie zaimportowano do innych systemów.",
    },
    "done": {
        "en": "Forgotten. A keyed hash in forgotten.txt keeps them out of every import to come.",
        "pl": "Usunięto. Skrót z kluczem w forgotten.txt nie wpuści tych osób przy żadnym "
        "następnym imporcie.",
    },
    # older than
    "old": {
        "en": "Removed, of before {day:short_day}: {file}",
        "pl": "Usunięto, sprzed {day:short_day}: {file}",
    },
    "old_rows": {
        "en": "Removed from {file}, of before {day:short_day}: {n:count row}",
        "pl": "Usunięto z {file}, sprzed {day:short_day}: {n:count row}",
    },
    "old_cache": {
        "en": "Removed from DVC's cache, of before {day:short_day}: {objects:n} files, {runs:n} "
        "remembered runs",
        "pl": "Usunięto z pamięci podręcznej DVC, sprzed {day:short_day}: pliki: {objects:n}, "
        "zapamiętane przebiegi: {runs:n}",
    },
    "nothing_old": {
        "en": "Nothing of people here is of before {day:short_day}.",
        "pl": "Nie ma tu danych osób sprzed {day:short_day}.",
    },
}
