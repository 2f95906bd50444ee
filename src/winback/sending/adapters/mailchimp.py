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
from winback.sending.client import Client, HttpAdapter, RefusedCall
from winback.sending.masking import said

_TEXT_BYTES = 255
_STATUSES = ("subscribed", "unsubscribed", "pending", "transactional")
_TYPES = {"day": "date", "whole": "number", "number": "number", "money": "number",
          "share": "number"}  # fmt: skip
# Code of a row whose values it still shows after they were taken back.
_NOT_CLEARED = "not_cleared"
# Of a merge field's name, which a person sees in a form.
_NAME_CHARS = 50
_TAGGED, _TAG, _BANDS = "churn_risk", "Churn: {}", ("low", "medium", "high", "new", "lost")


class Mailchimp(HttpAdapter):
    """Sets merge fields, and one tag of the family ``Churn: High``.

    Options: ``list_id`` of the audience; ``create_fields`` (false): whether merge fields that it
    lacks are made; ``tags`` (true); ``status_if_new``; ``clear`` (``""``): what takes a merge field
    back, as no text settles it.
    """

    limits: ClassVar[Limits] = Limits(rows=2_500)
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
        self._other: Client | None = None

    # --- what is sent --------------------------------------------------------------------------

    def piece(self, change: Change) -> Json:
        """What is set at one member."""
        # The path has a hash of the address, which this shows beside it, to be masked.
        path = f"/lists/{self._list}/members/{{MD5 of member}}"
        shown: dict[str, Json] = {
            "method": "PATCH", "path": path, "member": change.key, "body": self._body(change),
        }  # fmt: skip
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
        if self._tagged is None or not (change.clears or self._tagged.name in change.values):
            return []
        band = change.values.get(self._tagged.name)
        if band is None and not change.held and not change.clears:
            return []
        return [
            {"name": _TAG.format(each.title()), "status": "active" if each == band else "inactive"}
            for each in _BANDS
        ]

    def _operation(self, change: Change, method: str) -> Mapping[str, Json]:
        # MD5 is Mailchimp's own name of a member; inside a batch paths know no version.
        member = hashlib.md5(change.key.lower().encode(), usedforsecurity=False).hexdigest()
        path = f"/lists/{self._list}/members/{member}"
        if method == "POST":
            path, body = f"{path}/tags", {"tags": self._tags(change)}
        else:
            body = dict(self._body(change))
        if method == "PUT":
            body |= {"email_address": change.key, "status_if_new": self._status}
        return {
            "method": method, "path": path, "operation_id": str(change.row),
            "body": json.dumps(body, ensure_ascii=False),
        }  # fmt: skip

    # --- calls ---------------------------------------------------------------------------------

    def connect(self, link: Link) -> None:
        """With a key, whose end names the datacentre."""
        key = link.secret(self.secret)
        place = key.rpartition("-")[2] if "-" in key else ""
        if not place.isalnum() and link.base_url is None:
            raise WinbackError("pushed.no_datacentre", name=self.secret)
        login = b64encode(f"winback:{key}".encode()).decode()
        self.client = Client(
            # As Mailchimp's own pages write it, with or without the version.
            (link.base_url or f"https://{place}.api.mailchimp.com")
            .rstrip("/")
            .removesuffix("/3.0"),
            {"Authorization": f"Basic {login}"},
            secrets=(key, login),
            patience=self.setting.patience(),
        )

    @property
    def calls(self) -> int:
        """Calls made so far."""
        return super().calls + (self._other.calls if self._other else 0)

    def cost(self, rows: int, batches: int) -> Cost:
        """Four calls a batch, of fields and of tags; its operations are done one after another."""
        times = 2 if self._tagged else 1
        calls = self.calls_before + round(self.calls_per_batch * batches * times)
        return Cost(calls, calls / self.calls_per_second + rows * times / 10)

    def close(self) -> None:
        """Close the connections."""
        super().close()
        if self._other is not None:
            self._other.close()

    def prepare(self) -> tuple[str, ...]:
        """Look whether the audience has our merge fields."""
        path = f"/3.0/lists/{self._list}/merge-fields"
        try:
            found = self.way.call("GET", path, params={"count": "1000"}).json
        except RefusedCall as refused:
            raise WinbackError(
                "pushed.no_list", destination="Mailchimp", option="list_id", found=self._list,
                said=self.way.said(refused.reply),
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
            self.way.call("POST", path, json=body)
        except RefusedCall as refused:
            raise WinbackError(
                "pushed.no_new_field", destination="Mailchimp", field=new.name,
                said=self.way.said(refused.reply),
            ) from None  # fmt: skip

    def send(self, batch: Sequence[Change]) -> Answer:
        """Start a batch of operations; what became of them comes later."""
        return Answer(job=self._start(batch, "PATCH"))

    def _start(self, batch: Sequence[Change], method: str) -> str:
        operations = [self._operation(change, method) for change in batch]
        try:
            reply = self.way.call("POST", "/3.0/batches", json={"operations": operations})
        except RefusedCall as refused:
            why = self.way.said(refused.reply)
            raise RefusedBatch(Refusal(_code(refused.reply.json), why)) from None
        return str(reply.json["id"])

    def result(self, job: str, batch: Sequence[Change]) -> Answer:
        """Wait until the batch is finished, and read the status of each operation.

        Whoever is to be created and who gets a tag is the matter of further batches: a member
        whose fields were refused must not get a tag, which nobody would take back.
        """
        answer = _answer(batch, self._outcomes(job))
        new = [c for c in batch if c.row in answer.not_there and not c.clears and c.values]
        if self.setting.create and new:
            try:
                second = _answer(new, self._outcomes(self._start(new, "PUT")))
            except RefusedBatch:
                second = Answer()
            rest = set(answer.not_there) - {change.row for change in new}
            answer = Answer(
                done=answer.done, created=second.done,
                not_there=tuple(sorted({*rest, *second.not_there})),
                refused={**answer.refused, **second.refused},
            )  # fmt: skip
        return self._tag(batch, answer)

    def _tag(self, batch: Sequence[Change], answer: Answer) -> Answer:
        """Give the members that were set their tags; who got none is not named."""
        if not self.setting.option("tags", True):
            return answer
        taken = {*answer.done, *answer.created}
        # Of a job of an earlier process nobody knows the values any more, and so the tags: those
        # rows are sent again.
        lost = {c.row for c in batch if c.row in taken and not c.values}
        rows = [c for c in batch if c.row in taken - lost and self._tags(c)]
        tagged = Answer()
        if rows:
            try:
                tagged = _answer(rows, self._outcomes(self._start(rows, "POST")))
            except RefusedBatch as error:
                raise WinbackError("pushed.no_tags", said=error.refusal.said) from None
            for refusal in tagged.refused.values():
                raise WinbackError("pushed.no_tags", said=said(refusal.said))
        silent = {c.row for c in rows} - tagged.settled | lost
        gone = set(tagged.not_there)
        return Answer(
            done=tuple(row for row in answer.done if row not in silent | gone),
            created=tuple(row for row in answer.created if row not in silent | gone),
            not_there=(*answer.not_there, *sorted(gone)), refused=answer.refused,
        )  # fmt: skip

    def _outcomes(self, job: str) -> dict[str, tuple[int, Any]]:
        """Status and answer by operation, once the batch is finished; none where it is gone."""

        def ask() -> str | None:
            try:
                told = self.way.call("GET", f"/3.0/batches/{job}").json
            except RefusedCall:
                return ""
            return (
                str(told.get("response_body_url") or "") if told["status"] == "finished" else None
            )

        where = ask_until(ask, self.setting, self.way.place)
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


def _operations_in(content: bytes) -> Iterator[tuple[str, tuple[int, Any]]]:
    """Status and answer by operation, of a packed folder of lists or of a list as it is."""
    try:
        for each in _results(content):
            told = each.get("response")
            answer = json.loads(told) if isinstance(told, str) and told else told
            yield str(each["operation_id"]), (int(each["status_code"]), answer)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        # Rows that nobody read of are sent again.
        return


def _results(content: bytes) -> Iterator[Any]:
    if not content.startswith(b"\x1f\x8b"):
        yield from json.loads(content)
        return
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            if (stream := archive.extractfile(member)) is not None:
                yield from json.load(stream)


def _answer(batch: Sequence[Change], found: Mapping[str, tuple[int, Any]]) -> Answer:
    done: list[int] = []
    not_there: list[int] = []
    refused: dict[int, Refusal] = {}
    for change in batch:
        status, content = found.get(str(change.row), (500, None))
        if status < 400 and _kept(change, content):
            refused[change.row] = Refusal(_NOT_CLEARED)
        elif status < 400:
            done.append(change.row)
        elif status == 404:
            not_there.append(change.row)
        elif status != 429 and status < 500:
            refused[change.row] = Refusal(_code(content), _said(content))
    return Answer(tuple(done), (), tuple(not_there), refused)


def _kept(change: Change, content: Any) -> bool:
    """Whether the member, as the answer shows it, still has a value that was to be taken back."""
    fields = content.get("merge_fields") if isinstance(content, dict) else None
    if not isinstance(fields, dict):
        return False
    return any(
        fields.get(n) not in ("", None) for n, value in change.values.items() if value is None
    )


def _code(content: Any) -> str:
    title = content.get("title") if isinstance(content, dict) else None
    return str(title or "refused").lower().replace(" ", "_").replace("'", "")


def _said(content: Any) -> str:
    if not isinstance(content, dict):
        return ""
    errors = cast("list[Any]", content.get("errors") or [])
    told = [f"{e.get('field', '')} {e.get('message', '')}" for e in errors if isinstance(e, dict)]
    return ": ".join([str(content.get("detail", "")), *told])
