"""Mailchimp: merge fields and tags of members of one audience, through ``/batches``.

Members are changed by PATCH, which makes nobody a member and leaves the subscription as it is;
whoever is not there answers 404. With ``--create`` those are added by PUT, with the status that
the option ``status_if_new`` names: without it nothing is created. ``status`` is never sent.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from winback.errors import UsageError, WinbackError
from winback.results.base import Json
from winback.sending.adapter import (
    Adapter,
    Answer,
    Change,
    Cost,
    Limits,
    Link,
    Property,
    Refusal,
    RefusedBatch,
    Setting,
    Value,
)
from winback.sending.adapters.later import ask_until, cut_bytes
from winback.sending.client import Client, RefusedCall

_TEXT_BYTES = 255
_STATUSES = ("subscribed", "unsubscribed", "pending", "transactional")
_TYPES = {"day": "date", "whole": "number", "number": "number", "money": "number",
          "share": "number"}  # fmt: skip
# Of a merge field's name, which a person sees in a form.
_NAME_CHARS = 50
_TAGGED, _TAG, _BANDS = "churn_risk", "Churn: {}", ("low", "medium", "high", "new", "lost")


class Mailchimp(Adapter):
    """Sets merge fields, and one tag of the family ``Churn: High``.

    Options: ``list_id`` of the audience; ``create_fields`` (false): whether merge fields that it
    lacks are made; ``tags`` (true); ``status_if_new``; ``clear`` (``""``): what takes a merge field
    back, as no text settles it.
    """

    # Two operations a member.
    limits: ClassVar[Limits] = Limits(rows=250)
    secret: ClassVar[str] = "WINBACK_MAILCHIMP_KEY"
    # Made, asked twice, read.
    calls_per_batch: ClassVar[float] = 4.0
    calls_before: ClassVar[int] = 1
    calls_per_second: ClassVar[float] = 1.0

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._list = str(setting.option("list_id", ""))
        if not self._list:
            raise UsageError("pushed.no_option", destination="mailchimp", option="list_id")
        self._status = str(setting.option("status_if_new", ""))
        if setting.create and self._status not in _STATUSES:
            raise UsageError("pushed.no_status", known=_STATUSES)
        tagged = (each for each in setting.properties if each.label == _TAGGED)
        self._tagged = next(tagged, None) if setting.option("tags", True) else None
        self._client: Client | None = None
        self._other: Client | None = None

    # --- what is sent --------------------------------------------------------------------------

    def piece(self, change: Change) -> Json:
        """What is set at one member."""
        # As the call has it, but with the address where that has its hash: this is to be masked.
        path = f"/lists/{self._list}/members/{change.key}"
        shown: dict[str, Json] = {"method": "PATCH", "path": path, "body": self._body(change)}
        tags = self._tags(change)
        return shown | ({"tags": tags} if tags else {})

    def _body(self, change: Change) -> Mapping[str, Json]:
        fields = {
            name: self._value(value)
            for name, value in change.values.items()
            if value is not None or change.held or change.clears
        }
        return {"merge_fields": fields}

    def _value(self, value: Value) -> Json:
        if value is None:
            return self.setting.option("clear", "")
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, date):
            return value.isoformat()
        return cut_bytes(value, _TEXT_BYTES) if isinstance(value, str) else value

    def _tags(self, change: Change) -> Json:
        """The person's tag, and those of the family that it was not to have."""
        if self._tagged is None or self._tagged.name not in change.values:
            return []
        band = change.values[self._tagged.name]
        if band is None and not change.held and not change.clears:
            return []
        return [
            {"name": _TAG.format(each.title()), "status": "active" if each == band else "inactive"}
            for each in _BANDS
        ]

    def _operations(self, change: Change, method: str) -> Iterator[Mapping[str, Json]]:
        # MD5 is Mailchimp's own name of a member.
        member = hashlib.md5(change.key.lower().encode(), usedforsecurity=False).hexdigest()
        # Inside a batch paths know no version.
        path = f"/lists/{self._list}/members/{member}"
        body = dict(self._body(change))
        if method == "PUT":
            body |= {"email_address": change.key, "status_if_new": self._status}
        yield {
            "method": method, "path": path, "operation_id": str(change.row),
            "body": json.dumps(body, ensure_ascii=False),
        }  # fmt: skip
        if tags := self._tags(change):
            yield {
                "method": "POST", "path": f"{path}/tags", "operation_id": f"{change.row}-tags",
                "body": json.dumps({"tags": tags}, ensure_ascii=False),
            }  # fmt: skip

    # --- calls ---------------------------------------------------------------------------------

    def connect(self, link: Link) -> None:
        """With a key, whose end names the datacentre."""
        key = link.secret(self.secret)
        place = key.rpartition("-")[2] if "-" in key else ""
        if not place.isalnum() and link.base_url is None:
            raise WinbackError("pushed.no_datacentre", name=self.secret)
        login = b64encode(f"winback:{key}".encode()).decode()
        self._client = Client(
            link.base_url or f"https://{place}.api.mailchimp.com",
            {"Authorization": f"Basic {login}"},
            secrets=(key, login),
            patience=self.setting.patience(),
        )

    @property
    def _http(self) -> Client:
        assert self._client is not None, "not connected"
        return self._client

    @property
    def calls(self) -> int:
        """Calls made so far."""
        return sum(each.calls for each in (self._client, self._other) if each is not None)

    def cost(self, rows: int, batches: int) -> Cost:
        """Four calls a batch; its operations are done one after another there."""
        found = super().cost(rows, batches)
        # The operations of a batch are done one after another there.
        return Cost(found.calls, found.seconds + rows * (2 if self._tagged else 1) / 10)

    def close(self) -> None:
        """Close the connections."""
        for each in (self._client, self._other):
            if each is not None:
                each.close()

    def prepare(self) -> tuple[str, ...]:
        """Look whether the audience has our merge fields."""
        path = f"/3.0/lists/{self._list}/merge-fields"
        try:
            found = self._http.call("GET", path, params={"count": "1000"}).json
        except RefusedCall as refused:
            raise WinbackError(
                "pushed.no_list", destination="Mailchimp", option="list_id", found=self._list,
                said=self._http.said(refused.reply),
            ) from None  # fmt: skip
        there = {str(each.get("tag")) for each in found.get("merge_fields", ())}
        lacking = [each for each in self.setting.properties if each.name not in there]
        if lacking and not self.setting.option("create_fields", False):
            raise WinbackError(
                "pushed.no_fields", destination="Mailchimp",
                fields=tuple(each.name for each in lacking), name="mailchimp",
            )  # fmt: skip
        for each in lacking:
            self._make(path, each)
        return tuple(each.name for each in lacking)

    def _make(self, path: str, new: Property) -> None:
        name = new.label.replace("_", " ")[:_NAME_CHARS]
        # Not public: nobody is to find it in the form of a newsletter.
        body: Json = {"tag": new.name, "name": name, "type": _TYPES.get(new.kind, "text"),
                "required": False, "public": False}  # fmt: skip
        try:
            self._http.call("POST", path, json=body)
        except RefusedCall as refused:
            raise WinbackError(
                "pushed.no_new_field", destination="Mailchimp", field=new.name,
                said=self._http.said(refused.reply),
            ) from None  # fmt: skip

    def send(self, batch: Sequence[Change]) -> Answer:
        """Start a batch of operations; what became of them comes later."""
        return Answer(job=self._start(batch, "PATCH"))

    def _start(self, batch: Sequence[Change], method: str) -> str:
        operations = [each for change in batch for each in self._operations(change, method)]
        try:
            reply = self._http.call("POST", "/3.0/batches", json={"operations": operations})
        except RefusedCall as refused:
            said = self._http.said(refused.reply)
            raise RefusedBatch(Refusal(_code(refused.reply.json), said)) from None
        return str(reply.json["id"])

    def result(self, job: str, batch: Sequence[Change]) -> Answer:
        """Wait until the batch is finished, and read the status of each operation."""
        found = self._outcomes(job)
        answer = _answer(batch, found)
        new = [c for c in batch if c.row in answer.not_there and not c.clears and c.values]
        if not self.setting.create or not new:
            return answer
        try:
            second = _answer(new, self._outcomes(self._start(new, "PUT")))
        except RefusedBatch:
            return _without(answer, {change.row for change in new})
        rest = set(answer.not_there) - {change.row for change in new}
        return Answer(
            done=answer.done, created=second.done,
            not_there=tuple(sorted({*rest, *second.not_there})),
            refused={**answer.refused, **second.refused},
        )  # fmt: skip

    def _outcomes(self, job: str) -> dict[str, tuple[int, Any]]:
        """Status and answer by operation, once the batch is finished; none where it is gone."""

        def ask() -> str | None:
            try:
                told = self._http.call("GET", f"/3.0/batches/{job}").json
            except RefusedCall:
                return ""
            return (
                str(told.get("response_body_url") or "") if told["status"] == "finished" else None
            )

        where = ask_until(ask, self.setting, self._http.place)
        return dict(_operations_in(self._read(where))) if where else {}

    def _read(self, where: str) -> bytes:
        """The results, which lie somewhere else, where our key has no business."""
        url = urlsplit(where)
        if self._other is None:
            self._other = Client(
                f"{url.scheme}://{url.netloc}", {}, patience=self.setting.patience()
            )
        try:
            return self._other.call("GET", f"{url.path}?{url.query}").content
        except RefusedCall:
            return b""


def _operations_in(packed: bytes) -> Iterator[tuple[str, tuple[int, Any]]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                for each in json.load(stream) if stream else ():
                    said = each.get("response")
                    content = json.loads(said) if isinstance(said, str) and said else said
                    yield str(each["operation_id"]), (int(each["status_code"]), content)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        # Rows that nobody read of are sent again.
        return


def _answer(batch: Sequence[Change], found: Mapping[str, tuple[int, Any]]) -> Answer:
    done: list[int] = []
    not_there: list[int] = []
    refused: dict[int, Refusal] = {}
    for change in batch:
        names = (str(change.row), f"{change.row}-tags")
        told = [found[name] for name in names if name in found]
        if str(change.row) not in found or any(s == 429 or s >= 500 for s, _ in told):
            continue
        bad = next((each for each in told if each[0] >= 400), None)
        if bad is None:
            done.append(change.row)
        elif bad[0] == 404:
            not_there.append(change.row)
        else:
            refused[change.row] = Refusal(_code(bad[1]), _said(bad[1]))
    return Answer(tuple(done), (), tuple(not_there), refused)


def _without(answer: Answer, rows: set[int]) -> Answer:
    kept = tuple(row for row in answer.not_there if row not in rows)
    return Answer(answer.done, answer.created, kept, answer.refused)


def _code(content: Any) -> str:
    title = content.get("title") if isinstance(content, dict) else None
    return str(title or "refused").lower().replace(" ", "_").replace("'", "")


def _said(content: Any) -> str:
    if not isinstance(content, dict):
        return ""
    errors = cast("list[Any]", content.get("errors") or [])
    told = [f"{e.get('field', '')} {e.get('message', '')}" for e in errors if isinstance(e, dict)]
    return ": ".join([str(content.get("detail", "")), *told])
