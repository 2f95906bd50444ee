"""An experiment in, what it taught out: average, targeting, court and verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from winback.arrays import Floats, Mask
from winback.effects.crossed import Crossed, cross_fit
from winback.effects.experiment import Experiment
from winback.effects.learners import People, rivals_crossed
from winback.effects.modified import Modified
from winback.effects.scored import (
    Mean,
    gains_by_size,
    groups_of,
    mean_with_error,
    qini,
    qini_errors,
    robust_scores,
)
from winback.results.effects import (
    Among,
    Estimated,
    Fifth,
    Judged,
    Learned,
    OfArm,
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
    return (
        Learned(
            file=file, treatment=treatment, outcome=outcome,
            kind="share" if experiment.link == "logit" else "amount",
            control_arm=experiment.control, people=len(experiment.y),
            columns=experiment.names, priced=experiment.priced,
            verdict=_together(arms) if arms else "invalid",
            problems=experiment.problems,
            average=arms[0].average if arms else None,
            targeting=arms[0].targeting if arms else None,
            arms=arms, budget=_budget(experiment, found), doubts=experiment.doubts,
        ),
        tuple(found),
    )  # fmt: skip


def effects_table(
    experiment: Experiment, found: tuple[ArmEffects, ...], applied: pd.DataFrame | None = None,
    ids: pd.Series | None = None, z: Floats | None = None, value: Floats | None = None,
    cost: Floats | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a person: ``id, effect, effect_low, effect_high, priority``; of several arms also
    ``best`` and a block each.

    Without ``z`` of others it is of the experiment's own people, each learned without them.
    """
    ids = experiment.ids if ids is None else ids
    value = experiment.value if value is None else value
    cost = experiment.cost if cost is None else cost
    table = pd.DataFrame({"id": ids.to_numpy()})
    nets = []
    for each in found:
        effect = _everybody(experiment, each) if z is None else each.foretold(z)
        place = np.searchsorted(-each.edges(), -effect, side="right")
        fifths = each.result.fifths
        name = experiment.arms[each.arm - 1]
        block = {
            f"effect_{name}": effect,
            f"effect_low_{name}": np.array([fifth.found.low for fifth in fifths])[place],
            f"effect_high_{name}": np.array([fifth.found.high for fifth in fifths])[place],
            f"priority_{name}": value * effect - cost,
        }
        nets.append(block[f"priority_{name}"])
        table = table.assign(**block)
    best = np.argmax(np.column_stack(nets), axis=1)
    names = np.array(experiment.arms)
    for column in ("effect", "effect_low", "effect_high", "priority"):
        blocks = np.column_stack([table[f"{column}_{name}"] for name in names])
        table[column] = blocks[np.arange(len(table)), best]
    plain = ["id", "effect", "effect_low", "effect_high", "priority"]
    if len(names) == 1:
        return table[plain]
    table["best"] = np.where(table["priority"] > 0, names[best], experiment.control)
    written = [f"{c}_{name}" for name in names
              for c in ("effect", "effect_low", "effect_high", "priority")]  # fmt: skip
    return table[[*plain, "best", *written]]


def _everybody(experiment: Experiment, each: ArmEffects) -> Floats:
    """Cross-fitted where the person was in it; who was dealt another arm is foretold."""
    effect = each.foretold(experiment.z)
    effect[each.both] = each.effect
    return effect


def _of_arm(experiment: Experiment, arm: int, court: bool, threads: int) -> ArmEffects:
    both, w, e = experiment.pair(arm)
    z, y = experiment.z[both], experiment.y[both]
    value, cost = experiment.value[both], experiment.cost[both]
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
        words = table[name].astype("string").fillna("")
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


def _budget(experiment: Experiment, found: list[ArmEffects]) -> tuple[Spent, ...]:
    """What a budget earns where each person gets the arm that pays best for the next coin.

    The path over the multiple-choice knapsack's hull (Zemel 1980), as `maq` has it: arms differ
    in their gain, and each person's own cost is the same for all of them here.
    """
    if not found or not (experiment.priced and experiment.cost.any()):
        return ()
    n = len(experiment.y)
    foretold = np.column_stack([_everybody(experiment, each) for each in found])
    best = np.argmax(foretold, axis=1)
    gain = experiment.value * foretold[np.arange(n), best]
    # Whoever was dealt neither the arm nor the control tells nothing of it.
    score = np.zeros(n)
    seen = np.zeros(n, bool)
    for k, each in enumerate(found):
        here = np.zeros(n)
        here[each.both] = each.score
        score = np.where(best == k, here, score)
        seen |= (best == k) & each.both
    value, cost = experiment.value[seen], experiment.cost[seen]
    gain, score = gain[seen], score[seen]
    ratio = np.where(cost > 0, gain / np.maximum(cost, 1e-12), np.inf * np.sign(gain))
    order = np.argsort(-ratio, kind="stable")
    points = []
    people = len(gain)
    for share in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        treated = np.zeros(people, bool)
        treated[order[: round(share * people)]] = True
        points.append(
            Spent(
                cost=_number(float((treated * cost).mean())),
                gain=_estimated(mean_with_error(treated * (value * score - cost))),
                people=share,
            )
        )
    return tuple(points)


def _estimated(mean: Mean) -> Estimated:
    return Estimated(effect=_number(mean.mean), low=_number(mean.low), high=_number(mean.high))


def _number(value: float) -> float:
    """Seven digits: beyond them a sum may depend on who added it."""
    return float(f"{value:.7g}") if np.isfinite(value) else 0.0
