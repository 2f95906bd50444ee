"""params.yaml as one validated object; an unknown key names the nearest known one."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)

from winback.errors import UsageError

Language = Literal["en", "pl"]
# For this repository's demonstration alone: everybody can read it, so it keeps no arm secret.
PUBLIC_SALT = "public-demo"
Aggregate = Literal["sum", "mean", "sd", "share", "ratio", "distinct", "first", "last", "max"]
SignalAggregate = Literal[
    "count", "sum", "mean", "sd", "share", "ratio", "distinct", "first", "last", "max",
    "days_since", "open",
]  # fmt: skip


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class IngestSettings(_Section):
    """Where the order history is and how to read it."""

    orders: str = "data/raw/orders.csv"
    columns: dict[str, str] = Field(default_factory=dict)
    cutoff: date | None = None
    timezone: str | None = None
    currency: str | None = None
    day_first: bool | None = None
    consent_column: str | None = None
    contact_columns: tuple[str, ...] = ()
    suppress: str | None = None
    signals: str | None = None
    signal_columns: dict[str, str] = Field(default_factory=dict)
    attributes: str | None = None
    attribute_columns: dict[str, str] = Field(default_factory=dict)
    memory_limit: str = "4GB"
    threads: int | None = None

    @field_validator("cutoff", mode="before")
    @classmethod
    def _quoted_date(cls, value: Any) -> Any:
        return None if value in ("", None) else value


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} stands there twice")
    return values


Once = AfterValidator(_each_once)
ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class DeclaredMeasure(_Section):
    """A number per purchase, summed over windows."""

    name: ColumnName
    value: str = Field(min_length=1)
    windows_days: Annotated[tuple[PositiveInt, ...], Once] = Field((30, 90, 365), min_length=1)
    aggregates: Annotated[tuple[Aggregate, ...], Once] = Field(("sum",), min_length=1)
    meaning: str = ""


class DeclaredSignal(_Section):
    """Things of one name that happened to customers, as features."""

    name: ColumnName
    windows_days: Annotated[tuple[PositiveInt, ...], Once] = Field((30, 90, 365), min_length=1)
    aggregates: Annotated[tuple[SignalAggregate, ...], Once] = Field(
        ("count", "days_since"), min_length=1
    )
    closed_by: ColumnName | None = None
    meaning: str = ""


class DeclaredAttribute(_Section):
    """A changing property of a customer, as it was known before the cutoff."""

    name: ColumnName
    levels: Annotated[tuple[str, ...], Once] = ()
    meaning: str = ""


class DeclaredCustom(_Section):
    """Columns from SQL or a Python function over the past of a cutoff."""

    columns: tuple[ColumnName, ...] = Field(min_length=1)
    sql: str | None = Field(None, min_length=1)
    function: str | None = Field(None, pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    meaning: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> DeclaredCustom:
        if (self.sql is None) == (self.function is None):
            raise ValueError("give either sql or function")
        return self


class SnapshotSettings(_Section):
    """How customers are measured, at which cutoffs, and how long an outcome waits."""

    horizon_days: int = Field(90, ge=1, le=730)
    windows_days: tuple[PositiveInt, ...] = (7, 14, 30, 60, 90, 180, 365, 730)
    every_days: int | None = Field(None, ge=1)
    most_cutoffs: int = Field(40, ge=1)
    country: str = "PL"
    paydays: tuple[Annotated[int, Field(ge=1, le=31)], ...] = Field((10,), min_length=1)
    measures: tuple[DeclaredMeasure, ...] = ()
    signals: tuple[DeclaredSignal, ...] = ()
    attributes: tuple[DeclaredAttribute, ...] = ()
    custom: tuple[DeclaredCustom, ...] = ()
    threads: int = Field(2, ge=1)


class TrainSettings(_Section):
    """How the return model is grown; docs/decisions.md says why these values."""

    horizons_days: tuple[PositiveInt, ...] = (30, 60)
    seeds: int = Field(2, ge=1)
    learning_rate: float = Field(0.1, gt=0, le=1)
    num_leaves: int = Field(15, ge=2)
    min_rows_in_leaf: int = Field(100, ge=1)
    feature_share: float = Field(0.35, gt=0, le=1)
    row_share: float = Field(0.8, gt=0, le=1)
    l2: float = Field(10.0, ge=0)
    path_smooth: float = Field(10.0, ge=0)
    max_rounds: int = Field(600, ge=10)
    patience_rounds: int = Field(20, ge=1)
    step_rounds: int = Field(40, ge=1)
    lifetime_days: int | None = Field(365, ge=1)
    max_rows: int = Field(200_000, ge=1000)
    threads: int = Field(2, ge=1)


class EvaluateSettings(_Section):
    """At how many earlier cutoffs the model is judged, and how sure the judgement is."""

    origins: int = Field(3, ge=1)
    resamples: int = Field(500, ge=0)
    active_days: int | None = Field(None, ge=1)


class ScoreSettings(_Section):
    """What a scored row says beside its probability."""

    medium_risk_above: float = Field(0.5, ge=0, le=1)
    high_risk_above: float = Field(0.8, ge=0, le=1)
    explain_rows: int = Field(50_000, ge=0)

    @model_validator(mode="after")
    def _bands_in_order(self) -> ScoreSettings:
        if self.medium_risk_above > self.high_risk_above:
            raise ValueError(
                f"medium_risk_above {self.medium_risk_above} is above high_risk_above"
                f" {self.high_risk_above}, so nobody would be of medium risk; swap them"
            )
        return self


class ChannelSettings(_Section):
    """What a channel can carry in this campaign."""

    per_day: int | None = Field(None, ge=0)
    days: int = Field(1, ge=1, le=3650)
    budget: float | None = Field(None, ge=0)


class TargetSettings(_Section):
    """The campaign: which offers there are, what may be spent, who is held out."""

    campaign_id: str = "winback"
    send_on: str | None = None
    budget: float | None = Field(None, ge=0)
    control_share: float = Field(0.1, gt=0, lt=1)
    reserve_share: float = Field(0.05, ge=0, lt=1)
    max_contacts: int | None = Field(None, ge=1)
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)
    explore_share: float = Field(0.0, ge=0, lt=1)
    plausible_effect_pp: float = Field(5.0, gt=0, le=100)
    holdout_share: float = Field(0.0, ge=0, lt=1)
    history: str | None = None
    quiet_days: int | None = Field(None, ge=1, le=3650)
    contacts_per_year: int | None = Field(None, ge=1)
    complaint_column: str | None = None
    subscriber_column: str | None = None
    require_consent: bool = False
    salt: Literal["public-demo"] | None = None
    draft: bool = True
    seal: str | None = None
    offers: tuple[dict[str, Any], ...] = ()

    @field_validator("salt", mode="before")
    @classmethod
    def _no_secret(cls, value: Any) -> Any:
        if value not in (None, PUBLIC_SALT):
            # Without the value: it was a secret, and errors are read by many.
            raise UsageError("project.salt_in_params")
        return value

    @field_validator("send_on", mode="before")
    @classmethod
    def _bare_date(cls, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value or None

    @model_validator(mode="after")
    def _quiet_needs_history(self) -> TargetSettings:
        if self.history is None and (self.quiet_days or self.contacts_per_year):
            raise ValueError(
                "quiet_days and contacts_per_year need history, the files of past assignments,"
                " such as history: exports/*/assignment.parquet"
            )
        return self


class MeasuredCampaign(_Section):
    """A campaign that was sent, and how it is to be judged: say so before its window closes."""

    folder: str
    window_days: int = Field(30, ge=1, le=3650)
    metric: Literal["returned", "orders", "net_spend"] = "returned"
    amounts: Literal["before_discount", "after_discount"] = "before_discount"


class MeasurementSettings(_Section):
    """Which campaigns `dvc repro` measures once their windows have closed."""

    campaigns: dict[str, MeasuredCampaign] = Field(default_factory=dict)


class ReportSettings(_Section):
    """The page a person reads."""

    language: Language = "en"
    shop_name: str | None = None


class TrackSettings(_Section):
    """MLflow."""

    experiment: str = "winback"
    model_name: str = "winback-return"


class Params(_Section):
    """Every section of params.yaml; a missing section or key has its default."""

    ingest: IngestSettings = IngestSettings()
    snapshot: SnapshotSettings = SnapshotSettings()
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    score: ScoreSettings = ScoreSettings()
    target: TargetSettings = TargetSettings()
    measure: MeasurementSettings = MeasurementSettings()
    report: ReportSettings = ReportSettings()
    track: TrackSettings = TrackSettings()

    @model_validator(mode="before")
    @classmethod
    def _without_empty_sections(cls, stored: Any) -> Any:
        # YAML reads a section whose keys are all commented out as null.
        if not isinstance(stored, dict):
            return stored
        return {name: section for name, section in stored.items() if section is not None}

    @property
    def active_days(self) -> int:
        """Who counts as recently active in the evaluation: bought in the last two horizons."""
        return self.evaluate.active_days or 2 * self.snapshot.horizon_days


def load_params(path: Path) -> Params:
    """params.yaml, checked.

    Raises:
        UsageError: the file is missing, is not YAML, has an unknown key (the nearest known
            one is named) or a value of the wrong kind.
    """
    import yaml

    try:
        stored = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text; save it as UTF-8.") from error
    except (yaml.YAMLError, ValueError) as error:
        # A ValueError is a date that no calendar has, such as 2024-02-30.
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise UsageError(f"{path}: not YAML: {str(error).splitlines()[0]}{where}.") from error
    if not isinstance(stored, dict):
        raise UsageError(f"{path}: expected sections such as `snapshot:`, found {stored!r:.60}.")
    return check_params(stored, str(path))


def check_params(stored: dict[str, Any], source: str = "params") -> Params:
    """The same check for parameters that are already a mapping."""
    try:
        return Params.model_validate(stored)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(first["loc"][-1]), _known(first["loc"]), 1, 0.4)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            raise UsageError(f"{source}: unknown key `{key}`.{hint}") from error
        found = str(first.get("input"))[:60]
        raise UsageError(f"{source}: `{key}`: {first['msg']}; found {found!r}.") from error


def _known(location: tuple[int | str, ...]) -> list[str]:
    kind: Any = Params
    for part in location[:-1]:
        if hasattr(kind, "model_fields"):
            kind = kind.model_fields[str(part)].annotation
        else:
            # An entry of a list, tuple[kind, ...], or of a mapping, dict[str, kind].
            kind = next(inner for inner in get_args(kind) if hasattr(inner, "model_fields"))
    return list(kind.model_fields)
