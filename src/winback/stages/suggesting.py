"""What may stand in the message to whoever is on a list, as of the list's own cutoff."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from pydantic import JsonValue

from winback.crm.carts import Tables
from winback.crm.suggested import Ranked, Suggested, of, suggested
from winback.params import ProductSettings
from winback.project import Project
from winback.results.recommended import Recommended
from winback.tables.recommended import NEW_PRODUCTS, NEXT_PRODUCTS, PRODUCT_TABLE

_RANKED = {"next_products": NEXT_PRODUCTS, "new_products": NEW_PRODUCTS}


def suggestions(
    project: Project, customers: Collection[str], cutoff: date,
    settings: ProductSettings | None = None,
) -> dict[str, Suggested]:  # fmt: skip
    """By customer what may stand in a message, as was known at a cutoff.

    Args:
        project: the project, or folder of a run.
        customers: whose.
        cutoff: of the list; of an older one the next products are made again.
        settings: ``products`` as the list had them; None: as they are.
    """
    wanted = settings or project.params.products
    if not customers or not project.path("orders").is_file():
        return {}
    ranked = _ranked(project, set(customers), cutoff, wanted)
    return suggested(ranked, _tables(project), customers, cutoff, wanted)


def newest(project: Project, customer: str, cutoff: date, settings: ProductSettings) -> Suggested:
    """What may stand in the message to a customer, by the newest tables of a folder alone."""
    ranked = _current(project) if _there(project) else None
    found = suggested(ranked, _tables(project), [customer], cutoff, settings)
    return found.get(customer, Suggested())


def settings_of(params: Mapping[str, JsonValue]) -> ProductSettings:
    """``products`` as a manifest has them."""
    return ProductSettings.model_validate(params.get("products") or {})


def _ranked(
    project: Project, customers: Collection[str], cutoff: date, settings: ProductSettings
) -> Ranked | None:
    """What is next and what is new, as of a cutoff."""
    if not _there(project) or not project.path("products").is_file():
        return None
    if project.result("products", Recommended).cutoff == cutoff:
        return _current(project)
    return _as_of(project, customers, cutoff, settings)


def _tables(project: Project) -> Tables:
    return Tables(*map(project.path, ("orders", "signal_items", "product_table")))


def _there(project: Project) -> bool:
    return all(project.path(name).is_file() for name in _RANKED)


def _current(project: Project) -> Ranked:
    return Ranked(*(project.arrow(name, table) for name, table in _RANKED.items()))


def _as_of(
    project: Project, customers: Collection[str], cutoff: date, settings: ProductSettings
) -> Ranked | None:
    """The same made again out of orders that go on beyond the cutoff."""
    import pyarrow as pa

    from winback.products.bought import catalogue_of, names_products, read_lines
    from winback.products.listing import Maker
    from winback.products.ranking import Rule
    from winback.products.shelf import Described, Popularity, fit_to_show
    from winback.snapshots.plan import day_number
    from winback.stages.stored import not_profiled

    orders = project.path("orders")
    if not names_products(orders):
        return None
    catalogue, day = catalogue_of(orders), day_number(cutoff)
    table = project.arrow("product_table", PRODUCT_TABLE)
    named = ("product_id", "name", "category", "in_stock")
    rows = zip(*(table[name].to_pylist() for name in named), strict=True)
    told = Described.of(catalogue, rows)
    fit = fit_to_show(catalogue, told, settings.allowed)
    counted = Popularity(len(catalogue), (day,), settings.popular_days)
    for lines in read_lines(orders, catalogue):
        counted.add(lines)
    shelf = counted.shelf(0, fit.shown & told.in_stock, told.category)
    rule = Rule(settings.decay_days, settings.new_places)
    maker = Maker(catalogue, told, shelf, day, rule, not_profiled(project))
    news, made = maker.of_news(), [NEXT_PRODUCTS.schema.empty_table()]
    new = [NEW_PRODUCTS.schema.empty_table()]
    for lines in read_lines(orders, catalogue):
        pairs = maker.pairs(lines)
        made.append(of(maker.table(lines, pairs), customers))
        new.append(of(news.table(lines, pairs).select(NEW_PRODUCTS.names), customers))
    return Ranked(pa.concat_tables(made), pa.concat_tables(new))
