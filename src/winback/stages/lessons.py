"""What a model is learned from, its fit, and its rehearsal at earlier cutoffs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from winback.judging.backtesting import Origins, backtest
from winback.judging.evidence import judge_evidence
from winback.learning.fit import fit_return_model
from winback.learning.gaps import outside_gaps
from winback.learning.model import ReturnModel
from winback.learning.rules import Rule, fit_rule
from winback.learning.treated import untreated
from winback.project import Project, Say, quiet
from winback.results.judged import MODEL
from winback.results.learned import Evidence
from winback.snapshots.days import ShopDays
from winback.stages.past import past_of
from winback.stages.stored import MOST_ROWS, stored
from winback.tables.outcomes import RESTATED, SHOP_DAYS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Lessons:
    """All that a fit or a rehearsal takes, read once of a project's snapshots."""

    project: Project
    rows: pd.DataFrame
    scored: pd.DataFrame
    first_days: pd.DataFrame
    restated: pd.DataFrame
    sent: pd.DataFrame | None
    days: ShopDays
    say: Say = quiet

    @staticmethod
    def of(project: Project, say: Say = quiet) -> Lessons:
        """The lessons of a project whose snapshots are taken."""
        snapshots = stored(project)
        rows, newest = snapshots.closed_and_newest(MOST_ROWS)
        scored = project.once("customers", lambda: newest)
        # What customers did who had been sent an offer is not what they do by themselves.
        known = {*rows["customer_id"].astype(str), *scored["customer_id"]}
        sent, _ = past_of(project, known, say)
        return Lessons(
            project=project,
            rows=rows,
            scored=scored,
            first_days=snapshots.first_days(MOST_ROWS),
            restated=project.frame("restated", RESTATED),
            sent=sent,
            days=ShopDays.from_frame(
                project.frame("shop_days", SHOP_DAYS), project.params.snapshot.country
            ),
            say=say,
        )

    @property
    def horizon_days(self) -> int:
        """The main horizon."""
        return self.project.params.snapshot.horizon_days

    def evidence(self) -> Evidence:
        """Whether there is enough to learn from."""
        return judge_evidence(
            self.rows, self.scored, horizon_days=self.horizon_days, days=self.days
        )

    def fit(self, *, lag_days: int = 0) -> ReturnModel:
        """The model of the project's params, for today's customers.

        Args:
            lag_days: leaves out the windows that closed in so many last days.
        """
        import pandas as pd

        train = self.project.params.train
        cutoff = self.scored["cutoff"].iloc[0]

        def closed(rows: pd.DataFrame, of_days: Any) -> pd.DataFrame:
            wait = pd.to_timedelta(of_days + lag_days, unit="D")
            taught: pd.DataFrame = rows[rows["cutoff"] + wait <= cutoff]
            return taught if lag_days else rows

        return fit_return_model(
            closed(self.rows, self.horizon_days), cutoff=cutoff, customers=self.scored,
            horizon_days=self.horizon_days, horizons_days=train.horizons_days,
            settings=train.model_copy(update={"threads": 1}), treated=self.sent,
            first_days=closed(self.first_days, self.first_days["part_days"]), days=self.days,
        )  # fmt: skip

    def rehearse(self, *, lag_days: int = 0, rule: str | None = None) -> pd.DataFrame:
        """What the same params would have said at earlier cutoffs, as `backtest` gives it."""
        params = self.project.params
        return backtest(
            self.rows, horizon_days=self.horizon_days, active_days=params.active_days,
            origins=Origins(params.evaluate.origins, lag_days), customers=self.scored,
            settings=params.train.model_copy(update={"threads": 1}), progress=self.say,
            treated=self.sent, restated=self.restated, first_days=self.first_days, days=self.days,
            rule=rule,
        )  # fmt: skip

    def served(self, model: ReturnModel, method: str) -> ReturnModel:
        """The same model, or where a rule gives the scores, ruled by it."""
        rule = None if method == MODEL else self.rule(method)
        model = model if rule is None else model.ruled_by(rule)
        return replace(model, threads=self.project.params.train.threads)

    def rule(self, method: str) -> Rule | None:
        """A simple rule, learned from the same rows; None where there is nothing to learn from."""
        taught = untreated(
            outside_gaps(self.rows, self.days, self.horizon_days), self.sent, self.horizon_days
        )
        return fit_rule(method, taught, self.scored, self.horizon_days)
