"""What churn is in a shop, asked of a file of orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from winback.churn import HORIZONS_DAYS, LATER_DAYS, TIMES_OWN_GAP, ChurnStudy, study_churn
from winback.errors import WinbackError
from winback.files import write_text
from winback.intake.settling import read_orders
from winback.params import Params
from winback.project import FOLDER, Project, Say, as_json
from winback.questions.asked import Begin
from winback.snapshots.plan import observed_until
from winback.stages.ingest import read

if TYPE_CHECKING:
    import pandas as pd

_CANONICAL = {"customer_id", "ordered_at", "known_at", "kind"}


def define_churn(
    orders: str | Path | pa.Table | pd.DataFrame,
    *,
    cutoff: date | None = None,
    horizons_days: Sequence[int] = HORIZONS_DAYS,
    later_days: Sequence[int] = LATER_DAYS,
    times_own_gap: Sequence[int] = TIMES_OWN_GAP,
    tolerated_share: float = 0.2,
) -> ChurnStudy:
    """Find out what silence means in this shop, from any export of its orders.

    What `winback.churn.study_churn` finds in canonical order lines; any other table or file is
    read by the intake first, as `read_orders` does, into a temporary place.

    Args:
        orders: canonical order lines as a Parquet file, an Arrow table or a pandas frame; or
            what `read_orders` takes: a CSV, TSV or Parquet file, a pattern, a folder, a table.
        cutoff: the first day not seen; by default the day after the last purchase.
        horizons_days: silences in days to be tried as rules.
        later_days: how long the customers called churned are followed.
        times_own_gap: multiples of the own usual gap to be tried as rules.
        tolerated_share: part of the returning customers that a horizon may call churned.

    Raises:
        UsageError: a horizon, wait or multiple is not a positive whole number, or the share
            is not between 0 and 1; or the intake needs to be told a column.
        WinbackError: the file does not exist, or holds no orders.
    """

    def study(lines: str | Path | pa.Table | pd.DataFrame) -> ChurnStudy:
        return study_churn(
            lines, cutoff=cutoff, horizons_days=horizons_days, later_days=later_days,
            times_own_gap=times_own_gap, tolerated_share=tolerated_share,
        )  # fmt: skip

    if _are_canonical(orders):
        return study(orders)
    with TemporaryDirectory() as folder:
        return study(read_orders(orders, folder, cutoff=cutoff).orders_path)


def _are_canonical(orders: str | Path | pa.Table | pd.DataFrame) -> bool:
    """Whether these are order lines as the intake writes them."""
    if isinstance(orders, str | Path):
        path = Path(orders)
        if path.suffix not in (".parquet", ".pq") or "*" in path.name:
            return False
        if not path.is_file():
            raise WinbackError("churn.no_orders", file=str(orders))
        return set(pq.read_schema(path).names) >= _CANONICAL
    names = orders.schema.names if isinstance(orders, pa.Table) else orders.columns
    return set(map(str, names)) >= _CANONICAL


def churn_history(
    source: Any, out: Path, params: Params, *, tolerated_share: float = 0.2, say: Say, begin: Begin,
) -> ChurnStudy:  # fmt: skip
    """What churn is in this shop, written as ``churn.json`` and ``churn.csv``."""
    project = Project(params, root=out, layout=FOLDER, source=source, say=say)
    begin("ingest")
    with project.leaving_no_addresses():
        intake = read(project)
    begin("churn")
    seen = observed_until(intake.cutoff, intake.summary.last_day)
    study = study_churn(intake.orders_path, cutoff=seen, tolerated_share=tolerated_share)
    write_text(out / "churn.json", as_json(study.summary()))
    write_text(out / "churn.csv", study.comebacks.to_csv(index=False, lineterminator="\n"))
    return study
