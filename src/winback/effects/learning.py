"""An experiment in, what it taught out: average, targeting, court and verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from winback.arrays import Floats, Mask
from winback.effects.budget import Gains, Seen, chosen_by, curve_of, earned_by, gains_of
from winback.effects.cells import text_of
from winback.effects.crossed import Crossed, cross_fit
from winback.effects.experiment import Experiment
from winback.effects.learners import People, rivals_crossed
from winback.effects.modified import Modified
from winback.effects.scored import (
    Mean,
    errors_by_size,
    gains_by_size,
    groups_of,
    mean_with_error,
    qini,
    qini_errors,
    robust_scores,
)
from winback.results.effects import (
    Among,
    Differs,
    Estimated,
    Fifth,
    Group,
    Judged,
    Learned,
    OfArm,
    OfPolicy,
    Policy,
    SetAside,
    Spent,
    Targeting,
    Told,
    Verdict,
)

_FOUND = 1.645
_MOST_TOLD = 8
_THIRDS = ("low", "middle", "high")


@dataclass(frozen=True)
class ArmEffects:
    """Effects of one arm, learned without the people they are of, and how to foretell others'."""

    arm: int
    effect: Floats  # cross-fitted, of everybody of the arm and the control
    both: np.ndarray
    score: Floats
    crossed: Crossed
    result: OfArm

    def foretold(self, z: Floats) -> Floats:
        """The effect of people who were not in the experiment."""
        return self.crossed.foretold(z)

    def edges(self) -> Floats:
        """Effects that part the fifths, the highest first."""
        return np.quantile(self.effect, [0.8, 0.6, 0.4, 0.2])


def learn(
    experiment: Experiment, *, file: str, treatment: str, outcome: str, court: bool = True,
    threads: int = 1, begin: Callable[[str], None] = lambda _: None,
) -> tuple[Learned, tuple[ArmEffects, ...]]:  # fmt: skip
    """Learn whom each arm moves.

    Where the table cannot be read, nothing is learned and ``verdict`` is ``invalid``.

    Args:
        experiment: as read.
        file, treatment, outcome: how the result calls them.
        court: whether rivals are judged beside it.
        threads: of LightGBM; they change nothing.
        begin: told the name of each arm as it begins.
    """
    found: list[ArmEffects] = []
    if not experiment.problems:
        for arm in range(1, len(experiment.arms) + 1):
            begin(experiment.arms[arm - 1])
            found.append(_of_arm(experiment, arm, court, threads))
    arms = tuple(each.result for each in found)
    seen = [Seen(_everybody(experiment, each), each.both, each.score) for each in found]
    gains = gains_of(experiment, seen) if found else None
    return (
        Learned(
            file=file, treatment=treatment, outcome=outcome,
            kind="share" if experiment.link == "logit" else "amount",
            control_arm=experiment.control, people=len(experiment.y),
            columns=experiment.names, valued=experiment.valued, priced=experiment.priced,
            verdict=_together(arms) if arms else "invalid",
            problems=experiment.problems,
            average=arms[0].average if arms else None,
            targeting=arms[0].targeting if arms else None,
            arms=arms, policy=_policy(experiment, gains), budget=_budget(experiment, gains),
            rows=experiment.rows,
            set_aside=tuple(SetAside(reason=r, rows=n) for r, n in experiment.aside),
            groups=tuple(
                Group(arm=g.arm, people=g.people, lost=g.lost, due=g.due and _number(g.due))
                for g in experiment.groups
            ),
            differs=tuple(
                Differs(
                    column=d.column, arm=experiment.arms[d.arm - 1],
                    difference=_number(d.difference), p=_number(d.p),
                )
                for d in experiment.differs
            ),
            days=tuple(read.name for read in experiment.reads if read.way == "day"),
            doubts=experiment.doubts,
        ),
        tuple(found),
    )  # fmt: skip


def effects_table(
    experiment: Experiment, found: tuple[ArmEffects, ...], ids: pd.Series | None = None,
    z: Floats | None = None, value: Floats | None = None, costs: Floats | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a person: ``id, effect, effect_low, effect_high, priority``; of several arms also
    ``best`` and a block each.

    Without ``z`` of others it is of the experiment's own people, each learned without them, and
    of its rows that were set aside and can be foretold, in the order of the table.

    Args:
        experiment: as read.
        found: of each arm.
        ids, z, value, costs: of other people, the columns as the experiment has them.
    """
    if z is None or ids is None or value is None or costs is None:
        places = np.r_[experiment.places, experiment.others]
        order = np.argsort(places, kind="stable")
        ids = experiment.ids.iloc[places[order]]
        value = np.r_[experiment.value, experiment.value_others][order]
        costs = np.vstack([experiment.costs, experiment.costs_others])[order]
        effects = [
            np.r_[_everybody(experiment, each), each.foretold(experiment.z_others)][order]
            for each in found
        ]
    else:
        effects = [each.foretold(z) for each in found]
    columns = ("effect", "effect_low", "effect_high", "priority")
    blocks: dict[str, Floats] = {}
    for k, (each, effect) in enumerate(zip(found, effects, strict=True)):
        effect = _rounded(effect)
        place = np.searchsorted(-each.edges(), -effect, side="right")
        fifths, name = each.result.fifths, experiment.arms[k]
        blocks[f"effect_{name}"] = effect
        blocks[f"effect_low_{name}"] = np.array([fifth.found.low for fifth in fifths])[place]
        blocks[f"effect_high_{name}"] = np.array([fifth.found.high for fifth in fifths])[place]
        blocks[f"priority_{name}"] = _rounded(value * effect - costs[:, k])
    nets = np.column_stack([blocks[f"priority_{name}"] for name in experiment.arms])
    best, rows = nets.argmax(axis=1), np.arange(len(nets))
    table = pd.DataFrame({"id": ids.to_numpy()})
    for column in columns:
        held = np.column_stack([blocks[f"{column}_{name}"] for name in experiment.arms])
        table[column] = held[rows, best]
    if len(experiment.arms) < 2:
        return table
    names = np.array(experiment.arms, dtype=object)
    table["best"] = np.where(nets.max(axis=1) > 0, names[best], experiment.control)
    return pd.concat([table, pd.DataFrame(blocks)], axis=1)


def _rounded(values: Floats) -> Floats:
    """Seven digits: beyond them a sum may depend on who added it."""
    digits = 6 - np.floor(np.log10(np.maximum(np.abs(values), 1e-300))).astype(np.int64)
    return np.array(
        [round(float(v), int(d)) for v, d in zip(values, np.minimum(digits, 300), strict=True)],
        np.float64,
    )


def _everybody(experiment: Experiment, each: ArmEffects) -> Floats:
    """Cross-fitted where the person was in it; who was dealt another arm is foretold."""
    effect = each.foretold(experiment.z)
    effect[each.both] = each.effect
    return effect


def _of_arm(experiment: Experiment, arm: int, court: bool, threads: int) -> ArmEffects:
    both, w, e = experiment.pair(arm)
    z, y = experiment.z[both], experiment.y[both]
    value, cost = experiment.value[both], experiment.costs[both, arm - 1]
    link = experiment.link
    crossed = cross_fit(z, y, w, e, link, threads=threads)
    score = robust_scores(y, w, e, crossed.mu0, crossed.mu1)
    net = value * score - cost
    worth, average = mean_with_error(net), mean_with_error(score)
    targeting = Targeting(z=_number(crossed.z), found=crossed.z > _FOUND)
    effect = crossed.effect
    verdict = _verdict(targeting.found, worth)
    groups = groups_of(effect)
    methods: tuple[Judged, ...] = ()
    if court:
        scale = crossed.scale
        rivals = rivals_crossed(
            People(z, scale.learned(y), w, e, link, threads), crossed.baselines, crossed.parts
        )
        rankings = {"this": effect, "one_ratio": crossed.ratio}
        rankings |= {name: found * scale.unit for name, found in rivals.items()}
        if len(np.unique(value)) > 1:
            rankings["value"] = value
        methods = _court(y, w, rankings, value, cost, net, verdict)
    told = _told(experiment, crossed.model if targeting.found else crossed.plain)
    result = OfArm(
        arm=experiment.arms[arm - 1], treated=int(w.sum()), control=int(len(y) - w.sum()),
        mean_control=_number(float(y[w == 0].mean())), average=_estimated(average),
        worth=_estimated(worth), targeting=targeting, verdict=verdict,
        share=_number(float(_treated(effect, value, cost, verdict).mean())),
        fifths=tuple(_fifth(k, groups == k, effect, score) for k in range(5)),
        methods=methods, told=told,
        among=_among(experiment.table[both].reset_index(drop=True), score, told),
    )  # fmt: skip
    return ArmEffects(arm, effect, both, score, crossed, result)


def _fifth(place: int, here: Mask, effect: Floats, score: Floats) -> Fifth:
    return Fifth(
        place=place + 1, people=int(here.sum()),
        foretold=_number(float(effect[here].mean()) if here.any() else 0.0),
        found=_estimated(mean_with_error(score[here])),
    )  # fmt: skip


def _verdict(found: bool, worth: Mean) -> Verdict:
    if found:
        return "treat_some"
    if worth.low > 0:
        return "treat_all"
    return "treat_none" if worth.high < 0 else "not_distinguishable"


def _together(arms: tuple[OfArm, ...]) -> Verdict:
    found = {arm.verdict for arm in arms}
    for verdict in ("treat_some", "treat_all"):
        if verdict in found:
            return verdict
    return "treat_none" if found == {"treat_none"} else "not_distinguishable"


def _treated(effect: Floats, value: Floats, cost: Floats, verdict: Verdict) -> np.ndarray:
    """Whom the verdict treats; where it knows nothing, nobody is treated but to learn more."""
    if verdict == "treat_some":
        return value * effect - cost > 0
    return np.full(len(effect), verdict == "treat_all")


def _court(
    y: Floats, w: Floats, rankings: dict[str, Floats], value: Floats, cost: Floats, net: Floats,
    verdict: Verdict,
) -> tuple[Judged, ...]:  # fmt: skip
    errors = qini_errors(y, w, rankings, "this")
    chosen = _treated(rankings["this"], value, cost, verdict)
    size = int(chosen.sum())
    found = []
    for name, ranking in rankings.items():
        if name in ("response", "risk", "value"):
            treated = np.zeros(len(y), bool)
            treated[np.argsort(-ranking, kind="stable")[:size]] = True
        elif name == "this":
            treated = chosen
        else:
            treated = value * ranking - cost > 0
        by = ranking if name in ("response", "risk", "value") else value * ranking - cost
        error, less, less_error = errors[name]
        found.append(
            Judged(
                method=name,
                qini=_number(qini(y, w, ranking)),
                qini_error=_number(error),
                qini_less=_number(less),
                qini_less_error=_number(less_error),
                value=_estimated(mean_with_error(treated * net)),
                less=_estimated(mean_with_error((chosen * 1.0 - treated) * net)),
                share=_number(float(treated.mean())),
                curve=tuple(_number(float(each)) for each in gains_by_size(net, by)),
                curve_error=tuple(_number(float(each)) for each in errors_by_size(net, by)),
            )
        )
    for name, share in (("all", 1.0), ("none", 0.0), ("random", float(chosen.mean()))):
        found.append(
            Judged(
                method=name,
                qini=None,
                qini_error=None,
                qini_less=None,
                qini_less_error=None,
                value=_estimated(mean_with_error(share * net)),
                less=_estimated(mean_with_error((chosen - share) * net)),
                share=_number(share),
                curve=tuple(_number(float(e)) for e in gains_by_size(net, np.zeros(len(y)))),
                curve_error=tuple(_number(float(e)) for e in errors_by_size(net, np.zeros(len(y)))),
            )
        )
    return tuple(found)


def _told(experiment: Experiment, model: Modified) -> tuple[Told, ...]:
    names = ["likely anyway, by a line", "likely anyway, by trees"]
    names += [column.name for column in experiment.columns]
    pairs = [(name, float(w)) for name, w in zip(names, model.weights, strict=True) if w != 0]
    if model.rounds:
        shares = model.trees.feature_importance("gain")
        total = shares.sum()
        for column, share in zip(experiment.columns, shares, strict=True):
            if total > 0 and share > 0.1 * total and column.name not in dict(pairs):
                pairs.append((column.name, 0.0))
    pairs.sort(key=lambda each: -abs(each[1]))
    return tuple(Told(column=n, weight=_number(w)) for n, w in pairs[:_MOST_TOLD])


def _among(table: pd.DataFrame, score: Floats, told: tuple[Told, ...]) -> tuple[Among, ...]:
    """Effects by the columns that changed it: by each value of text, by thirds of numbers."""
    names: list[str] = []
    for each in told:
        name = each.column.split(" = ")[0].removesuffix(" missing")
        if name in table and name not in names:
            names.append(name)
    found: list[Among] = []
    for name in names[:4]:
        numbers = pd.to_numeric(table[name], errors="coerce")
        if numbers.notna().all() and numbers.nunique() > 5:
            edges = np.quantile(numbers, [1 / 3, 2 / 3])
            place = np.searchsorted(edges, numbers.to_numpy(np.float64), side="left")
            for k, level in enumerate(_THIRDS):
                here = place == k
                if here.sum() >= 100:
                    found.append(
                        Among(
                            column=name,
                            level=level,
                            people=int(here.sum()),
                            low=_number(float(numbers[here].min())),
                            high=_number(float(numbers[here].max())),
                            found=_estimated(mean_with_error(score[here])),
                        )
                    )
            continue
        words = text_of(table[name]).fillna("")
        for level in sorted(words.unique()):
            here = (words == level).to_numpy(bool)
            if here.sum() >= 100:
                found.append(
                    Among(
                        column=name,
                        level=str(level),
                        people=int(here.sum()),
                        found=_estimated(mean_with_error(score[here])),
                    )
                )
    return tuple(found)


def _policy(experiment: Experiment, gains: Gains | None) -> Policy | None:
    """Who gets which of several arms, and what that earns beside the best one for everybody."""
    if gains is None or len(experiment.arms) < 2:
        return None
    arms = chosen_by(gains)
    earned = earned_by(gains, arms)
    alone = gains.earned.mean(axis=0)
    best = int(np.argmax(alone))
    return Policy(
        shares=tuple(
            OfPolicy(arm=name, share=_number(float((arms == k + 1).mean())))
            for k, name in enumerate(experiment.arms)
        ),
        value=_estimated(mean_with_error(earned)),
        best=experiment.arms[best],
        best_value=_estimated(mean_with_error(gains.earned[:, best])),
        less=_estimated(mean_with_error(earned - gains.earned[:, best])),
    )


def _budget(experiment: Experiment, gains: Gains | None) -> tuple[Spent, ...]:
    """What a budget earns, where treating costs something."""
    if gains is None or not experiment.costs.any():
        return ()
    return tuple(
        Spent(
            cost=_number(point.spent), gain=_estimated(point.earned),
            people=_number(sum(point.shares)), by_arm=tuple(map(_number, point.shares)),
        )
        for point in curve_of(gains)
    )  # fmt: skip


def _estimated(mean: Mean) -> Estimated:
    return Estimated(effect=_number(mean.mean), low=_number(mean.low), high=_number(mean.high))


def _number(value: float) -> float:
    """Seven digits: beyond them a sum may depend on who added it."""
    return float(f"{value:.7g}") if np.isfinite(value) else 0.0
