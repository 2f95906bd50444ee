"""Raw exports in; canonical orders, contacts, signals, attributes and quarantine out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from winback.errors import UsageError, WinbackError
from winback.intake.containers import is_table
from winback.intake.erased import read_forgotten
from winback.intake.findings import distinct, ranked
from winback.intake.products import read_products
from winback.intake.settling import Intake, SettledOrders, read_orders, settled_orders
from winback.intake.signals import read_attributes, read_signals
from winback.intake.told import Asked, Options
from winback.intake.withheld import Forgotten
from winback.ledger.people import People
from winback.params import is_url
from winback.privacy import plain_channel
from winback.project import Project
from winback.results.base import fact
from winback.results.offered import USUAL_CHANNEL


def ingest(project: Project) -> None:
    """Read the orders, and what is known beside them, into the project."""
    if project.under_dvc and project.source is None:
        _check_dependencies(project)
    # Names on the orders' lines are written anew with them.
    project.path("product_table").unlink(missing_ok=True)
    intake = with_products(project, with_signals(project, read(project)))
    _tell_of_lists(project, intake)
    project.write_json("ingest", intake.summary)
    project.write_metrics(
        "ingest", intake.summary,
        "customers", "purchases", "gross", "refunded", "lines_kept", "lines_set_aside",
    )  # fmt: skip


def _tell_of_lists(project: Project, intake: Intake) -> None:
    """Say whose erasure reaches beyond what ingest writes: of lists that left, the names stay."""
    gone = {key for key, why in intake.withheld.keys if why == "erased"}
    people = project.ledger().people
    known = gone.intersection(People(people).ids) if gone and people.is_file() else ()
    if known:
        project.say(fact("progress.erased_of_lists", n=len(known)))


def read(project: Project) -> Intake:
    """The canonical orders, read and written; what was understood is said."""
    given = project.params.ingest
    intake = read_orders(
        given.orders if project.source is None else project.source,
        project.path("orders").parent,
        contact_columns=given.contact_columns,
        progress=project.say,
        **_reading(project),
    )
    quarantine = project.path("quarantine")
    if intake.quarantine_path != quarantine:
        intake.quarantine_path.replace(quarantine)
        intake = replace(intake, quarantine_path=quarantine)
    for found in (*intake.summary.understood, *intake.summary.doubts):
        project.say(found)
    return intake


@contextmanager
def settled(project: Project, out: Path) -> Iterator[SettledOrders]:
    """The same orders before anything of them is written."""
    given = project.params.ingest
    with settled_orders(
        given.orders if project.source is None else project.source, out,
        progress=project.say, **_reading(project),
    ) as orders:  # fmt: skip
        for found in (*orders.findings.understood, *orders.findings.doubts):
            project.say(found)
        yield orders


def with_signals(project: Project, intake: Intake) -> Intake:
    """The same intake with what is known beside the orders, whose tables are always there."""
    given, summary = project.params.ingest, intake.summary
    for noun, side in (("signals", read_signals), ("attributes", read_attributes)):
        table = side(
            getattr(given, noun),
            intake.orders_path.parent,
            cutoff=intake.cutoff,
            columns=getattr(given, f"{noun.removesuffix('s')}_columns"),
            orders=intake.orders_path,
            quarantine=intake.quarantine_path,
            timezone=given.timezone,
            day_first=given.day_first,
            consents=_used_as_consent(project),
            withheld=intake.withheld,
            memory_limit=given.memory_limit,
            threads=given.threads,
            progress=project.say,
        )
        for found in (*table.understood, *table.doubts):
            project.say(found)
        summary = summary.model_copy(
            update={
                noun: table.summary,
                "understood": distinct([*summary.understood, *table.understood]),
                "doubts": ranked([*summary.doubts, *table.doubts]),
            }
        )
    return replace(intake, summary=summary)


def with_products(project: Project, intake: Intake) -> Intake:
    """The same intake with what the shop sells, whose table is always there."""
    given, summary = project.params.ingest, intake.summary
    table = read_products(
        given.products,
        project.path("product_table"),
        orders=intake.orders_path,
        columns=given.product_columns,
        memory_limit=given.memory_limit,
        threads=given.threads,
        progress=project.say,
    )
    for found in (*table.understood, *table.doubts):
        project.say(found)
    told = {
        "products": table.summary,
        "understood": distinct([*summary.understood, *table.understood]),
        "doubts": ranked([*summary.doubts, *table.doubts]),
    }
    return replace(intake, summary=summary.model_copy(update=told))


def _used_as_consent(project: Project) -> tuple[str, ...]:
    """Names beside the orders that say who may be written to, or on which every offer depends."""
    given, offers = project.params.ingest, project.params.target.offers
    conditions = [str(offer.get("eligible") or "") for offer in offers]
    declared = (a.name for a in project.params.snapshot.attributes)
    asked = [name for name in declared if conditions and all(name in c for c in conditions)]
    return (*given.privacy.attributes, *asked)


def _reading(project: Project) -> Options:
    given = project.params.ingest
    return {
        "columns": given.columns, "cutoff": given.cutoff, "timezone": given.timezone,
        "currency": given.currency, "privacy": _asked(project),
        "day_first": given.day_first, "decimal_mark": given.decimal_mark,
        "minor_units": given.minor_units, "amount_is": given.amount_is, "copies": given.copies,
        "states": given.states, "refunds": given.refunds, "leave_out": given.leave_out,
        "guests": given.guests, "watch_columns": given.watch_columns,
        "table": given.table, "query": given.query,
        "memory_limit": given.memory_limit, "threads": given.threads,
    }  # fmt: skip


def _asked(project: Project) -> Asked:
    """Who is asked of consents, and who was forgotten; channels are those of the offers."""
    given, offers = project.params.ingest, project.params.target.offers
    channels = {plain_channel(str(offer.get("channel") or USUAL_CHANNEL)) for offer in offers}
    hashes = read_forgotten(project.path("forgotten"))
    return Asked(
        given.privacy, tuple(sorted(channels or {USUAL_CHANNEL})),
        given.attributes, given.attribute_columns,
        Forgotten(hashes, project.salt()) if hashes else Forgotten(),
    )  # fmt: skip


def _check_dependencies(project: Project) -> None:
    """Refuse what DVC cannot watch or holds nothing yet, and name files dvc.yaml overlooks."""
    given, declared = project.params.ingest, project.root / "dvc.yaml"
    if not declared.is_file():
        return
    watched = f"- {project.layout['watermark']}\n" in declared.read_text("utf-8")
    if is_url(given.orders):
        if not watched:
            raise UsageError("databases.watched_by_path")
        marks = project.path("watermark")
        # `winback init` leaves it without an answer, for DVC to find the file.
        if not marks.is_file() or project.json("watermark")["rows"] is None:
            raise WinbackError("databases.no_watermark", file=marks)
    elif watched:
        raise UsageError("databases.watched_by_watermark", file=project.path("watermark"))
    place = Path(given.orders)
    if not place.exists() and any(sign in given.orders for sign in "*?["):
        raise UsageError("project.pattern", orders=given.orders, folder=place.parent)
    if place.is_dir() and not any(is_table(path) for path in place.rglob("*")):
        raise WinbackError("project.no_orders_yet", folder=place)
    stages = declared.read_text("utf-8")
    for noun in ("signals", "attributes", "products"):
        if getattr(given, noun) and f"${{ingest.{noun}}}" not in stages:
            project.say(fact("progress.not_watched", noun=noun))
    lists = (project.path("privacy").parent / "privacy").resolve()
    for _, file in given.privacy.files:
        if not Path(file).resolve().is_relative_to(lists):
            project.say(fact("progress.consents_not_watched", file=Path(file).name))
