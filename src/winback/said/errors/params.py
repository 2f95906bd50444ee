"""What can be wrong with params.yaml."""

from __future__ import annotations

from winback.said.words import Texts

# By the type of pydantic's error: what was expected, in English and in Polish.
_EXPECTED: dict[str, tuple[str, str]] = {
    "bool_parsing": ("expected true or false", "podaj true albo false"),
    "bool_type": ("expected true or false", "podaj true albo false"),
    "date_from_datetime_inexact": (
        "expected a day without a time, such as '2025-06-30'",
        "podaj dzień bez godziny, na przykład '2025-06-30'",
    ),
    "date_from_datetime_parsing": (
        "expected a day such as '2025-06-30'",
        "podaj dzień, na przykład '2025-06-30'",
    ),
    "date_parsing": (
        "expected a day such as '2025-06-30'",
        "podaj dzień, na przykład '2025-06-30'",
    ),
    "date_type": (
        "expected a day such as '2025-06-30'",
        "podaj dzień, na przykład '2025-06-30'",
    ),
    "dict_type": ("expected keys with values", "podaj klucze z wartościami"),
    "finite_number": ("expected a finite number", "podaj liczbę skończoną"),
    "float_parsing": ("expected a number", "podaj liczbę"),
    "float_type": ("expected a number", "podaj liczbę"),
    "greater_than": (
        "expected a number greater than {gt}",
        "podaj liczbę większą niż {gt}",
    ),
    "greater_than_equal": (
        "expected a number greater than or equal to {ge}",
        "podaj liczbę nie mniejszą niż {ge}",
    ),
    "int_from_float": ("expected a whole number", "podaj liczbę całkowitą"),
    "int_parsing": ("expected a whole number", "podaj liczbę całkowitą"),
    "int_parsing_size": ("expected a smaller number", "podaj mniejszą liczbę"),
    "int_type": ("expected a whole number", "podaj liczbę całkowitą"),
    "less_than": ("expected a number less than {lt}", "podaj liczbę mniejszą niż {lt}"),
    "less_than_equal": (
        "expected a number less than or equal to {le}",
        "podaj liczbę nie większą niż {le}",
    ),
    "list_type": ("expected a list", "podaj listę"),
    "literal_error": ("expected one of {expected}", "podaj jedno z: {expected}"),
    "model_type": ("expected keys with values", "podaj klucze z wartościami"),
    "string_pattern_mismatch": (
        "should match pattern {pattern}",
        "wartość ma pasować do wzorca {pattern}",
    ),
    "string_too_long": (
        "expected at most {max_length} characters",
        "wartość może mieć najwyżej tyle znaków: {max_length}",
    ),
    "string_too_short": ("is empty", "wartość jest pusta"),
    "string_type": ("expected text", "podaj tekst"),
    "too_short": ("the list is empty", "lista jest pusta"),
    "tuple_type": ("expected a list", "podaj listę"),
    # Said by our own checks.
    "column_name": (
        "expected lower-case letters, digits and `_`, a letter first",
        "podaj małe litery bez polskich znaków, cyfry i „_”, na początku literę",
    ),
    "campaign_name": (
        "a name that folders, the shell and DVC can carry has letters A to Z, digits, `_` and `-`; "
        "write {better}",
        "nazwa, którą uniosą foldery, powłoka i DVC, składa się z liter od A do Z, cyfr, „_” i "
        "„-”; napisz {better}",
    ),
    "twice": ("{value!r} stands there twice", "„{value}” występuje dwa razy"),
    "privacy_place": (
        "give one of column, attribute, file and table, such as {{column: newsletter, channel: "
        "email}}; a column may stand beside a file or a table",
        "podaj jedno z: column, attribute, file, table, na przykład {{column: newsletter, channel: "
        "email}}; column może stać obok file albo table",
    ),
    "privacy_value": (
        "`value` says which cells of a column or an attribute mean yes; here there is neither",
        "`value` mówi, które wartości kolumny albo atrybutu znaczą tak; tu nie ma ani kolumny, ani "
        "atrybutu",
    ),
    "privacy_channel": (
        "a `channel` is of marketing alone; leave it out of {purpose}",
        "`channel` dotyczy tylko marketing; usuń go z {purpose}",
    ),
    "privacy_erased": (
        "nobody is erased by consent; leave `says` out",
        "zgodą nikogo się nie usuwa; pomiń `says`",
    ),
}

TEXTS: Texts = {
    "no_file": {
        "en": "{source}: no such file. Run this in the folder of a project, or make one: winback "
        "init DIR. Of a folder of winback run, many verbs take --in DIR.",
        "pl": "{source}: nie ma takiego pliku. Uruchom to w folderze projektu albo utwórz go: "
        "winback init FOLDER. Przy folderze z winback run wiele poleceń przyjmuje --in FOLDER.",
    },
    "unreadable": {
        "en": "{source}: cannot be read ({why}).",
        "pl": "{source}: nie można odczytać ({why}).",
    },
    "not_utf8": {
        "en": "{source}: not UTF-8 text; save it as UTF-8.",
        "pl": "{source}: tekst nie jest w UTF-8; zapisz plik jako UTF-8.",
    },
    "not_yaml": {
        "en": "{source}: not YAML: {why}.",
        "pl": "{source}: to nie jest YAML: {why}.",
    },
    "not_yaml_at": {
        "en": "{source}: not YAML: {why} (line {line}).",
        "pl": "{source}: to nie jest YAML: {why} (wiersz {line}).",
    },
    "no_sections": {
        "en": "{source}: expected sections such as `snapshot:`, found {found}.",
        "pl": "{source}: plik powinien mieć sekcje, takie jak `snapshot:`; jest w nim {found}.",
    },
    "unknown_key": {
        "en": "{source}: unknown key `{key}`.",
        "pl": "{source}: nieznany klucz `{key}`.",
    },
    "unknown_key_near": {
        "en": "{source}: unknown key `{key}`. Did you mean `{near}`?",
        "pl": "{source}: nieznany klucz `{key}`. Może chodziło o `{near}`?",
    },
    "missing": {
        "en": "{source}: `{key}` is missing.",
        "pl": "{source}: brakuje `{key}`.",
    },
    **{
        f"quotes_{read}": {
            "en": f"{{source}}: `{{key}}`: YAML takes {{written}} for {english}, not for text; "
            'put it in quotes: "{written}".',
            "pl": f"{{source}}: `{{key}}`: YAML odczytuje {{written}} jako {polish}, nie jako "
            'tekst; wpisz to w cudzysłowie: "{written}".',
        }
        for read, english, polish in (
            ("boolean", "true or false", "prawdę albo fałsz"),
            ("number", "a number", "liczbę"),
            ("day", "a day", "datę"),
        )
    },
    "bands": {
        "en": "{source}: `{key}`: medium_risk_above {medium} is above high_risk_above {high}, so "
        "nobody would be of medium risk; swap them.",
        "pl": "{source}: `{key}`: medium_risk_above {medium} jest wyższe niż high_risk_above "
        "{high}, więc nikt nie miałby średniego ryzyka; zamień je.",
    },
    "sql_or_function": {
        "en": "{source}: `{key}`: give either sql or function.",
        "pl": "{source}: `{key}`: podaj albo sql, albo function.",
    },
    "gone_for_seal": {
        "en": "params.yaml: `{key}` is gone: planned is not sent, and only a seal says that a list "
        "has left. Delete the line; once the list has left, type: winback seal",
        "pl": "params.yaml: nie ma już `{key}`: lista zaplanowana to nie wysłana i tylko winback "
        "seal mówi, że wyszła. Usuń ten wiersz; gdy lista wyjdzie, wpisz: winback seal",
    },
    "gone_for_privacy": {
        "en": "params.yaml: `{key}` is gone: who may be written to stands in ingest.privacy now. "
        "Write there: privacy: {{{form}}} (docs/privacy.md)",
        "pl": "params.yaml: nie ma już `{key}`: o tym, do kogo wolno pisać, mówi teraz "
        "ingest.privacy. Wpisz tam: privacy: {{{form}}} (docs/privacy.md)",
    },
    "other": {
        "en": "{source}: `{key}`: {problem}; found {found!r}.",
        "pl": "{source}: `{key}`: nie ta wartość ({problem}); jest „{found}”.",
    },
    **{
        code: {
            "en": f"{{source}}: `{{key}}`: {english}; found {{found!r}}.",
            "pl": f"{{source}}: `{{key}}`: {polish}; jest „{{found}}”.",
        }
        for code, (english, polish) in _EXPECTED.items()
    },
    "no_day": {
        "en": "expected a day such as 2024-05-01, found {found}.",
        "pl": "oczekiwano dnia, np. 2024-05-01, a jest {found}.",
    },
}
