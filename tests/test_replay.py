"""Past weeks replayed: as a run of that day would have scored them, and nothing of it was sent."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from winback.errors import UsageError
from winback.ledger.asked import Seal, champion_on, history_of, model_file, seals
from winback.ledger.book import Ledger
from winback.params import Params, check_params
from winback.project import FOLDER, Project
from winback.questions.replaying import replay_weeks
from winback.results.intake import IngestSummary
from winback.stages.flow import stage
from winback.stages.grade import grade
from winback.synthetic.shop import simulate_shop

DAYS = 430
END = date(2023, 1, 1) + timedelta(days=DAYS)
WEEKS = [END - timedelta(days=7 * k) for k in (8, 7, 6)]


def params_of(orders: Path, **ingest: object) -> Params:
    return check_params(
        {
            "ingest": {"orders": str(orders), "columns": {"known_at": "known_at"}, **ingest},
            "snapshot": {"horizon_days": 28, "threads": 1},
            "train": {"seeds": 1, "threads": 1, "horizons_days": [14], "max_rounds": 10,
                      "patience_rounds": 1, "step_rounds": 5, "lifetime_days": None},
            "evaluate": {"origins": 1, "resamples": 20},
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop, a quarter of whose orders and refunds become known days later."""
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    shop = simulate_shop("fashion", 160, days=DAYS, seed=5, late_share=0.25)
    shop.orders.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def project(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose orders were read and whose snapshots were taken."""
    root = tmp_path_factory.mktemp("project")
    (root / "salt.txt").write_text("the secret of this shop\n")
    told = f"ingest: {{orders: x.csv, cutoff: '{END}'}}\nsnapshot: {{horizon_days: 28}}\n"
    (root / "params.yaml").write_text(told)
    made = Project(params_of(orders, cutoff=str(END)), root=root, source=str(orders))
    stage("ingest")(made)
    stage("snapshot")(made)
    return made


@pytest.fixture(scope="module")
def replayed(project: Project) -> tuple[Seal, ...]:
    done = replay_weeks(project, WEEKS[0], WEEKS[-1], 7)
    assert (len(done.entries), done.before) == (3, 0)
    return seals(project.ledger(), kinds=("replay",))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.*"))}


def test_a_replayed_week_is_what_a_run_of_that_day_gives(
    orders: Path, replayed: tuple[Seal, ...], tmp_path: Path
) -> None:
    day = WEEKS[1]
    params = params_of(orders, cutoff=str(day))
    run = Project(params, root=tmp_path, layout=FOLDER, source=str(orders))
    for name in ("ingest", "snapshot", "train", "evaluate", "gate", "score"):
        stage(name)(run)
    seal = next(s for s in replayed if s.sealed.cutoff == day)
    assert len(run.frame("restated")) > 0
    reasons = [c for c in run.frame("scores").columns if c.startswith("reason")]
    for found, expected in (
        (seal.scores(), run.frame("scores")),
        (seal.rivals(), run.frame("rivals")),
        (seal.backtest(), run.frame("backtest")),
    ):
        pd.testing.assert_frame_equal(
            found.drop(columns=reasons, errors="ignore"),
            expected.drop(columns=reasons, errors="ignore"),
            check_dtype=False,
        )
    place = seal.model()
    assert place is not None
    assert place.read_bytes() == run.path("model").read_bytes()


@pytest.mark.long
def test_replaying_again_changes_nothing_and_later_weeks_leave_earlier_ones(
    project: Project, replayed: tuple[Seal, ...], tmp_path: Path
) -> None:
    book = Ledger(tmp_path / "ledger", tmp_path / "people.parquet")
    first = replay_weeks(project, WEEKS[0], WEEKS[1], 7, ledger=book)
    before = bytes_of(book.folder)
    again = replay_weeks(project, WEEKS[0], WEEKS[1], 7, ledger=book)
    assert (len(first.entries), len(again.entries), again.before) == (2, 0, 2)
    assert bytes_of(book.folder) == before
    more = replay_weeks(project, WEEKS[0], WEEKS[-1], 7, ledger=book)
    assert (len(more.entries), more.before) == (1, 2)
    after = bytes_of(book.folder)
    assert {name: after[name] for name in before} == before
    # The same weeks in one go are the same bytes, entry by entry.
    assert after == bytes_of(project.path("ledger"))
    book.verify(project.salt())


def test_what_was_replayed_was_never_sent(project: Project, replayed: tuple[Seal, ...]) -> None:
    assert len(replayed) == 3
    assert history_of(project.ledger()).empty
    assert seals(project.ledger()) == ()


def test_who_would_have_been_champion_is_answered_for_any_day(
    project: Project, replayed: tuple[Seal, ...]
) -> None:
    book = project.ledger()
    for seal in replayed:
        for day in (seal.sealed.cutoff, seal.sealed.cutoff + timedelta(days=6)):
            reign = champion_on(book, day)
            assert reign is not None
            assert reign.version == seal.sealed.model.version
            assert model_file(book, reign.version) is not None
    assert champion_on(book, WEEKS[0] - timedelta(days=1)) is None


def test_replayed_weeks_are_graded(project: Project, replayed: tuple[Seal, ...]) -> None:
    record = grade(project)
    assert [g.cutoff for g in record.lists] == WEEKS
    assert {a.role for g in record.lists for a in g.now.against} >= {"base_rate", "best_rule"}
    assert record.trend is not None
    assert record.trend.lists == 3


def test_days_beyond_the_orders_are_refused(project: Project) -> None:
    ends = project.result("ingest", IngestSummary).cutoff
    with pytest.raises(UsageError, match="choose days between"):
        replay_weeks(project, WEEKS[0], ends + timedelta(days=7), 7)
    with pytest.raises(UsageError, match="no week lies between"):
        replay_weeks(project, WEEKS[1], WEEKS[0], 7)


@pytest.mark.long
def test_the_command_says_how_many_there_were(project: Project, replayed: tuple[Seal, ...]) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("winback")), "replay", "--from", str(WEEKS[0]),
         "--to", str(WEEKS[-1])],
        capture_output=True, text=True, check=False, cwd=project.root,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "0 weeks replayed" in done.stdout and "3 were there before" in done.stdout
