"""What leaves to a destination, out of the current list or one that has left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from winback.crm.cells import contact_kind
from winback.crm.checked import fields_of
from winback.crm.confirmed import read_confirmed
from winback.crm.fields import EVERYBODY, FIELDS, Field
from winback.crm.keys import Keys, keys_of
from winback.crm.outgoing import Outgoing
from winback.crm.people import parted, refusals
from winback.crm.products import last_products
from winback.crm.values import Language, Leaving, listed_customers, values_of
from winback.errors import UsageError, WinbackError
from winback.intake.erased import KeyKind, hashes_to_ask, read_forgotten
from winback.ledger.asked import Seal, seals
from winback.project import Project
from winback.results.intake import IngestSummary
from winback.results.listed import Listed
from winback.results.offered import CONTROL
from winback.stages.suggesting import settings_of, suggestions
from winback.tables import history
from winback.tables.planned import DECISIONS, DRAWN
from winback.tables.scored import scores as contract

if TYPE_CHECKING:
    import pandas as pd

    from winback.crm.destination import Destination
    from winback.params import ExportSettings, ProductSettings

Audience = Literal["listed", "everybody"]


_OF_PRODUCTS = frozenset({
    "message_product", "next_product_1", "next_product_2", "next_product_3",
    "next_product_reason", "message_next_product",
})  # fmt: skip

ROWS = "rows.parquet"
"""What stands at a destination once its main file was imported; ``winback confirm`` reads it."""


@dataclass(frozen=True)
class _Source:
    """A list: the one that waits, or one that has left."""

    leaving: Leaving
    scores: pd.DataFrame
    language: Language
    campaign_id: str
    cutoff: date | None
    settings: ProductSettings


def outgoing(
    project: Project, destination: Destination, audience: Audience | None = None,
    campaign: str | None = None,
) -> Outgoing:  # fmt: skip
    """Typed rows of who gets values at a destination, and everybody who must not.

    Of a list that has left, the rows are those that were sealed; who may get them, and by which
    address, is asked as of now: of `privacy.parquet`, `forgotten.txt` and the contacts.

    Args:
        project: the project, or folder of a run.
        destination: where it goes.
        audience: None: as ``export.audience`` says.
        campaign: name of a list that has left; None: the current list.

    Raises:
        WinbackError: no such list is there, or it is not as it was written.
        UsageError: ``export`` names a column that is not there, or everybody's scores are to
            leave from a folder that no longer holds their addresses.
    """
    settings = project.params.export
    wanted: Audience = audience or settings.audience
    source = _source(project, campaign)
    scores = source.scores
    assignment = source.leaving.assignment
    in_control = assignment["arm"] == CONTROL
    control = set(assignment.loc[in_control, "customer_id"].astype(str))
    customers = scores if wanted == "everybody" else listed_customers(source.leaving, scores)
    fields = _fields(destination, settings, wanted, source.leaving)
    keys, hidden = _keys(project, destination, source.campaign_id, wanted)
    privacy = project.frame("privacy", history.PRIVACY)
    known = {*privacy["customer_id"].astype(str), *keys.rows["customer_id"],
             *scores["customer_id"].astype(str)}  # fmt: skip
    known -= _erased(project, known, keys)
    ids = customers["customer_id"].astype(str)
    customers = customers[ids.isin(known) & ~ids.isin(hidden(ids))]
    leaving = source.leaving
    if names_products(field.name for field in fields):
        leaving = with_products(project, leaving, scores, source.cutoff, source.settings)
    values = values_of(_best_first(customers), leaving, scores, source.language, source.campaign_id)
    channels = dict(zip(values["customer_id"], values["channel"], strict=True))
    names = ["customer_id", *(field.name for field in fields)]
    nothing = values.iloc[:0]
    return parted(
        values[names], control, known,
        refusals(privacy, channels, for_ads=destination.for_ads), keys, destination,
        Outgoing(source.campaign_id, wanted, fields, nothing, nothing, nothing, nothing),
    )  # fmt: skip


def _source(project: Project, campaign: str | None) -> _Source:
    left = {seal.sealed.campaign_id: seal for seal in seals(project.ledger())}
    if campaign is not None and campaign in left:
        return _sealed(left[campaign])
    if not project.path("manifest").is_file():
        if campaign is not None and left:
            raise WinbackError("ledger.no_campaign", campaign=campaign, known=tuple(left))
        raise WinbackError("ledger.no_list", file=project.path("manifest"))
    listed = project.result("manifest", Listed)
    if campaign is not None and campaign != listed.campaign_id:
        raise WinbackError(
            "ledger.not_the_list", folder=project.path("current"), campaign=campaign,
            found=listed.campaign_id,
        )  # fmt: skip
    seal = left.get(listed.campaign_id)
    if seal is not None and seal.sealed.seal == listed.seal:
        return _sealed(seal)
    return _current(project, listed)


def _current(project: Project, listed: Listed) -> _Source:
    for name, digest in listed.made_from.items():
        if not project.path(name).is_file() or project.digest(name) != digest:
            raise WinbackError("ledger.half_made", file=project.path(name))
    assignment = project.frame("assignment", DRAWN)
    leaving = Leaving(
        assignment, project.frame("decisions", DECISIONS), listed.offers,
        project.result("ingest", IngestSummary).currency or "", contact_days(project, assignment),
    )  # fmt: skip
    scores = project.frame("scores", contract(()))
    return _Source(
        leaving, scores, listed.language, listed.campaign_id, listed.cutoff,
        settings_of(listed.params),
    )  # fmt: skip


def _sealed(seal: Seal) -> _Source:
    told, waits = seal.sealed, {}
    if seal.has("contact_days"):
        days = seal.table("contact_days")
        waits = dict(zip(days["customer_id"], days["days"], strict=True))
    # As planned, and as the list said: the day it was said to leave may have moved.
    leaving = Leaving(
        seal.table("assignment"), seal.decisions(), told.offers, told.currency or "", waits
    )
    return _Source(
        leaving, seal.scores(), told.language, told.campaign_id, told.cutoff,
        settings_of(told.params),
    )  # fmt: skip


def names_products(columns: Iterable[str]) -> bool:
    """Whether any of these columns names what was bought, or what is next."""
    return not _OF_PRODUCTS.isdisjoint(columns)


def with_products(
    project: Project, leaving: Leaving, scores: pd.DataFrame, cutoff: date | None,
    settings: ProductSettings | None = None,
) -> Leaving:  # fmt: skip
    """The same with products that may be written of, for whoever is on the list.

    ``settings`` are ``products`` as the list had them; None: as they are.
    """
    if cutoff is None:
        return leaving
    ids = listed_customers(leaving, scores)["customer_id"].astype(str).tolist()
    return replace(
        leaving,
        products=last_products(project.path("orders"), ids, cutoff),
        suggested=suggestions(project, ids, cutoff, settings),
    )


def contact_days(project: Project, assignment: pd.DataFrame) -> dict[str, int]:
    """By customer the days after the first on which she is contacted, where that differs."""
    import pandas as pd

    rows = pd.read_csv(project.path("list"), dtype=str, keep_default_na=False)
    if "contact_on" not in rows or not len(rows) or not len(assignment):
        return {}
    first = pd.Timestamp(assignment["assigned_at"].iloc[0])
    days = (pd.to_datetime(rows["contact_on"]) - first).dt.days
    return dict(zip(rows["customer_id"], days.tolist(), strict=True))


def _fields(
    destination: Destination, settings: ExportSettings, audience: Audience, leaving: Leaving
) -> tuple[Field, ...]:
    """The columns that leave, in their order; of everybody none that tells of the campaign."""
    found = fields_of(destination, settings)
    if audience == "everybody":
        asked = destination.name in settings.columns
        ours = [name for name in EVERYBODY if _may_leave(name, destination)]
        found = (
            tuple(f for f in found if not f.of_campaign)
            if asked
            else tuple(FIELDS[name] for name in ours)
        )
    return tuple(f for f in found if f.name != "contact_on" or leaving.contact_days)


def _may_leave(name: str, destination: Destination) -> bool:
    if destination.allowed is not None:
        return name in destination.allowed
    return not destination.for_ads or name in destination.fields


def contacts_of(project: Project) -> pd.DataFrame:
    """Contacts of the source; of a folder of a run, those that stand on its list."""
    import pandas as pd

    if project.path("contacts").is_file():
        return project.frame("contacts", history.contacts())
    rows = pd.read_csv(project.path("list"), dtype=str, keep_default_na=False)
    found = rows.loc[:, :"offer"].drop(columns="offer") if "offer" in rows else rows
    return found.replace("", None)


def contact_keys(project: Project) -> Keys:
    """The keys of everybody in the contacts, read once: each number takes its time."""
    kept = f"keys of contacts, {project.path('contacts').is_file()}"
    return project.once(kept, lambda: _read_keys(project))


def _read_keys(project: Project) -> Keys:
    settings, customer = project.params.export, project.params.ingest.columns.get("customer")
    return keys_of(
        contacts_of(project), project.params.snapshot.country, settings.email, settings.phone,
        ids=contact_kind(customer or ""),
    )  # fmt: skip


Hidden = Callable[[Iterable[str]], set[str]]


def _keys(
    project: Project, destination: Destination, campaign_id: str, audience: Audience
) -> tuple[Keys, Hidden]:
    """Everybody's keys, and who of some customers must stay out as those of others are gone.

    A folder of a run keeps no addresses but those of its lists. So nobody can be asked again
    whether an address is also that of the control group, or of somebody who refused: what was
    found then is what counts.
    """
    country = project.params.snapshot.country
    if project.path("contacts").is_file() or destination.keys[0] == "customer_id":
        return contact_keys(project), lambda ids: set()
    rows = read_confirmed(project.path("current") / destination.name / ROWS)
    told = project.result("manifest", Listed).destinations
    audiences = {each.destination: each.audience for each in told}
    if (
        audiences.get(destination.name) == audience
        and len(rows)
        and set(rows["campaign_id"]) == {campaign_id}
    ):
        at = rows["key"]
        table = rows[["customer_id"]].assign(
            email=at.where(at.str.contains("@")), phone=at.where(at.str.startswith("+"))
        )
        written = set(rows["customer_id"])
        return keys_of(table, country), lambda ids: set(ids) - written
    if audience == "everybody":
        raise UsageError("outgoing.no_addresses", name=destination.name, folder=project.root)
    hidden: set[str] = set()
    if not project.under_dvc and project.path("shared").is_file():
        shared = project.frame("shared")
        hidden = set(shared.loc[shared["key"].isin(destination.keys), "customer_id"])
    return contact_keys(project), lambda ids: hidden


def shared_keys(project: Project, listed: Collection[str]) -> pd.DataFrame:
    """Who of the listed has an address or a number that is also of somebody who gets nothing.

    Columns ``customer_id`` and ``key`` (``email`` or ``phone``), without the address itself.
    """
    import pandas as pd

    keys = contact_keys(project).rows
    assignment = project.frame("assignment", DRAWN)
    drawn = assignment.loc[assignment["arm"] == CONTROL, "customer_id"].astype(str)
    barred = {*drawn, *refusals(project.frame("privacy", history.PRIVACY), {}, for_ads=False)}
    theirs, ours = keys[keys["customer_id"].isin(barred)], keys[keys["customer_id"].isin(listed)]
    found = [
        (customer, key)
        for key in ("email", "phone")
        for customer in ours.loc[ours[key].isin(set(theirs[key].dropna())), "customer_id"]
    ]
    return pd.DataFrame(sorted(found), columns=["customer_id", "key"], dtype=object)


def _erased(project: Project, known: Collection[str], keys: Keys) -> set[str]:
    """Who of these was forgotten, by any key."""
    emails, phones = keys.rows["email"].to_dict(), keys.rows["phone"].to_dict()
    return erased_of(
        project, {who: [str(emails.get(who) or ""), str(phones.get(who) or "")] for who in known}
    )


def erased_of(project: Project, people: Mapping[str, Sequence[str]]) -> set[str]:
    """Who was forgotten, of customers with their addresses and numbers."""
    forgotten = read_forgotten(project.path("forgotten"))
    if not forgotten:
        return set()
    salt = project.salt()
    return {
        customer for customer, keys in people.items()
        if hashes_to_ask(_of_whom(customer, keys), salt) & forgotten
    }  # fmt: skip


def _of_whom(customer: str, keys: Sequence[str]) -> Iterator[tuple[KeyKind, str]]:
    yield "id", customer
    for key in keys:
        if key:
            yield ("email" if "@" in key else "phone" if key.startswith("+") else "id"), key


def _best_first(customers: pd.DataFrame) -> pd.DataFrame:
    """The latest buyers first: of several of one address it is they whose values leave."""
    by = [c for c in ("days_since_last_order", "orders_total") if c in customers]
    return customers.sort_values(
        [*by, "customer_id"], ascending=[c != "orders_total" for c in (*by, "customer_id")],
        kind="stable", ignore_index=True,
    )  # fmt: skip
