"""What can be wrong with a command line, and how a command ends early."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_card_of_list": {
        "en": "winback explain: --campaign tells of a list that left, as text; --html is of today.",
        "pl": "winback explain: --campaign opisuje wysłaną listę, tekstem; --html dotyczy dnia "
        "dzisiejszego.",
    },
    "no_customer": {
        "en": "winback explain: give the customer's id, or an address as --customer E-MAIL.",
        "pl": "winback explain: podaj identyfikator klienta albo adres jako --customer E-MAIL.",
    },
    "day": {
        "en": "{flag} '{found}': expected a day such as 2025-06-30.",
        "pl": "{flag} „{found}”: podaj dzień w postaci 2025-06-30.",
    },
    "language": {
        "en": "report.language is {language!r}; the page is written in en or pl.",
        "pl": "report.language to {language!r}; strona jest po angielsku (en) albo po polsku (pl).",
    },
    "learn_no_file": {
        "en": "winback learn {flag}: name the file of the experiment first, such as winback learn "
        "mailing.csv {flag} ...; without a file the lists that left are learned from, and there "
        "is nothing to choose.",
        "pl": "winback learn {flag}: podaj najpierw plik eksperymentu, na przykład winback learn "
        "mailing.csv {flag} ...; bez pliku wnioski są z wysłanych list i nie ma czego wybierać.",
    },
    "learn_no_column": {
        "en": "winback learn {file}: {flag} is missing; name the column.",
        "pl": "winback learn {file}: brakuje {flag}; podaj nazwę kolumny.",
    },
    "no_pair": {
        "en": "{flag} {found}: expected a name, an equals sign and a value, such as "
        "{flag} type=Return.",
        "pl": "{flag} {found}: oczekiwano nazwy, znaku równości i wartości, na przykład "
        "{flag} typ=Zwrot.",
    },
    "repro_failed": {
        "en": "dvc repro failed; its message is above.",
        "pl": "dvc repro zakończyło się błędem; jego komunikat jest powyżej.",
    },
    "horizon_of_project": {
        "en": "--horizon-days: the project's snapshots have the horizon of params.yaml; change "
        "snapshot.horizon_days there and run dvc repro, or give a file of orders.",
        "pl": "--horizon-days: migawki projektu mają horyzont z params.yaml; zmień tam "
        "snapshot.horizon_days i uruchom dvc repro albo podaj plik zamówień.",
    },
    "no_from": {
        "en": "--from is missing: name the first day, such as 2026-11-22.",
        "pl": "brakuje --from: podaj pierwszy dzień, na przykład 2026-11-22.",
    },
    "holdout_and_assignment": {
        "en": "--holdout-since reads no assignment: who is held out follows from target.salt.",
        "pl": "--holdout-since nie czyta przydziału: kto jest poza kampaniami, wynika z soli.",
    },
    "holdout_empty": {
        "en": "--holdout-since is empty: name a day, such as 2026-01-01.",
        "pl": "--holdout-since jest puste: podaj dzień, na przykład 2026-01-01.",
    },
    "no_assignment": {
        "en": "the assignment is missing: give the assignment.parquet that winback run, or "
        "winback export, wrote beside the list, and --orders with orders that reach past "
        "its window.",
        "pl": "brakuje przydziału: podaj assignment.parquet, który winback run albo winback export "
        "zapisały obok listy, i --orders z zamówieniami sięgającymi za okno pomiaru.",
    },
    "no_orders": {
        "en": "--orders is missing: give the order lines that follow the campaign.",
        "pl": "brakuje --orders: podaj zamówienia złożone po kampanii.",
    },
    # How a command ends early
    "stopped": {
        "en": "stopped; files written before are whole.",
        "pl": "zatrzymano; zapisane wcześniej pliki są całe.",
    },
    "no_memory": {"en": "out of memory.", "pl": "zabrakło pamięci."},
    # The system names these in its own language; {file} ends in a colon and a blank, or is empty.
    "system_missing": {"en": "{file}{what}.", "pl": "{file}nie ma takiego pliku ani folderu."},
    "system_forbidden": {"en": "{file}{what}.", "pl": "{file}brak prawa do zapisu lub odczytu."},
    "system_no_folder": {"en": "{file}{what}.", "pl": "{file}to nie jest folder."},
    "system_folder": {"en": "{file}{what}.", "pl": "{file}to jest folder, a nie plik."},
    "system_there": {"en": "{file}{what}.", "pl": "{file}coś o tej nazwie już istnieje."},
    "system_full": {"en": "{file}{what}.", "pl": "{file}na dysku nie ma już miejsca."},
    "system_other": {"en": "{file}{what}.", "pl": "{file}{what}."},
    # What the parser of options finds; a path is the command with its verb.
    "before_verb": {
        "en": "{flag} stands before the verb: write winback {flag} {verb} ...",
        "pl": "{flag} stoi przed poleceniem: napisz winback {flag} {verb} ...",
    },
    "no_such_option": {
        "en": "no such option: {flag}. See {path} --help.",
        "pl": "nie ma opcji {flag}. Zobacz {path} --help.",
    },
    "no_such_option_but": {
        "en": "no such option: {flag} (Possible options: {close}). See {path} --help.",
        "pl": "nie ma opcji {flag} (są: {close}). Zobacz {path} --help.",
    },
    "no_verb": {
        "en": "missing command. See {path} --help.",
        "pl": "brakuje polecenia. Zobacz {path} --help.",
    },
    "no_such_verb": {
        "en": "no such command '{verb}'. See {path} --help.",
        "pl": "nie ma polecenia „{verb}”. Zobacz {path} --help.",
    },
    "no_such_verb_but": {
        "en": "no such command '{verb}'. Did you mean '{close}'? See {path} --help.",
        "pl": "nie ma polecenia „{verb}”. Może chodzi o „{close}”? Zobacz {path} --help.",
    },
    "no_value": {
        "en": "option '{flag}' requires an argument. See {path} --help.",
        "pl": "po {flag} trzeba podać wartość. Zobacz {path} --help.",
    },
    "takes_no_value": {
        "en": "option '{flag}' does not take a value. See {path} --help.",
        "pl": "opcja {flag} nie przyjmuje wartości. Zobacz {path} --help.",
    },
    "too_many": {
        "en": "got unexpected extra argument(s) ({found}). See {path} --help.",
        "pl": "za dużo argumentów ({found}). Zobacz {path} --help.",
    },
    # The help of an option is in English alone, so the Polish sentence does without.
    "missing": {
        "en": "{name}{what} is missing; write, for example, {example}. See {path} --help.",
        "pl": "brakuje {name}; napisz na przykład {example}. Zobacz {path} --help.",
    },
    "no_number": {
        "en": "{name} '{found}': expected a number. See {path} --help.",
        "pl": "{name} „{found}”: podaj liczbę. Zobacz {path} --help.",
    },
    "no_whole_number": {
        "en": "{name} '{found}': expected a whole number. See {path} --help.",
        "pl": "{name} „{found}”: podaj liczbę całkowitą. Zobacz {path} --help.",
    },
    "too_small": {
        "en": "{name} '{found}': expected a number greater than or equal to {least:g}. See {path} "
        "--help.",
        "pl": "{name} „{found}”: podaj liczbę nie mniejszą niż {least:g}. Zobacz {path} --help.",
    },
    "too_large": {
        "en": "{name} '{found}': expected a number less than or equal to {most:g}. See {path} "
        "--help.",
        "pl": "{name} „{found}”: podaj liczbę nie większą niż {most:g}. Zobacz {path} --help.",
    },
    "bad_value": {
        "en": "{name} '{found}': that cannot be read. See {path} --help.",
        "pl": "{name} „{found}”: tej wartości nie da się odczytać. Zobacz {path} --help.",
    },
    "parser": {"en": "{what}. See {path} --help.", "pl": "{what}. Zobacz {path} --help."},
}
