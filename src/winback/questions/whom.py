"""Which customer is meant by an id, an e-mail address or a phone number.

Addresses are looked up in what there is of contacts: a project's own table, or the list of a
folder of `winback run`, which keeps no others. Nothing personal that was typed is said again.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.crm.listing import LIST_COLUMNS
from winback.erasing.person import kinds_of, phone_forms, plain_id
from winback.errors import WinbackError
from winback.intake.erased import hashes_to_ask, read_forgotten
from winback.project import Project

# Among more ids than these the near ones are not looked for: it would take minutes.
_MOST_COMPARED = 200_000
_END_OF_NUMBER = 7


def customer_meant(key: str, project: Project, *, address: bool = False) -> str:
    """The id of the scored customer whom a key means.

    Args:
        key: an id or, where contacts are at hand, an e-mail address or phone number.
        project: the project, or a folder of `winback run`.
        address: whether the key is no id.

    Raises:
        WinbackError: nobody is meant, or several are, or the customer was forgotten or must not
            be profiled. The message does not repeat an address.
    """
    scores = project.path("scores")
    ids = pq.read_table(scores, columns=["customer_id"])["customer_id"]
    if not address:
        if pc.any(pc.equal(ids, key)).as_py():
            return key
        bare = plain_id(key)
        found = [each for each in ids.to_pylist() if plain_id(each) == bare]
        if len(found) > 1:
            raise WinbackError("project.several_customers", n=len(found))
        if found:
            return str(found[0])
    kinds = [kind for kind in kinds_of(key) if kind != "id"]
    if kinds:
        meant = set(_by_address(key, project)) & set(ids.to_pylist())
        if len(meant) > 1:
            raise WinbackError("project.several_customers", n=len(meant))
        if meant:
            return meant.pop()
    _explain_absence(key, project)
    if kinds or address:
        known = any(True for _ in _contacts(project))
        raise WinbackError(
            "project.no_address" if known else "project.no_contacts",
            file=project.path("contacts" if project.under_dvc else "list"),
        )
    raise unknown(key, ids, str(scores))


def unknown(key: str, ids: pa.ChunkedArray, file: object) -> WinbackError:
    """That there is no such customer, with ids near to it; no address is among them."""
    near: list[str] = []
    if len(ids) <= _MOST_COMPARED:
        close = difflib.get_close_matches(key, ids.to_pylist(), 3, 0.7)
        near = [each for each in close if "@" not in each]
    code = "project.no_customer_near" if near else "project.no_customer"
    return WinbackError(code, file=file, n=len(ids), near=near)


def _explain_absence(key: str, project: Project) -> None:
    """Say so where the customer is known to be gone, or to be left alone."""
    kinds = [(kind, key) for kind in kinds_of(key)]
    forgotten = read_forgotten(project.path("forgotten"))
    if forgotten:
        try:
            salt = project.salt()
        except WinbackError:
            salt = None  # another machine's project: its hashes cannot be read here
        if salt is not None and forgotten & hashes_to_ask(kinds, salt):
            raise WinbackError("project.customer_forgotten")
    privacy = project.path("privacy")
    if privacy.is_file():
        left = pq.read_table(privacy, filters=[("no_profiling", "=", True)])
        bare = plain_id(key)
        if any(plain_id(each) == bare for each in left["customer_id"].to_pylist()):
            raise WinbackError("project.customer_not_profiled")


def _by_address(key: str, project: Project) -> Iterator[str]:
    """Ids of all who have an address or a number, however it is spelt."""
    email, forms = re.sub(r"\s+", "", key).lower(), phone_forms(key)
    for rows in _contacts(project):
        for name in rows.column_names:
            column = rows[name]
            if name == "customer_id" or not pa.types.is_string(column.type):
                continue
            if "@" in email:
                hit = pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(column)), email)
                yield from rows.filter(hit)["customer_id"].to_pylist()
            elif forms:
                digits = pc.replace_substring_regex(column, r"\D", "")
                ends = {form[-_END_OF_NUMBER:] for form in forms}
                hit = pa.array([False] * len(rows))
                for end in sorted(ends):
                    hit = pc.or_(hit, pc.fill_null(pc.ends_with(digits, end), False))
                near = rows.filter(hit)
                pairs = zip(near["customer_id"].to_pylist(), near[name].to_pylist(), strict=True)
                yield from (customer for customer, cell in pairs if phone_forms(cell) & forms)


def _contacts(project: Project) -> Iterator[pa.Table]:
    """What there is of addresses: text columns beside ``customer_id``; nothing where none is."""
    contacts, listed = project.path("contacts"), project.path("list")
    if contacts.is_file():
        rows = pq.read_table(contacts)
        if rows.num_columns > 1:
            yield _as_text(rows)
    elif listed.is_file():
        names = pd.read_csv(listed, dtype=str, nrows=0).columns
        own = [name for name in names if name == "customer_id" or name not in LIST_COLUMNS]
        if len(own) > 1:
            cells = pd.read_csv(listed, dtype=str, usecols=own, keep_default_na=False)
            yield _as_text(pa.Table.from_pandas(cells, preserve_index=False))


def _as_text(rows: pa.Table) -> pa.Table:
    for place, field in enumerate(rows.schema):
        if pa.types.is_large_string(field.type):
            rows = rows.set_column(place, field.name, rows[field.name].cast(pa.string()))
    return rows
