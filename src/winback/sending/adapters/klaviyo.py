"""Klaviyo: custom properties of profiles, ten thousand a job, known by e-mail or phone.

Both of its calls create whom they do not know: the bulk job and the single create-or-update. So
it is asked first who is there, a hundred a call, and without ``--create`` nobody else is sent. The
same answer tells what stands there already: rows that are the same are not sent again, and a
value is taken back only from who has it. The bulk job cannot take values back; those rows go one
by one, as does a handful. Subscriptions and consent have calls of their own, of which this module
makes none.

Options: ``revision`` (of the API), ``few`` (so many rows go one by one), ``poll_seconds`` (before
a job is asked again; longer from time to time), ``job_minutes`` (how long it is waited for).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from winback.crm.destination import Key
from winback.errors import WinbackError
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
    Value,
)
from winback.sending.client import Client, HttpAdapter, RefusedCall, Reply

_JOBS = "/api/profile-bulk-import-jobs"
_ATTRIBUTE: dict[Key, str] = {
    "email": "email", "phone": "phone_number", "customer_id": "external_id",
}  # fmt: skip
# The address of a call must not grow beyond what servers read.
_LOOKUP, _LOOKUP_SIGNS = 100, 4000
_POINTER = re.compile(r"/profiles/data/(\d+)")
_LONGEST_PAUSE = 10.0


class Klaviyo(HttpAdapter):
    """Profiles of Klaviyo."""

    # 10,000 profiles and 5 MB a job, with room for what stands around them.
    limits: ClassVar[Limits] = Limits(rows=10_000, bytes=4_800_000)
    secret: ClassVar[str] = "WINBACK_KLAVIYO_KEY"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        # Of the job that was started last; in the next process they count as set.
        self._new = set[int]()

    def piece(self, change: Change) -> Json:
        """One profile: the key and our properties, of which null takes one back."""
        properties = {
            name: _written(value)
            for name, value in change.values.items()
            if change.held or value is not None
        }
        return {
            "type": "profile",
            "attributes": {_ATTRIBUTE[change.by]: change.key, "properties": properties},
        }

    def cost(self, rows: int, batches: int) -> Cost:
        """Look-ups, then a job with two questions after it."""
        lookups = -(-rows // _LOOKUP)
        few = rows <= int(self.setting.option("few", 20))
        sends = rows if few else 3 * batches
        return Cost(lookups + sends, lookups / 12 + sends / 2.5)

    def connect(self, link: Link) -> None:
        """With a private key."""
        key = link.secret(self.secret)
        self.client = Client(
            link.base_url or "https://a.klaviyo.com",
            {
                "Authorization": f"Klaviyo-API-Key {key}",
                "Accept": "application/vnd.api+json",
                "revision": str(self.setting.option("revision", "2026-10-15")),
            },
            secrets=(key,), patience=self.setting.patience(),
        )  # fmt: skip

    def send(self, batch: Sequence[Change]) -> Answer:
        """Ask who is there, send one by one what must be, and the rest as a job."""
        there = self._there(batch)
        missing, done, alone, bulk = [], [], list[Change](), list[Change]()
        for change in batch:
            held = there.get(change.key.lower())
            if held is None and (change.clears or not self.setting.create):
                missing.append(change.row)
            elif held is not None and _is_there(change, held):
                done.append(change.row)
            elif held is not None and _takes_back(change, held):
                alone.append(change)
            else:
                bulk.append(change)
        if len(bulk) <= int(self.setting.option("few", 20)):
            alone, bulk = alone + bulk, []
        created: list[int] = []
        refused: dict[int, Refusal] = {}
        for change in alone:
            try:
                reply = self._post("/api/profile-import", {"data": self.piece(change)})
                (created if reply.status == 201 else done).append(change.row)
            except RefusedCall as call:
                refused[change.row] = self._why(call.reply)
        job = None
        try:
            job = self._start(bulk) if bulk else None
        except RefusedCall as call:
            named = dict(_named(call.reply.json, bulk))
            if not named and not (done or created or missing or refused):
                raise RefusedBatch(self._why(call.reply)) from None
            refused |= named
        self._new = {change.row for change in bulk if change.key.lower() not in there}
        return Answer(tuple(done), tuple(created), tuple(missing), refused, job)

    def _start(self, bulk: Sequence[Change]) -> str:
        """Start a job; its id."""
        # What is not there already need not be taken back, and a job cannot.
        pieces = [self.piece(_without_nothing(change)) for change in bulk]
        attributes: Json = {"profiles": {"data": pieces}}
        body: Json = {"data": {"type": "profile-bulk-import-job", "attributes": attributes}}
        return str(self._post(_JOBS, body).json["data"]["id"])

    def result(self, job: str, batch: Sequence[Change]) -> Answer:
        """Wait for the job, then read its errors."""
        deadline = time.monotonic() + 60 * float(self.setting.option("job_minutes", 60))
        pause = float(self.setting.option("poll_seconds", self.setting.patience().first_wait))
        while True:
            try:
                told = self.way.call("GET", f"{_JOBS}/{job}").json["data"]["attributes"]
            except RefusedCall:
                return Answer()  # gone: all of it is sent again
            status = str(told.get("status", "")).lower()
            if status not in ("queued", "processing"):
                break
            if time.monotonic() > deadline:
                raise WinbackError("sending.job_waits", place="Klaviyo", status=status)
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        failed = int(told.get("failed_count") or 0)
        refused = dict(self._errors(job, batch)) if failed else {}
        whole = int(told.get("completed_count") or 0) + failed >= len(batch)
        if len(refused) < failed or not whole:
            # It fell over, or does not tell who is meant: asked again, those who were done are
            # known by their values.
            return Answer(refused=refused)
        taken = {change.row for change in batch} - set(refused)
        new = taken & self._new
        return Answer(tuple(sorted(taken - new)), tuple(sorted(new)), refused=refused)

    def _errors(self, job: str, batch: Sequence[Change]) -> Iterator[tuple[int, Refusal]]:
        path: str | None = f"{_JOBS}/{job}/import-errors"
        while path:
            try:
                found = self.way.call("GET", path, params=None).json or {}
            except RefusedCall:
                return
            yield from _named(found, batch)
            after = str((found.get("links") or {}).get("next") or "")
            # Only the path: a key is sent nowhere else.
            path = re.sub(r"^https?://[^/]+", "", after) or None

    def _there(self, changes: Sequence[Change]) -> dict[str, Mapping[str, Json]]:
        """Properties of the profiles that are there, by key in lower case."""
        found: dict[str, Mapping[str, Json]] = {}
        for by, attribute in _ATTRIBUTE.items():
            for keys in _lookups(change.key for change in changes if change.by == by):
                params = {
                    "filter": f"any({attribute},{json.dumps(keys, separators=(',', ':'))})",
                    "fields[profile]": f"{attribute},properties",
                    "page[size]": str(_LOOKUP),
                }
                try:
                    data = self.way.call("GET", "/api/profiles", params=params).json["data"]
                except RefusedCall as call:
                    raise WinbackError(
                        "sending.no_lookup", place="Klaviyo", said=self.way.said(call.reply)
                    ) from None
                for profile in data:
                    told = profile["attributes"]
                    key = str(told.get(attribute) or "").lower()
                    found[key] = told.get("properties") or {}
        return found

    def _post(self, path: str, body: Json) -> Reply:
        return self.way.call(
            "POST", path, json=body, headers={"Content-Type": "application/vnd.api+json"}
        )

    def _why(self, reply: Reply) -> Refusal:
        errors = reply.json.get("errors") if isinstance(reply.json, dict) else None
        code = errors[0].get("code") if errors else None
        return Refusal(str(code or f"HTTP {reply.status}"), self.way.said(reply))


def _written(value: Value) -> Json:
    """JSON keeps the kind of a value: a number stays a number for ever."""
    return value.isoformat() if isinstance(value, date) else value


def _is_there(change: Change, held: Mapping[str, Json]) -> bool:
    for name, value in change.values.items():
        there = held.get(name)
        wanted = _written(value)
        if there != wanted or isinstance(there, bool) != isinstance(wanted, bool):
            return False
    return True


def _takes_back(change: Change, held: Mapping[str, Json]) -> bool:
    """Whether a value that is there must be taken back."""
    gone = (name for name, value in change.values.items() if value is None)
    return change.held and any(held.get(name) is not None for name in gone)


def _without_nothing(change: Change) -> Change:
    values = {name: value for name, value in change.values.items() if value is not None}
    return Change(change.row, change.customer_id, change.by, change.key, values)


def _lookups(keys: Iterable[str]) -> Iterator[list[str]]:
    part: list[str] = []
    signs = 0
    for key in keys:
        if part and (len(part) == _LOOKUP or signs + len(key) > _LOOKUP_SIGNS):
            yield part
            part, signs = [], 0
        part.append(key)
        signs += len(key) + 3
    if part:
        yield part


def _named(content: Any, batch: Sequence[Change]) -> Iterator[tuple[int, Refusal]]:
    """Rows that errors name, by their place in the job or by the payload they give back."""
    by_key = {change.key.lower(): change for change in batch}
    content = content if isinstance(content, dict) else {}
    for each in content.get("errors") or content.get("data") or ():
        told = each.get("attributes") or each
        why = Refusal(
            str(told.get("code") or "error"), str(told.get("detail") or told.get("title") or "")
        )
        change = None
        place = _POINTER.search(str((told.get("source") or {}).get("pointer") or ""))
        if place and int(place[1]) < len(batch):
            change = batch[int(place[1])]
        payload = told.get("original_payload")
        if isinstance(payload, dict):
            payload = payload.get("attributes") or payload
            given = [str(payload.get(name) or "").lower() for name in _ATTRIBUTE.values()]
            change = next((by_key[key] for key in given if key in by_key), change)
        if change is not None:
            yield change.row, why
