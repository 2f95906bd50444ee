"""The challenger and the ledger in; the model that scores, and why, out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from winback.errors import WinbackError
from winback.files import replacing
from winback.judging.gate import decide
from winback.learning.model import ReturnModel
from winback.project import Project
from winback.results.base import Fact, fact
from winback.results.gated import Comparison, Court, Decision, Gated, GateFigures, Kind, Reason
from winback.results.judged import MODEL, EvaluatedModel
from winback.results.ledgered import ModelSealed, Reign
from winback.stages.court import (
    Case,
    Side,
    reads,
    rehearsed,
    reigning,
    same_forecasts,
    same_lessons,
    since,
)
from winback.stages.evaluate import champion_of, judge
from winback.stages.recipes import recipe_of
from winback.stages.stored import customers
from winback.tables.judged import CHAMPION_ROWS

if TYPE_CHECKING:
    import pandas as pd

    from winback.stages.lessons import Lessons

# What the challenger's stages wrote, and what it becomes where the challenger scores.
_COPIED = {
    "model": "champion", "backtest": "rehearsal", "evaluation": "served",
    "calibration": "served_calibration", "lift": "served_lift",
}  # fmt: skip


@dataclass(frozen=True)
class _Ruling:
    """What was decided; ``side`` is the champion's where it is kept."""

    kind: Kind
    reasons: tuple[Reason, ...]
    side: Side | None = None
    court: Court | None = None
    changed: tuple[str, ...] = ()
    lag_days: int = 0
    compared: Comparison | None = None
    doubts: tuple[Fact, ...] = field(default=())

    @property
    def decision(self) -> Decision:
        return "promoted" if self.side is None else "kept"


def gate(project: Project) -> None:
    """Let the model just trained score, or the champion's recipe score on."""
    challenger = Side(
        model=ReturnModel.load(project.path("model")),
        backtest=project.frame("backtest"),
        recipe=recipe_of(project.params),
    )
    reign = reigning(project)
    with TemporaryDirectory(prefix="winback-gate-") as folder:
        ruling = _rule(project, Path(folder), challenger, reign)
    scores = ruling.side or challenger
    gated = Gated(
        kind=ruling.kind,
        decision=ruling.decision,
        reasons=ruling.reasons,
        court=ruling.court,
        changed=ruling.changed,
        lag_days=ruling.lag_days,
        challenger=challenger.model.version,
        champion=reign and reign.version,
        champion_since=reign and reign.since,
        scores=ModelSealed(
            version=scores.model.version,
            kind=scores.model.kind,
            rule=scores.model.rule.name if scores.model.rule else None,
            recipe=scores.recipe,
        ),
        compared=ruling.compared,
        doubts=ruling.doubts,
    )
    project.write_json("gate", gated)
    served = _serve(project, challenger, ruling.side)
    gain = gated.compared.gain if gated.compared else None
    figures = GateFigures(kept=int(gated.kept), gain=gain, served=served.serving())
    project.write_metrics("gate", figures)
    if gated.kept or gated.doubts:
        project.say(gated)


def _serve(project: Project, challenger: Side, kept: Side | None) -> EvaluatedModel:
    """Write what scores, and how good that is."""
    if kept is None:
        for name, becomes in _COPIED.items():
            with replacing(project.path(becomes)) as new:
                new.write_bytes(project.path(name).read_bytes())
    else:
        project.path("champion").parent.mkdir(parents=True, exist_ok=True)
        kept.model.save(project.path("champion"))
        project.write_frame("rehearsal", kept.backtest)
        chosen = champion_of(project.params, kept.backtest, customers(project))
        if chosen.method != kept.method:
            why = "no_rule_led" if kept.method == MODEL else "rule_led"
            chosen = chosen.model_copy(update={"method": kept.method, "why": why})
        summary, evaluated = judge(project.params, kept.backtest, kept.model, chosen)
        project.write_json("served", summary)
        project.write_curve("served_calibration", evaluated.calibration)
        project.write_curve("served_lift", evaluated.lift)
    if kept is None or kept.rows is None:
        project.write_arrow("champion_rows", CHAMPION_ROWS.schema.empty_table())
    else:
        project.write_frame("champion_rows", kept.rows)
    return project.result("served", EvaluatedModel)


def _rule(project: Project, folder: Path, challenger: Side, reign: Reign | None) -> _Ruling:
    """Who scores, by what has changed since the champion was made."""
    if reign is None:
        return _Ruling("first", ("first",))
    if reign.version == challenger.model.version:
        return _Ruling("unchanged", ("unchanged",))
    if reign.model is None:
        raise WinbackError("ledger.no_recipe", version=reign.version)
    case = Case.of(project, folder, challenger, reign)
    if case.horizon_days != project.params.snapshot.horizon_days:
        return _Ruling("first", ("other_horizon",), changed=case.changed)
    if _named_since(project, reign, challenger):
        return _with_its_file(case, _Ruling("named", ("named",), changed=case.changed))
    if not case.changed:
        return _refresh(case)
    project.say(fact("progress.gate", version=reign.version))
    followed = None if "code" in case.changed else case.champions_lessons()
    return _change_of_code(case) if followed is None else _change(case, followed)


def _named_since(project: Project, reign: Reign, challenger: Side) -> bool:
    """Whether somebody named the champion who could have had this challenger."""
    made = challenger.model.facts.cutoff
    day = project.ledger().entries[reign.entry - 1].day
    return reign.why in ("named", "rolled_back") and made is not None and made <= day


def _refresh(case: Case) -> _Ruling:
    """The same recipe, newer data: it passes unless harm is shown."""
    lessons, lag = case.lessons(), case.lag_days
    if same_lessons(lessons, lag):
        return _Ruling("refresh", ("same_lessons",), lag_days=lag)
    case.project.say(fact("progress.gate", version=case.reign.version))
    table, method = rehearsed(lessons, lag)
    compared = case.compare(
        table, case.challenger.backtest, (method, case.challenger.method), lessons
    )
    decision, reasons = decide("refresh", compared)
    side = _again(case, lessons, (table, method), lag) if decision == "kept" else None
    return _Ruling("refresh", reasons, side, "rehearsed", lag_days=lag, compared=compared)


def _change(case: Case, followed: Lessons) -> _Ruling:
    """Other params: the champion's are rehearsed at the same cutoffs."""
    table, method = rehearsed(followed)
    compared = case.compare(
        table, case.challenger.backtest, (method, case.challenger.method), case.lessons()
    )
    decision, reasons = decide("change", compared)
    side = _again(case, followed, (table, method)) if decision == "kept" else None
    return _Ruling("change", reasons, side, "rehearsed", case.changed, compared=compared)


def _again(
    case: Case, lessons: Lessons, rehearsal: tuple[pd.DataFrame, str], lag_days: int = 0
) -> Side:
    """The champion's recipe on today's data, without what it had not to learn from."""
    table, method = rehearsal
    model = lessons.served(lessons.fit(lag_days=lag_days), method)
    if method != MODEL:
        # What customers are worth follows from their chance to return.
        table = lessons.rehearse(lag_days=lag_days, rule=method)
    own = lessons.project.layout["snapshots"] != case.project.layout["snapshots"]
    return Side(
        model=model,
        backtest=table,
        recipe=case.recipe,
        rows=lessons.scored if own else None,
    )


def _change_of_code(case: Case) -> _Ruling:
    """Other code cannot be run again: what the champion said in its time speaks for it."""
    ruling = _Ruling("change", ("nothing_to_show",), changed=case.changed)
    sealed, lessons = case.sealed(), case.lessons()
    ours = None
    if sealed is not None:
        theirs = (sealed.backtest(), sealed.sealed.model.rule or MODEL)
        then = case.as_of_the_champion()
        ours = rehearsed(then)
        if same_forecasts(theirs[0], ours[0], (theirs[1], ours[1])):
            return _Ruling("refresh", ("same_forecasts",), court="sealed", changed=case.changed)
        compared = case.compare(theirs[0], ours[0], (theirs[1], ours[1]), then)
        _, reasons = decide("change", compared)
        ruling = _Ruling("change", reasons, None, "sealed", case.changed, compared=compared)
    if case.file is not None:
        judged = case.challenger.backtest
        told = since(case.file, judged, lessons, case.cutoff)
        if len(told):
            compared = case.compare(told, judged, ("file", case.challenger.method), lessons)
            _, reasons = decide("change", compared)
            ruling = _Ruling("change", reasons, None, "since", case.changed, compared=compared)
    return ruling if ruling.reasons == ("gain_shown",) else _with_its_file(case, ruling)


def _with_its_file(case: Case, ruling: _Ruling) -> _Ruling:
    """The champion's own file scores on, if it can read today's snapshots."""
    if case.file is None or not reads(case.file, customers(case.project)):
        told = fact("gate.unreadable", version=case.reign.version)
        return replace(ruling, reasons=(*ruling.reasons, "unreadable"), doubts=(told,))
    sealed = case.sealed()
    side = Side(
        model=case.file,
        backtest=sealed.backtest() if sealed is not None else case.challenger.backtest,
        recipe=case.recipe,
    )
    return replace(ruling, side=side)
