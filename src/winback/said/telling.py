"""A fact in words: its sentence is found by topic and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from winback.results.base import Fact, Result
from winback.results.gated import Gated
from winback.results.judged import Champion, EvaluatedModel, Judged, Verdict
from winback.results.learned import Concern, Evidence
from winback.results.measured import Awaited, Measurement, ProgrammeMeasurement
from winback.results.planned import OfferTrial, Planned
from winback.results.reacted import Reacted, RestsOn
from winback.results.scored import Drivers
from winback.results.segmented import Segmented
from winback.results.tuned import Tuned
from winback.results.watched import Alarm
from winback.said import (
    drivers,
    effects,
    gated,
    intake,
    judged,
    measured,
    offers,
    reacted,
    scorecard,
    segmented,
    watched,
)
from winback.said import next as next_steps
from winback.said.words import Texts, Words

# Of what stands in results and so on the page; what is said on the terminal alone is in `spoken`.
TOPICS: Mapping[str, Texts] = {
    "effects": effects.TEXTS,
    "gate": gated.TEXTS,
    "intake": intake.TEXTS,
    "kept": scorecard.TEXTS,
    "measured": measured.TEXTS,
    "next": next_steps.TEXTS,
    "offers": offers.TEXTS,
    "watched": watched.TEXTS,
}


# Of results that are told as a whole.
_RESULTS: dict[type[Result], Callable[[Any, Words], str]] = {
    Verdict: judged.verdict,
    Judged: judged.summary,
    EvaluatedModel: judged.summary,
    Champion: judged.champion,
    Evidence: judged.evidence_in_full,
    Concern: judged.concern,
    Drivers: drivers.moved,
    Tuned: judged.tuned,
    Gated: gated.ruling,
    Planned: offers.power,
    OfferTrial: offers.trial,
    Segmented: segmented.tell_segments,
    Reacted: reacted.summary,
    RestsOn: reacted.rests,
    Measurement: measured.verdict,
    ProgrammeMeasurement: measured.verdict,
    Awaited: measured.verdict,
    Alarm: watched.alarm,
}


def tell(told: Result, words: Words, topics: Mapping[str, Texts] = TOPICS) -> str:
    """The sentence of a fact, without a full stop where it is a part of one; or of a result.

    Raises KeyError where nobody wrote a sentence: a page never shows a code.
    """
    if isinstance(told, Fact):
        topic, _, name = told.code.partition(".")
        return words.fill(topics[topic][name], in_words(told.values, words, topics))
    return _RESULTS[type(told)](told, words)


def is_told(told: Result) -> bool:
    """Whether it has words of its own."""
    return isinstance(told, Fact) or type(told) in _RESULTS


def in_words(
    values: Mapping[str, Any], words: Words, topics: Mapping[str, Texts] = TOPICS
) -> Mapping[str, Any]:
    """Values of a fact or an error, those that are facts in words."""

    def each(value: Any) -> Any:
        return tell(value, words, topics) if isinstance(value, Fact) else value

    return {
        key: tuple(map(each, value)) if isinstance(value, tuple) else each(value)
        for key, value in values.items()
    }
