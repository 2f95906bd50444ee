"""A person forgotten: out of everything the project holds, and kept out of what comes.

The hashes first, then the removal, and last of all the files by which a person's addresses are
known: a call that was killed is finished by the same call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import yaml

from winback.crm.destinations import DESTINATIONS, destination
from winback.crm.listing import LIST_COLUMNS
from winback.erasing.caches import kept_by_dvc, named_by, objects_inside, remove_objects
from winback.erasing.files import Removed, blank, holds, put, take_out
from winback.erasing.notes import Notes
from winback.erasing.person import (
    People,
    addresses_of,
    kinds_of,
    masked,
    name_of,
    people_of,
    phone_forms,
    plain_id,
)
from winback.erasing.sources import rewrite, standing
from winback.errors import UsageError
from winback.intake.erased import (
    KeyKind,
    hashes_to_ask,
    hashes_to_keep,
    read_forgotten,
    write_forgotten,
)
from winback.ledger.people import People as Numbers
from winback.params import is_url
from winback.project import Project, Say
from winback.questions.mending import mend_manifest, mend_plan, mend_workbook
from winback.questions.places import Places, places_of
from winback.questions.showing import cards_of
from winback.results.base import Fact, fact
from winback.results.intake import IngestSummary
from winback.sending.journal import Journal
from winback.tracking.erased import STORES, rewrite_store, store_elsewhere

_MOST_LINES = 20
_NOTES = ".forgetting"


@dataclass(frozen=True)
class Asked:
    """Who is meant by the keys that somebody gave.

    Attributes:
        people: all they are known by.
        keys: the same as written, to be hashed.
        customers: how many ids of the project each given key means, in their order.
        shared: how many numbers of theirs are other customers' as well.
    """

    people: People
    keys: tuple[tuple[KeyKind, str], ...]
    customers: tuple[int, ...]
    shared: int


@dataclass
class _Found:
    """What was taken out so far."""

    by_place: Counter[str] = field(default_factory=Counter)
    changed: list[Path] = field(default_factory=list)

    def add(self, path: Path, name: str, removed: Removed) -> None:
        if removed:
            self.by_place[name] += removed.rows + removed.places + removed.whole
            self.changed.append(path)


def forget(project: Project, keys: Sequence[str], *, raw: bool = False) -> None:
    """Take people out of every artefact; what was done and what was not is told to ``say``.

    Args:
        project: a project, or a folder of `winback run`.
        keys: ids, e-mail addresses, phone numbers; as many people as there are.
        raw: whether the shop's own files are written again without them.

    Raises:
        UsageError: there is no key, or an empty one.
        WinbackError: there is no salt to hash by, or a push is under way.
    """
    given = [key.strip() for key in keys]
    if not all(given) or not given:
        raise UsageError("forget.no_key")
    with ExitStack() as held:
        for folder in sorted(project.path("pushes").glob("*/")):
            held.enter_context(Journal(folder).alone())
        _forget(project, given, raw=raw)


def _forget(project: Project, given: Sequence[str], *, raw: bool) -> None:
    salt, place = project.salt(), project.path("forgotten")
    places = places_of(project)
    before = read_forgotten(place)
    asked = meant_by(project, places, given)
    project = replace(project, say=_covering(project.say, asked.people))
    _say_who(project, given, asked, before)
    kept = before | hashes_to_keep(asked.keys, salt)
    if kept != before or not place.is_file():
        write_forgotten(place, kept)
    _say_destinations(project, asked)
    found = _Found()
    notes = Notes(project.root / _NOTES)
    rows = _in_sources(project, places, asked, raw=raw)
    _in_quarantine(project, rows, found, notes)
    _in_artefacts(project, places, asked, found, notes)
    _in_caches(project, places, asked, raw=raw)
    _in_store(project, asked)
    if raw:
        _rewrite_sources(project, places, asked, rows, notes)
    # By these alone whoever calls again would know what else a person is known by.
    for path in places.knowing:
        found.add(path, _named(project, path), take_out(path, asked.people, notes.add))
    for path in places.manifests:
        mend_manifest(path, notes.hashes())
        mend_workbook(path)
    mend_plan(project.path("target"), project.path("plan"))
    notes.done()
    _in_ledger(project, places, asked)
    _say_done(project, places, asked, found)


def _covering(say: Say, people: People) -> Say:
    """The same, but no name of a file tells who is forgotten."""

    def each(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(map(each, value))
        return people.without(value) if isinstance(value, str) else value

    def covering(told: Fact) -> None:
        values = {name: each(value) for name, value in told.values.items()}
        say(Fact.model_validate({"code": told.code, "values": values}))

    return covering


# --- who is meant ----------------------------------------------------------------------------


def meant_by(project: Project, places: Places, given: Sequence[str]) -> Asked:
    """Whoever has one of these ids, addresses or numbers, with all else they are known by.

    Who has the same address is the same person; who has the same number may be somebody else in
    the house, and stays unless the number itself was given.
    """
    frames = [_cells_of(path) for path in places.knowing if path.is_file()]
    known = _ids_of(project, frames)
    keys: dict[tuple[KeyKind, str], None] = {}
    counts = []
    everybody = People()
    for key in given:
        kinds = kinds_of(key)
        # A number that is somebody's id is nobody's telephone.
        if len(kinds) > 1 and plain_id(key) in known:
            kinds = ("id",)
        people, more = _widened(people_of((kind, key) for kind in kinds), frames)
        ids = {each for each in known if each in people.ids}
        counts.append(len(ids))
        everybody |= people
        keys |= dict.fromkeys([*((kind, key) for kind in kinds), *more])
        keys |= dict.fromkeys(("id", known[each]) for each in sorted(ids))
    stay, shared = _unshared(keys, given, everybody, frames)
    found = people_of(stay) | People(names=_names(everybody, frames))
    return Asked(found, tuple(stay), tuple(counts), shared)


def _names(people: People, frames: Iterable[pd.DataFrame]) -> frozenset[str]:
    """Names in their contacts that nobody else has there."""
    theirs: set[str] = set()
    others: set[str] = set()
    for frame in frames:
        rows = frame[" plain"].isin(people.ids)
        for column in frame.columns[2:]:
            theirs |= _names_in(frame.loc[rows, column])
            others |= _names_in(frame.loc[~rows, column])
    return frozenset(theirs - others)


def _names_in(cells: pd.Series[str]) -> set[str]:
    return {name for cell in set(map(str, cells)) if (name := name_of(cell))}


def _cells_of(path: Path) -> pd.DataFrame:
    """A table of people with their addresses, all of it as text."""
    if path.suffix == ".parquet":
        rows = pd.read_parquet(path)
    else:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        # Of a list only what came from contacts.
        rows = rows[[c for c in rows if c == "customer_id" or c not in LIST_COLUMNS]]
    rows = rows[["customer_id", *(c for c in rows if c != "customer_id" and _is_text(rows[c]))]]
    rows.insert(1, " plain", rows["customer_id"].astype(str).map(plain_id))
    return rows.fillna("")


def _is_text(column: pd.Series[str]) -> bool:
    return bool(pd.api.types.is_string_dtype(column) or column.dtype == object)


def _ids_of(project: Project, frames: Iterable[pd.DataFrame]) -> dict[str, str]:
    """Every id that the project knows, as written, by its plain form."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found: dict[str, str] = {}
    people = project.ledger().people
    for path in (project.path("orders"), project.path("scores"), people):
        if path.is_file():
            column = pq.read_table(path, columns=["customer_id"])["customer_id"]
            ids = pc.unique(column).drop_null().to_pylist()
            found |= {plain_id(each): each for each in ids}
    for frame in frames:
        found |= dict(zip(frame[" plain"], frame["customer_id"], strict=True))
    return found


def _widened(
    people: People, frames: Sequence[pd.DataFrame]
) -> tuple[People, list[tuple[KeyKind, str]]]:
    """The same people by all that the tables know them by, and the keys that are new."""
    more: dict[tuple[KeyKind, str], None] = {}
    asked = people
    while True:
        for frame in frames:
            rows = frame[_rows_of(frame, asked)]
            more |= dict.fromkeys(("id", each) for each in rows["customer_id"])
            cells = rows.drop(columns=["customer_id", " plain"]).to_numpy().ravel().tolist()
            more |= dict.fromkeys(addresses_of(list(map(str, cells))))
        # Numbers are found, and find nobody.
        finding = people_of(key for key in more if key[0] != "phone")
        wider = people | finding
        if wider == asked:
            return people | people_of(more), list(more)
        asked = wider


def _rows_of(frame: pd.DataFrame, people: People) -> pd.Series[bool]:
    hit = frame[" plain"].isin(people.ids)
    for name in frame.columns[2:]:
        cells = frame[name].astype(str)
        hit |= cells.str.strip().str.lower().isin(people.emails)
        if people.phones:
            ends = cells.str.replace(r"\D", "", regex=True).str.endswith(tuple(people.phones))
            theirs = [bool(phone_forms(cell) & people.phones) for cell in cells[ends]]
            hit |= pd.Series(theirs, cells[ends].index, bool).reindex(cells.index, fill_value=False)
    return hit


def _unshared(
    keys: Iterable[tuple[KeyKind, str]], given: Sequence[str], everybody: People,
    frames: Sequence[pd.DataFrame],
) -> tuple[list[tuple[KeyKind, str]], int]:  # fmt: skip
    """The keys without numbers that others have too, and how many these are."""
    stay, shared = [], 0
    others = [frame[~frame[" plain"].isin(everybody.ids)] for frame in frames]
    for kind, key in keys:
        alone = kind != "phone" or key in given
        asked = People(phones=phone_forms(key)) if not alone else People()
        if any(_rows_of(frame, asked).any() for frame in others if asked):
            shared += 1
        else:
            stay.append((kind, key))
    return stay, shared


def _say_who(project: Project, given: Sequence[str], asked: Asked, before: frozenset[str]) -> None:
    salt = project.salt()
    for key, customers in zip(given, asked.customers, strict=True):
        code = "known" if customers else "unknown"
        if not customers and before & hashes_to_ask([(k, key) for k in kinds_of(key)], salt):
            code = "before"
        project.say(fact(f"forget.{code}", key=masked(key), customers=customers))
    if asked.shared:
        project.say(fact("forget.shared", n=asked.shared))


def _say_destinations(project: Project, asked: Asked) -> None:
    """Where somebody deletes them by hand: told before what tells it is gone."""
    for folder in sorted(project.path("pushes").glob("*/")):
        # What a push that was cut off has sent may be there as well.
        sent = [pd.read_parquet(path, columns=["customer_id", "key"])
                for path in (folder / "confirmed.parquet", *sorted(folder.glob("plan-*.parquet")))
                if path.is_file()]  # fmt: skip
        rows = pd.concat(sent) if sent else pd.DataFrame({"customer_id": [], "key": []})
        theirs = rows["customer_id"].astype(str).map(plain_id).isin(asked.people.ids)
        theirs |= rows["key"].astype(str).map(asked.people.is_in)
        keys = sorted({str(key) for key in rows.loc[theirs, "key"]})
        if keys:
            shown = tuple(map(masked, keys))
            project.say(fact("forget.at", destination=folder.name, n=len(keys), keys=shown))


# --- what is the shop's own ------------------------------------------------------------------


def _in_sources(
    project: Project, places: Places, asked: Asked, *, raw: bool
) -> dict[Path, tuple[int, ...]]:
    """The rows of the shop's own files in which they stand, which are told."""
    columns = _id_columns(project)
    found: dict[Path, tuple[int, ...]] = {}
    for path in places.sources:
        here = standing(path, asked.people, columns)
        if here is None:
            project.say(fact("forget.not_looked_into", file=_named(project, path)))
        elif here.rows:
            found[path] = here.rows
            if not raw:
                some = tuple(here.rows[:_MOST_LINES])
                code = "raw" if len(some) == len(here.rows) else "raw_more"
                project.say(
                    fact(f"forget.{code}", file=_named(project, path), n=len(here.rows), rows=some)
                )
    return found


def _id_columns(project: Project) -> tuple[str, ...]:
    """Headers of the shop's columns of ids, as intake understood them."""
    if not project.path("ingest").is_file():
        return ()
    told = project.result("ingest", IngestSummary)
    found = [told.columns, *(side.columns for side in (told.signals, told.attributes) if side)]
    return tuple(dict.fromkeys(c["customer"] for c in found if "customer" in c))


def _rewrite_sources(
    project: Project, places: Places, asked: Asked, rows: dict[Path, tuple[int, ...]],
    notes: Notes,
) -> None:  # fmt: skip
    columns = _id_columns(project)
    for path, lines in rows.items():
        done = rewrite(path, asked.people, notes.add, columns)
        code = "rewritten" if done else "not_rewritten"
        project.say(fact(f"forget.{code}", file=_named(project, path), n=len(lines)))
        if done and path.with_name(f"{path.name}.dvc").is_file():
            project.say(fact("forget.add_again", file=_named(project, path)))


# --- what the project made -------------------------------------------------------------------


def _in_quarantine(
    project: Project, rows: dict[Path, tuple[int, ...]], found: _Found, notes: Notes
) -> None:
    """Lines that were set aside tell no id, but which row of which file they were."""
    path = project.path("quarantine")
    if not path.is_file():
        return
    lines = pd.read_csv(path, dtype=str, keep_default_na=False)
    theirs = pd.Series(False, index=lines.index)
    for file, numbers in rows.items():
        names = lines["source_file"].map(lambda name: Path(name).name)
        theirs |= (names == file.name) & lines["row_number"].isin(list(map(str, numbers)))
    if theirs.any():
        text = lines[~theirs].to_csv(index=False, lineterminator="\n")
        put(path, text.encode(), notes.add)
        found.add(path, _named(project, path), Removed(rows=int(theirs.sum())))


def _in_artefacts(
    project: Project, places: Places, asked: Asked, found: _Found, notes: Notes
) -> None:
    columns = _headers(project)
    files = dict.fromkeys([*places.artefacts, *places.others, *sorted(project.root.glob("*.html"))])
    for path in cards_of(files, asked.people.ids, project.salt()):
        path.unlink()
        found.by_place[_named(project, path)] += 1
    for path in (each for each in places.artefacts if each.is_file()):
        if path.name.startswith("plan-") and path.is_relative_to(project.path("pushes")):
            # The journal of a push that was cut off knows them by the number of their row.
            removed = blank(path, asked.people, notes.add)
        else:
            removed = take_out(path, asked.people, notes.add, columns)
        found.add(path, _place_of(project, path), removed)


def _headers(project: Project) -> tuple[str, ...]:
    """What destinations call the customer's id, as the shop's options have it."""
    options = project.params.export.options
    return tuple(
        destination(name, options.get(name)).key_headers["customer_id"]
        for name, each in DESTINATIONS.items()
        if "customer_id" in each.key_headers
    )


def _in_caches(project: Project, places: Places, asked: Asked, *, raw: bool) -> None:
    """Objects of DVC in which they stand go; what is the shop's own file as it lies here, not."""
    kept = kept_by_dvc(project.root)
    if kept.cache is None:
        return
    for path in places.scratch:
        if holds(path, asked.people):
            path.unlink()
    if kept.cache.is_dir():
        lying = named_by(places.tracked) | _inputs(project.root / "dvc.lock")
        spared = frozenset() if raw else lying | objects_inside(kept.cache, lying)
        only = None
        if kept.shared:
            only = named_by([*places.tracked, project.root / "dvc.lock"])
            only |= objects_inside(kept.cache, only)
        objects, runs = remove_objects(
            kept.cache, lambda path: holds(path, asked.people), only=only, spared=spared
        )
        if objects or runs:
            project.say(fact("forget.cache", objects=objects, runs=runs))
        if kept.shared:
            project.say(fact("forget.shared_cache", folder=str(kept.cache)))
    for name in kept.remotes:
        project.say(fact("forget.remote", name=name))


def _inputs(lock: Path) -> frozenset[str]:
    """The MD5 of what stages read and no stage makes: the shop's own files, and code."""
    stages = _stages(lock)
    outs = {out["path"] for stage in stages for out in stage.get("outs", ())}
    return frozenset(
        dep["md5"].removesuffix(".dir")
        for stage in stages
        for dep in stage.get("deps", ())
        if dep["path"] not in outs and "md5" in dep
    )


def _stages(lock: Path) -> list[dict[str, list[dict[str, str]]]]:
    content = yaml.safe_load(lock.read_text(encoding="utf-8")) if lock.is_file() else None
    return list((content or {}).get("stages", {}).values())


def _in_store(project: Project, asked: Asked) -> None:
    """What MLflow holds beside its artifacts, which were walked like all others."""
    if not project.under_dvc:
        return
    elsewhere = store_elsewhere(project.root)
    if elsewhere is not None:
        project.say(fact("forget.other_store", address=elsewhere))

    if texts := rewrite_store(project.root, asked.people.without):
        project.say(fact("forget.store", n=texts))


def _in_ledger(project: Project, places: Places, asked: Asked) -> None:
    """The numbers stay without their ids; no entry is touched."""
    ledger = project.ledger()
    for path in places.people:
        numbers = Numbers(path)
        theirs = [each for each in numbers.ids if asked.people.has_id(each)]
        for each in theirs:
            numbers.forget(each)
        if theirs:
            numbers.save()
            project.say(fact("forget.numbers", n=len(theirs), file=_named(project, path)))
    if not ledger.people.is_file() and ledger.of_kind("seal", "replay"):
        project.say(fact("forget.no_people", file=str(ledger.people)))
    elif ledger.entries:
        ledger.verify()
        project.say(fact("forget.ledger", entries=len(ledger.entries)))


# --- what is said at the end -----------------------------------------------------------------


def _say_done(project: Project, places: Places, asked: Asked, found: _Found) -> None:
    for name, n in sorted(found.by_place.items()):
        project.say(fact("forget.removed", file=name, n=n))
    outs = [out["path"] for stage in _stages(project.root / "dvc.lock")
            for out in stage.get("outs", ())]  # fmt: skip
    changed = {path.relative_to(project.root).as_posix() for path in found.changed}
    remade = sorted(
        out for out in outs if any(f"{each}/".startswith(f"{out}/") for each in changed)
    )
    if project.under_dvc and remade:
        project.say(fact("forget.remake", files=tuple(remade)))
    for path in places.others:
        if path.is_file() and holds(path, asked.people):
            project.say(fact("forget.elsewhere", file=_named(project, path)))
    for folder in places.runs:
        project.say(fact("forget.run", folder=_named(project, folder)))
    if not project.under_dvc:
        project.say(fact("forget.where_from"))
    if is_url(project.params.ingest.orders):
        project.say(fact("forget.database"))
    if places.under_git:
        project.say(fact("forget.git"))
    project.say(fact("forget.backups", people=project.ledger().people.name))
    project.say(fact("forget.done"))


def _named(project: Project, path: Path) -> str:
    if path.is_relative_to(project.root):
        return path.relative_to(project.root).as_posix()
    return str(path)


def _place_of(project: Project, path: Path) -> str:
    """A file by its name, one of MLflow's many by their folder."""
    name = _named(project, path)
    top = name.partition("/")[0]
    return f"{top}/" if top in STORES else name
