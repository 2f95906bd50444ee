"""What can be wrong with the offers, their conditions, and the plan of a campaign."""

from __future__ import annotations

from winback.said.words import Texts

_GRAMMAR_EN = "use column names, numbers, 'text', + - * /, comparisons, in ['a', 'b'], and, or, not"
_GRAMMAR_PL = (
    "można użyć nazw kolumn, liczb, 'tekstu', + - * /, porównań, in ['a', 'b'], and, or, not"
)
_ANEW_EN = "leave effect_pp empty, so that the list tests the offer anew"
_ANEW_PL = "zostaw effect_pp puste, żeby lista sprawdziła ofertę od nowa"


def _entry(english: str, polish: str) -> dict[str, str]:
    return {
        "en": f"target.offers, offer {{offer!r}}: {english}",
        "pl": f"target.offers, oferta {{offer!r}}: {polish}",
    }


def _effect(english: str, polish: str) -> dict[str, str]:
    return {
        "en": f"offer {{offer}}, effect_from {{measurement}}: {english}",
        "pl": f"oferta {{offer}}, effect_from {{measurement}}: {polish}",
    }


TEXTS: Texts = {
    # an entry of the catalogue
    "entry": _entry("{problems}", "{problems}"),
    "entry_unknown_key": {
        "en": "unknown key {key!r}, nearest is {near!r}",
        "pl": "nieznany klucz {key!r}, najbliższy to {near!r}",
    },
    "entry_problem": {"en": "{key}: {found}", "pl": "{key}: {found}"},
    "called_control": _entry(
        "it cannot be called 'control': that is the arm without one",
        "nie może się nazywać 'control': tak nazywa się grupa bez oferty",
    ),
    "share_and_amount": _entry(
        "give discount_share or discount_amount, not both",
        "podaj discount_share albo discount_amount, nie oba",
    ),
    "needs_share": _entry("percent_off needs discount_share", "percent_off wymaga discount_share"),
    "needs_amount": _entry(
        "{kind} needs discount_amount, what it costs an order",
        "{kind} wymaga discount_amount, czyli kosztu na zamówienie",
    ),
    "needs_either": _entry(
        "points needs discount_amount or discount_share, what they cost an order",
        "points wymaga discount_amount albo discount_share, czyli kosztu na zamówienie",
    ),
    "only_contact": _entry(
        "{kind} has no discount, only contact_cost", "{kind} nie ma rabatu, tylko contact_cost"
    ),
    "group_without_days": _entry(
        "group needs not_again_days: for how long its offers exclude each other",
        "group wymaga not_again_days: jak długo jej oferty się wykluczają",
    ),
    "two_effects": _entry(
        "give effect_pp or effect_from, not both", "podaj effect_pp albo effect_from, nie oba"
    ),
    "segments_without_measurement": _entry(
        "effect_by_segment needs effect_from, the measurement that has the segments",
        "effect_by_segment wymaga effect_from, czyli pomiaru, który ma segmenty",
    ),
    "source_without_effect": _entry(
        "effect_source without effect_pp", "effect_source bez effect_pp"
    ),
    "interval_without_effect": _entry("an interval without effect_pp", "przedział bez effect_pp"),
    "effect_without_source": _entry(
        "say where effect_pp comes from: effect_source: stated (an assumption) or measured (a "
        "campaign)",
        "powiedz, skąd jest effect_pp: effect_source: stated (założenie) albo measured (kampania)",
    ),
    "learned_by_hand": _entry(
        "effect_source learned is what lists that left have taught, and cannot be stated: leave "
        "effect_pp and effect_source empty",
        "effect_source learned oznacza to, czego nauczyły wysłane listy, i nie można tego wpisać: "
        "zostaw effect_pp i effect_source puste",
    ),
    "half_an_interval": _entry(
        "give both effect_low_pp and effect_high_pp, or neither",
        "podaj effect_low_pp i effect_high_pp albo żadne z nich",
    ),
    "effect_outside_interval": _entry(
        "effect_pp must lie between effect_low_pp and effect_high_pp",
        "effect_pp musi leżeć między effect_low_pp a effect_high_pp",
    ),
    # the effect of a measurement
    "not_read": {
        "en": "offer {offer}: the measurement {measurement} was not read",
        "pl": "oferta {offer}: nie wczytano pomiaru {measurement}",
    },
    "measurement_invalid": _effect(
        f"the campaign cannot be read ({{problems}}); {_ANEW_EN}",
        f"tej kampanii nie da się odczytać ({{problems}}); {_ANEW_PL}",
    ),
    "measurement_window": _effect(
        "measured over {window} days, the offer is valid for {valid}; measure it with "
        "--window-days {valid}",
        "zmierzono {window:count day}, a oferta jest ważna {valid:count day}; zmierz ją z "
        "--window-days {valid}",
    ),
    "measurement_metric": _effect(
        "by_offer is of {metric}; measure with --metric returned",
        "by_offer dotyczy {metric}; zmierz z --metric returned",
    ),
    "measurement_of_others": _effect(
        "it measured {offers}; name the offer as it was then",
        "zmierzono {offers}; nazwij ofertę tak jak wtedy",
    ),
    "measurement_of_nothing": _effect(
        "it measured nothing; name the offer as it was then",
        "nie zmierzono niczego; nazwij ofertę tak jak wtedy",
    ),
    "measurement_without_interval": _effect(
        f"the effect of {{points:g}} points has no interval, so nobody knows how sure it is; "
        f"{_ANEW_EN}",
        f"efekt {{points:g}} p.p. nie ma przedziału, więc nie wiadomo, jak jest pewny; {_ANEW_PL}",
    ),
    "measurement_ratio": _effect(
        "{key} is {value} from {low} to {high}, expected numbers above 0; measure the campaign "
        "anew with this version",
        "{key} to {value}, od {low} do {high}, a powinny to być liczby powyżej 0; zmierz kampanię "
        "od nowa w tej wersji",
    ),
    "measurement_segments": _effect(
        "effect_by_segment needs a measurement by {first} or {second}; measure with that column "
        "in the assignment, or leave effect_by_segment out",
        "effect_by_segment wymaga pomiaru według {first} albo {second}; zmierz z taką kolumną w "
        "przydziale albo usuń effect_by_segment",
    ),
    "segment_column": {
        "en": "offer {offer}: measured by {column}, which the scores lack",
        "pl": "oferta {offer}: zmierzona według {column}, a tej kolumny nie ma w ocenach",
    },
    # the plan
    "channel": {
        "en": "target.channels: no offer goes by {channel!r}; the offers' channels are {known}",
        "pl": "target.channels: żadna oferta nie idzie przez {channel!r}; kanały ofert: {known}",
    },
    "campaign_id": {
        "en": "target.campaign_id {campaign!r}: use letters, digits, '.', '_' and '-' only",
        "pl": "target.campaign_id {campaign!r}: tylko litery, cyfry, '.', '_' i '-'",
    },
    "share": {
        "en": "target.{key} {share} must be at least 0 and below 1",
        "pl": "target.{key} {share} musi wynosić co najmniej 0 i mniej niż 1",
    },
    "negative_limit": {
        "en": "target: {limit} is {amount}; it cannot be negative",
        "pl": "target: {limit} to {amount}; nie może być ujemne",
    },
    "same_name": {
        "en": "target.offers: {offers} stands twice; names must differ",
        "pl": "target.offers: {offers} występuje dwa razy; nazwy muszą się różnić",
    },
    "no_complaint_column": {
        "en": "target.offers: {offer} is for_complaint, but target.complaint_column does not say "
        "which column marks an open complaint",
        "pl": "target.offers: {offer} ma for_complaint, ale target.complaint_column nie mówi, "
        "która kolumna oznacza otwartą reklamację",
    },
    "customer_twice": {
        "en": "scores: {n} customers stand twice (first {first!r}); score one cutoff only",
        "pl": "oceny: {n:count customer} stoi dwa razy (najpierw {first!r}); oceniaj tylko jeden "
        "cutoff",
    },
    "several_cutoffs": {
        "en": "scores hold {n} cutoffs; a campaign needs one",
        "pl": "oceny mają kilka cutoffów ({n}); kampania potrzebuje jednego",
    },
    "several_horizons": {
        "en": "scores hold several horizon_days and no p_return_<days>d column",
        "pl": "oceny mają kilka horizon_days i żadnej kolumny p_return_<dni>d",
    },
    # whom to leave in peace
    "no_history": {
        "en": "target.history: no file is called {file}",
        "pl": "target.history: nie ma pliku {file}",
    },
    "no_flag_column": {
        "en": "target.{key}: there is no column {column!r}",
        "pl": "target.{key}: nie ma kolumny {column!r}",
    },
    "no_flag_column_near": {
        "en": "target.{key}: there is no column {column!r}; nearest: {near}",
        "pl": "target.{key}: nie ma kolumny {column!r}; najbliższe: {near}",
    },
    "flag_column_of_text": {
        "en": "target.{key}: {column!r} is {found}; it needs numbers or true/false",
        "pl": "target.{key}: {column!r} ma typ {found}; potrzebne są liczby albo true/false",
    },
    # conditions
    "eligible": {
        "en": "offer {offer}, eligible: {problem}",
        "pl": "oferta {offer}, eligible: {problem}",
    },
    "condition_column": {
        "en": "{text!r}: there is no column {column!r}; known: {known}",
        "pl": "{text!r}: nie ma kolumny {column!r}; są: {known}",
    },
    "condition_column_near": {
        "en": "{text!r}: there is no column {column!r}; nearest: {near}",
        "pl": "{text!r}: nie ma kolumny {column!r}; najbliższe: {near}",
    },
    "no_condition": {
        "en": "{text!r} is a {kind:term value_kind}, not a condition; compare it with a value",
        "pl": "{text!r} to {kind:term value_kind}, nie warunek; porównaj to z wartością",
    },
    "wrong_kind": {
        "en": "{text!r}: {part} is a {kind:term value_kind}, a {wanted:term value_kind} is needed "
        "there",
        "pl": "{text!r}: {part} to {kind:term value_kind}, a powinno być tam: "
        "{wanted:term value_kind}",
    },
    "divided_by_zero": {
        "en": "{number:g} is divided by zero in an eligibility",
        "pl": "warunek dzieli {number:g} przez zero",
    },
    "condition_too_long": {
        "en": "an eligibility of {n} characters is too long; at most 1,000",
        "pl": "warunek ma {n} znaków, a może mieć najwyżej 1000",
    },
    "no_expression": {
        "en": f"{{text!r}} is not an expression; {_GRAMMAR_EN}",
        "pl": f"{{text!r}} to nie wyrażenie; {_GRAMMAR_PL}",
    },
    "outside_grammar": {
        "en": f"{{text!r}}: {{part}} is not allowed in an eligibility; {_GRAMMAR_EN}",
        "pl": f"{{text!r}}: {{part}} jest w warunku niedozwolone; {_GRAMMAR_PL}",
    },
    "nested_too_deep": {
        "en": f"{{text!r}}: so deep a nesting is not allowed in an eligibility; {_GRAMMAR_EN}",
        "pl": f"{{text!r}}: tak głębokie zagnieżdżenie jest w warunku niedozwolone; {_GRAMMAR_PL}",
    },
}
