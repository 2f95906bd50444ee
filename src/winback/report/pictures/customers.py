"""When customers come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.patches import Rectangle

from winback.report.pictures.canvas import COLOURS, Picture, bars, canvas, key, percent_axis
from winback.said.words import Language, Words, capital

MIN_COHORT = 10  # percents of fewer customers are noise


def draw_cohorts(
    facts: Mapping[str, Any], *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """Heat map of buying again by month of the first order; None if not yet seen.

    From ``describe_shop(...)["cohorts"]``.
    """
    words = Words(language)
    cohorts = facts.get("cohorts")
    if not cohorts or not cohorts["rows"]:
        return None
    rows, unit = cohorts["rows"], cohorts["unit"]
    rows = [row for row in rows if row["customers"] >= MIN_COHORT] or rows
    steps = max(len(row["shares"]) for row in rows)
    mean = [_mean_share(rows, step) for step in range(steps)]
    pairs = [
        words("cohorts_pair", step=step + 1, share=words.share(share))
        for step, share in enumerate(mean)
        if share is not None
    ]
    cell = 26
    picture, ax = canvas(
        words("cohorts_title", share=words.share(mean[0]), unit=words(f"unit_{unit}")),
        words(
            "cohorts_subtitle",
            unit=words(f"unit_{unit}"),
            units=words(f"units_{unit}"),
            steps="1" if steps == 1 else f"1\u2013{steps}",
        ),
        words("cohorts_alt", rows=len(rows), pairs="; ".join(pairs)),
        height=cell * (len(rows) + 1) + 4,
        narrow=narrow,
        left=70 if narrow else 150,
    )
    ax.set_xlim(0, steps)
    ax.set_ylim(len(rows), -1)
    ax.set_axis_off()
    darkest = max((x for row in rows for x in row["shares"] if x is not None), default=0) or 1
    for step in range(steps):
        ax.text(
            step + 0.5,
            -0.5,
            str(step + 1),
            ha="center",
            va="center",
            fontsize=12,
            color=COLOURS["soft"],
        )
    for place, row in enumerate(rows):
        label = words.period(row["cohort"], unit)
        ax.text(
            -0.12, place + 0.5, label, ha="right", va="center", fontsize=12, color=COLOURS["ink"]
        )
        if not narrow:
            ax.annotate(
                words.number(row["customers"]),
                (0, place + 0.5),
                (-146, 0),
                textcoords="offset points",
                ha="left",
                va="center",
                fontsize=12,
                color=COLOURS["soft"],
            )
        for step, share in enumerate(row["shares"]):
            if share is None:
                continue
            tone = min(5, int(6 * share / darkest))
            ax.add_patch(
                Rectangle(
                    (step + 0.03, place + 0.04), 0.94, 0.92, lw=0, facecolor=COLOURS[f"heat{tone}"]
                )
            )
            ax.text(
                step + 0.5,
                place + 0.5,
                words.number(100 * share),
                ha="center",
                va="center",
                fontsize=12,
                color=COLOURS[f"on{tone}"],
            )
    if not narrow:
        ax.annotate(
            words("axis_customers"),
            (0, -0.5),
            (-146, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=12,
            color=COLOURS["soft"],
        )
    return picture


def draw_gaps(
    churn: Mapping[str, Any], *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """How many have bought again so many days after a purchase; None without returns.

    From ``define_churn(...).summary()``.
    """
    words = Words(language)
    rows = churn["gaps"]
    if len(rows) < 2:
        return None
    wanted = churn["horizon_days"] or 90
    told = min(rows, key=lambda row: (abs(row["days"] - wanted), row["days"]))
    ticks = [days for days in (30, 90, 180, 365, 545, 730) if days <= rows[-1]["days"]]
    if not narrow and 60 <= rows[-1]["days"] <= 200:
        ticks = sorted({*ticks, 60})
    ticks = ticks or [rows[-1]["days"]]
    shown = [min(rows, key=lambda row: abs(row["days"] - days)) for days in ticks]
    pairs = [
        words(
            "gaps_pair",
            share=words.share(row["returned_share"]),
            days=words.count(row["days"], "of day"),
        )
        for row in shown
    ]
    picture, ax = canvas(
        words(
            "gaps_title",
            days=words.count(told["days"], "of day"),
            share=words.share(told["returned_share"]),
        ),
        words("gaps_subtitle"),
        words("gaps_alt", pairs="; ".join(pairs)),
        height=290,
        narrow=narrow,
        left=44,
        bottom=48,
        right=16,
    )
    days = [0, *(row["days"] for row in rows)]
    for name, tone, width in (
        ("finished_share", COLOURS["grey"], 2),
        ("returned_share", COLOURS["accent"], 3),
    ):
        shares = [0, *(row[name] for row in rows)]
        ax.plot(days, shares, color=tone, lw=width, solid_capstyle="round")
    ax.plot(told["days"], told["returned_share"], "o", color=COLOURS["accent"], ms=8)
    ax.set_xlim(0, days[-1])
    ax.set_ylim(0, 1.03)
    percent_axis(ax, words, "y")
    ax.set_xticks(ticks, [words.number(day) for day in ticks])
    ax.set_xlabel(words("axis_days"), fontsize=12.5, color=COLOURS["soft"])
    key(
        ax,
        [
            (words("gaps_all"), COLOURS["accent"], "o", COLOURS["accent"]),
            (words("gaps_finished"), COLOURS["soft"], "s", COLOURS["grey"]),
        ],
        at=(0.98, 0.05),
    )
    return picture


def draw_comebacks(
    churn: Mapping[str, Any], *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """How many came back of those each rule called churned; None where nobody was followed.

    From ``define_churn(...).summary()``; all within the recommended horizon, else 90 days, or
    what is nearest to it and known.
    """
    words = Words(language)
    known = [row for row in churn["comebacks"] if row["returned_share"] is not None]
    if not known:
        return None
    wanted = churn["horizon_days"] or 90
    within = min({row["within_days"] for row in known}, key=lambda d: (abs(d - wanted), d))
    rows = [row for row in known if row["within_days"] == within]
    told = min(rows, key=lambda row: (row["rule"] != f"{wanted}d", row["rule"][-1] != "d"))
    horizon = words.count(within, "of day")
    labels = [rule_in_words(words, row["rule"]) for row in rows]
    share = words.share(told["returned_share"])
    picture, ax = canvas(
        words(
            "comebacks_title",
            days=words.count(int(told["rule"][:-1]), "of day"),
            share=share,
            within=horizon,
        )
        if told["rule"].endswith("d")
        else f"{capital(rule_in_words(words, told['rule']))}: {share}",
        words("comebacks_subtitle", within=horizon),
        words(
            "silence_alt",
            pairs="; ".join(
                f"{label}: {words.share(row['returned_share'])}"
                for label, row in zip(labels, rows, strict=True)
            ),
        ),
        height=44 * len(rows) + 8,
        narrow=narrow,
    )
    bars(
        ax,
        [
            (
                label,
                row["returned_share"],
                words.share(row["returned_share"]),
                COLOURS["accent"] if row is told else COLOURS["grey"],
            )
            for label, row in zip(labels, rows, strict=True)
        ],
        max(row["high"] for row in rows),
    )
    for place, row in enumerate(rows):
        ax.plot([row["low"], row["high"]], [place, place], color=COLOURS["ink"], lw=1.5)
    return picture


def rule_in_words(words: Words, rule: str) -> str:
    """A rule of churn such as ``90d`` or ``3x`` in words."""
    number = int(rule[:-1])
    if rule.endswith("d"):
        return words("silent_for", days=words.count(number, "day"))
    return words("rule_gap", times=words.number(number))


def _mean_share(rows: Sequence[Mapping[str, Any]], step: int) -> float | None:
    seen = [
        (row["customers"], row["shares"][step])
        for row in rows
        if step < len(row["shares"]) and row["shares"][step] is not None
    ]
    customers = sum(n for n, _ in seen)
    return sum(n * share for n, share in seen) / customers if customers else None
