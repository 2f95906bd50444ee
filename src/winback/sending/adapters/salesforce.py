"""Salesforce Bulk API 2.0: fields of contacts, by ingest jobs whose results are read.

An upsert by an external id creates whoever is not there. So without ``--create`` the ids of the
records are asked for first, and the job is an *update* by ``Id``: nobody can be created. With it
the job is an *upsert* by the external id.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import ClassVar
from urllib.parse import quote

from winback.crm.destinations import destination
from winback.errors import UsageError, WinbackError
from winback.results.base import Json
from winback.sending.adapter import (
    Answer,
    Change,
    Cost,
    Limits,
    Link,
    Refusal,
    RefusedBatch,
    Setting,
)
from winback.sending.adapters.later import ask_until
from winback.sending.client import Client, HttpAdapter, RefusedCall, Reply
from winback.sending.masking import said as quiet

_INSTANCE = "WINBACK_SALESFORCE_INSTANCE"
_NULL = "#N/A"
_DONE, _DEAD = "JobComplete", ("Failed", "Aborted")
_TOO_LARGE = 413
# Keys in one SOQL query, and bytes of its address.
_KEYS, _ADDRESS = 200, 8000
# Jobs that failed one after another with nothing taken: it is not the rows.
_HOPELESS = 3
_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class SalesforceBulk(HttpAdapter):
    """Sets fields of one object by jobs of ``/jobs/ingest``.

    Options: ``object`` (``Contact``); ``external_id`` (``WB_Customer_Id__c``); ``key: email``
    matches by ``Email``; ``api_version`` (``62.0``).
    """

    limits: ClassVar[Limits] = Limits(rows=10_000, bytes=80_000_000)
    secret: ClassVar[str] = "WINBACK_SALESFORCE_TOKEN"
    # Made, filled, closed, asked twice, three results.
    calls_per_batch: ClassVar[float] = 8.0
    calls_before: ClassVar[int] = 1
    calls_per_second: ClassVar[float] = 1.0

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._object = str(setting.option("object", "Contact"))
        by_email = setting.option("key", "customer_id") == "email"
        external = str(setting.option("external_id", "WB_Customer_Id__c"))
        self._key = "Email" if by_email else external
        for name in (self._object, self._key):
            if not _API_NAME.fullmatch(name):
                raise UsageError("pushed.no_api_name", name=name)
        self._root = f"/services/data/v{setting.option('api_version', '62.0')}"
        self._dialect = destination("salesforce_bulk", setting.options).dialect
        self._kinds = {each.name: each.kind for each in setting.properties}
        self._filled: str | None = None
        # Rows by record, of the job that was sent last.
        self._sent: dict[str, Mapping[str, int]] = {}
        self._dead = 0

    # --- what is sent --------------------------------------------------------------------------

    def piece(self, change: Change) -> Json:
        """One row of the job, by the key that it is looked for."""
        return {self._key: change.key, **self._cells(change)}

    def _cells(self, change: Change) -> dict[str, str]:
        return {
            name: (_NULL if change.held or change.clears else "") if value is None
            else self._cell(name, value)
            for name, value in change.values.items()
        }  # fmt: skip

    def _cell(self, name: str, value: str | float | date) -> str:
        if isinstance(value, bool):
            return self._dialect.flags[0 if value else 1]
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            return value[: self._dialect.most_chars]
        if self._kinds.get(name) == "share":
            return f"{value * self._dialect.share:.{self._dialect.decimals}f}"
        return str(value)

    def _file(self, batch: Sequence[Change], key: str, keys: Mapping[int, str]) -> bytes:
        """CSV with LF; a field that a row does not have is blank, which Salesforce ignores."""
        names = list(dict.fromkeys(name for change in batch for name in change.values))
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([key, *names])
        for change in batch:
            cells = self._cells(change)
            writer.writerow([keys[change.row], *(cells.get(name, "") for name in names)])
        return text.getvalue().encode()

    # --- calls ---------------------------------------------------------------------------------

    def connect(self, link: Link) -> None:
        """With a session or OAuth token, at the address of the org."""
        token = link.secret(self.secret)
        place = link.base_url or link.secret(_INSTANCE)
        self.client = Client(
            place if "://" in place else f"https://{place}",
            {"Authorization": f"Bearer {token}"},
            secrets=(token,),
            patience=self.setting.patience(),
            early=lambda reply: _code(reply) == "REQUEST_LIMIT_EXCEEDED",
        )

    def cost(self, rows: int, batches: int) -> Cost:
        """Eight calls a job, and one for each two hundred records that are looked for."""
        found = super().cost(rows, batches)
        asked = 0 if self.setting.create else -(-rows // _KEYS)
        return Cost(found.calls + asked, found.seconds + asked / 5)

    def prepare(self) -> tuple[str, ...]:
        """Look whether the object has our fields: they are made in the Setup there."""
        path = f"{self._root}/sobjects/{self._object}/describe"
        try:
            told = self.way.call("GET", path).json
        except RefusedCall:
            return ()  # a user who may not ask: the first job will tell
        there = {str(each.get("name")).lower() for each in told.get("fields", ())}
        names = (self._key, *self._kinds)
        lacking = tuple(name for name in names if name.lower() not in there)
        if lacking:
            raise WinbackError("pushed.no_columns_there", place=self._object, fields=lacking)
        return ()

    def send(self, batch: Sequence[Change]) -> Answer:
        """Make and fill one job; it is closed, and does anything, when its result is asked for."""
        if self.setting.create and not batch[0].clears:
            keys = {change.row: change.key for change in batch}
            return Answer(job=self._start(batch, "upsert", self._key, keys))
        found = self._records([change.key for change in batch])
        not_there: list[int] = []
        refused: dict[int, Refusal] = {}
        keys = {}
        for change in batch:
            match found.get(change.key, ()):
                case []:
                    not_there.append(change.row)
                case [one]:
                    keys[change.row] = one
                case _:
                    refused[change.row] = Refusal("ambiguous")
        rest = [change for change in batch if change.row in keys]
        if not rest:
            return Answer(not_there=tuple(not_there), refused=refused)
        job = self._start(rest, "update", "Id", keys)
        self._sent = {job: {record: row for row, record in keys.items()}}
        return Answer(not_there=tuple(not_there), refused=refused, job=job)

    def _records(self, keys: Sequence[str]) -> dict[str, list[str]]:
        """Ids of records by their key, whose case counts."""
        found: dict[str, list[str]] = {key: [] for key in keys}
        for query in self._queries(keys):
            path: str | None = f"{self._root}/query?q={quote(query, safe='')}"
            while path:
                try:
                    told = self.way.call("GET", path).json
                except RefusedCall as refused:
                    raise WinbackError(
                        "pushed.no_query", place=self._object, key=self._key,
                        said=self.way.said(refused.reply),
                    ) from None  # fmt: skip
                for each in told["records"]:
                    held = str(each[self._key])
                    held = held if held in found else held.lower()
                    if held in found:
                        found[held].append(str(each["Id"]))
                path = told.get("nextRecordsUrl")
        return found

    def _queries(self, keys: Sequence[str]) -> Iterator[str]:
        head = f"SELECT Id, {self._key} FROM {self._object} WHERE {self._key} IN ("
        some: list[str] = []
        size = 0
        for key in keys:
            literal = "'" + key.replace("\\", "\\\\").replace("'", "\\'") + "'"
            more = len(quote(literal, safe="")) + 3
            if some and (len(some) == _KEYS or size + more > _ADDRESS):
                yield f"{head}{','.join(some)})"
                some, size = [], 0
            some.append(literal)
            size += more
        if some:
            yield f"{head}{','.join(some)})"

    def _start(
        self, batch: Sequence[Change], operation: str, key: str, keys: Mapping[int, str]
    ) -> str:
        jobs = f"{self._root}/jobs/ingest"
        asked: dict[str, Json] = {
            "object": self._object, "operation": operation, "contentType": "CSV",
            "lineEnding": "LF", "columnDelimiter": "COMMA",
        }  # fmt: skip
        if operation == "upsert":
            asked["externalIdFieldName"] = key
        try:
            job = str(self.way.call("POST", jobs, json=asked).json["id"])
        except RefusedCall as refused:
            raise WinbackError(
                "pushed.no_job", place=self._object, said=self.way.said(refused.reply)
            ) from None
        try:
            self.way.call(
                "PUT", f"{jobs}/{job}/batches", content=self._file(batch, key, keys),
                headers={"Content-Type": "text/csv"},
            )  # fmt: skip
        except RefusedCall as refused:
            # Else it was taken before, with an answer that was lost.
            if refused.reply.status == _TOO_LARGE:
                self._move(job, "Aborted")
                said = self.way.said(refused.reply)
                raise RefusedBatch(Refusal(_code(refused.reply), said)) from None
        self._filled = job
        return job

    def _move(self, job: str, state: str) -> None:
        with suppress(RefusedCall):  # it was moved before, or is gone
            self.way.call("PATCH", f"{self._root}/jobs/ingest/{job}", json={"state": state})

    def result(self, job: str, batch: Sequence[Change]) -> Answer:
        """Close the job, wait until it is done, and read its rows: successful and failed.

        One that an earlier process left open is aborted: nothing of it was done, and who was in
        it may have refused since.
        """
        path = f"{self._root}/jobs/ingest/{job}"
        if job == self._filled:
            # Closed only now that the journal knows of it: no job does anything unknown to us.
            self._move(job, "UploadComplete")
        self._filled = None

        def ask() -> tuple[str, str] | None:
            try:
                told = self.way.call("GET", path).json
            except RefusedCall:
                return "gone", ""
            state = str(told["state"])
            ready = state in (_DONE, *_DEAD, "Open")
            return (state, str(told.get("errorMessage") or state)) if ready else None

        state, error = ask_until(ask, self.setting, self.way.place)
        if state not in (_DONE, *_DEAD):
            self._move(job, "Aborted")
            return Answer()
        done: list[int] = []
        created: list[int] = []
        refused: dict[int, Refusal] = {}
        for each, row in self._results(f"{path}/successfulResults", job, batch):
            (created if each.get("sf__Created", "").lower() == "true" else done).append(row)
        for each, row in self._results(f"{path}/failedResults", job, batch):
            code, _, said = each.get("sf__Error", "").partition(":")
            refused[row] = Refusal(code.strip().lower() or "refused", said)
        # Those that were not processed are named nowhere, and sent again.
        self._dead = 0 if done or created or refused else self._dead + 1
        if self._dead == _HOPELESS:
            raise WinbackError("pushed.no_job", place=self._object, said=quiet(error))
        return Answer(tuple(done), tuple(created), (), refused)

    def _results(
        self, path: str, job: str, batch: Sequence[Change]
    ) -> Iterator[tuple[Mapping[str, str], int]]:
        """Rows of a file of results, each with the number of the row that it is of."""
        try:
            text = self.way.call("GET", path, headers={"Accept": "text/csv"}).text
        except RefusedCall:
            return  # gone
        reader = csv.DictReader(io.StringIO(text, newline=""))
        by_id = "Id" in (reader.fieldnames or ())
        rows = self._rows_by_id(job, batch) if by_id else {c.key: c.row for c in batch}
        for each in reader:
            row = rows.get(each.get("Id" if by_id else self._key, ""))
            if row is not None:
                yield each, row

    def _rows_by_id(self, job: str, batch: Sequence[Change]) -> Mapping[str, int]:
        if job not in self._sent:
            # Sent by an earlier process.
            found = self._records([change.key for change in batch])
            self._sent = {job: {i: c.row for c in batch for i in found.get(c.key, ())}}
        return self._sent[job]


def _code(reply: Reply) -> str:
    found = reply.json[0] if isinstance(reply.json, list) and reply.json else reply.json
    code = found.get("errorCode") if isinstance(found, dict) else None
    return str(code or reply.status)
