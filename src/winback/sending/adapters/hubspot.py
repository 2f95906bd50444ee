"""HubSpot: properties of contacts, a hundred a call, known by their e-mail.

``batch/update`` creates nobody: a contact who is not there comes back as an error of its own.
With ``--create`` it is ``batch/upsert``. A call is refused as a whole where one contact conflicts
(409) or a value does not fit (400); the sender halves it. Neither consent, nor subscriptions, nor
the marketing status are properties of ours, so none of them is ever sent.

Options: ``day`` (``ms``, midnight UTC in milliseconds as the vendor documents, or ``iso``),
``update_by`` (``email``, or ``record``: the contact's id is read first, one call more a batch),
``group`` (of the properties that are made).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from winback.errors import WinbackError
from winback.results.base import Json
from winback.sending.adapter import (
    NOT_THERE,
    Answer,
    Change,
    Limits,
    Link,
    Property,
    Refusal,
    RefusedBatch,
    Setting,
    Value,
)
from winback.sending.client import Client, HttpAdapter, Rate, RefusedCall, Reply

_CONTACTS = "/crm/v3/objects/contacts/batch"
_PROPERTIES = "/crm/v3/properties/contacts"
_TRACE = "objectWriteTraceId"
_NOT_FOUND = "OBJECT_NOT_FOUND"
# How a property of ours is made, by the kind of its field: type and fieldType.
_TYPES = {
    "text": ("string", "text"), "whole": ("number", "number"), "number": ("number", "number"),
    "money": ("number", "number"), "share": ("number", "number"), "day": ("date", "date"),
    "flag": ("bool", "booleancheckbox"),
}  # fmt: skip


class HubSpot(HttpAdapter):
    """Contacts of HubSpot."""

    limits: ClassVar[Limits] = Limits(rows=100)
    secret: ClassVar[str] = "WINBACK_HUBSPOT_TOKEN"
    calls_before: ClassVar[int] = 1

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        # Names of all properties, once HubSpot has told them.
        self._there: frozenset[str] | None = None

    def piece(self, change: Change) -> Json:
        """One of ``inputs``; all values are text, and an empty one takes ours back."""
        there = self._there
        return {
            "id": change.key,
            "idProperty": "email",
            "properties": {
                name: self._written(value)
                for name, value in change.values.items()
                # From a property that was deleted there is nothing to take back.
                if value is not None or (change.held and (there is None or name in there))
            },
            _TRACE: str(change.row),
        }

    def _written(self, value: Value) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, date):
            if self.setting.option("day", "ms") == "iso":
                return value.isoformat()
            midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
            return str(int(midnight.timestamp()) * 1000)
        return str(value)

    def connect(self, link: Link) -> None:
        """With the token of a private app."""
        token = link.secret(self.secret)
        self.client = Client(
            link.base_url or "https://api.hubapi.com",
            {"Authorization": f"Bearer {token}"},
            secrets=(token,),
            rate=Rate(
                "X-HubSpot-RateLimit-Remaining", "X-HubSpot-RateLimit-Interval-Milliseconds",
                "milliseconds",
            ),
            patience=self.setting.patience(),
        )  # fmt: skip

    def prepare(self) -> tuple[str, ...]:
        """Make those of our properties that HubSpot does not have: else each call would fail."""
        try:
            found = self.way.call("GET", _PROPERTIES).json or {}
        except RefusedCall:
            return ()  # an account that does not tell: the first batch will
        there = {str(each.get("name")) for each in found.get("results", ())}
        missing = [each for each in self.setting.properties if each.name not in there]
        for each in missing:
            try:
                self.way.call("POST", _PROPERTIES, json=self._made(each))
            except RefusedCall as refused:
                if refused.reply.status == 409:
                    continue  # made meanwhile, or archived: the first batch tells
                raise WinbackError(
                    "sending.no_property", place="HubSpot", name=each.name,
                    kind=_TYPES[each.kind][0], said=self.way.said(refused.reply),
                ) from None  # fmt: skip
        made = tuple(each.name for each in missing)
        self._there = frozenset(there).union(made)
        return made

    def _made(self, each: Property) -> Json:
        kind, field = _TYPES[each.kind]
        options = [{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}]
        return {
            "name": each.name, "label": each.label.replace("_", " "), "type": kind,
            "fieldType": field,
            "groupName": str(self.setting.option("group", "contactinformation")),
            **({"options": options} if each.kind == "flag" else {}),
        }  # fmt: skip

    def send(self, batch: Sequence[Change]) -> Answer:
        """One call of at most a hundred contacts."""
        create = self.setting.create and not batch[0].clears
        inputs = [self.piece(change) for change in batch]
        missing: tuple[int, ...] = ()
        if not create and self.setting.option("update_by", "email") == "record":
            records = self._records(batch)
            missing = tuple(change.row for change in batch if change.key not in records)
            batch = [change for change in batch if change.key in records]
            inputs = [self._by_record(change, records[change.key]) for change in batch]
            if not batch:
                return Answer(not_there=missing)
        try:
            path = f"{_CONTACTS}/{'upsert' if create else 'update'}"
            reply = self.way.call("POST", path, json={"inputs": inputs})
        except RefusedCall as refused:
            raise RefusedBatch(self._why(refused.reply)) from None
        answer = _read(reply.json or {}, batch)
        return Answer(answer.done, answer.created, (*missing, *answer.not_there), answer.refused)

    def _records(self, batch: Sequence[Change]) -> dict[str, str]:
        """Ids of the contacts that are there, by e-mail."""
        body: Json = {
            "idProperty": "email", "properties": ["email"],
            "inputs": [{"id": change.key} for change in batch],
        }  # fmt: skip
        try:
            found = self.way.call("POST", f"{_CONTACTS}/read", json=body).json or {}
        except RefusedCall as refused:
            raise RefusedBatch(self._why(refused.reply)) from None
        return {
            str((each.get("properties") or {}).get("email", "")).lower(): str(each["id"])
            for each in found.get("results", ())
        }

    def _by_record(self, change: Change, record: str) -> Json:
        piece = self.piece(change)
        assert isinstance(piece, dict)
        return {name: v for name, v in piece.items() if name != "idProperty"} | {"id": record}

    def _why(self, reply: Reply) -> Refusal:
        content = reply.json if isinstance(reply.json, dict) else {}
        category = str(content.get("category") or f"HTTP {reply.status}")
        # The path is right, so it is a contact that is not there.
        if category == _NOT_FOUND or (reply.status == 404 and content.get("context")):
            return Refusal(NOT_THERE)
        return Refusal(category, self.way.said(reply))


def _read(content: Any, batch: Sequence[Change]) -> Answer:
    """What became of each row, by the trace of its own or else by its e-mail.

    Where the answer has a result for each row without an error, those were done.
    """
    rows = {change.row for change in batch}
    by_key = {change.key.lower(): change.row for change in batch}
    missing, new, done = set[int](), set[int](), set[int]()
    refused: dict[int, Refusal] = {}
    unnamed = False
    for error in content.get("errors") or ():
        context = error.get("context") or {}
        named = {int(trace) for trace in context.get(_TRACE, ()) if str(trace).isdigit()}
        named |= {by_key.get(str(key).lower(), -1) for key in context.get("ids", ())}
        named &= rows
        unnamed = unnamed or not named
        if error.get("category") == _NOT_FOUND:
            missing |= named
            continue
        why = Refusal(str(error.get("category") or "error"), str(error.get("message") or ""))
        refused |= dict.fromkeys(named, why)
    results = content.get("results") or ()
    for result in results:
        trace = str(result.get(_TRACE) or "")
        mail = str((result.get("properties") or {}).get("email") or "").lower()
        row = int(trace) if trace.isdigit() else by_key.get(mail, -1)
        done.add(row)
        if result.get("new"):
            new.add(row)
    rest = rows - missing - set(refused)
    done = rest if not unnamed and len(results) == len(rest) else done & rest
    return Answer(
        done=tuple(sorted(done - new)), created=tuple(sorted(done & new)),
        not_there=tuple(sorted(missing)), refused=refused,
    )  # fmt: skip
