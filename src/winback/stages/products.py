"""Orders and the product table in; what each customer may want next out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.files import replacing
from winback.products.bought import catalogue_of, names_products, read_lines
from winback.products.listing import Maker
from winback.products.ranking import Rule
from winback.products.shelf import Described, Popularity, fit_to_show
from winback.project import Project
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.recommended import Recommended, State
from winback.snapshots.plan import day_number
from winback.stages.stored import not_profiled
from winback.tables.recommended import NEXT_PRODUCTS, PRODUCT_TABLE

_DESCRIBING = ("product_id", "name", "category", "in_stock")


def products(project: Project) -> None:
    """List what each customer may want next, or write why nothing can be listed."""
    ingested, orders = project.result("ingest", IngestSummary), project.path("orders")
    made = _Written()
    if not names_products(orders):
        made.write(project, ())
        _tell(project, _nothing(ingested, "no_products"))
        return
    given = project.params.products
    catalogue = catalogue_of(orders)
    table = project.arrow("product_table", PRODUCT_TABLE)
    rows = zip(*(table[name].to_pylist() for name in _DESCRIBING), strict=True)
    told = Described.of(catalogue, rows)
    fit = fit_to_show(catalogue, told, given.allowed)
    day = day_number(ingested.cutoff)
    counted = Popularity(len(catalogue), day, given.popular_days)
    for lines in read_lines(orders, catalogue):
        counted.add(lines)
    shelf = counted.shelf(fit.shown & told.in_stock, told.category)
    maker = Maker(
        catalogue, told, shelf, day, Rule(given.decay_days, given.new_places),
        not_profiled(project),
    )  # fmt: skip
    made.write(project, maker.tables(read_lines(orders, catalogue)))
    bought = shelf.ever > 0
    found = Recommended(
        state=_state(made.rows, bool(bought.any())),
        cutoff=ingested.cutoff,
        method="decayed",
        customers=made.customers,
        rows=made.rows,
        again=made.again,
        products=int(bought.sum()),
        on_lists=len(made.products),
        named=int(sum(name is not None for name in np.array(told.name, object)[bought])),
        sensitive=int((fit.sensitive & bought).sum()),
        service=int((fit.service & bought).sum()),
        out_of_stock=int((fit.shown & ~told.in_stock & bought).sum()),
        popular_days=shelf.days,
        tried=None,
    )
    _tell(project, found)


def _tell(project: Project, found: Recommended) -> None:
    project.write_json("products", found)
    project.write_metrics("products", found, "customers", "rows", "again", "on_lists")
    project.say(fact("progress.products", n=found.customers))


def _state(rows: int, bought: bool) -> State:
    if rows:
        return "listed"
    return "nothing_fit" if bought else "nothing_known"


def _nothing(ingested: IngestSummary, state: State) -> Recommended:
    return Recommended(
        state=state, cutoff=ingested.cutoff, method="decayed", customers=0, rows=0, again=0,
        products=0, on_lists=0, named=0, sensitive=0, service=0, out_of_stock=0,
        popular_days=None, tried=None,
    )  # fmt: skip


@dataclass
class _Written:
    """Counts of what was written."""

    rows: int = 0
    customers: int = 0
    again: int = 0
    products: set[str] = field(default_factory=set)

    def write(self, project: Project, tables: Iterable[pa.Table]) -> None:
        """Write the lists as they are made, and count them."""
        schema = NEXT_PRODUCTS.schema
        with (
            replacing(project.path("next_products")) as new,
            pq.ParquetWriter(new, schema, compression="zstd") as writer,
        ):
            for table in tables:
                writer.write_table(table)
                self.rows += len(table)
                self.customers += pc.sum(pc.equal(table["rank"], 1)).as_py() or 0
                self.again += pc.sum(pc.equal(table["kind"], "again")).as_py() or 0
                self.products.update(table["product_id"].unique().to_pylist())
