"""One page that holds everything a marketer needs to act on a list and trust it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from winback.report import charts
from winback.results.planned import OfferTrial, Planned
from winback.said.intake import in_polish
from winback.said.offers import power, trial
from winback.said.words import TERMS, Language, Words

Found = Mapping[str, Any]

MODEL = "lightgbm"
BANDS = ("high", "medium", "low", "new", "lost")
SHOWN_ROWS = 8
# Guests are worth a word from a hundredth of all lines, a customer from a tenth of revenue.
_MENTIONED, _ONE_CUSTOMER = 0.01, 0.1
# A forecast in total above this many times what was spent, or below its inverse.
_FAR_OFF = 1.25
_EMAIL = re.compile(r"([^@\s])[^@\s]*@([^@\s.])[^@\s]*(\.[^@\s.]+)")


@dataclass(frozen=True)
class _Table:
    """A table as the template draws it; the first column heads its rows."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    texts: frozenset[int] = frozenset({0})
    total: Sequence[Any] | None = None
    note: str = ""


@dataclass(frozen=True)
class _Drawn:
    title: str
    shows: str
    foot: str
    wide: Markup
    narrow: Markup


@dataclass
class _Section:
    """A part of the page: an anchor, a title and what stands under it, in order."""

    key: str
    title: str
    parts: list[tuple[str, Any]] = field(default_factory=list)

    def add(self, kind: str, part: Any) -> None:
        """Append a part unless there is nothing in it."""
        if part:
            self.parts.append((kind, part))


def render_report(
    facts: Found,
    evaluation: Found | None = None,
    calibration: pd.DataFrame | None = None,
    lift: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
    target: Planned | None = None,
    list_rows: pd.DataFrame | None = None,
    ingest: Found | None = None,
    manifest: Found | None = None,
    *,
    evidence: Found | None = None,
    churn: Found | None = None,
    drivers: Found | None = None,
    profit: pd.DataFrame | None = None,
    horizon_days: int = 90,
    language: Language = "en",
    shop_name: str | None = None,
) -> str:
    """Write the report as one self-contained HTML page.

    It reads like a letter: what we found, what to do, what it should cost and earn, how sure
    we are, the details. It loads nothing and runs no script. What is missing (an unproven
    model, nobody on the list, no refunds) is said or left out, never drawn empty. Contact
    columns of the list are not shown, and an e-mail address used as a customer id is masked.

    Args:
        facts: what ``describe_shop`` gives.
        evaluation: contents of ``evaluation.json``; None for an unproven model.
        calibration: table of ``calibration.csv``.
        lift: table of ``lift.csv``.
        scores: one row a customer, as in ``scores.parquet``.
        target: what was planned, from ``target.json``.
        list_rows: rows of ``list.csv``.
        ingest: summary of the intake.
        manifest: versions and hashes to show at the end.
        evidence: what ``judge_evidence`` gives.
        churn: summary of what ``define_churn`` gives.
        drivers: what ``describe_drivers`` gives.
        profit: table of ``profit.csv``.
        horizon_days: how far ahead the scores look.
        language: ``en`` or ``pl``.
        shop_name: named in the head of the page.
    """
    words = Words(language, (target.currency if target else "") or facts.get("currency") or "")
    page = _Page(words, facts, horizon_days, scores, evaluation, target, list_rows)
    sections = [
        page.found(ingest),
        page.do(),
        page.cost(profit),
        page.sure(calibration, lift, evidence),
        page.moves(drivers),
        page.churn(churn),
        page.details(ingest, manifest),
    ]
    folder = resources.files("winback.report") / "templates"
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((folder / "report.html.j2").read_text("utf-8"))
    return template.render(
        language=language,
        w=words,
        style=Markup((folder / "report.css").read_text("utf-8")),
        kicker=words("kicker_shop", shop=shop_name) if shop_name else words("kicker"),
        as_of=words(
            "as_of",
            cutoff=words.day(facts["cutoff"]),
            horizon=words.count(horizon_days, "day"),
        ),
        sections=[section for section in sections if section.parts],
    )


class _Page:
    """The sections, made from the small results of all stages."""

    def __init__(
        self,
        words: Words,
        facts: Found,
        horizon_days: int,
        scores: pd.DataFrame | None,
        evaluation: Found | None,
        target: Planned | None,
        list_rows: pd.DataFrame | None,
    ) -> None:
        self.w = words
        self.facts = facts
        self.horizon_days = horizon_days
        self.evaluation = evaluation
        self.target = target
        self.list_rows = list_rows
        # Before a window has closed the list holds whoever may be contacted, planned or not.
        self.unplanned = (
            len(list_rows)
            if target is not None and not target.n_listed and list_rows is not None
            else 0
        )
        self.scores = None
        if scores is not None and len(scores):
            # A float sum depends on the order of its terms.
            self.scores = scores.sort_values("customer_id", kind="stable")
        self.proven = self.scores is not None and bool(self.scores["p_return"].notna().any())
        champion = ((evaluation or {}).get("verdict") or {}).get("champion") or {}
        # What is shown of the test is of what gives the scores: the model, or the rule that won.
        self.method = champion.get("method") or MODEL
        self.days = words.count(horizon_days, "of day")

    def found(self, ingest: Found | None) -> _Section:
        w, facts = self.w, self.facts
        section = _Section("found", w("found"))
        doubts = [said for said in (ingest or {}).get("understood") or [] if _is_doubt(said)]
        if doubts:
            told = [f"{_capital(said)}." for said in self._told(doubts)]
            section.add("callout", (w("doubts"), told))
        history_told: list[Markup] = []
        outlook: list[Markup] = []
        if not facts["customers"]:
            section.add("text", [w.rich("s_empty", cutoff=w.day(facts["cutoff"]))])
            return section
        history = {
            "first": w.day(facts["first_day"]),
            "orders": w.count(facts["orders"], "order"),
            "customers": w.count(facts["customers"], "of customer"),
            "revenue": w.money(facts["net_revenue"]),
        }
        one_day = facts["first_day"] == facts["last_day"]
        history_told.append(
            w.rich("s_history_day", **history)
            if one_day
            else w.rich("s_history", last=w.day(facts["last_day"]), **history)
        )
        if facts["refunds"]:
            history_told.append(w.rich("s_refunds", refunds=w.number(facts["refunds"])))
        guests = ingest["lines_set_aside"]["by_reason"].get("no_customer", 0) if ingest else 0
        if ingest and guests >= _MENTIONED * ingest["lines_in"]:
            lines = w.number(guests) if w.language == "pl" else w.count(guests, "line")
            share = w.share(guests / ingest["lines_in"])
            history_told.append(w.rich("s_guests", lines=lines, share=share))
        if not one_day:
            history_told.append(
                w.rich(
                    "s_repeat",
                    repeat=w.share(facts["repeat_share"]),
                    returning=w.share(facts["returning_revenue_share"]),
                )
            )
        if facts["later_basket_mean"] is not None and facts["gap_median_days"] is not None:
            history_told.append(
                w.rich(
                    "s_basket",
                    first=w.money(facts["first_basket_mean"]),
                    later=w.money(facts["later_basket_mean"]),
                    gap=w.count(facts["gap_median_days"], "of day"),
                )
            )
        top = facts["top_customer_revenue_share"]
        if top is not None and top >= _ONE_CUSTOMER and facts["customers"] > 1 / _ONE_CUSTOMER:
            history_told.append(w.rich("s_one_customer", share=w.share(top)))
        cards = [
            (w.number(facts["customers"]), w("card_customers"), ""),
            (w.share(facts["repeat_share"]), w("card_repeat"), ""),
            (w.share(facts["returning_revenue_share"]), w("card_returning_revenue"), ""),
        ]
        bands = {}
        if self.scores is not None and self.proven:
            bands = {row["band"]: row for row in _grouped(self.scores, "risk_band", "band")}
            expected = float(self.scores["p_return"].sum())
            cards.append((w.number(expected), w("card_expected", horizon=self.days), ""))
            outlook.append(
                w.rich(
                    "s_expected",
                    customers=w.count(expected, "customer"),
                    share=w.share(float(self.scores["p_return"].mean())),
                    horizon=self.days,
                    cutoff=w.day(facts["cutoff"]),
                )
            )
        elif self.scores is not None:
            outlook.append(w.rich("s_unproven"))
        if high := bands.get("high"):
            spent = sum(max(row["spend_total"], 0) for row in bands.values())
            cards.append((w.number(high["customers"]), w("card_slipping"), "accent"))
            outlook.append(
                w.rich(
                    "s_slipping",
                    customers=w.count(high["customers"], "customer"),
                    spent=w.money(high["spend_total"]),
                    share=w.share(high["spend_total"] / spent if spent else None),
                    one_order=w.money(high["order_value_mean"]),
                )
            )
        if self.target is not None:
            cards.append(
                (w.number(self.unplanned), w("card_unplanned"), "accent")
                if self.unplanned
                else (w.number(self.target.n_listed), w("card_listed"), "accent")
            )
        section.add("cards", cards)
        section.add("text", [Markup(" ").join(told) for told in (history_told, outlook) if told])
        if bands:
            section.add("table", self._bands(bands))
        return section

    def _bands(self, bands: Mapping[str, Found]) -> _Table:
        w = self.w
        customers = sum(row["customers"] for row in bands.values())
        known = [band for band in BANDS if band in bands]
        return _Table(
            w("bands_caption", horizon=self.days),
            [
                w("col_band"),
                w("col_customers"),
                w("col_share"),
                w("col_p_return"),
                w("col_spent"),
                w("col_expected_spend", horizon=self._horizon()),
            ],
            [
                [
                    w.term("band", band),
                    w.number(bands[band]["customers"]),
                    w.share(bands[band]["customers"] / customers),
                    w.share(bands[band]["p_return"]),
                    w.money(bands[band]["spend_total"], 0),
                    w.money(bands[band]["expected_net_spend"], 0),
                ]
                for band in known + sorted(set(bands) - set(known))
            ],
            note=" ".join([w("bands_note"), *self._lost_above(bands), *self._spending_off()]),
        )

    def _lost_above(self, bands: Mapping[str, Found]) -> list[str]:
        """Why the longest silent have the better chance, where they do."""
        lost, high = ((bands.get(band) or {}).get("p_return") for band in ("lost", "high"))
        above = lost is not None and high is not None and lost > high
        return [self.w("bands_lost")] if above else []

    def _spending_off(self) -> list[str]:
        """That the test found expected spending far off, where it did."""
        methods = ((self.evaluation or {}).get("value") or {}).get("methods") or {}
        bias = (methods.get("winback") or {}).get("bias")
        if bias is None or 1 / _FAR_OFF <= bias <= _FAR_OFF:
            return []
        return [self.w("bands_off", bias=self.w.ratio(bias)), *self._of_first_days()]

    def _of_first_days(self) -> list[str]:
        """That the sums of the test are of a part of the horizon, where they are."""
        tested = (self.evaluation or {}).get("horizon_days") or self.horizon_days
        if tested >= self.horizon_days:
            return []
        numbers = {"tested": self.w.number(tested), "horizon": self.w.number(self.horizon_days)}
        return [self.w("value_part", **numbers)]

    def do(self) -> _Section:
        w, target = self.w, self.target
        section = _Section("do", w("do"))
        if target is None:
            section.add("text", [w.rich("do_none")])
            return section
        if not target.n_listed:
            scored = w.count(target.n_scored, "of customer")
            unplanned = w.rich(
                "do_unplanned",
                horizon=self._horizon(),
                rows=w.number(self.unplanned),
                scored=w.number(target.n_scored),
            )
            section.add(
                "text", [unplanned if self.unplanned else w.rich("do_nobody", scored=scored)]
            )
            section.add("table", self._reasons(target))
            return section
        verdict = self._verdict_on_test(target)
        if verdict:
            section.add("lead", w(verdict))
        section.add(
            "text",
            [
                w.rich(
                    "do_list" if target.n_control else "do_all",
                    listed=w.number(target.n_listed)
                    if w.language == "pl"
                    else w.count(target.n_listed, "customer"),
                    planned=w.count(target.n_planned, "of customer"),
                    control=w.number(target.n_control),
                )
            ],
        )
        if not target.effect_known:
            told = [w("test_text"), power(target, w), *self._worth_of_test(target)]
            if verdict:
                told += self._helps(target)
            section.add("callout", (w("test_title"), told))
            names = _offer_names(self.list_rows)
            tested = [
                f"{names.get(name, w.term('arm', name))}: {trial(offer, w)}"
                for name, offer in _tested(target).items()
            ]
            section.add("more", (w("test_offers"), [("list", tested)]) if tested else None)
        section.add("table", self._arms(target))
        section.add(
            "steps",
            (
                w("steps"),
                [
                    w("step_import"),
                    *self._step_send(target),
                    *self._step_measure(target),
                ],
            ),
        )
        section.add("table", self._reasons(target))
        return section

    def _verdict_on_test(self, target: Planned) -> str:
        """What speaks against the test as planned: a key, or empty."""
        tested = _tested(target).values()
        if target.effect_known or not target.n_control:
            return ""
        if sum(offer.cost for offer in tested) > sum(offer.value for offer in tested):
            return "test_costly"
        # Without a number either an arm is empty or any effect at all pays.
        blind = (offer.campaigns_needed or (offer.break_even_pp and 2) for offer in tested)
        return "test_blind" if any((campaigns or 1) > 1 for campaigns in blind) else ""

    def _worth_of_test(self, target: Planned) -> list[str]:
        tested = _tested(target).values()
        if not tested:
            return []
        value = self.w.money(sum(offer.value for offer in tested), 0)
        return [self.w("test_worth", loss=self.w.money(_lost(target), 0), value=value)]

    def _helps(self, target: Planned) -> list[str]:
        """What would make the test tell more, and whether anything in this shop could."""
        w = self.w
        tested = _tested(target)
        needed = target.power.n_needed_per_arm
        campaigns = sorted(n for offer in tested.values() if (n := offer.campaigns_needed))
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

    def _step_measure(self, target: Planned) -> list[str]:
        w = self.w
        if not target.n_control:
            return []
        return [
            w("step_control", customers=w.count(target.n_control, "customer")),
            w("step_measure", window=w.count(self._window_days(target), "day")),
        ]

    def _arms(self, target: Planned) -> _Table:
        w = self.w
        names = _offer_names(self.list_rows)
        known = target.effect_known
        arms = sorted(target.arms.items(), key=lambda arm: (arm[0] == "control", -arm[1].n, arm[0]))
        rows = []
        for name, arm in arms:
            is_control = name == "control"
            even = target.break_even_pp.get(name)
            rows.append(
                [
                    w.term("arm", name) if is_control else names.get(name, w.term("arm", name)),
                    w.number(arm.n),
                    "" if is_control else w.points(even),
                    w.money(arm.expected_cost, 0),
                    *([w.money(arm.expected_gain, 0)] if known else []),
                ]
            )
        return _Table(
            w("arms_caption"),
            [w("col_offer"), w("col_customers"), w("col_break_even"), w("col_cost")]
            + ([w("col_gain")] if known else []),
            rows,
            total=[
                w("total"),
                w.number(target.n_planned),
                "",
                w.money(target.expected_cost, 0),
                *([w.money(target.expected_gain, 0)] if known else []),
            ],
            note=w("break_even_note"),
        )

    def _step_send(self, target: Planned) -> list[str]:
        """The day to send on, where it is not the one the list was made for."""
        day = target.send_on
        other = day is not None and day != target.cutoff
        return [self.w("step_send", day=self.w.day(day))] if other else []

    def _window_days(self, target: Planned) -> int:
        """How long after the list orders count: as long as its longest offer lasts."""
        return target.window_days or self.horizon_days

    def _reasons(self, target: Planned) -> _Table | None:
        w = self.w
        reasons = {reason: n for reason, n in target.reasons.items() if n}
        if not reasons:
            return None
        whole = sum(reasons.values())
        return _Table(
            w(
                "reasons_caption",
                customers=w.count(whole, "of customer") if w.language == "en" else w.number(whole),
            ),
            [w("col_reason"), w("col_customers"), w("col_share")],
            [
                [_capital(w.term("decision", reason)), w.number(n), w.share(n / whole)]
                for reason, n in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
            ],
        )

    def cost(self, profit: pd.DataFrame | None) -> _Section:
        w, target = self.w, self.target
        section = _Section("cost", w("cost"))
        if target is None or not target.n_listed:
            return section
        cost, gain = w.money(target.expected_cost), w.money(target.expected_gain)
        known = target.effect_known
        evens = target.break_even_pp
        even = sorted(pp for arm in target.arms if (pp := evens.get(arm)) is not None)
        span = ""
        if even:
            low, high = w.number(even[0], 1), w.number(even[-1], 1)
            span = (low if low == high else f"{low}\u2013{high}") + f"\u00a0{w('pp')}"
        budget = target.budget
        section.add(
            "cards",
            [
                (w.money(budget) if budget is not None else w("no_limit"), w("card_budget"), ""),
                (cost, w("card_cost"), ""),
                (gain if known else w("unknown"), w("card_gain"), "accent" if known else "words"),
                *([(span, w("card_break_even"), "")] if span else []),
            ],
        )
        section.add(
            "text",
            [
                w.rich("cost_known", cost=cost, gain=gain)
                if known
                else w.rich("cost_unknown", cost=cost, loss=w.money(_lost(target))),
                self._worst(target) if profit is not None else "",
            ],
        )
        if known:
            section.add("text", [power(target, w)])
        if assumed := target.assumed:
            margin, contact = (
                f" {'do' if w.language == 'pl' else 'to'} ".join(dict.fromkeys(map(shown, span)))
                for shown, span in (
                    (w.share, assumed.margin_share),
                    (w.money, assumed.contact_cost),
                )
            )
            section.add("text", [w.rich("cost_assumed", margin=margin, contact=contact)])
        if profit is not None:
            section.add(
                "picture",
                _drawn(
                    "profit",
                    lambda narrow: charts.draw_profit(
                        profit, target, currency=w.currency, language=w.language, narrow=narrow
                    ),
                    w("source_list", cutoff=w.day(target.cutoff)),
                ),
            )
        return section

    def _worst(self, target: Planned) -> str:
        """The loss at the lower end of the picture, where no effect is known that lessens it."""
        arms = [arm for name, arm in target.arms.items() if name != "control"]
        worst = -target.gain_low
        known = any(arm.effect_source for arm in arms)
        if target.effect_known or known or worst <= _lost(target):
            return ""
        return self.w.rich("cost_worst", worst=self.w.money(worst))

    def sure(
        self, calibration: pd.DataFrame | None, lift: pd.DataFrame | None, evidence: Found | None
    ) -> _Section:
        w, evaluation = self.w, self.evaluation
        section = _Section("sure", w("sure"))
        enough: tuple[str, Any] = ("text", None)
        if evidence:
            told = [evidence["sentence"][w.language]]
            told += [concern[w.language] for concern in evidence["concerns"]]
            enough = ("callout", (w("evidence"), told)) if told[1:] else ("text", told)
        everyone = ((evaluation or {}).get("populations") or {}).get("everyone")
        if not evaluation or not everyone or not everyone.get("n"):
            section.add("text", [w.rich("sure_none", horizon=self._horizon())])
            section.add(*enough)
            return section
        verdict = evaluation.get("verdict") or {}
        beats = verdict.get("beats")
        ece = _value(((everyone.get("methods") or {}).get(self.method) or {}).get("ece"))
        ruled = self.method != MODEL
        lead = (
            "lead_unknown"
            if beats is None or ece is None
            else ("lead_rule" if ruled else "lead_beats" if beats else "lead_not")
        )
        off_by = w.points(None if ece is None else 100 * ece)
        section.add("lead", w(lead, ece=off_by, rule=w.term("method", self.method)))
        section.add(
            "text",
            [
                _said(verdict, w),
                w.rich(
                    "sure_others"
                    if evaluation.get("judged_on") == ["customers"]
                    else ("sure_rule" if ruled else "sure_how"),
                    cutoffs=_listed(w.day(day) for day in evaluation["cutoffs"]),
                    forecasts=w.count(everyone["n"], "forecast"),
                    base_rate=w.share(everyone["base_rate"]),
                    horizon=w.count(evaluation["horizon_days"], "of day"),
                ),
            ],
        )
        section.add(*enough)
        simple = MODEL if ruled else verdict.get("best_simple")
        foot = w("source_test", cutoffs=_listed(w.day(day) for day in evaluation["cutoffs"]))
        language = w.language
        if calibration is not None:
            section.add(
                "picture",
                _drawn(
                    "calibration",
                    lambda narrow: charts.draw_calibration(
                        calibration, method=self.method, language=language, narrow=narrow
                    ),
                    foot,
                ),
            )
        section.add(
            "picture",
            _drawn(
                "lift",
                lambda narrow: charts.draw_lift(
                    evaluation, model=self.method, language=language, narrow=narrow
                ),
                foot,
            ),
        )
        if lift is not None:
            section.add(
                "picture",
                _drawn(
                    "gains",
                    lambda narrow: charts.draw_gains(
                        lift, model=self.method, simple=simple, language=language, narrow=narrow
                    ),
                    foot,
                ),
            )
        section.add("table", self._populations())
        tables = [self._metrics(*found) for found in evaluation["populations"].items()]
        section.add(
            "more",
            (w("metrics_open"), [("table", table) for table in (*tables, self._by_cutoff())]),
        )
        self._add_value(section, evaluation.get("value") or {})
        return section

    def _add_value(self, section: _Section, value: Found) -> None:
        """How expected spend and its interval came true."""
        w = self.w
        tenths, methods = value.get("by_decile") or [], value.get("methods") or {}
        ours = methods.get("winback") or {}
        if not tenths or ours.get("bias") is None:
            return
        told: list[str] = [
            w.rich(
                "value_text",
                bias=w.ratio(ours["bias"]),
                top=w.money(tenths[0]["observed"]),
                expected=w.money(tenths[0]["predicted"]),
                mean=w.money(
                    sum(row["n"] * row["observed"] for row in tenths)
                    / sum(row["n"] for row in tenths)
                ),
            )
        ]
        told += self._of_first_days()
        coverage, lifetime = value.get("coverage") or {}, value.get("lifetime") or {}
        if coverage.get("likely") is not None:
            shares = {name: w.share(coverage[name]) for name in ("likely", "above", "below")}
            told.append(
                w.rich(
                    "value_interval",
                    stated=w.share(coverage["stated"]),
                    forecasts=w.count(coverage["likely_n"], "forecast"),
                    **shares,
                )
            )
        if lifetime.get("bias") is not None:
            told.append(
                w.rich(
                    "value_lifetime",
                    days=w.count(lifetime["days"], "of day"),
                    since=w.day(lifetime["learned_on"]),
                    bias=w.ratio(lifetime["bias"]),
                    inside=w.share(lifetime["coverage"]["likely"]),
                )
            )
        section.add("head", w("value"))
        section.add("text", told)
        by_tenth = _Table(
            w("value_caption"),
            [w("col_tenth"), w("col_n"), w("col_mean_p"), w("col_spent_then")],
            [
                [
                    w.number(row["decile"]),
                    w.number(row["n"]),
                    w.money(row["predicted"]),
                    w.money(row["observed"]),
                ]
                for row in tenths
            ],
        )
        against = _Table(
            w("value_methods_caption"),
            [w("col_method"), w("col_gini"), w("col_bias"), w("col_mae")],
            [
                [
                    _capital(w.term("value_method", name)),
                    w.number(figures["gini"], 3),
                    w.ratio(figures["bias"]),
                    w.money(figures["mae"]),
                ]
                for name, figures in methods.items()
            ],
            note=w("value_note"),
        )
        section.add("more", (w("value_open"), [("table", by_tenth), ("table", against)]))

    def moves(self, drivers: Found | None) -> _Section:
        w = self.w
        section = _Section("drivers", w("drivers"))
        if not drivers or not drivers["importance"]:
            return section
        n = drivers["customers"]
        customers = w.count(n, "customer") if w.language == "en" else w.number(n)
        ruled = self.method != MODEL
        rule = w.term("method", self.method)
        section.add(
            "text",
            [
                w.rich("drivers_rule", rule=rule, customers=customers)
                if ruled
                else w.rich("drivers_text", customers=customers)
            ],
        )
        day = w.day(self.facts["cutoff"])
        foot = w("source_rule", cutoff=day) if ruled else w("source_model", cutoff=day)
        language = w.language
        section.add(
            "picture",
            _drawn("importance", _on_facts(charts.draw_importance, drivers, language), foot),
        )
        pictures = [
            _drawn(
                f"dependence-{place}",
                _on_facts(partial(charts.draw_dependence, place=place), drivers, language),
                foot,
            )
            for place in range(len(drivers["dependence"]))
        ]
        section.add("picture", pictures[0] if pictures else None)
        if pictures[1:]:
            section.add("more", (w("drivers_open"), [("picture", p) for p in pictures[1:]]))
        return section

    def churn(self, churn: Found | None) -> _Section:
        w = self.w
        section = _Section("churn", w("churn"))
        if not churn or not churn["customers"]:
            return section
        told: list[str] = [churn[name][w.language] for name in ("recommendation", "rhythm")]
        if self.proven and churn["horizon_days"] not in (None, self.horizon_days):
            farther = self.horizon_days > churn["horizon_days"]
            told.append(w("churn_farther" if farther else "churn_nearer", horizon=self._horizon()))
        section.add("text", told)
        foot = w("source", cutoff=w.day(churn["cutoff"]))
        for name, draw in (("comebacks", charts.draw_comebacks), ("gaps", charts.draw_gaps)):
            section.add("picture", _drawn(name, _on_facts(draw, churn, w.language), foot))
        section.add("table", self._rules(churn))
        tables = [self._mistaken(churn), self._overlap(churn)]
        section.add("more", (w("churn_open"), [("table", table) for table in tables]))
        return section

    def _rules(self, churn: Found) -> _Table:
        w = self.w
        waits = sorted({row["within_days"] for row in churn["comebacks"]})
        waits = [wait for wait in waits if wait in (30, 90, 365, churn["horizon_days"])] or waits
        share = {
            (row["rule"], row["within_days"]): row["returned_share"] for row in churn["comebacks"]
        }
        return _Table(
            w("churn_caption"),
            [
                w("col_rule"),
                w("col_on_list"),
                w("col_share"),
                *(w("col_within", days=w.count(wait, "day")) for wait in waits),
            ],
            [
                [
                    _capital(charts.rule_in_words(w, row["rule"])),
                    w.number(row["customers"]),
                    w.share(row["share"]),
                    *(w.share(share[row["rule"], wait]) for wait in waits),
                ]
                for row in churn["lists"]
            ],
            note=w("churn_note"),
        )

    def _mistaken(self, churn: Found) -> _Table | None:
        w = self.w
        rows = [row for row in churn["horizons"] if row["mistaken_share"] is not None]
        if not rows:
            return None
        return _Table(
            w("mistaken_caption", year=w.count(churn["year_days"], "of day")),
            [w("col_horizon"), w("col_mistaken")],
            [
                [
                    w.count(row["horizon_days"], "day"),
                    Markup("{}<small>{}\u2013{}</small>").format(
                        *(w.share(row[name]) for name in ("mistaken_share", "low", "high"))
                    ),
                ]
                for row in rows
            ],
        )

    def _overlap(self, churn: Found) -> _Table | None:
        """The recommended rule, or the middle one, against all others."""
        w = self.w
        rules = [row["rule"] for row in churn["lists"]]
        rule = f"{churn['horizon_days'] or 90}d"
        pairs = [row for row in churn["overlap"] if rule in (row["rule"], row["other"])]
        pairs = [row for row in pairs if row["overlap"] is not None]
        if rule not in rules or not pairs:
            return None
        named = [row["other"] if row["rule"] == rule else row["rule"] for row in pairs]
        return _Table(
            w("overlap_caption", rule=charts.rule_in_words(w, rule)),
            [w("col_other"), w("col_both"), w("col_overlap")],
            [
                [
                    _capital(charts.rule_in_words(w, other)),
                    w.number(row["both"]),
                    w.share(row["overlap"]),
                ]
                for other, row in zip(named, pairs, strict=True)
            ],
        )

    def _populations(self) -> _Table:
        w, evaluation = self.w, self.evaluation or {}
        rows = []
        for name, found in evaluation["populations"].items():
            figures = (found.get("methods") or {}).get(self.method)
            if not found.get("n") or not figures:
                continue
            rows.append(
                [
                    _capital(w.term("population", name)),
                    w.number(found["n"]),
                    w.share(found["base_rate"]),
                    w.share(figures.get("mean_p")),
                    w.number(_value(figures.get("roc_auc")), 3),
                    w.number(_value(figures.get("lift_at_10")), 1),
                ]
            )
        return _Table(
            w("populations_caption"),
            [
                w("col_population"),
                w("col_n"),
                w("col_base_rate"),
                w("col_mean_p"),
                w("col_auc"),
                w("col_lift"),
            ],
            rows,
            note=w("metrics_note", active=w.count(evaluation.get("active_days"), "of day")),
        )

    def _metrics(self, population: str, found: Found) -> _Table:
        w = self.w
        return _Table(
            w("metrics_caption", population=w.term("population", population)),
            [w("col_method"), w("col_auc"), w("col_log_loss"), w("col_ece"), w("col_lift")],
            [
                [
                    _capital(w.term("method", method)),
                    self._interval(figures.get("roc_auc"), 3),
                    self._interval(figures.get("log_loss"), 3),
                    self._interval(figures.get("ece"), 3),
                    self._interval(figures.get("lift_at_10"), 2),
                ]
                for method, figures in (found.get("methods") or {}).items()
            ],
        )

    def _interval(self, found: Found | None, digits: int) -> Markup:
        low, high = (_float((found or {}).get(end)) for end in ("low", "high"))
        span = ""
        if low is not None and high is not None:
            span = f"{self.w.number(low, digits)}\u2013{self.w.number(high, digits)}"
        value = self.w.number(_value(found), digits)
        return Markup("{}<small>{}</small>").format(value, span)

    def _by_cutoff(self) -> _Table | None:
        w = self.w
        rows = []
        for found in (self.evaluation or {}).get("by_cutoff") or []:
            figures = (found.get("methods") or {}).get(self.method) or {}
            rows.append(
                [
                    w.short_day(found["cutoff"]),
                    w.number(found["n"]),
                    w.share(found["base_rate"]),
                    w.share(_value(figures.get("mean_p"))),
                    w.number(_value(figures.get("roc_auc")), 3),
                    w.number(_value(figures.get("log_loss")), 3),
                    w.number(_value(figures.get("lift_at_10")), 1),
                ]
            )
        if not rows:
            return None
        return _Table(
            w("cutoffs_caption"),
            [
                w("col_cutoff"),
                w("col_n"),
                w("col_base_rate"),
                w("col_mean_p"),
                w("col_auc"),
                w("col_log_loss"),
                w("col_lift"),
            ],
            rows,
        )

    def details(self, ingest: Found | None, manifest: Found | None) -> _Section:
        w, facts, list_rows = self.w, self.facts, self.list_rows
        section = _Section("details", w("details"))
        language = w.language
        foot = w("source", cutoff=w.day(facts["cutoff"]))
        if facts["customers"]:
            section.add("head", w("shop"))
            for name, draw in (
                ("revenue", charts.draw_revenue),
                ("cohorts", charts.draw_cohorts),
            ):
                section.add("picture", _drawn(name, _on_facts(draw, facts, language), foot))
            section.add("table", self._shop())
        if self.scores is not None:
            segments = _grouped(self.scores, "segment", "segment")
            if segments:
                section.add("head", w("segments"))
                section.add(
                    "picture",
                    _drawn(
                        "slipping",
                        lambda narrow: charts.draw_slipping(
                            segments, currency=w.currency, language=language, narrow=narrow
                        ),
                        foot,
                    ),
                )
                section.add("table", self._segments(segments))
        if list_rows is not None and len(list_rows):
            section.add("head", w("excerpt"))
            section.add("table", self._excerpt(list_rows))
            section.add("more", (w("columns_open"), self._columns(list_rows)))
        if ingest:
            self._ingest(section, ingest)
        if manifest:
            section.add("more", (w("versions"), [("table", self._versions(manifest))]))
        return section

    def _shop(self) -> _Table:
        w, facts = self.w, self.facts
        gaps = facts["gaps"]
        rows = [
            [w("f_orders"), w.number(facts["orders"])],
            [w("f_refunds"), w.number(facts["refunds"])] if facts["refunds"] else [],
            [w("f_gross"), w.money(facts["gross_revenue"])],
            [w("f_refunded"), f"{w.money(facts['refunded'])} ({w.share(facts['refunded_share'])})"]
            if facts["refunded"]
            else [],
            [w("f_net"), w.money(facts["net_revenue"])],
            [w("f_one_time"), w.share(facts["one_time_share"])],
            [w("f_returning_orders"), w.share(facts["returning_orders_share"])],
            [w("f_first_basket"), w.money(facts["first_basket_mean"], 2)],
            [w("f_later_basket"), w.money(facts["later_basket_mean"], 2)],
            [w("f_top"), w.share(facts["top_tenth_revenue_share"])],
            [
                w("f_gap"),
                w(
                    "f_gap_value",
                    median=w.number(gaps["p50"]),
                    low=w.number(gaps["p10"]),
                    high=w.number(gaps["p90"]),
                ),
            ]
            if gaps["n"]
            else [],
            *(
                [
                    w("f_active", days=w.count(row["days"], "of day")),
                    f"{w.number(row['customers'])} ({w.share(row['share'])})",
                ]
                for row in facts["active"]
            ),
        ]
        return _Table(
            w("shop_caption"),
            [w("col_key"), w("col_value")],
            [row for row in rows if row],
            note=w("shop_note"),
        )

    def _segments(self, segments: Sequence[Found]) -> _Table:
        w = self.w
        customers = sum(row["customers"] for row in segments)
        ranked = sorted(segments, key=lambda row: (-row["spend_total"], row["segment"]))
        rows = [
            [
                Markup("{}<small>{}</small>").format(
                    w.term("segment", row["segment"]), w.term("meaning", row["segment"])
                ),
                w.number(row["customers"]),
                w.share(row["customers"] / customers),
                w.money(row["spend_total"], 0),
                w.share(row["p_return"]),
                w.number(row["high"]),
            ]
            for row in ranked
        ]
        return _Table(
            w("segments_caption"),
            [
                w("col_segment"),
                w("col_customers"),
                w("col_share"),
                w("col_spent"),
                w("col_p_return"),
                w("col_high"),
            ],
            rows,
        )

    def _excerpt(self, list_rows: pd.DataFrame) -> _Table:
        w = self.w
        shown = list_rows.head(SHOWN_ROWS).to_dict("records")
        rows = []
        for row in shown:
            churn = _float(row.get("churn_probability"))
            reasons = [str(row[f"reason_{n}"]) for n in (1, 2) if _text(row.get(f"reason_{n}"))]
            rows.append(
                [
                    _masked(row.get("customer_id")),
                    _text(row.get("offer_label")) or _text(row.get("offer")),
                    w.short_day(_text(row.get("last_order_date"))),
                    w.number(_float(row.get("orders_count"))),
                    w.money(_float(row.get("total_spent")), 2),
                    w.share(None if churn is None else 1 - churn),
                    "; ".join(reasons),
                ]
            )
        return _Table(
            w("excerpt_caption", shown=w.number(len(shown)), listed=w.number(len(list_rows))),
            [
                w("col_customer"),
                w("col_offer"),
                w("col_last_order"),
                w("col_orders"),
                w("col_spent"),
                w("col_p_return"),
                w("col_why_him"),
            ],
            rows,
            texts=frozenset({0, 1, 6}),
            note=w("excerpt_note"),
        )

    def _columns(self, list_rows: pd.DataFrame) -> list[tuple[str, _Table]]:
        """What the names and codes of list.csv mean, in the reader's language."""
        w = self.w
        meant = [name for name in list_rows.columns if name in TERMS["list_column"]]
        columns = _Table(
            w("columns_caption"),
            [w("col_column"), w("col_meaning")],
            [[name, _capital(w.term("list_column", name))] for name in meant],
            texts=frozenset({0, 1}),
        )
        codes = _Table(
            w("codes_caption"),
            [w("col_code"), w("col_meaning")],
            [[code, w.term("segment", code)] for code in TERMS["segment"]],
            texts=frozenset({0, 1}),
        )
        return [("table", columns), ("table", codes)]

    def _ingest(self, section: _Section, ingest: Found) -> None:
        w = self.w
        section.add("head", w("lines"))
        aside = ingest["lines_set_aside"]
        reasons = aside["by_reason"]
        section.add(
            "text",
            [
                w.rich(
                    "lines_text",
                    read=w.number(ingest["lines_in"])
                    if w.language == "pl"
                    else w.count(ingest["lines_in"], "line"),
                    kept=w.number(ingest["lines_kept"]),
                    aside=w.number(aside["total"]),
                    ignored=w.number(ingest["lines_ignored"]),
                    cutoff=w.day(self.facts["cutoff"]),
                )
            ],
        )
        if reasons:
            section.add(
                "table",
                _Table(
                    w("aside_caption"),
                    [w("col_why"), w("col_lines"), w("col_share")],
                    [
                        [
                            _capital(w.term("set_aside", reason)),
                            w.number(n),
                            w.share(n / ingest["lines_in"]),
                        ]
                        for reason, n in sorted(reasons.items(), key=lambda x: (-x[1], x[0]))
                    ],
                    note=w("aside_note"),
                ),
            )
        if suspicious := ingest.get("suspicious_customers"):
            named = [
                f"{_masked(found['customer_id'])} ({w.share(found['share_of_purchases'])})"
                for found in suspicious[:10]
            ]
            section.add("callout", (w("suspicious"), [w("suspicious_text"), _listed(named)]))
        if understood := ingest.get("understood"):
            section.add("more", (w("understood"), [("list", self._told(understood))]))

    def _told(self, sentences: Iterable[str]) -> list[str]:
        """What the intake said, in the page's language."""
        return [in_polish(said) if self.w.language == "pl" else said for said in sentences]

    def _versions(self, manifest: Found) -> _Table:
        w = self.w
        return _Table(
            w("versions_caption"),
            [w("col_key"), w("col_value")],
            [
                [name, Markup("<code>{}</code>").format(_masked(value))]
                for name, value in _flat(manifest)
            ],
            texts=frozenset({0, 1}),
        )

    def _horizon(self) -> str:
        return self.w.count(self.horizon_days, "day")


def _on_facts(
    draw: Callable[..., charts.Picture | None], facts: Found, language: Language
) -> Callable[[bool], charts.Picture | None]:
    return lambda narrow: draw(facts, language=language, narrow=narrow)


def _drawn(name: str, draw: Callable[[bool], charts.Picture | None], foot: str) -> _Drawn | None:
    wide, narrow = draw(False), draw(True)
    if wide is None or narrow is None:
        return None
    return _Drawn(
        wide.finding,
        wide.shows,
        foot,
        charts.figure_svg(wide, f"{name}-wide"),
        charts.figure_svg(narrow, f"{name}-narrow"),
    )


def _grouped(scores: pd.DataFrame, column: str, name: str) -> list[dict[str, Any]]:
    """Customers, worth and mean chance by the values of a column, in a fixed order."""
    rows = []
    for value, group in scores.groupby(column, sort=True):
        at_risk = (group["risk_band"] == "high").fillna(False).astype(bool)
        rows.append(
            {
                name: str(value),
                "customers": len(group),
                "spend_total": float(group["spend_total"].sum()),
                "order_value_mean": float(group["order_value_mean"].sum()),
                "expected_net_spend": _total(group, "expected_net_spend"),
                "p_return": _float(group["p_return"].astype("float64").mean()),
                "high": int(at_risk.sum()),
                "high_spend": float(group.loc[at_risk, "spend_total"].sum()),
            }
        )
    return rows


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _total(group: pd.DataFrame, column: str) -> float | None:
    known = group[column].dropna()
    return float(known.astype("float64").sum()) if len(known) else None


def _offer_names(list_rows: pd.DataFrame | None) -> dict[str, str]:
    if list_rows is None or not {"offer", "offer_label"} <= set(list_rows.columns):
        return {}
    pairs = list_rows[["offer", "offer_label"]].dropna().drop_duplicates("offer")
    return {str(offer): str(label) for offer, label in pairs.itertuples(index=False)}


def _said(found: Found | None, words: Words) -> str:
    sentence = (found or {}).get("sentence") or {}
    return str(sentence.get(words.language, ""))


def _flat(found: Found, prefix: str = "") -> list[tuple[str, str]]:
    """Names and values of a nested mapping; lists of mappings are left out."""
    rows: list[tuple[str, str]] = []
    for name, value in found.items():
        label = f"{prefix}{name}"
        if isinstance(value, Mapping):
            rows += _flat(value, f"{label}.")
        elif isinstance(value, list | tuple):
            if not any(isinstance(item, Mapping) for item in value):
                rows.append((label, _listed(map(str, value))))
        elif value is not None:
            rows.append((label, str(value)))
    return rows


def _is_doubt(said: str) -> bool:
    """Whether a sentence of the intake asks for a look, beside telling what was understood."""
    return said.startswith("look at ")


def _tested(target: Planned) -> Mapping[str, OfferTrial]:
    """The test's figures by offer of unknown effect."""
    return target.test.offers if target.test else {}


def _lost(target: Planned) -> float:
    """What the tested offers cost if they change nothing."""
    return sum(offer.cost for offer in _tested(target).values())


def _value(found: Any) -> float | None:
    return _float(found.get("value") if isinstance(found, Mapping) else found)


def _float(value: Any) -> float | None:
    return float(value) if _text(value) else None


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _masked(value: Any) -> str:
    return _EMAIL.sub(r"\1***@\2***\3", _text(value))
