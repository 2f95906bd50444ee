"""Orders and the product table in; what each customer may want next out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.files import replacing
from winback.products.bought import Catalogue, Lines, catalogue_of, names_products, read_lines
from winback.products.judging import LEAST_CASES
from winback.products.listing import Maker
from winback.products.ranking import Rule
from winback.products.shelf import Described, Fit, Popularity, Shelf, fit_to_show
from winback.products.trying import Past, Split, Trial, share_to_try, try_lists
from winback.project import Project
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.recommended import JudgedList, Recommended, State, Tried
from winback.snapshots.plan import day_number, observed_until
from winback.stages.stored import not_profiled
from winback.tables.recommended import NEW_PRODUCTS, NEXT_PRODUCTS, PRODUCT_TABLE

_DESCRIBING = ("product_id", "name", "category", "in_stock")
# Of the products that were bought: where more stay out, the shop may have to be asked.
_MANY_PRIVATE = 0.3


def products(project: Project) -> None:
    """List what each customer may want next, or write why nothing can be listed."""
    ingested, orders = project.result("ingest", IngestSummary), project.path("orders")
    written = _Written()
    if not names_products(orders):
        written.write(project, ())
        _tell(project, _nothing(project, ingested))
        return
    given = project.params.products
    catalogue = catalogue_of(orders)
    told = _described(project, catalogue)
    fit = fit_to_show(catalogue, told, given.allowed)
    rule = Rule(given.decay_days, given.new_places)
    split = Split.of(
        ingested.first_day, observed_until(ingested.cutoff, ingested.last_day),
        project.params.snapshot.horizon_days,
    )  # fmt: skip
    day = day_number(ingested.cutoff)
    days = (day, *(split.days() if split else ()))
    share = share_to_try(ingested.customers, ingested.lines_kept) if split else 0.0
    past = Past(Popularity(len(catalogue), days, given.popular_days), share)
    past.walk(read_lines(orders, catalogue))
    trial = None
    if split is not None:
        trial = try_lists(
            past, split, fit.shown, told.category, rule, threads=given.threads,
            rerank=given.method == "reranker",
        )  # fmt: skip
    past.parts.clear()
    shelf = past.popularity.shelf(0, fit.shown & told.in_stock, told.category)
    maker = Maker(
        catalogue, told, shelf, day, rule, not_profiled(project), trial.reranker if trial else None
    )
    written.write(project, _both(maker, read_lines(orders, catalogue)))
    _tell(project, _found(project, ingested, written, told, fit, shelf, trial))


def _both(maker: Maker, batches: Iterable[Lines]) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The lists batch by batch, and what is new to the same customers."""
    news = maker.of_news()
    for lines in batches:
        pairs = maker.pairs(lines)
        yield maker.table(lines, pairs), news.table(lines, pairs).select(NEW_PRODUCTS.names)


def _described(project: Project, catalogue: Catalogue) -> Described:
    table = project.arrow("product_table", PRODUCT_TABLE)
    rows = zip(*(table[name].to_pylist() for name in _DESCRIBING), strict=True)
    return Described.of(catalogue, rows)


def _found(
    project: Project, ingested: IngestSummary, written: _Written, told: Described, fit: Fit,
    shelf: Shelf, trial: Trial | None,
) -> Recommended:  # fmt: skip
    bought = shelf.ever > 0
    return Recommended(
        state=_state(written.rows, bool(bought.any())),
        cutoff=ingested.cutoff,
        asked=project.params.products.method,
        method="reranker" if trial and trial.reranker else "decayed",
        customers=written.customers,
        rows=written.rows,
        again=written.again,
        products=int(bought.sum()),
        on_lists=len(written.products),
        named=sum(name is not None for name, was in zip(told.name, bought, strict=True) if was),
        sensitive=int((fit.sensitive & bought).sum()),
        service=int((fit.service & bought).sum()),
        out_of_stock=int((fit.shown & ~told.in_stock & bought).sum()),
        popular_days=shelf.days,
        tried=trial.tried if trial else None,
    )


def _tell(project: Project, found: Recommended) -> None:
    """Write what was found, its numbers, and say what deserves a look."""
    project.write_json("products", found)
    listed = found.model_dump(mode="json", include=set(_COUNTED))
    project.write_metrics("products", listed | {"tried": _figures(found.tried)})
    project.say(fact("progress.products", n=found.customers))
    if found.sensitive > _MANY_PRIVATE * found.products:
        project.say(fact("progress.products_private", n=found.sensitive, of=found.products))
    if found.state == "listed" and not (found.tried and found.tried.enough):
        project.say(
            fact(
                "progress.products_untried", days=project.params.snapshot.horizon_days,
                n=found.tried.cases if found.tried else 0, least=LEAST_CASES,
            )
        )  # fmt: skip
    if found.asked != found.method:
        project.say(fact("progress.reranker_out"))


_COUNTED = ("customers", "rows", "again", "on_lists")


def _figures(tried: Tried | None) -> dict[str, float]:
    """Of the lists on the past what is worth comparing between runs."""
    lists: tuple[JudgedList, ...] = tried.lists if tried else ()
    return {
        f"{each.method}_{name}": value.mean
        for each in lists
        for name, value in (("recall", each.recall), ("ndcg", each.ndcg))
    }


def _state(rows: int, bought: bool) -> State:
    if rows:
        return "listed"
    return "nothing_fit" if bought else "nothing_known"


def _nothing(project: Project, ingested: IngestSummary) -> Recommended:
    return Recommended(
        state="no_products", cutoff=ingested.cutoff, asked=project.params.products.method,
        method="decayed", customers=0, rows=0, again=0, products=0, on_lists=0, named=0,
        sensitive=0, service=0, out_of_stock=0, popular_days=None, tried=None,
    )  # fmt: skip


@dataclass
class _Written:
    """Counts of what was written."""

    rows: int = 0
    customers: int = 0
    again: int = 0
    products: set[str] = field(default_factory=set)

    def write(self, project: Project, tables: Iterable[tuple[pa.Table, pa.Table]]) -> None:
        """Write both tables as they are made, and count the lists."""
        with (
            replacing(project.path("next_products")) as new,
            pq.ParquetWriter(new, NEXT_PRODUCTS.schema, compression="zstd") as writer,
            replacing(project.path("new_products")) as beside,
            pq.ParquetWriter(beside, NEW_PRODUCTS.schema, compression="zstd") as second,
        ):
            for table, news in tables:
                writer.write_table(table)
                second.write_table(news)
                self.rows += len(table)
                self.customers += pc.sum(pc.equal(table["rank"], 1)).as_py() or 0
                self.again += pc.sum(pc.equal(table["kind"], "again")).as_py() or 0
                self.products.update(table["product_id"].unique().to_pylist())
