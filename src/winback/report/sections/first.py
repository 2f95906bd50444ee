"""The first screen: what to do now, why, with which files, and what is in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from markupsafe import Markup

from winback.crm.destinations import DESTINATIONS
from winback.report.material import Material
from winback.report.parts import (
    Note,
    Opening,
    Taken,
    lost_of,
    masked,
    offer_names,
    tested_offers,
)
from winback.results.listed import Delivered, Listed
from winback.results.measured import Measurement
from winback.results.planned import Planned
from winback.said.first import TEXTS
from winback.said.graded import grade_line
from winback.said.result import headline
from winback.said.telling import tell
from winback.said.words import Figure, capital

# How many of each stand on the first screen; what is left out is counted and linked to.
_REASONS, _DOUBTS, _FILES = 3, 2, 3
# Names of offers that fit into the sentence together, in letters.
_NAMED = 48
# A history that ends more days before the cutoff is in doubt.
_QUIET_DAYS = 28


def sentence(m: Material) -> str:
    """What to send to how many, what it costs, what it should earn, and until when."""
    target = m.target
    if not m.shop.customers:
        return _said(m, "no_purchases", cutoff=m.shop.cutoff)
    if target is None:
        return _said(m, "no_campaign")
    if m.unplanned:
        return _said(m, "alike" if m.alike else "early", rows=Figure("list.rows", m.unplanned))
    if not target.n_listed:
        return _said(m, "no_offers", scored=Figure("target.n_scored", target.n_scored))
    return _call(m, target)


def opening(m: Material) -> Opening:
    """What stands under the sentence."""
    title, taken = _files(m)
    return Opening(
        doubts=_doubts(m),
        reasons=_why(m),
        files=Note(title, (), _more(m, "more_files", len(taken) - _FILES, "excerpt")),
        taken=taken[:_FILES],
        changes=_changes(m),
    )


def _said(m: Material, name: str, **values: object) -> str:
    return m.w.fill(TEXTS[name], values)


def _more(m: Material, name: str, n: int, place: str) -> tuple[str, str] | None:
    return (f"#{place}", _said(m, name, n=n)) if n > 0 else None


# --- the sentence --------------------------------------------------------------------------------


def _call(m: Material, target: Planned) -> str:
    cost = Figure("target.expected_cost", target.expected_cost)
    costs = {
        "what": _what(m, target),
        "listed": Figure("target.n_listed", target.n_listed),
        "day": Figure("target.send_on", target.send_on),
        "cost": cost,
        "until": _until(m, target),
    }
    lost, worth = lost_of(target), sum(each.value for each in tested_offers(target).values())
    if not target.effect_known and target.n_control and lost > worth:
        figures = {"lost": Figure("target.test.lost", lost)}
        return _said(m, "costly", **costs, **figures, worth=Figure("target.test.value", worth))
    gain = target.expected_gain if target.effect_known else None
    loses = gain is not None and gain <= 0
    told = {"do": _said(m, "think" if loses else _verb(m, target), **costs), "cost": cost}
    unpriced = any(found.code == "offers.contact_unknown" for found in target.warnings)
    name = "costs_unsaid" if unpriced else "costs" if target.expected_cost >= 0.005 else ""
    costs["costs"] = _said(m, name or "costs_nothing", **told)
    if gain is None:
        return _said(m, "gain_unknown" if target.n_control else "gain_unmeasured", **costs)
    if loses:
        return _said(m, "gain_none", **costs, loss=Figure("target.expected_loss", -gain))
    stated = "stated" in {arm.effect_source for arm in target.arms.values()}
    earned = Figure("target.expected_gain", gain)
    return _said(m, "gain_stated" if stated else "gain", **costs, gain=earned)


def _sent(target: Planned) -> list[str]:
    """Offers of the list, the one for most customers first."""
    arms = [(name, arm.n) for name, arm in target.arms.items() if name != "control" and arm.n]
    return [name for name, _ in sorted(arms, key=lambda arm: (-arm[1], arm[0]))]


def _what(m: Material, target: Planned) -> str:
    names = offer_names(m.list_rows)
    sent = [names.get(name, m.w.term("arm", name)) for name in _sent(target)]
    if len(sent) == 1:
        return _said(m, "one_offer", offers=sent[0])
    if len(sent) > 3 or sum(map(len, sent)) > _NAMED:
        return _said(m, "many_offers", n=Figure("target.n_offers", len(sent)))
    first, *middle, last = sent
    if middle:
        return _said(m, "few_offers", first=first, middle=middle[0], last=last)
    return _said(m, "either", first=first, last=last)


def _verb(m: Material, target: Planned) -> str:
    """Whether it is written or called: by the channels of what is sent."""
    sent = set(_sent(target))
    offers = m.manifest.offers if m.manifest else ()
    called = {offer.channel == "phone" for offer in offers if offer.name in sent}
    return "call" if called == {True} else "mixed" if True in called else "send"


def _until(m: Material, target: Planned) -> Figure:
    """The day on which the orders that count have come."""
    if target.test is not None and target.test.readable_on is not None:
        return Figure("target.test.readable_on", target.test.readable_on)
    start = target.send_on or target.cutoff or m.shop.cutoff
    day: date = start + timedelta(days=target.window_days or m.horizon_days)
    return Figure("target.window_ends", day)


# --- why -----------------------------------------------------------------------------------------


def _why(m: Material) -> Note | None:
    told = list(_reasons(m))[:_REASONS]
    return Note(_said(m, "why"), told) if told else None


def _reasons(m: Material) -> Iterator[str]:
    """What matters most first."""
    target = m.target
    if target is None or not m.shop.customers:
        return
    if m.unplanned:
        yield _said(m, "by_recency" if m.alike else "untested")
        yield _said(m, "rows_alone")
        yield _said(m, "wait")
        return
    yield from _left_out(m, target)
    if target.n_listed:
        yield _earning(m, target)
        yield from _harmful(m, target)
    yield _said(m, "by_recency") if m.alike else _sure(m)


def _left_out(m: Material, target: Planned) -> Iterator[str]:
    """How many get nothing, and why most of them."""
    kept = {
        reason: n
        for reason, n in target.reasons.items()
        if n and reason not in ("offer", "control")
    }
    scored = Figure("target.n_scored", target.n_scored)
    if not kept:
        if target.n_scored:
            yield _said(m, "out_all", scored=scored)
        return
    ranked = sorted(kept.items(), key=lambda each: (-each[1], each[0]))
    out = Figure("target.left_out", sum(kept.values()))
    most, n = ranked[0]
    why = m.w.term("decision", most)
    if len(ranked) == 1:
        yield _said(m, "out_alone", n=out, scored=scored, why=why)
        return
    most_n = Figure(f"target.reasons.{most}", n)
    yield _said(m, "out", n=out, scored=scored, why=why, most=most_n)
    if not target.n_listed:
        other, n = ranked[1]
        why = m.w.term("decision", other)
        yield _said(m, "out_next", why=why, n=Figure(f"target.reasons.{other}", n))


def _earning(m: Material, target: Planned) -> str:
    """What the gain rests on, or who will tell it."""
    if not target.n_control and not target.effect_known:
        return _said(m, "control_none")
    if not target.effect_known:
        return Markup(" ").join([_unmeasured(m, target), _seen(m, target)])
    sources = {arm.effect_source for arm in target.arms.values()} - {None}
    name = f"likely_{sources.pop()}" if len(sources) == 1 else "likely_mixed"
    if name == "likely_mixed" and "stated" not in sources:
        name = "likely_learned"
    low = Figure("target.gain_low", target.gain_low)
    return _said(m, name, low=low, high=Figure("target.gain_high", target.gain_high))


def _unmeasured(m: Material, target: Planned) -> str:
    sent = _sent(target)
    unknown = [name for name in sent if target.arms[name].effect_source is None]
    what = "the_offer" if len(sent) == 1 else "all_offers" if unknown == sent else "some_offers"
    return _said(
        m,
        "unmeasured",
        what=_said(
            m,
            what,
            n=Figure("target.n_unknown", len(unknown)),
            of=Figure("target.n_offers", len(sent)),
        ),
        control=Figure("target.n_control", target.n_control),
    )


def _seen(m: Material, target: Planned) -> str:
    """Whether the comparison can show what it is made for."""
    seen = target.power
    if seen.mde_pp is None:
        return _said(m, "sees_nothing")
    if seen.effect_pp is not None and abs(seen.effect_pp) >= seen.mde_pp:
        return _said(m, "sees_pay")
    if (seen.plausible_pp or 0.0) >= seen.mde_pp:
        return _said(m, "sees_strong")
    together = any(offer.tellable for offer in tested_offers(target).values())
    return _said(m, "sees_little" if together else "sees_nothing")


def _harmful(m: Material, target: Planned) -> Iterator[str]:
    offers = m.manifest.offers if m.manifest else ()
    names = {offer.name: offer.label[m.language] for offer in offers}
    for name, found in target.learned.items():
        if found.state == "harms":
            tried = name in target.arms and target.arms[name].n > 0
            yield _said(m, "harms_tried" if tried else "harms", offer=names.get(name, name))


def _sure(m: Material) -> str:
    """What the forecasts are worth, by what came on past days."""
    found = m.evaluation
    everyone = found.populations.get("everyone") if found else None
    if found is None or everyone is None or not everyone.n or not m.proven:
        return _said(m, "untested")
    use = found.verdict.against_chance
    if use is not None and use.use not in ("good", "modest"):
        if use.use == "unknown":
            return _said(m, "use_unknown")
        return _said(m, "order_alone" if use.tells_apart else use.use)
    metrics = everyone.methods.get(m.method)
    if metrics is None or metrics.mean_p is None or everyone.base_rate is None:
        return _said(m, "use_unknown")
    foretold = Figure(f"served.populations.everyone.methods.{m.method}.mean_p", metrics.mean_p)
    came = Figure("served.populations.everyone.base_rate", everyone.base_rate)
    return _said(m, "held", foretold=foretold, came=came)


# --- files ---------------------------------------------------------------------------------------


def _files(m: Material) -> tuple[str, list[Taken]]:
    """One a destination, then the list for any other; all of them."""
    manifest = m.manifest
    if manifest is None or m.list_rows is None or not manifest.rows.list:
        return _said(m, "file_none"), []
    taken = [_delivered(m, each) for each in manifest.destinations]
    taken.append(_plain(m, manifest))
    return _said(m, "files"), taken


def _delivered(m: Material, found: Delivered) -> Taken:
    key = f"manifest.destinations.{found.destination}"
    main = [name for name in found.sha256 if "/" not in name and not name.endswith(".sql")]
    control = next((name for name in found.sha256 if "/control" in name), None)
    held = _said(m, "control_of", n=Figure(f"{key}.control", found.control))
    told = _said(m, "file_of", whom=_label(found), n=Figure(f"{key}.rows", found.rows))
    return Taken(
        [(m.files + name, name) for name in main],
        told,
        (m.files + control, held) if control and found.control else None,
    )


def _label(found: Delivered) -> str:
    known = DESTINATIONS.get(found.destination)
    return known.label if known else found.destination


def _plain(m: Material, manifest: Listed) -> Taken:
    """The list itself, as a table and, where there is one, a workbook; control is in its draw."""
    names = [name for name in ("list.csv", "list.xlsx") if name in manifest.sha256] or ["list.csv"]
    rows = Figure("manifest.rows.list", manifest.rows.list)
    control = manifest.rows.control
    held = _said(m, "control_in", n=Figure("manifest.rows.control", control))
    return Taken(
        [(m.files + name, name) for name in names],
        _said(m, "file_of", whom=_said(m, "file_all"), n=rows),
        (f"{m.files}assignment.parquet", held) if control else None,
    )


# --- since last time, and in doubt ---------------------------------------------------------------


def _changes(m: Material) -> Note | None:
    """Beside the last list that left, and what came of the newest whose days are over."""
    changes = m.manifest.changes if m.manifest else None
    lines, more = _came(m)
    if changes is None:
        if m.target is None or not m.shop.customers:
            return None
        return Note(_said(m, "first_list"), lines, more)
    counts = changes.counts
    parts = [
        _said(m, name, n=Figure(f"manifest.changes.counts.{name}", counts[name]))
        for name in ("other_offer", "other_band", "same")
        if counts.get(name)
    ]
    quiet = changes.left_because.get("contacted_recently", 0)
    if quiet and changes.in_peace_until:
        parts.append(_said(m, "in_peace", n=quiet, day=changes.in_peace_until))
    title = _said(
        m,
        "changes",
        campaign=changes.campaign_id,
        day=changes.sent_on,
        entered=Figure("manifest.changes.counts.entered", counts.get("entered", 0)),
        left=Figure("manifest.changes.counts.left", counts.get("left", 0)),
    )
    # What came of the last one weighs more than who stayed; that stands with the list.
    return Note(title, lines or ([_joined(m, parts)] if parts else []), more)


def _came(m: Material) -> tuple[list[str], tuple[str, str] | None]:
    """What came of the newest campaign whose days are over, and where more of it stands."""
    read = [found for found in m.measured.values() if isinstance(found, Measurement)]
    if read:
        newest = max(read, key=lambda found: (found.assigned_to, found.campaign_id or ""))
        named = newest.campaign_id or ""
        told = _said(m, "read", campaign=named, headline=headline(newest, m.w))
        return [told], ("#measured", _said(m, "came_of"))
    if m.grades and m.grades.lists:
        return [grade_line(m.grades.lists[-1], m.w)], ("#record", _said(m, "came_of"))
    return [], None


def _joined(m: Material, parts: Sequence[str]) -> str:
    values = {f"p{n}": part for n, part in enumerate(parts)}
    places = ", ".join(f"{{{name}}}" for name in values)
    return m.w.fill({"en": f"{places}.", "pl": f"{places}."}, values)


def _doubts(m: Material) -> Note | None:
    doubts = list(_doubted(m))
    if not doubts:
        return None
    shown = [f"{capital(doubt)}." for doubt in doubts[:_DOUBTS]]
    left = len(doubts) - len(shown)
    more = ("#lines", _said(m, "more_doubts" if left else "doubts_open", n=left))
    return Note(_said(m, "doubts", n=len(doubts)), shown, more)


def _doubted(m: Material) -> Iterator[str]:
    """What is in doubt; what to do about it stands with the whole sentence, one click down."""
    ingest = m.ingest
    if ingest is None:
        return
    for doubt in ingest.doubts:
        yield tell(doubt, m.w).partition(";")[0]
    silent = (m.shop.cutoff - ingest.last_day).days
    if silent > _QUIET_DAYS:
        yield _said(m, "silent", days=silent)
    for account in ingest.suspicious_customers:
        share = account.share_of_purchases
        yield _said(m, "account", customer=masked(account.customer_id), share=share)
    if m.evidence is not None and m.evidence.level == "thin":
        found = m.evidence
        values = {"history_days": found.history_days, "customers": found.customers}
        yield _said(m, "thin", **values)
