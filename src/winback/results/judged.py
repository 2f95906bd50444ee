"""How good predictions were: metrics by method, the verdict, and who gives the scores.

``reports/evaluation.json`` is an `EvaluatedModel`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result
from winback.results.valued import Agreement, ValueSummary

MODEL = "lightgbm"
"""What our model's own predictions are called: the column is ``p_lightgbm``."""

Finding = Literal["beats", "even", "worse", "few", "not_compared"]
Why = Literal["no_rule_led", "too_few_judges", "rule_led", "near_chance"]
Use = Literal["good", "modest", "near_chance", "worse_than_base", "unknown"]


class Interval(Result):
    """A figure with its 95 % interval."""

    value: float = Field(description="the figure")
    low: float | None = Field(description="lower end; null without draws")
    high: float | None = Field(description="upper end; null without draws")


class MethodMetrics(Result):
    """Ranking, calibration and lift of one method; null where a metric is not defined."""

    roc_auc: Interval | None = Field(description="area under the ROC curve")
    pr_auc: Interval | None = Field(description="average precision")
    log_loss: Interval | None = Field(description="mean log loss")
    brier: Interval | None = Field(description="mean squared error of the probability")
    calibration_slope: Interval | None = Field(description="1 is right, below 1 too extreme")
    calibration_intercept: Interval | None = Field(
        description="0 is right, below 0 predicted too high"
    )
    ece: Interval | None = Field(description="expected calibration error, ten bins of equal count")
    lift_at_5: Interval | None = Field(description="returns among the top 5 % over the base rate")
    lift_at_10: Interval | None = Field(description="the same among the top 10 %")
    lift_at_20: Interval | None = Field(description="the same among the top 20 %")
    mean_p: float | None = Field(description="mean probability")


class Population(Result):
    """The metrics of all methods over some of the customers, all cutoffs together."""

    n: int = Field(description="rows: customers at cutoffs")
    customers: int = Field(description="customers, each once")
    base_rate: float | None = Field(description="share that returned; null without a row")
    methods: dict[str, MethodMetrics] = Field(description="metrics by method")


class CutoffMetrics(Result):
    """One method within one cutoff."""

    roc_auc: float | None = Field(description="area under the ROC curve")
    log_loss: float | None = Field(description="mean log loss")
    ece: float | None = Field(description="expected calibration error")
    lift_at_10: float | None = Field(description="returns among the top 10 % over the base rate")
    mean_p: float | None = Field(description="mean probability")


class AtCutoff(Result):
    """The metrics of all methods within one cutoff, without intervals."""

    cutoff: date = Field(description="the day predicted")
    n: int = Field(description="customers")
    base_rate: float | None = Field(description="share that returned")
    methods: dict[str, CutoffMetrics] = Field(description="metrics by method")


class Champion(Result):
    """Who gives the scores, and how that was chosen."""

    method: str = Field(description="the method that gives the scores")
    why: Why = Field(
        description="`rule_led`, `no_rule_led`, `too_few_judges` to take one, or `near_chance`: "
        "nobody can be told apart, so that all get the base rate"
    )
    judges: tuple[date, ...] = Field(description="the cutoffs that judged")
    rival: str | None = Field(description="the other method of the lowest log loss there")
    lead: Interval | None = Field(
        description="log loss of the model less that of the rival; null without judges"
    )
    at_cutoffs: dict[date, str] = Field(
        description="what would have been chosen at each cutoff from what was known then"
    )
    log_loss: float | None = Field(description="log loss of those choices")
    log_loss_model: float | None = Field(description="log loss of the model at the same cutoffs")


class AgainstChance(Result):
    """What the forecasts are worth beside chance, and beside the same chance for everybody."""

    method: str = Field(
        description="whose forecasts: those of the scores, or the model's where all got the base "
        "rate since it could not tell them apart"
    )
    use: Use = Field(
        description="`good`, `modest`, `near_chance`, `worse_than_base` or `unknown`, by whole "
        "intervals"
    )
    tells_apart: bool = Field(
        description="whether the order surely tells who returns, whatever the probabilities"
    )
    roc_auc: Interval | None = Field(description="area under the ROC curve; 0.5 is chance")
    lift_at_10: Interval | None = Field(
        description="returns among the top 10 % over the base rate; 1 is chance"
    )
    log_loss: float | None = Field(description="mean log loss")
    log_loss_base: float | None = Field(description="that of the base rate for everybody")
    log_loss_difference: Interval | None = Field(
        description="log loss less that of the base rate, on the same draws; null without it"
    )
    returned: int = Field(description="customers who returned at least once")
    stayed_away: int = Field(description="customers who stayed away at least once")


class Verdict(Result):
    """The model against the best of its rivals."""

    use: Use = Field(
        "unknown",
        description="what the forecasts are worth: `good`, `modest`, hardly better than chance or "
        "than the same chance for all (`near_chance`), worse than that (`worse_than_base`), or "
        "`unknown`",
    )
    against_chance: AgainstChance | None = Field(
        None, description="what that rests on; null where nothing could be ranked"
    )

    finding: Finding = Field(description="`beats`, `even`, `worse`, too `few` or `not_compared`")
    model: str = Field(description="the method that is judged")
    best_simple: str | None = Field(
        description="the rival of the lowest log loss, a simple rule or a model of one's own"
    )
    beats: bool | None = Field(
        description="whether the whole interval of the log loss difference is below 0; null where "
        "too little is known to say"
    )
    log_loss_difference: Interval | None = Field(description="of the model less the rival")
    roc_auc_difference: Interval | None = Field(description="of the model less the rival")
    log_loss: float | None = Field(description="of the model")
    log_loss_rival: float | None = Field(description="of the rival")
    roc_auc: float | None = Field(description="of the model")
    roc_auc_rival: float | None = Field(description="of the rival")
    returned: int = Field(description="customers who returned at least once")
    stayed_away: int = Field(description="customers who stayed away at least once")
    tested_days: int = Field(description="days of the horizon that were tested")
    horizon_days: int = Field(description="days of the horizon that the scores are for")
    champion: Champion | None = Field(description="who gives the scores; null if not chosen")


class Judged(Result):
    """What `evaluate_predictions` found, rounded to four decimals."""

    horizon_days: int = Field(description="the horizon that was judged")
    cutoffs: tuple[date, ...] = Field(description="the cutoffs predicted")
    active_days: int = Field(description="who counts as recently active")
    n_bootstrap: int = Field(description="draws of customers behind each interval")
    populations: dict[str, Population] = Field(
        description="`everyone`, `recently_active`, `one_time_buyers`"
    )
    by_cutoff: tuple[AtCutoff, ...] = Field(description="the same within each cutoff")
    verdict: Verdict = Field(description="the model against the best of its rivals")


class EvaluatedModel(Judged):
    """What the evaluate stage hands on: ``evaluation.json``."""

    model_kind: str = Field(description="kind of the model that scores today's customers")
    judged_on: tuple[str, ...] = Field(
        description="`time` (later cutoffs), `first_days` (later cutoffs, but only the horizon's "
        "first days) or `customers` (the other half of them)"
    )
    value: ValueSummary = Field(description="how expected spend came true")

    @property
    def method(self) -> str:
        """The method that gives the scores."""
        return self.verdict.champion.method if self.verdict.champion else MODEL

    def compared(self) -> Compared:
        """The few figures by which two runs are compared, model and rules apart."""
        return Compared(
            everyone=self._size("everyone"),
            recently_active=self._size("recently_active"),
            model=self._figures(MODEL),
            rules={
                name: RuleFigures(**_points(found, RuleFigures))
                for name, found in self.populations["everyone"].methods.items()
                if name != MODEL
            },
        )

    def serving(self) -> Served:
        """The same few figures of what gives the scores."""
        return Served(
            **dict(self._figures(self.method)),
            spend=self.value.methods.get("winback"),
            lifetime=_agreement(self.value.lifetime),
        )

    def _of(self, population: str, method: str) -> MethodMetrics | None:
        people = self.populations.get(population)
        return people.methods.get(method) if people else None

    def _size(self, population: str) -> Size:
        people = self.populations.get(population)
        return Size(n=people.n if people else 0, base_rate=people.base_rate if people else None)

    def _figures(self, method: str) -> MethodFigures:
        return MethodFigures(
            **_points(self._of("everyone", method), Figures),
            recently_active=Figures(**_points(self._of("recently_active", method), Figures)),
        )


def _points(metrics: MethodMetrics | None, kind: type[Result]) -> dict[str, float | None]:
    """Of a method's metrics those that ``kind`` has, without intervals."""
    found = {name: metrics[name] if metrics else None for name in MethodMetrics.model_fields}
    return {
        name: value.value if isinstance(value, Interval) else value
        for name, value in found.items()
        if name in kind.model_fields
    }


def _agreement(found: Agreement | None) -> Agreement | None:
    """The agreement alone, without what else an evaluation says of it."""
    return found and Agreement(**{name: found[name] for name in Agreement.model_fields})


class Size(Result):
    """How many rows were judged, and how they ended."""

    n: int = Field(description="rows: customers at cutoffs")
    base_rate: float | None = Field(description="share that returned; null without a row")


class Figures(Result):
    """The few metrics of a method by which runs are compared; null where not defined."""

    log_loss: float | None = Field(None, description="mean log loss; lower is better")
    roc_auc: float | None = Field(None, description="area under the ROC curve; 0.5 is chance")
    brier: float | None = Field(None, description="mean squared error of the probability")
    calibration_slope: float | None = Field(None, description="1 is right, below 1 too extreme")
    lift_at_10: float | None = Field(
        None, description="returns among the top 10 % over the base rate"
    )
    mean_p: float | None = Field(None, description="mean probability, to hold against `base_rate`")


class MethodFigures(Figures):
    """The same over everybody, and over those who bought lately."""

    recently_active: Figures = Field(description="over those who bought lately")


class Served(MethodFigures):
    """What gives the scores, with what hangs on it."""

    spend: Agreement | None = Field(None, description="how expected spend came true")
    lifetime: Agreement | None = Field(None, description="how the lifetime value came true")


class RuleFigures(Result):
    """What a model has to be better than."""

    log_loss: float | None = Field(None, description="mean log loss")
    roc_auc: float | None = Field(None, description="area under the ROC curve")


class Compared(Result):
    """What `dvc metrics`, `dvc exp show` and MLflow have of an evaluation.

    A worse model shows worse figures under ``model`` whoever gives the scores in its stead; those
    figures are the gate's (`winback.results.gated.GateFigures`).
    """

    everyone: Size = Field(description="all rows")
    recently_active: Size = Field(description="those who bought lately")
    model: MethodFigures = Field(description="the return model's own forecasts, never a rule's")
    rules: dict[str, RuleFigures] = Field(description="each simple rule, by name")
