"""Who scores: the model just trained or the champion's recipe, by the stages of a run's folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import JsonValue

from winback.cli import app as cli
from winback.learning.model import ReturnModel
from winback.ledger.asked import champion_on, model_file, seals
from winback.params import Params, check_params
from winback.project import FOLDER, Project
from winback.questions.sealing import seal_list
from winback.results.gated import Gated
from winback.results.judged import EvaluatedModel
from winback.results.ledgered import Named, Recipe, Sealed
from winback.said.notebook import tell
from winback.said.words import Words
from winback.stages.flow import stage
from winback.stages.recipes import changed, recipe_of
from winback.synthetic.shop import simulate_shop

QUICK = {
    "seeds": 1, "threads": 1, "horizons_days": [30], "lifetime_days": None, "step_rounds": 5,
    "max_rounds": 20,
}  # fmt: skip
# Trees that learn their rows by heart.
BY_HEART = {
    "learning_rate": 0.8, "num_leaves": 63, "min_rows_in_leaf": 1, "l2": 0.0, "path_smooth": 0.0,
}  # fmt: skip
LEARNED = ("ingest", "products", "snapshot", "train", "evaluate", "gate", "score")
LISTED = (*LEARNED, "describe", "learn", "target", "export")
FIRST, SECOND, THIRD = "2023-11-01", "2023-11-08", "2023-11-15"


def params_of(orders: Path, cutoff: str, snapshot: dict[str, Any], train: dict[str, Any]) -> Params:
    return check_params(
        {
            "ingest": {"orders": str(orders), "cutoff": cutoff},
            "snapshot": {"horizon_days": 30, "most_cutoffs": 6, "threads": 1, **snapshot},
            "train": QUICK | train,
            "evaluate": {"resamples": 100, "origins": 2},
            "target": {"campaign_id": "weekly-{cutoff}"},
        }
    )


@dataclass(frozen=True)
class Shop:
    """A shop's folder, in which one week is run after the other."""

    folder: Path
    orders: Path

    def week(
        self, cutoff: str, train: dict[str, Any] | None = None, *,
        snapshot: dict[str, Any] | None = None, stages: tuple[str, ...] = LEARNED,
    ) -> Project:  # fmt: skip
        params = params_of(self.orders, cutoff, snapshot or {}, train or {})
        self.folder.mkdir(exist_ok=True)
        (self.folder / "salt.txt").write_text("the secret of this shop\n")
        project = Project(params, root=self.folder, layout=FOLDER, source=self.orders)
        for name in stages:
            stage(name)(project)
        return project

    def copied(self, to: Path) -> Shop:
        shutil.copytree(self.folder, to / "shop")
        return Shop(to / "shop", self.orders)


def leave(project: Project) -> str:
    """The list of that week leaves; the version of the model that scored it."""
    return seal_list(project).sealed.model.version


def gate_of(project: Project) -> Gated:
    return project.result("gate", Gated)


def scored_by(project: Project) -> set[str]:
    return set(project.frame("scores")["model_version"])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    orders = folder / "orders.csv"
    simulate_shop("fashion", 300, days=330, seed=5).orders.to_csv(orders, index=False)
    return Shop(folder / "first", orders)


@pytest.fixture(scope="module")
def first(shop: Shop) -> Project:
    """The first week: a model that learned by heart scored the list that left."""
    project = shop.week(FIRST, BY_HEART, stages=LISTED)
    leave(project)
    return project


@pytest.fixture(scope="module")
def better(shop: Shop, first: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The second week: honest params against those of the first."""
    return shop.copied(tmp_path_factory.mktemp("better")).week(SECOND, stages=LISTED)


@pytest.fixture(scope="module")
def after(better: Project, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The same, after its list has left."""
    there = Shop(better.root, shop.orders).copied(tmp_path_factory.mktemp("after"))
    leave(Project(better.params, root=there.folder, layout=FOLDER))
    return there


@pytest.fixture(scope="module")
def worse(after: Shop, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The third week: back to learning by heart."""
    there = after.copied(tmp_path_factory.mktemp("worse"))
    return there.week(THIRD, BY_HEART, stages=(*LISTED, "report"))


def test_the_first_model_scores_and_costs_nothing(first: Project) -> None:
    gated = gate_of(first)
    assert (gated.kind, gated.decision, gated.reasons) == ("first", "promoted", ("first",))
    for trained, serves in (
        ("model", "champion"),
        ("evaluation", "served"),
        ("lift", "served_lift"),
    ):
        assert first.path(serves).read_bytes() == first.path(trained).read_bytes()
    assert scored_by(first) == {gated.challenger}


def test_the_same_model_again_is_no_challenger(first: Project, tmp_path: Path) -> None:
    there = Shop(first.root, Path(first.params.ingest.orders)).copied(tmp_path)
    gated = gate_of(there.week(FIRST, BY_HEART, stages=("gate",)))
    assert (gated.kind, gated.decision) == ("unchanged", "promoted")


def test_a_change_that_gains_scores(better: Project, first: Project) -> None:
    gated = gate_of(better)
    assert (gated.kind, gated.decision, gated.court) == ("change", "promoted", "rehearsed")
    assert set(gated.changed) == {f"train.{name}" for name in BY_HEART}
    assert gated.champion == gate_of(first).challenger
    assert gated.compared is not None and gated.compared.gain is not None
    assert gated.compared.gain.low is not None and gated.compared.gain.low > 0
    # What the challenger's own backtest says, and nothing that it learned from.
    own = better.result("evaluation", EvaluatedModel).populations["everyone"].methods["lightgbm"]
    assert own.log_loss is not None
    assert gated.compared.log_loss == own.log_loss.value
    assert scored_by(better) == {gated.challenger}


def test_a_change_that_does_not_gain_leaves_the_champions_recipe_to_score(
    worse: Project, better: Project
) -> None:
    gated = gate_of(worse)
    assert (gated.kind, gated.decision, gated.court) == ("change", "kept", "rehearsed")
    assert "no_gain_shown" in gated.reasons
    assert gated.scores.version not in (gated.challenger, gated.champion)
    assert gated.scores.recipe == recipe_of(better.params)
    assert scored_by(worse) == {gated.scores.version}
    # Fitted on today's data: as if its params had been today's.
    same = params_of(Path(worse.params.ingest.orders), THIRD, {}, {})
    again = Project(same, root=worse.root, layout={**FOLDER, "model": "other.json",
                    "training": "other-training.json", "backtest": "other.parquet"})  # fmt: skip
    stage("train")(again)
    assert ReturnModel.load(again.path("model")).version == gated.scores.version
    pd.testing.assert_frame_equal(again.frame("backtest"), worse.frame("rehearsal"))


def test_what_is_said_of_the_forecasts_is_of_what_scores(worse: Project) -> None:
    served, trained = (worse.result(name, EvaluatedModel) for name in ("served", "evaluation"))
    losses = [e.populations["everyone"].methods["lightgbm"].log_loss for e in (served, trained)]
    assert losses[0] is not None and losses[1] is not None
    assert losses[0].value < losses[1].value
    page = worse.path("page").read_text(encoding="utf-8")
    assert "The model just trained does not score" in page
    assert Words("en").number(losses[0].value, 3) in page
    assert not worse.curve("served_lift").equals(worse.curve("lift"))


@pytest.mark.parametrize(("language", "said"), [("en", "scores on"), ("pl", "dotychczasowy")])
def test_both_languages_say_who_scores(worse: Project, language: Any, said: str) -> None:
    sentence = tell(gate_of(worse), language=language)
    assert said in sentence
    assert "train.learning_rate" in sentence


def test_newer_data_alone_is_a_refresh(
    after: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = after.copied(tmp_path)
    project = there.week(THIRD)
    gated = gate_of(project)
    assert (gated.kind, gated.decision, gated.changed) == ("refresh", "promoted", ())
    assert gated.lag_days == 7
    assert gated.reasons == ("no_harm_shown",)
    # Where harm is shown the recipe scores on without the windows that it had not.
    trained = ReturnModel.load(project.path("model"))
    monkeypatch.setattr("winback.stages.gate.decide", lambda *_: ("kept", ("harm_overall",)))
    kept = there.week(THIRD, stages=("gate",))
    served = ReturnModel.load(kept.path("champion"))
    assert served.version == gate_of(kept).scores.version != trained.version
    newest = max(trained.facts.base_rates)
    older = {day: rate for day, rate in trained.facts.base_rates.items() if day != newest}
    assert served.facts.base_rates == older
    assert served.facts.cutoff == trained.facts.cutoff
    assert not kept.frame("rehearsal").equals(kept.frame("backtest"))


@pytest.mark.long
def test_changed_features_are_judged_by_the_champions_own(after: Shop, tmp_path: Path) -> None:
    """Fewer windows: the champion's snapshots are taken anew, and score where it is kept."""
    project = after.copied(tmp_path).week(SECOND, snapshot={"windows_days": [30]})
    gated = gate_of(project)
    assert (gated.kind, gated.court) == ("change", "rehearsed")
    assert gated.changed == ("snapshot.windows_days",)
    assert gated.decision == "kept"
    # On the same data its recipe makes the very model, from columns that today's lack.
    assert gated.scores.version == gated.champion
    own, today = project.frame("champion_rows"), project.frame("snapshots")
    assert "orders_7d" in own and "orders_7d" not in today
    assert scored_by(project) == {gated.champion}


def test_changed_code_that_forecasts_the_same_is_no_change(
    after: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("winback.stages.recipes.hash_of", lambda files: "other code")
    gated = gate_of(after.copied(tmp_path).week(THIRD))
    assert (gated.kind, gated.decision) == ("refresh", "promoted")
    assert (gated.reasons, gated.court) == (("same_forecasts",), "sealed")


def test_changed_code_meets_what_the_champion_said_in_its_time(
    worse: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("winback.stages.recipes.hash_of", lambda files: "other code")
    there = Shop(worse.root, Path(worse.params.ingest.orders)).copied(tmp_path)
    project = there.week(THIRD, BY_HEART, stages=("gate", "score"))
    gated = gate_of(project)
    assert (gated.kind, gated.decision, gated.court) == ("change", "kept", "sealed")
    assert "code" in gated.changed
    assert gated.scores.version == gated.champion
    assert scored_by(project) == {gated.champion}
    # Old code cannot be run again: the very file scores, and its own rehearsal speaks for it.
    path = model_file(project.ledger(), str(gated.champion))
    assert path is not None and project.path("champion").read_bytes() == path.read_bytes()


def test_another_horizon_is_another_question(worse: Project, tmp_path: Path) -> None:
    there = Shop(worse.root, Path(worse.params.ingest.orders)).copied(tmp_path)
    gated = gate_of(there.week(THIRD, BY_HEART, snapshot={"horizon_days": 14}, stages=("gate",)))
    assert (gated.kind, gated.decision, gated.reasons) == ("first", "promoted", ("other_horizon",))


def test_replayed_weeks_put_nobody_on_the_throne(better: Project, tmp_path: Path) -> None:
    there = Shop(better.root, Path(better.params.ingest.orders)).copied(tmp_path)
    shutil.rmtree(there.folder / "ledger")
    project = Project(better.params, root=there.folder, layout=FOLDER)
    leave(project)
    (entry,) = project.ledger().of_kind("seal")
    sealed = Sealed.model_validate(entry.content)
    shutil.rmtree(there.folder / "ledger")
    model = sealed.model.model_copy(update={"version": "0" * 12})
    project.ledger().append("replay", "week", entry.day, sealed.model_copy(update={"model": model}))
    assert champion_on(project.ledger()) is not None
    assert gate_of(there.week(SECOND, stages=("gate",))).kind == "first"


def said(monkeypatch: pytest.MonkeyPatch, capsys: Any, *words: object) -> list[str]:
    """What the command line prints, its exit status first."""
    monkeypatch.setattr("sys.argv", ["winback", "champion", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    printed = capsys.readouterr()
    return [str(left.value.code), *(printed.out + printed.err).splitlines()]


def test_the_command_says_who_is_champion_on_any_day(
    worse: Project, first: Project, better: Project, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    inside = ("--in", worse.root)
    one, two = gate_of(first).challenger, gate_of(better).challenger
    told = said(monkeypatch, capsys, *inside)
    assert told[:2] == [
        "0", f"Champion: model {two}, since {SECOND} (it scored the last list that left)."
    ]  # fmt: skip
    assert told[2] == tell(gate_of(worse)).replace("\u00a0", " ")
    assert f"model {one}, since {FIRST}" in said(monkeypatch, capsys, *inside, "--on", FIRST)[1]
    assert f"model {two}, since" in said(monkeypatch, capsys, *inside, "--on", SECOND)[1]
    assert said(monkeypatch, capsys, *inside, "--on", "2023-10-31") == [
        "0", "No champion on that day: no list had left."
    ]  # fmt: skip


def test_going_back_is_one_command_and_the_next_run_obeys(
    worse: Project, first: Project, better: Project, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: Any,
) -> None:  # fmt: skip
    there = Shop(worse.root, Path(worse.params.ingest.orders)).copied(tmp_path)
    inside = ("--in", there.folder)
    one, two = gate_of(first).challenger, gate_of(better).challenger
    refused = said(monkeypatch, capsys, *inside, "--rollback")
    assert refused[0] == "2" and "--reason" in refused[1]

    told = said(monkeypatch, capsys, *inside, "--rollback", "--reason", "complaints")
    assert told[0] == "0"
    assert told[2:4] == [
        f"Champion: model {one}, since {THIRD} (brought back).", "Reason: complaints"
    ]  # fmt: skip
    project = there.week(THIRD, BY_HEART, stages=("gate", "score"))
    gated = gate_of(project)
    assert (gated.kind, gated.decision, gated.reasons) == ("named", "kept", ("named",))
    assert scored_by(project) == {one}
    # What was is as it was, and nobody was before the first.
    assert f"model {two}, since" in said(monkeypatch, capsys, *inside, "--on", SECOND)[1]
    assert said(monkeypatch, capsys, *inside, "--rollback", "--reason", "again")[0] == "2"

    # The one just trained, which no list has left with, brings its own file.
    new = gated.challenger
    assert said(monkeypatch, capsys, *inside, new, "--reason", "I know better")[0] == "0"
    entry = project.ledger().entries[-1]
    assert project.ledger().path(entry, "model.json").read_bytes() == (
        project.path("model").read_bytes()
    )
    gated = gate_of(there.week(THIRD, BY_HEART, stages=("gate", "score")))
    assert (gated.decision, gated.scores.version) == ("promoted", new)
    unknown = said(monkeypatch, capsys, *inside, "0" * 12, "--reason", "a guess")
    assert unknown[0] == "2"
    assert one in unknown[1] and two in unknown[1] and new in unknown[1]


def test_a_model_trained_after_the_naming_meets_the_named_one(
    worse: Project, better: Project, tmp_path: Path
) -> None:
    there = Shop(worse.root, Path(worse.params.ingest.orders)).copied(tmp_path)
    two = gate_of(better).challenger
    named = Named(version=two, reason="steady")
    Project(worse.params, root=there.folder, layout=FOLDER).ledger().append(
        "champion", two, date.fromisoformat(SECOND), named
    )
    gated = gate_of(there.week(THIRD, BY_HEART, stages=("gate",)))
    assert (gated.kind, gated.champion, gated.court) == ("change", two, "rehearsed")


def test_a_champion_that_cannot_read_todays_snapshots_gives_way_with_a_doubt(
    worse: Project, tmp_path: Path
) -> None:
    there = Shop(worse.root, Path(worse.params.ingest.orders)).copied(tmp_path)
    project = Project(worse.params, root=there.folder, layout=FOLDER)
    known = champion_on(project.ledger())
    assert known is not None
    project.ledger().append(
        "champion", "f" * 12, date.fromisoformat(THIRD),
        Named(version="f" * 12, reason="of another winback", model=known.model),
        {"model.json": b"{}"},
    )  # fmt: skip
    gated = gate_of(there.week(THIRD, BY_HEART, stages=("gate",)))
    assert (gated.kind, gated.decision) == ("named", "promoted")
    assert "unreadable" in gated.reasons
    assert [doubt.code for doubt in gated.doubts] == ["gate.unreadable"]
    assert "f" * 12 in tell(gated.doubts[0])


def test_what_leaves_is_the_recipe_and_rehearsal_of_what_scored(
    worse: Project, better: Project, tmp_path: Path
) -> None:
    there = Shop(worse.root, Path(worse.params.ingest.orders)).copied(tmp_path)
    project = Project(worse.params, root=there.folder, layout=FOLDER)
    done = seal_list(project)
    assert done.sealed.model == gate_of(worse).scores
    assert done.sealed.model.recipe == recipe_of(better.params)
    (seal,) = [s for s in seals(project.ledger()) if s.entry.number == done.entry.number]
    pd.testing.assert_frame_equal(seal.backtest(), worse.frame("rehearsal"), check_dtype=False)
    model = seal.model()
    assert model is not None and model.read_bytes() == project.path("champion").read_bytes()
    # From then on that is the champion, and the same params again are no news.
    gated = gate_of(there.week(THIRD, BY_HEART, stages=("gate",)))
    assert gated.champion == done.sealed.model.version


def test_a_recipe_is_what_makes_a_model_and_nothing_else() -> None:
    def recipe(**sections: JsonValue) -> Recipe:
        return recipe_of(check_params(sections))

    one = recipe()
    assert changed(one, recipe(train={"threads": 1}, report={"language": "pl"})) == ()
    assert changed(one, recipe(target={"budget": 5}, evaluate={"origins": 2})) == ()
    assert changed(one, recipe(train={"l2": 3.0}, snapshot={"paydays": [1]})) == (
        "snapshot.paydays", "train.l2",
    )  # fmt: skip
    assert changed(one, one.model_copy(update={"code": "x"})) == ("code",)
