"""One word for one thing, in every sentence that winback says."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import winback.said
from winback.said.terms import TERMS


def sentences() -> Iterator[tuple[str, str, str]]:
    """Where each text stands, in English and in Polish."""
    for found in pkgutil.walk_packages(winback.said.__path__, "winback.said."):
        for name, held in vars(importlib.import_module(found.name)).items():
            yield from within(held, f"{found.name}: {name}")


def within(held: object, place: str) -> Iterator[tuple[str, str, str]]:
    """The same of one mapping, and of those within it."""
    if not isinstance(held, dict):
        return
    english, polish = held.get("en"), held.get("pl")
    if isinstance(english, str) and isinstance(polish, str):
        yield place, english, polish
    for key, inner in held.items():
        yield from within(inner, f"{place}.{key}")


def test_odds_are_never_called_a_chance_and_chances_never_odds() -> None:
    told = 0
    for place, english, polish in sentences():
        odds = "odds" in english.lower()
        told += odds
        # In Polish they are the ratio of those who return to those who do not.
        assert odds or "powracających do niewracających" not in polish, place
        if odds:
            assert not {"chance", "chances", "likely"} & set(english.lower().split()), place
            assert "szans" not in polish.lower() and "prawdopodob" not in polish.lower(), place
        # Chances are told in percent, odds in times.
        assert "×" not in english or "chance" not in english.lower(), place
    assert told >= 4


def test_the_section_with_the_pictures_of_odds_speaks_of_no_chance() -> None:
    from winback.said.texts import TEXTS

    named = ("drivers", "importance", "dependence")
    for key, text in TEXTS.items():
        if key.startswith(named):
            assert "chance" not in text["en"].lower() and "szans" not in text["pl"].lower(), key


def test_no_two_codes_of_a_kind_are_called_alike() -> None:
    for group in ("segment", "band", "decision", "story"):
        for language in ("en", "pl"):
            names = [text[language] for text in TERMS[group].values()]
            assert len(set(names)) == len(names), group
