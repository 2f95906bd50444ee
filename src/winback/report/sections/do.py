"""What to do with the list."""

from __future__ import annotations

from markupsafe import Markup

from winback.report.material import Material
from winback.report.parts import Section, Table, cut, lost_of, meant, offer_names, tested_offers
from winback.results.planned import Planned
from winback.said.offers import best_alone, power, trial
from winback.said.words import capital


def do_section(m: Material) -> Section:
    """Whom to contact, what the test can tell, the steps, and why others are left out."""
    w, target = m.w, m.target
    section = Section("do", w("do"))
    if target is None:
        section.add("text", [w.rich("do_none")])
        return section
    if not target.n_listed:
        scored = w.count(target.n_scored, "of customer")
        unplanned = w.rich(
            "do_unplanned_alike" if m.alike else "do_unplanned",
            horizon=m.horizon,
            rows=w.number(m.unplanned),
            scored=w.number(target.n_scored),
        )
        section.add("text", [unplanned if m.unplanned else w.rich("do_nobody", scored=scored)])
        section.add("table", _reasons(m, target))
        return section
    verdict = _verdict_on_test(m, target)
    if verdict:
        section.add("lead", w(verdict))
    section.add(
        "text",
        [
            w.rich(
                "do_list" if target.n_control else "do_all",
                listed=meant(
                    "target.n_listed",
                    target.n_listed,
                    w.number(target.n_listed)
                    if w.language == "pl"
                    else w.count(target.n_listed, "customer"),
                ),
                planned=meant(
                    "target.n_planned", target.n_planned, w.count(target.n_planned, "of customer")
                ),
                control=meant("target.n_control", target.n_control, w.number(target.n_control)),
            ),
            *([w.rich("do_alike")] if m.alike else []),
        ],
    )
    if not target.effect_known:
        told = [w("test_text"), power(target, w), *_worth_of_test(m, target)]
        told += best_alone(target, w, offer_names(m.list_rows))
        if verdict:
            told += _helps(m, target)
        section.add("callout", (w("test_title"), told))
        names = offer_names(m.list_rows)
        tested = [
            f"{names.get(name, w.term('arm', name))}: {trial(offer, w)}"
            for name, offer in tested_offers(target).items()
        ]
        shown, note = cut(tested, w)
        inner = [("list", shown), ("text", [note])]
        section.add("more", (w("test_offers"), inner) if tested else None)
    section.add("table", _changes(m))
    section.add("table", _arms(m, target))
    section.add(
        "steps",
        (
            w("steps"),
            [
                w("step_import"),
                *_step_send(m, target),
                w("step_seal"),
                *_step_measure(m, target),
            ],
        ),
    )
    section.add("table", _reasons(m, target))
    return section


def _verdict_on_test(m: Material, target: Planned) -> str:
    """What speaks against the test as planned: a key, or empty."""
    tested = tested_offers(target).values()
    if target.effect_known or not target.n_control:
        return ""
    if sum(offer.cost for offer in tested) > sum(offer.value for offer in tested):
        return "test_costly"
    # Without a number either an arm is empty or any effect at all pays.
    blind = (offer.campaigns_needed or (offer.break_even_pp and 2) for offer in tested)
    return "test_blind" if any((campaigns or 1) > 1 for campaigns in blind) else ""


def _worth_of_test(m: Material, target: Planned) -> list[str]:
    tested = tested_offers(target).values()
    if not tested:
        return []
    value = m.w.money(sum(offer.value for offer in tested), 0)
    return [m.w("test_worth", loss=m.w.money(lost_of(target), 0), value=value)]


def _helps(m: Material, target: Planned) -> list[str]:
    """What would make the test tell more, and whether anything in this shop could."""
    w = m.w
    tested = tested_offers(target)
    needed = target.power.n_needed_per_arm
    campaigns = sorted(
        n for offer in tested.values() if offer.tellable and (n := offer.campaigns_needed)
    )
    ways = []
    if len(tested) > 1:
        ways.append(w("help_one", offers=w.number(len(tested))))
    if 2 * target.n_control < target.n_planned:
        control, planned = w.number(target.n_control), w.number(target.n_planned)
        ways.append(w("help_control", control=control, planned=planned))
    if campaigns and campaigns[-1] > 1:
        low, high = w.number(campaigns[0]), w.number(campaigns[-1])
        span = low if low == high else f"{low}\u2013{high}"
        ways.append(w("help_campaigns", campaigns=span))
    told = [w("test_helps", ways="; ".join(ways))]
    if needed and 2 * needed > target.n_scored:
        told.append(
            w(
                "test_beyond",
                needed=w.count(2 * needed, "customer"),
                scored=w.number(target.n_scored),
            )
        )
    return told


def _step_measure(m: Material, target: Planned) -> list[str]:
    w = m.w
    if not target.n_control:
        return []
    return [
        w("step_control", customers=w.count(target.n_control, "customer")),
        w("step_measure", window=w.count(_window_days(m, target), "day")),
    ]


def _arms(m: Material, target: Planned) -> Table:
    w = m.w
    names = offer_names(m.list_rows)
    known = target.effect_known
    ranked = sorted(target.arms.items(), key=lambda arm: (arm[0] != "control", -arm[1].n, arm[0]))
    arms, note = cut(ranked, w)
    # Control stands last, and is never cut off.
    arms = [arm for arm in arms if arm[0] != "control"] + [a for a in arms if a[0] == "control"]
    rows = []
    for name, arm in arms:
        is_control = name == "control"
        even = target.break_even_pp.get(name)
        rows.append(
            [
                w.term("arm", name) if is_control else names.get(name, w.term("arm", name)),
                meant(f"target.arms.{name}.n", arm.n, w.number(arm.n)),
                "" if is_control else w.points(even),
                meant(
                    f"target.arms.{name}.expected_cost",
                    arm.expected_cost,
                    w.money(arm.expected_cost, 0),
                ),
                *([w.money(arm.expected_gain, 0)] if known else []),
            ]
        )
    return Table(
        w("arms_caption"),
        [w("col_offer"), w("col_customers"), w("col_break_even"), w("col_cost")]
        + ([w("col_gain")] if known else []),
        rows,
        total=[
            w("total"),
            meant("target.n_planned", target.n_planned, w.number(target.n_planned)),
            "",
            _money(m, "expected_cost"),
            *([_money(m, "expected_gain")] if known else []),
        ],
        note=" ".join([note, w("break_even_note")]).strip(),
    )


def _money(m: Material, name: str) -> Markup:
    """A sum of the plan, to the whole."""
    value = getattr(m.target, name)
    return meant(f"target.{name}", value, m.w.money(value, 0))


def _step_send(m: Material, target: Planned) -> list[str]:
    """The day to send on, where it is not the one the list was made for."""
    day = target.send_on
    other = day is not None and day != target.cutoff
    return [m.w("step_send", day=m.w.day(day))] if other else []


def _window_days(m: Material, target: Planned) -> int:
    """How long after the list orders count: as long as its longest offer lasts."""
    return target.window_days or m.horizon_days


def _changes(m: Material) -> Table | None:
    """Beside the last list that left: who is new, who stays, who is left in peace."""
    w, changes = m.w, m.manifest.changes if m.manifest else None
    if changes is None:
        return None
    rows = [
        [w.term("change", name), meant(f"manifest.changes.counts.{name}", n, w.number(n))]
        for name, n in changes.counts.items()
        if n or name in ("entered", "left")
    ]
    quiet = changes.left_because.get("contacted_recently", 0)
    if quiet and changes.in_peace_until:
        until = w.short_day(changes.in_peace_until)
        rows.append([w("changes_in_peace", until=until), w.number(quiet)])
    caption = w("changes_caption", campaign=changes.campaign_id, day=w.short_day(changes.sent_on))
    return Table(caption, [w("changes_what"), w("col_customers")], rows)


def _reasons(m: Material, target: Planned) -> Table | None:
    w = m.w
    reasons = {reason: n for reason, n in target.reasons.items() if n}
    if not reasons:
        return None
    whole = sum(reasons.values())
    return Table(
        w(
            "reasons_caption",
            customers=w.count(whole, "of customer") if w.language == "en" else w.number(whole),
        ),
        [w("col_reason"), w("col_customers"), w("col_share")],
        [
            [
                capital(w.term("decision", reason)),
                meant(f"target.reasons.{reason}", n, w.number(n)),
                w.share(n / whole),
            ]
            for reason, n in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        ],
    )
