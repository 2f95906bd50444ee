"""What the press claims, on this shop."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup
from scipy.special import logit

from winback.report.material import Material
from winback.report.parts import Section, Table, drawn, meant, on_result
from winback.report.pictures.press import draw_occasions
from winback.results.pressed import Claim, Estimated, Occasion, Press, Variant
from winback.said.press import (
    TEXTS,
    claimed,
    differs,
    figure,
    in_words,
    interval,
    occasion,
    verdict,
)
from winback.said.words import DASH, Words, capital

_MOST_TOLD = 2


def press_section(m: Material) -> Section:
    """Each claim beside this shop, its interval and how to test it; nothing without purchases."""
    w, press = m.w, m.described.press
    section = Section("press", _said("section", w))
    if press is None:
        return section
    section.add("text", _first(press, w))
    section.add("table", _claims(press, w))
    foot = w("source", cutoff=w.day(m.shop.cutoff))
    section.add("picture", drawn("occasions", on_result(draw_occasions, press, w.language), foot))
    if press.occasions:
        section.add("more", (_said("occasions_open", w), [("table", _occasions(press, w))]))
    section.add("more", (_said("open", w), list(_counted(press, w))))
    return section


def _said(name: str, w: Words, /, **values: object) -> str:
    return w.fill(TEXTS[name], values)


def _first(press: Press, w: Words) -> list[str]:
    """The one or two claims that differ most and are sure."""
    sure = [(k, claim) for k, claim in enumerate(press.claims) if claim.sure]
    sure.sort(key=lambda each: (-_apart(each[1]), each[0]))
    if sure:
        return [differs(claim, _key(k), w) for k, claim in sure[:_MOST_TOLD]]
    agree = sum(claim.verdict == "agrees" for claim in press.claims)
    return [_said("nothing_differs", w, agrees=agree, all=len(press.claims))]


def _apart(claim: Claim) -> float:
    """How far the nearer end of the interval is from what is claimed: as odds, or as a ratio."""
    said = claim.claimed or 0.0
    near = min((x for x in (claim.low, claim.high) if x is not None), key=lambda x: abs(x - said))
    one = 1.0 if claim.unit == "change" else 0.0
    return float(abs(logit(near) - logit(said)) if claim.unit == "share" else
                 abs((near + one) / (said + one) - 1))  # fmt: skip


def _key(place: int) -> str:
    return f"shop.press.claims.{place}"


def _claims(press: Press, w: Words) -> Table:
    return Table(
        _said("caption", w),
        [_said(f"col_{name}", w) for name in ("claim", "value", "interval", "test")],
        [
            [
                Markup('<span class="sentence">{}</span>').format(claimed(claim, w)),
                _weighed(claim, f"{_key(k)}.value", w),
                interval(claim, w),
                _how(claim, w),
            ]
            for k, claim in enumerate(press.claims)
        ],
        texts=frozenset({0, 1, 3}),
        note=_said("note", w),
    )


def _how(claim: Claim, w: Words) -> str:
    """How to test it, or what is needed to."""
    if claim.needs is None:
        return capital(_said(f"test_{claim.code}", w))
    return capital(_said("untestable", w, needs=in_words(claim.needs, w)))


def _weighed(claim: Claim, key: str, w: Words) -> Markup:
    """The figure, and whether the claim holds."""
    value = _value(claim, key, w)
    return Markup("{}<small>{}</small>").format(value, capital(verdict(claim, w)))


def _value(found: Estimated, key: str, w: Words) -> str | Markup:
    if found.value is None:
        return DASH
    return meant(key, found.value, figure(found.unit, found.value, w))


def _occasions(press: Press, w: Words) -> Table:
    note = [_said("occasions_note", w)]
    if press.ordinary is not None:
        tried = press.ordinary
        note.append(_said("ordinary", w, windows=tried.windows, outside=tried.outside))
    return Table(
        _said("occasions_caption", w),
        [
            _said(f"col_{name}", w)
            for name in ("occasion", "years", "purchases", "change", "interval", "sure")
        ],
        [
            [
                capital(occasion(found, w)),
                _years(found),
                w.number(found.purchases),
                _value(found, f"shop.press.occasions.{k}.value", w),
                interval(found, w),
                _said(f"sure_{found.verdict}", w),
            ]
            for k, found in enumerate(press.occasions)
        ],
        texts=frozenset({0, 1, 5}),
        note=" ".join(note),
    )


def _years(found: Occasion) -> str:
    first, last = found.days[0].year, found.days[-1].year
    every = len(found.days) == last - first + 1 and first != last
    return f"{first}{DASH}{last}" if every else ", ".join(str(day.year) for day in found.days)


def _counted(press: Press, w: Words) -> Iterator[tuple[str, str | list[str]]]:
    """What was counted for each claim, of what, and what limits it, under the claim."""
    for claim in press.claims:
        if claim.counted is None and not claim.caveats:
            continue
        told = [in_words(claim.counted, w)] if claim.counted else []
        if claim.taken:
            told.append(_said("taken", w, names=list(claim.taken)))
        told += [in_words(caveat, w) for caveat in claim.caveats]
        asked = (_asked(variant, w) for variant in claim.variants if variant.value is not None)
        yield "head", claimed(claim, w)
        yield "text", [" ".join(told), *asked]


def _asked(variant: Variant, w: Words) -> str:
    what, value = _said(f"asked_{variant.code}", w), figure(variant.unit, variant.value, w)
    if variant.low is None:
        return _said("asked_few", w, what=what, value=value)
    return _said("asked", w, what=what, value=value, interval=interval(variant, w))
