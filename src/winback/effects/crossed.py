"""Effects of each person, learned without that person's fold, and whether they hold there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from winback.arrays import Floats
from winback.effects.lasso import Link, curve_of, mean_of
from winback.effects.modified import (
    Baselines,
    Modified,
    fit_baselines,
    fit_modified,
    fit_plain,
    folds_of,
)

# Of the largest amounts this share is read as the least of them, only to learn from.
_WINSOR = 0.01
# Of fewer outcomes only one ratio is learned, and of fewer yet not who has one more likely.
_LEAST_EVENTS, _LEAST_FOR_LINKS = 100, 50
_SHARED = 1.3


@dataclass(frozen=True)
class Scale:
    """How outcomes become what is learned from, and back.

    Amounts are divided by how much they scatter for their mean, so that one unit says as much as
    one event of a count; the largest are held in; and where some are negative all are moved up.
    """

    unit: float
    shift: float
    top: float

    @staticmethod
    def of(y: Floats, link: Link) -> Scale:
        """The scale of these outcomes."""
        if link == "logit":
            return Scale(1.0, 0.0, 1.0)
        shift = min(0.0, float(np.quantile(y, _WINSOR)))
        moved = y - shift
        some = moved[moved > 0]
        top = float(np.quantile(some, 1 - _WINSOR)) if len(some) else 1.0
        held = np.clip(moved, 0.0, top)
        mean = float(held.mean())
        return Scale(max(float(held.var()) / mean, 1e-12) if mean > 0 else 1.0, shift, top)

    def learned(self, y: Floats) -> Floats:
        """Outcomes to learn from."""
        return np.asarray(np.clip(y - self.shift, 0.0, self.top) / self.unit)

    def back(self, mean: Floats) -> Floats:
        """What is expected, in the outcome's own units."""
        return np.asarray(mean * self.unit + self.shift)


@dataclass(frozen=True)
class Crossed:
    """What was learned of people who were dealt one treatment or the control.

    Attributes:
        effect: of each person on the mean outcome, by a model of the other folds, as far as kept.
        ratio: the same by one constant ratio.
        mu0, mu1: expected outcome without and with the treatment by the latter.
        z: how much held-out people speak for the first beside the second, in its errors.
        kept: of what changes the ratio the part that is kept, 0 where nothing speaks for it.
        model, plain: fitted to everybody, with and without what changes the ratio.
        baselines, parts: what they rest on.
        scale: of the outcomes.
    """

    effect: Floats
    ratio: Floats
    mu0: Floats
    mu1: Floats
    z: float
    kept: float
    model: Modified
    plain: Modified
    baselines: Baselines
    parts: np.ndarray
    scale: Scale

    def foretold(self, z: Floats) -> Floats:
        """The effect on people who were not in the experiment."""
        none = np.full(len(z), 0.5)
        links = self.baselines.whole.links(z)
        learned, ratio = (
            np.subtract(*model.means(z, none, links)[::-1]) for model in (self.model, self.plain)
        )
        return np.asarray((ratio + self.kept * (learned - ratio)) * self.scale.unit)


def cross_fit(
    z: Floats, outcome: Floats, w: Floats, e: Floats, link: Link, *, threads: int = 1
) -> Crossed:
    """Learn of each person from the other folds, and of others from everybody.

    Args:
        z: one row a person, standardised columns known before the treatment.
        outcome: 0 or 1 for ``logit``, amounts for ``log``.
        w, e: treated, and the chance of it by design, strictly between 0 and 1.
        link: of the mean.
        threads: of LightGBM; they change nothing.
    """
    n, scale = len(outcome), Scale.of(outcome, link)
    y, dealt = scale.learned(outcome), w - e
    parts = folds_of(n, w * 2 + (y > np.median(y)))
    events = _events(y, w)
    simple = sum(events) < _LEAST_EVENTS or min(events) < 10 or not z.shape[1]
    baselines = fit_baselines(
        z[:, :0] if sum(events) < _LEAST_FOR_LINKS else z, y, link, parts, threads
    )
    effect, ratio, mu0, mu1, gain = (np.zeros(n) for _ in range(5))
    for fold, (baseline, beside) in enumerate(
        zip(baselines.without, baselines.beside, strict=True)
    ):
        out = parts == fold
        ours, links = ~out, beside[out]
        plain = fit_plain(y[ours], dealt[ours], link, baseline, beside[ours], z.shape[1])
        mu0[out], mu1[out] = plain.means(z[out], e[out], links)
        effect[out] = ratio[out] = mu1[out] - mu0[out]
        if simple:
            continue
        model = fit_modified(
            z[ours], y[ours], dealt[ours], link, baseline, beside[ours], parts[ours],
            threads=threads,
        )  # fmt: skip
        if not model.plain:
            without, with_it = model.means(z[out], e[out], links)
            effect[out] = with_it - without
            change = model.modification(z[out], links)[1]
            gain[out] = held_out_gain(link, y[out], w[out], e[out], plain, z[out], links, change)
    whole = fit_plain(y, dealt, link, baselines.whole, baselines.links, z.shape[1])
    model = whole
    if not simple:
        model = fit_modified(
            z, y, dealt, link, baselines.whole, baselines.links, parts, threads=threads
        )
    found = 0.0 if model.plain else _z_of(gain)
    # As far as an estimate of that many errors is more than its own error (James and Stein 1961).
    kept = max(0.0, 1.0 - 1.0 / (_SHARED * found**2)) if found > 0 else 0.0
    effect = ratio + kept * (effect - ratio)
    return Crossed(
        effect=effect * scale.unit, ratio=ratio * scale.unit, mu0=scale.back(mu0),
        mu1=scale.back(mu1), z=found, kept=kept, model=model, plain=whole,
        baselines=baselines, parts=parts, scale=scale,
    )  # fmt: skip


def held_out_gain(
    link: Link, y: Floats, w: Floats, e: Floats, plain: Modified, z: Floats, links: Floats,
    change: Floats,
) -> Floats:  # fmt: skip
    """Of each held-out outcome the part that speaks for ``change`` beyond one ratio.

    A score whose mean is nothing where one ratio holds, whatever ``change`` and however wrong
    the baseline: for amounts treated outcomes are divided by the ratio (G-estimation, Robins
    1986); for shares the score is that of the partially linear logistic model (Tan 2019), which
    weighs treatment by its chance among people without the outcome. ``change`` is centred by
    what each person tells of the ratio, so that the ratio's own error does not enter.
    """
    eta, ratio = plain.modification(z, links)
    dealt = w - e
    mean = mean_of(link, eta)
    same = np.exp(-ratio * dealt)
    if link == "log":
        left = (y * same - mean) * dealt
    else:
        without = (1 - mean_of(link, eta - e * ratio)) * (1 - e)
        with_it = (1 - mean_of(link, eta + (1 - e) * ratio)) * e
        left = (y * same * (1 - mean) - (1 - y) * mean) * (w - with_it / (without + with_it))
    tells = curve_of(link, mean) * e * (1 - e)
    return np.asarray(left * (change - np.average(change, weights=tells)))


def _z_of(gain: Floats) -> float:
    """How far the held-out gains are above nothing, in errors that allow for shared people.

    Of two people of different folds each teaches what the other tests, and where one agrees
    with the other so does the other with the one. Folds are therefore not as many tests as they
    are: for what is linear in outcomes the variance of their sum is twice what it would be. What
    is kept here is chosen and held in; _SHARED is from placebos and from constant ratios.
    """
    spread = np.sqrt(_SHARED * np.square(gain).sum())
    return float(gain.sum() / spread) if spread > 0 else 0.0


def _events(y: Floats, w: Floats) -> tuple[int, int]:
    """Outcomes of the rarer kind, among the control and among the treated."""
    happened = y > y.min()
    control, treated = (
        int(min(happened[w == arm].sum(), (~happened[w == arm]).sum())) for arm in (0, 1)
    )
    return control, treated
