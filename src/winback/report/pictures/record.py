"""The track record: what each list foretold beside what came."""

from __future__ import annotations

from winback.report.pictures.canvas import COLOURS, Picture, canvas, key, percent_axis, whisker
from winback.results.graded import Record
from winback.said.graded import TEXTS
from winback.said.words import Language, Words

# More would be too close to tell apart.
_MOST_WIDE, _MOST_NARROW = 52, 26


def draw_record(
    record: Record, *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """Share that returned beside the mean chance foretold, list by list; None before the first.

    As known now, of customers who were sent nothing, controls standing for the planned.
    """
    lists = record.lists[-(_MOST_NARROW if narrow else _MOST_WIDE) :]
    if not lists:
        return None
    words = Words(language, record.currency)

    def say(name: str, **values: object) -> str:
        return words.fill(TEXTS[name], values)

    rows = [(g.cutoff, g.now.everybody.foretold, g.now.everybody.returned, g.kind) for g in lists]
    off = sum(abs(came.value - foretold) for _, foretold, came, _ in rows) / len(rows)
    pairs = "; ".join(
        say("record_pair", cutoff=day, foretold=foretold, returned=came.value)
        for day, foretold, came, _ in rows
    )
    picture, ax = canvas(
        say("record_title", n=len(rows), off=100 * off),
        say("record_shows", days=lists[-1].days),
        say("record_alt", pairs=pairs),
        height=300,
        narrow=narrow,
        left=44,
        bottom=48,
        right=36,
        keys=2,
    )
    first = rows[0][0].toordinal()
    places = [day.toordinal() - first for day, *_ in rows]
    ax.plot(
        places, [foretold for _, foretold, _, _ in rows], "s-", color=COLOURS["dark"], ms=6, lw=1.2
    )
    for place, (_, _, came, kind) in zip(places, rows, strict=True):
        if came.low is not None and came.high is not None:
            whisker(ax, place, came.low, came.high)
        # A week that never left is told apart by a pale mark.
        fill = COLOURS["accent"] if kind == "seal" else COLOURS["heat2"]
        ax.plot(place, came.value, "o", color=COLOURS["accent"], ms=7, markerfacecolor=fill)
    highest = max(max(foretold, came.high or came.value) for _, foretold, came, _ in rows)
    ax.set_ylim(0, min(1.0, highest * 1.3) or 1)
    span = max(places[-1], 1)
    ax.set_xlim(-0.04 * span, 1.04 * span)
    percent_axis(ax, words, "y")
    step = -(-len(rows) // (2 if narrow else 5))
    shown = list(range(0, len(rows), step))
    ax.set_xticks([places[k] for k in shown], [words.short_day(rows[k][0]) for k in shown])
    ax.set_xlabel(say("record_axis"), fontsize=12.5, color=COLOURS["soft"])
    named = [
        (say("record_foretold"), COLOURS["soft"], "s", COLOURS["dark"]),
        (say("record_returned"), COLOURS["accent"], "o", COLOURS["accent"]),
    ]
    key(ax, named)
    return picture
