"""A project opened by a notebook, to read what its stages made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from winback.churn import ChurnStudy
from winback.draws import first_of
from winback.errors import WinbackError
from winback.learning.model import ReturnModel
from winback.params import load_params
from winback.project import FOLDER, Project, Some
from winback.questions.churning import define_churn
from winback.questions.sealing import of_run
from winback.results.described import Described
from winback.results.gated import Gated
from winback.results.graded import Record
from winback.results.intake import IngestSummary
from winback.results.judged import EvaluatedModel
from winback.results.learned import Evidence, Training
from winback.results.measured import Awaited, Measurement
from winback.results.planned import Planned
from winback.results.reacted import Reacted
from winback.results.scored import Drivers
from winback.snapshots.days import ShopDays
from winback.stages.describe import described
from winback.stages.grade import record_of
from winback.stages.measure import measured_of
from winback.stages.stored import MOST_ROWS, customers, stored
from winback.tables.outcomes import SHOP_DAYS

if TYPE_CHECKING:
    import pandas as pd

_INDEX = "_index"


@dataclass(frozen=True)
class Opened(Project):
    """A project, or a folder of `winback run`, as a notebook asks it.

    Each part is read when asked for and is None where nobody made it; nothing is ever written.
    Beside these, all that `Project` has: ``frame("decisions")``, ``curve("calibration")``,
    ``path("orders")``, ``params``.
    """

    @property
    def is_run(self) -> bool:
        """Whether it is a folder of `winback run`, which knows no git, DVC or MLflow."""
        return not self.under_dvc

    def part(self, name: str, kind: type[Some]) -> Some | None:
        """A stored result; None where its stage has not run."""
        return self.result(name, kind) if self.path(name).is_file() else None

    @cached_property
    def ingested(self) -> IngestSummary:
        """How the orders were read."""
        return self.result("ingest", IngestSummary)

    @property
    def currency(self) -> str:
        """ISO code of all money; empty where nobody said it."""
        return self.ingested.currency or ""

    @property
    def horizon_days(self) -> int:
        """How many days after a cutoff a purchase counts as a return."""
        return self.params.snapshot.horizon_days

    @cached_property
    def described(self) -> Described:
        """The shop before any model; worked out where the stage `describe` has not run."""
        return self.part("shop", Described) or described(self)

    @cached_property
    def churn(self) -> ChurnStudy:
        """What silence means here, as `define_churn` finds it."""
        return define_churn(self.path("orders"), cutoff=self.ingested.cutoff)

    @property
    def evidence(self) -> Evidence | None:
        """Whether there was enough to learn from."""
        found = self.part("training", Training)
        return found.evidence if found is not None else None

    @property
    def judged(self) -> EvaluatedModel | None:
        """How good the forecasts are, at cutoffs the model had not seen."""
        return self.part("evaluation", EvaluatedModel)

    @property
    def gated(self) -> Gated | None:
        """Who scores, and why."""
        return self.part("gate", Gated)

    @property
    def drivers(self) -> Drivers | None:
        """What moves the chance of a return."""
        return self.part("drivers", Drivers)

    @property
    def planned(self) -> Planned | None:
        """The list in totals."""
        return self.part("target", Planned)

    @property
    def learned(self) -> Reacted | None:
        """What lists that left have taught of each offer."""
        return self.part("learned", Reacted)

    @cached_property
    def record(self) -> Record:
        """Every list that left, held against what came since, as the orders here know it."""
        return record_of(self)

    @property
    def measured(self) -> dict[str, Measurement | Awaited]:
        """What each campaign changed, by its name; of a list that left nobody need have asked."""
        found = measurements(self)
        return {**dict(measured_of(self)), **found} if self.is_run else found

    @cached_property
    def model(self) -> ReturnModel:
        """The model that scores."""
        return ReturnModel.load(self.path("champion"))

    @cached_property
    def days(self) -> ShopDays:
        """The shop's days, which know its gaps."""
        table = self.frame("shop_days", SHOP_DAYS)
        return ShopDays.from_frame(table, self.params.snapshot.country)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """Today's snapshots, one row a customer."""
        return customers(self)

    def lessons(self, most_customers: int | None = None) -> pd.DataFrame:
        """Snapshots with their outcomes, of the cutoffs whose horizon has closed.

        Args:
            most_customers: so many of the customers, drawn by a hash of their ids, each with all
                rows; None: all of them.
        """
        rows = stored(self).closed(MOST_ROWS)
        if most_customers is None:
            return rows
        return _of_few(rows, most_customers)

    def predictions(self, most_customers: int | None = None) -> pd.DataFrame:
        """What model and rules would have said at earlier cutoffs, a column ``p_<name>`` each.

        As `backtest` gives them; the project's own model is ``p_lightgbm``.
        """
        rows = self.frame("backtest")
        return rows if most_customers is None else _of_few(rows, most_customers)


def open_project(place: str | Path = ".") -> Opened:
    """What `dvc repro` or `winback run` made, to be read: of this repository, of one's own.

    Args:
        place: the folder of a project (with its params.yaml) or of `winback run` (with its
            manifest.json); a folder inside of one, such as its ``notebooks``, will do.

    Raises:
        UsageError: params.yaml is not in order.
        WinbackError: there is neither a project nor a run.
    """
    start = Path(place)
    for folder in (start, *_above(start)):
        if (folder / "params.yaml").is_file():
            return Opened(load_params(folder / "params.yaml"), root=folder)
        if (folder / FOLDER["manifest"]).is_file() and (folder / FOLDER["scores"]).is_file():
            run = of_run(folder)
            return Opened(run.params, root=run.root, layout=run.layout)
    raise WinbackError("project.nothing_to_open", folder=place)


def _above(start: Path) -> list[Path]:
    """The folders a place lies in: named as it was where it can be, so that no home is told."""
    if start.is_absolute():
        return list(start.parents)
    depth = len(start.resolve().parents)
    return [start / Path(*[".."] * step) for step in range(1, depth + 1)]


def _of_few(rows: pd.DataFrame, most_customers: int) -> pd.DataFrame:
    ids = rows["customer_id"].drop_duplicates()
    drawn = set(ids.iloc[first_of(ids, most_customers)])
    few: pd.DataFrame = rows[rows["customer_id"].isin(drawn)].reset_index(drop=True)
    return few


def measurements(project: Project) -> dict[str, Measurement | Awaited]:
    """What was measured of each campaign; none is missing but those it has not met yet.

    Of a project what its stage `measure` found, of a folder of `winback run` what `winback
    measure` wrote into it.
    """
    found: dict[str, Measurement | Awaited] = {}
    files = sorted(project.path("measurements").glob("*.json"))
    if not project.under_dvc:
        files += [path for path in [project.root / "measurement.json"] if path.is_file()]
    for path in files:
        if path.stem == _INDEX:
            continue
        text = path.read_text(encoding="utf-8")
        each: Measurement | Awaited
        try:
            each = Measurement.from_json(text, str(path))
        except WinbackError:
            each = Awaited.from_json(text, str(path))
        found[each.campaign_id or path.stem] = each
    return found


def learned(project: Project) -> Reacted:
    """What lists that left have taught of each offer, as the stage ``learn`` found it.

    Raises:
        WinbackError: the stage has not run.
    """
    return project.result("learned", Reacted)
