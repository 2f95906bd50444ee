"""What can be wrong where a project is laid out, or its stamp is to be written."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "name": {
        "en": "A project cannot be called {name!r}; its name begins with a letter or a "
        "digit and goes on with those, blanks and . _ - ( ) & + alone. Write, for example, "
        "winback init {better}",
        "pl": "Projekt nie może się nazywać {name!r}; nazwa zaczyna się literą albo "
        "cyfrą, a dalej ma tylko je, spacje i znaki . _ - ( ) & +. Napisz na przykład winback init "
        "{better}",
    },
    "colon": {
        "en": "{folder}: a colon in the path keeps Python from making an environment there; "
        "choose another place.",
        "pl": "{folder}: z dwukropkiem w ścieżce Python nie utworzy tam środowiska; wybierz inne "
        "miejsce.",
    },
    "no_folder": {
        "en": "{folder}: a file is there; name a folder, new or empty.",
        "pl": "{folder}: jest tu plik; podaj folder, nowy albo pusty.",
    },
    "there": {
        "en": "{file}: is there already, and nothing is overwritten; move it away, or name a new "
        "folder.",
        "pl": "{file}: już istnieje, a nic nie zostanie nadpisane; przenieś go albo podaj nowy "
        "folder.",
    },
    "no_orders": {
        "en": "--orders {file}: no such file or folder.",
        "pl": "--orders {file}: nie ma takiego pliku ani folderu.",
    },
    "project_in_orders": {
        "en": "--orders {file}: the project would lie inside of it; name the file alone.",
        "pl": "--orders {file}: projekt leżałby w tym folderze; podaj sam plik.",
    },
    "no_git": {
        "en": "winback init needs git, which is not installed (Debian: apt-get install git).",
        "pl": "winback init potrzebuje gita, którego tu nie ma (Debian: apt-get install git).",
    },
    "failed": {
        "en": "{command} failed: {said}",
        "pl": "{command} zakończyło się błędem: {said}",
    },
    "no_stamp": {
        "en": "{file}: missing; this folder is no project of winback init. Go into one, or make "
        "one: winback init DIR",
        "pl": "{file}: nie ma tego pliku; ten folder nie jest projektem z winback init. Przejdź do "
        "takiego albo go utwórz: winback init FOLDER",
    },
    "stamp_other": {
        "en": "{file}: of another winback than this one; run winback stamp and dvc repro, and "
        "commit what changed.",
        "pl": "{file}: z innej wersji winbacka niż ta; uruchom winback stamp i dvc repro, a zmiany "
        "zapisz w commicie.",
    },
}
