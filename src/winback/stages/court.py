"""Who stands before the gate: the challenger, and the champion as far as it can be heard.

Each side forecasts cutoffs from fits that had not seen what came of them. What the champion has to
say depends on what has changed since: newer data, params, or the code itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from winback.errors import WinbackError
from winback.files import write_text
from winback.judging.gate import compare, paired
from winback.learning.model import ReturnModel
from winback.ledger.asked import Seal, champion_on, model_file, seals
from winback.params import Params, check_params
from winback.project import Project, quiet
from winback.results.gated import Comparison
from winback.results.intake import IngestSummary
from winback.results.judged import MODEL
from winback.results.ledgered import Recipe, Reign
from winback.scoring.segments import segments_of
from winback.stages.evaluate import champion_of
from winback.stages.lessons import Lessons
from winback.stages.recipes import changed
from winback.stages.snapshot import snapshot

if TYPE_CHECKING:
    import pandas as pd

# Forecasts that agree to this are of one model, however the source looks.
_SAME = 1e-4
_TAKEN = ("snapshots", "outcomes", "restated", "first_days", "shop_days", "metrics")


@dataclass(frozen=True)
class Side:
    """What would score, and what it would have said at earlier cutoffs.

    ``rows`` are today's customers as its recipe measures them; None where the pipeline's own
    snapshots are.
    """

    model: ReturnModel
    backtest: pd.DataFrame
    recipe: Recipe
    rows: pd.DataFrame | None = None

    @property
    def method(self) -> str:
        """The method that gives its scores."""
        return method_of(self.model)


@dataclass(frozen=True)
class Case:
    """A challenger and the champion it meets."""

    project: Project
    folder: Path
    challenger: Side
    reign: Reign
    recipe: Recipe  # the champion's
    file: ReturnModel | None
    cutoff: date

    @staticmethod
    def of(project: Project, folder: Path, challenger: Side, reign: Reign) -> Case:
        """The case of a challenger against whoever reigns.

        Args:
            project: The project.
            folder: An empty one for what is taken anew.
            challenger: Its side.
            reign: The champion, of whom the ledger knows the recipe.
        """
        ledger = project.ledger()
        path = model_file(ledger, reign.version)
        file = None if path is None else _loaded(path)
        assert reign.model is not None
        return Case(
            project=project,
            folder=folder,
            challenger=challenger,
            reign=reign,
            recipe=reign.model.recipe,
            file=file,
            cutoff=(file and file.facts.cutoff) or reign.since,
        )

    @property
    def changed(self) -> tuple[str, ...]:
        """Params in which the recipes differ, and ``code``."""
        return changed(self.recipe, self.challenger.recipe)

    @property
    def horizon_days(self) -> int:
        """The horizon that the champion's probabilities are for."""
        told = self.recipe.params.get("snapshot")
        wanted = told.get("horizon_days") if isinstance(told, Mapping) else None
        return int(str(wanted)) if wanted is not None else 0

    @property
    def lag_days(self) -> int:
        """By how many days the champion's newest lesson is older than the challenger's."""
        ours, theirs = _newest(self.challenger.model), _newest(self.file)
        if ours is None or theirs is None:
            ours, theirs = self.project.result("ingest", IngestSummary).cutoff, self.cutoff
        return max((ours - theirs).days, 0)

    def lessons(self) -> Lessons:
        """What the challenger was learned from."""
        return self.project.once("lessons", lambda: Lessons.of(self.project))

    def champions_lessons(self) -> Lessons | None:
        """What the champion's recipe learns from today; None where it cannot be followed."""
        params = self._then()
        if params is None:
            return None
        if not any(name.startswith("snapshot.") for name in self.changed):
            return replace(self.lessons(), project=replace(self.project, params=params))
        taken = _beside(self.project, self.folder / "champion", params)
        snapshot(taken)
        return Lessons.of(taken)

    def _then(self) -> Params | None:
        """The params of today with the champion's recipe in them."""
        try:
            told = check_params(dict(self.recipe.params), "ledger")
        except WinbackError:
            return None
        now = self.project.params
        return now.model_copy(
            update={
                "snapshot": told.snapshot.model_copy(update={"threads": now.snapshot.threads}),
                "train": told.train.model_copy(update={"threads": now.train.threads}),
            }
        )

    def as_of_the_champion(self) -> Lessons:
        """What the challenger's recipe would have learned from on the champion's day."""
        taken = _beside(self.project, self.folder / "challenger", self.project.params)
        told = self.project.result("ingest", IngestSummary)
        last = self.cutoff - timedelta(days=1)
        told = told.model_copy(update={"cutoff": self.cutoff, "last_day": min(told.last_day, last)})
        path = self.folder / "ingest.json"
        write_text(path, told.to_json())
        taken = replace(taken, layout={**taken.layout, "ingest": str(path)})
        snapshot(taken)
        return Lessons.of(taken)

    def sealed(self) -> Seal | None:
        """The last list that the champion scored, if its rehearsal is in the ledger."""
        # Set back before its day, the shop cannot be seen as the champion saw it.
        if self.cutoff > self.project.result("ingest", IngestSummary).cutoff:
            return None
        found = seals(self.project.ledger(), kinds=("seal", "replay"))
        scored = [s for s in found if s.sealed.model.version == self.reign.version]
        return next((seal for seal in reversed(scored) if seal.has("backtest")), None)

    def compare(
        self, champion: pd.DataFrame, challenger: pd.DataFrame, methods: tuple[str, str],
        lessons: Lessons,
    ) -> Comparison:  # fmt: skip
        """Both rehearsals held against what came, by the segments of that day."""
        rows = _with_segments(paired(champion, challenger, methods), lessons)
        return compare(rows, n_bootstrap=self.project.params.evaluate.resamples)


def reigning(project: Project) -> Reign | None:
    """The champion that a list has left with, or that somebody named."""
    reign = champion_on(project.ledger())
    # Weeks that were replayed prove a model; they put none on the throne.
    return None if reign is None or reign.why == "replayed" else reign


def method_of(model: ReturnModel) -> str:
    """The method that gives a model's scores."""
    return model.rule.name if model.rule else MODEL


def rehearsed(lessons: Lessons, lag_days: int = 0) -> tuple[pd.DataFrame, str]:
    """A recipe's rehearsal, and the method that would give its scores."""
    table = lessons.rehearse(lag_days=lag_days)
    return table, champion_of(lessons.project.params, table, lessons.scored).method


def same_lessons(lessons: Lessons, lag_days: int) -> bool:
    """Whether a model of so many days ago had learned from the same windows at every origin."""
    horizon, wait = lessons.horizon_days, timedelta(days=lag_days)
    lengths = {horizon, *lessons.first_days["part_days"].unique().tolist()}
    cutoffs = {
        length: [cutoff.date() for cutoff in frame["cutoff"].drop_duplicates().sort_values()]
        for length in lengths
        for frame in [lessons.rows if length == horizon else lessons.first_days]
    }
    count = lessons.project.params.evaluate.origins
    return all(
        {c for c in days if c + timedelta(days=length) <= origin}
        == {c for c in days if c + timedelta(days=length) + wait <= origin}
        for length, days in cutoffs.items()
        for origin in days[-count:]
    )


def same_forecasts(
    champion: pd.DataFrame, challenger: pd.DataFrame, methods: tuple[str, str]
) -> bool:
    """Whether two rehearsals say the same of the same customers."""
    rows = paired(champion, challenger, methods)
    if rows.empty or methods[0] != methods[1]:
        return False
    apart = rows["champion"].to_numpy(np.float64) - rows["challenger"].to_numpy(np.float64)
    return bool(np.abs(apart).max() <= _SAME)


def since(model: ReturnModel, judged: pd.DataFrame, lessons: Lessons, day: date) -> pd.DataFrame:
    """What a model's own file says at the judged cutoffs from its own day on."""
    keys = judged.loc[judged["origin_kind"] == "time", ["customer_id", "cutoff"]]
    keys = keys[keys["cutoff"] >= np.datetime64(day)]
    keys = keys.drop_duplicates()
    rows = keys.merge(lessons.rows, on=["customer_id", "cutoff"], how="left")
    if rows.empty or not reads(model, rows):
        return judged.iloc[:0]
    told = np.round(model.predict(rows)["p_return"].to_numpy(), 6)
    return judged.merge(keys.assign(p_file=told), on=["customer_id", "cutoff"])


def reads(model: ReturnModel, snapshots: pd.DataFrame) -> bool:
    """Whether a model finds what it takes in these snapshots."""
    try:
        told = model.predict(snapshots.head(50))
    except (KeyError, ValueError, TypeError, AttributeError, WinbackError):
        return False
    return bool(told["p_return"].notna().all())


def _loaded(path: Path) -> ReturnModel | None:
    """A model's file; None where another winback wrote it that this one cannot read."""
    try:
        return ReturnModel.load(path)
    except WinbackError:
        return None


def _newest(model: ReturnModel | None) -> date | None:
    return max(model.facts.base_rates, default=None) if model else None


def _beside(project: Project, folder: Path, params: Params) -> Project:
    """The same project with snapshots of its own in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {
        name: str((folder / name).resolve()) if name == "metrics" else
        str((folder / f"{name}.parquet").resolve())
        for name in _TAKEN
    }  # fmt: skip
    return replace(project, params=params, layout={**project.layout, **own}, say=quiet, _kept={})


def _with_segments(rows: pd.DataFrame, lessons: Lessons) -> pd.DataFrame:
    import pandas as pd

    if rows.empty:
        return rows
    keys = ["customer_id", "cutoff"]
    known = pd.concat([lessons.rows, lessons.first_days]).drop_duplicates(keys)
    known = known[known["cutoff"].isin(rows["cutoff"].unique())].reset_index(drop=True)
    named = known[keys].assign(segment=segments_of(known).to_numpy())
    return rows.merge(named, on=keys, how="left")
