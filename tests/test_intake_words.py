"""Facts of the intake: each has a sentence in both languages, and its weight if it is a doubt."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from telling import in_words, told
from winback.intake.findings import WEIGHT, joined, ranked
from winback.intake.signals import read_attributes, read_signals
from winback.results.base import fact
from winback.said.errors.intake import TEXTS as ERRORS
from winback.said.intake import TEXTS

SOURCE = Path(__file__).parents[1] / "src/winback"
# Codes that the code puts together: what stands before the part that varies.
MADE = ("status_", "dates_", "twins_", "alike_in_", "amounts_")
EVENTS = "customer,date,name,value\n"


def test_every_fact_and_error_has_a_sentence_and_no_sentence_is_left_over() -> None:
    files = [*SOURCE.glob("intake/*.py"), SOURCE / "snapshots/declared.py"]
    text = "".join(file.read_text() for file in files)
    assert set(re.findall(r'fact\(\s*"intake\.([a-z_]+)"', text)) <= set(TEXTS)
    raised = r'(?:Error|EmptyTable)\(\s*"intake\.([a-z_]+)"'
    assert set(re.findall(raised, text)) <= set(ERRORS)
    # In quotes, alone or after its topic.
    found = set(re.findall(r'"(?:intake\.)?([a-z_]+)"', text))
    made = (*MADE, "is_", "side_not_", "named_but_")
    assert [c for c in (*TEXTS, *ERRORS) if c not in found and not c.startswith(made)] == []


@pytest.mark.parametrize("code", TEXTS)
def test_both_languages_tell_the_same_values(code: str) -> None:
    places = [{name for _, name, _, _ in Formatter().parse(TEXTS[code][one]) if name}
              for one in ("en", "pl")]  # fmt: skip
    assert places[0] == places[1]


@pytest.mark.parametrize("code", TEXTS)
def test_what_asks_for_a_look_has_its_weight(code: str) -> None:
    for language, begins in (("en", "look at "), ("pl", "sprawdź ")):
        assert TEXTS[code][language].startswith(begins) == (code in WEIGHT)


def test_doubts_come_once_and_the_weightiest_first() -> None:
    hole, zero, text = (fact(f"intake.{code}") for code in ("hole", "guest_zero", "twins_point"))
    assert ranked([hole, zero, hole, text]) == (zero, text, hole)


def test_several_notes_are_one() -> None:
    notes = joined(fact("intake.times"), fact("intake.no_offsets"), fact("intake.times_utc"))
    assert in_words([notes], "pl") == [
        "daty z godziną; nie mają przesunięcia, więc --timezone niczego nie zmienia; godziny są w "
        "UTC (strefę sklepu podaje --timezone)"
    ]


def test_what_was_understood_of_signals_is_told_in_polish(tmp_path: Path) -> None:
    said = []
    for content in (
        f"{EVENTS}a,2024-01-05,ticket,3\n",
        "customer,date,seen,name\na,2024-01-05,2024-01-06,ticket\n",
        "customer,date,name\n",
    ):
        (tmp_path / "s.csv").write_text(content)
        said += told(read_signals(tmp_path / "s.csv", tmp_path, cutoff=date(2024, 2, 1)), "pl")
    (tmp_path / "t.csv").write_text(f"{EVENTS}a,2024-01-05,tier,silver\na,2024-01-05,tier,gold\n")
    read = read_attributes(tmp_path / "t.csv", tmp_path, cutoff=date(2024, 2, 1))
    assert told(read, "pl")[-1] == (
        "wiersze t.csv zmienione przez późniejszy wiersz z tej samej chwili, który obowiązuje: 1"
    )
    english = re.compile(r"\b(column|look|lines|customers|holds|match|instant|each|dates|text)\b")
    assert said and not any(map(english.search, said))
    assert "sprawdź zdarzenia: s.csv nie ma żadnego wiersza" in said
