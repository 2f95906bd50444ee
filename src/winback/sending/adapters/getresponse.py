"""GetResponse: custom fields of contacts of one list (a *campaign*, as its API says).

Its API knows a custom field and a contact by ids alone: the list's contacts are read once, a
thousand a call, and then one call a contact sets our fields and leaves all others as they are.
Nobody is created: whoever is added to a list there is subscribed to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar

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
    Setting,
    Value,
)
from winback.sending.client import Client, HttpAdapter, Rate, RefusedCall, Reply

_PAGE = 1000
_TEXT_CHARS = 255
_NOT_FOUND, _THROTTLED = 404, 1015
_TYPES = {"day": "date", "whole": "number", "number": "number", "money": "number",
          "share": "number"}  # fmt: skip


class GetResponse(HttpAdapter):
    """Sets custom fields by ``POST /contacts/{id}/custom-fields``.

    Options: ``campaign_id`` of the list; ``create_fields`` (false): whether custom fields that the
    account lacks are made; ``clear`` (``empty``, or ``blank``): whether a value is taken back by an
    empty list or by an empty text, as no text settles it.
    """

    # One call each; so many are sent again after a kill.
    limits: ClassVar[Limits] = Limits(rows=10)
    secret: ClassVar[str] = "WINBACK_GETRESPONSE_KEY"
    calls_before: ClassVar[int] = 2
    # One after another, of which it would bear 80.
    calls_per_second: ClassVar[float] = 8.0

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._campaign = str(setting.option("campaign_id", ""))
        if not self._campaign:
            raise UsageError("pushed.no_option", destination="getresponse", option="campaign_id")
        if setting.create:
            raise UsageError("pushed.creates_nobody", destination="GetResponse")
        blank = str(setting.option("clear", "empty")) == "blank"
        self._cleared: list[Json] = [""] if blank else []
        self._fields: dict[str, str] = {}
        self._contacts: dict[str, str] | None = None

    # --- what is sent --------------------------------------------------------------------------

    def piece(self, change: Change) -> Json:
        """The custom fields of one contact; every value is a list of texts."""
        return {"email": change.key, **self._body(change)}

    def _body(self, change: Change) -> Mapping[str, Json]:
        return {
            "customFieldValues": [
                # Before anything was called its name stands for its id.
                {"customFieldId": self._fields.get(name, name), "value": self._value(value)}
                for name, value in change.values.items()
                if value is not None or change.held or change.clears
            ]
        }

    def _value(self, value: Value) -> list[Json]:
        if value is None:
            return self._cleared
        if isinstance(value, bool):
            return ["true" if value else "false"]
        if isinstance(value, date):
            return [value.isoformat()]
        return [value[:_TEXT_CHARS] if isinstance(value, str) else str(value)]

    # --- calls ---------------------------------------------------------------------------------

    def connect(self, link: Link) -> None:
        """With the key of the account."""
        key = link.secret(self.secret)
        self.client = Client(
            # As GetResponse's own pages write it, with or without the version.
            (link.base_url or "https://api.getresponse.com").rstrip("/").removesuffix("/v3"),
            {"X-Auth-Token": f"api-key {key}"},
            secrets=(key,),
            rate=Rate("X-RateLimit-Remaining", "X-RateLimit-Reset"),
            patience=self.setting.patience(),
            named_wait=_named_wait,
            early=_too_early,
        )

    def cost(self, rows: int, batches: int) -> Cost:
        """A call each, and one for each thousand contacts of the list (counted as if only ours)."""
        calls = self.calls_before + rows + rows // _PAGE
        return Cost(calls, calls / self.calls_per_second)

    def prepare(self) -> tuple[str, ...]:
        """Read the ids of our custom fields; make those that the account lacks."""
        self._fields = dict(self._pages("/v3/custom-fields", "name", "customFieldId"))
        lacking = [each for each in self.setting.properties if each.name not in self._fields]
        if lacking and not self.setting.option("create_fields", False):
            raise WinbackError(
                "pushed.no_fields", destination="GetResponse",
                fields=tuple(each.name for each in lacking), name="getresponse",
            )  # fmt: skip
        for each in lacking:
            self._fields[each.name] = self._make(each)
        return tuple(each.name for each in lacking)

    def _make(self, new: Property) -> str:
        # Hidden: nobody is to find it in a form.
        body: dict[str, Json] = {"name": new.name, "type": _TYPES.get(new.kind, "text"),
                                 "hidden": "true", "values": []}  # fmt: skip
        try:
            made = self.way.call("POST", "/v3/custom-fields", json=body).json
        except RefusedCall as refused:
            raise WinbackError(
                "pushed.no_new_field", destination="GetResponse", field=new.name,
                said=self.way.said(refused.reply),
            ) from None  # fmt: skip
        return str(made["customFieldId"])

    def _pages(self, path: str, name: str, number: str) -> Iterator[tuple[str, str]]:
        """Name and id of everything that a path lists, a thousand a call."""
        page = 1
        while True:
            asked = {"fields": f"{name},{number}", "perPage": str(_PAGE), "page": str(page)}
            found = self.way.call("GET", path, params=asked).json
            yield from ((str(each[name]), str(each[number])) for each in found)
            if len(found) < _PAGE:
                return
            page += 1

    def _ids(self) -> dict[str, str]:
        """Ids of the list's contacts by address in lower case."""
        if self._contacts is None:
            path = f"/v3/campaigns/{self._campaign}/contacts"
            try:
                found = self._pages(path, "email", "contactId")
                self._contacts = {email.lower(): contact for email, contact in found}
            except RefusedCall as refused:
                raise WinbackError(
                    "pushed.no_list", destination="GetResponse", option="campaign_id",
                    found=self._campaign, said=self.way.said(refused.reply),
                ) from None  # fmt: skip
        return self._contacts

    def send(self, batch: Sequence[Change]) -> Answer:
        """A call for each contact of the list."""
        ids = self._ids()
        done: list[int] = []
        not_there: list[int] = []
        refused: dict[int, Refusal] = {}
        for change in batch:
            contact = ids.get(change.key.lower())
            if contact is None:
                not_there.append(change.row)
                continue
            path = f"/v3/contacts/{contact}/custom-fields"
            try:
                self.way.call("POST", path, json=self._body(change))
            except RefusedCall as error:
                reply = error.reply
                if reply.status == _NOT_FOUND:
                    not_there.append(change.row)
                else:
                    refused[change.row] = Refusal(_code(reply), self.way.said(reply))
            else:
                done.append(change.row)
        return Answer(tuple(done), (), tuple(not_there), refused)


def _code(reply: Reply) -> str:
    found = reply.json.get("code") if isinstance(reply.json, dict) else None
    return str(found or reply.status)


def _too_early(reply: Reply) -> bool:
    return isinstance(reply.json, dict) and reply.json.get("code") == _THROTTLED


def _named_wait(reply: Reply) -> float | None:
    """Seconds of ``context.timeToReset``, a number or such as ``540 seconds``."""
    context = reply.json.get("context") if isinstance(reply.json, dict) else None
    told = context.get("timeToReset") if isinstance(context, dict) else None
    first = str(told or "").split()[:1]
    return float(first[0]) if first and first[0].replace(".", "", 1).isdigit() else None
