"""GetResponse: contacts of one list, custom fields by id, batches that are accepted for later."""

from __future__ import annotations

import math
import re
from typing import ClassVar

from fakes.book import Person
from fakes.server import Answer, Call, Fake, Refused

LIST = "Lst1"
"""The list, which GetResponse calls a campaign."""

_OF_ONE = re.compile(r"/contacts/([^/]+)(/[^/]+)?")


class GetResponse(Fake):
    """How a person's row is refused (`refuse`): ``invalid`` fails a whole call with 400;
    ``silently`` is accepted and then not done.

    Attributes:
        fields: name and type of the custom fields by id.
        mailed: who got a confirmation mail.
        swept: values that went because a call named only others.
    """

    destination: ClassVar[str] = "getresponse"

    def __init__(self, *args, **more) -> None:
        super().__init__(*args, **more)
        self.fields: dict[str, tuple[str, str]] = {}
        self.mailed: list[str] = []
        self.swept: list[str] = []

    def add(self, email: str, **values: object) -> Person:
        return self.book.add(email, id=f"C{len(self.book.people) + 1:06d}", **values)

    def authorised(self, call: Call) -> bool:
        return call.headers.get("x-auth-token") == f"api-key {self.secret}"

    def rates(self, call: Call) -> tuple[str, list[tuple[int, float]]]:
        return "", [(most, seconds) for most, seconds in self.rules("rate")]

    def most_at_once(self) -> int:
        return self.rules("at_once")

    def told(self, wait: float) -> float:
        return math.ceil(wait)

    def always(self) -> dict[str, str]:
        most, seconds = self.rules("rate")[-1]
        start = self.rules("limit_headers")
        return {
            f"{start}Limit": str(most),
            f"{start}Remaining": str(most - self.seen()),
            f"{start}Reset": str(seconds),
        }

    def too_many(self, wait: float) -> Answer:
        context = {"timeToReset": math.ceil(wait)}
        code = self.rules("too_many_code")
        answer = self.said(Refused(429, "Too many requests", code=code, context=context), None)
        start = self.rules("limit_headers")
        answer.headers = {f"{start}Remaining": "0", f"{start}Reset": str(math.ceil(wait))}
        return answer

    def said(self, refused: Refused, call: Call | None) -> Answer:
        code = refused.code if isinstance(refused.code, int) else 1000
        body = {"httpStatus": refused.status, "code": code, "codeDescription": refused.message,
                "message": refused.message, "moreInfo": "", "context": {},
                "uuid": "00000000-0000-0000-0000-000000000000"}  # fmt: skip
        return Answer(refused.status, body | refused.more)

    def template(self, call: Call) -> str:
        path = call.path.removeprefix("/v3")
        return re.sub(r"/contacts/(?!batch)[^/]+", "/contacts/{id}", path)

    def answer(self, call: Call) -> Answer:
        path = call.path.removeprefix("/v3").rstrip("/")
        if path == "/contacts/batch" and call.method == "POST":
            return self._batch(call)
        if path == "/contacts":
            return self._search(call) if call.method == "GET" else self._add(call)
        if path == f"/campaigns/{LIST}/contacts" and call.method == "GET":
            return self._search(call)
        if path in ("/campaigns", f"/campaigns/{LIST}") and call.method == "GET":
            told = {"campaignId": LIST, "name": "the_list"}
            return Answer(200, told if path.endswith(LIST) else [told])
        if path == "/custom-fields":
            return self._custom_fields(call)
        if found := _OF_ONE.fullmatch(path):
            return self._one(call, found[1], found[2])
        raise Refused(404, "Resource not found", code=1013)

    # Contacts.

    def _batch(self, call: Call) -> Answer:
        read = call.json()
        contacts = read.get("contacts")
        if not isinstance(contacts, list) or not contacts:
            raise Refused(400, "contacts are missing")
        for each in contacts:
            self.book.name(str(each.get("email")))
        if len(contacts) > self.rules("batch_most"):
            raise Refused(400, f"At most {self.rules('batch_most')} contacts")
        if read.get(self.rules("list_key")) != LIST:
            raise Refused(404, "No such list", code=1013)
        for each in contacts:
            self._check(each)
        half = self.rows_to_do(contacts)
        self.later(lambda: self._do_batch(call.number, half))
        return Answer(self.rules("accepted"))

    def _do_batch(self, call: int, contacts: list[dict]) -> None:
        if becomes := self.faults.of_job(call):
            contacts = contacts[: -(-len(contacts) // 2) if becomes == "half" else 0]
        for each in contacts:
            if self.refused.get(each["email"].lower()) == "silently":
                continue
            person = self.book.of(each["email"])
            if person is None and self.rules("batch_creates"):
                self._write(call, self._create(call, each["email"]), each)
            elif person is not None and self.rules("batch_updates"):
                self._write(call, person, each)

    def _add(self, call: Call) -> Answer:
        each = call.json()
        email = str(each.get("email"))
        self.book.name(email)
        if (each.get("campaign") or {}).get("campaignId") != LIST:
            raise Refused(404, "No such list", code=1013)
        self._check(each)
        if self.book.of(email) is not None:
            raise Refused(self.rules("exists"), "Contact already added", code=1008)
        self.later(lambda: self._do_batch(call.number, [each]))
        return Answer(self.rules("accepted"))

    def _create(self, call: int, email: str) -> Person:
        if self.rules("mails_new"):
            self.mailed.append(email)
        return self.book.create(call, email, id=f"C{len(self.book.people) + 1:06d}")

    def _check(self, each: dict) -> None:
        email = str(each.get("email"))
        if "@" not in email or self.refused.get(email.lower()) == "invalid":
            raise Refused(400, "Validation error: email", context={"invalidFields": ["email"]})
        for value in each.get(self.rules("values_key")) or []:
            self._check_value(value)

    def _check_value(self, value: dict) -> None:
        known = self.fields.get(str(value.get("customFieldId")))
        if known is None:
            raise Refused(400, "No such custom field", context=value)
        given = value.get("value")
        if not isinstance(given, list) or not all(isinstance(part, str) for part in given):
            raise Refused(400, "value is a list of texts")
        if any(len(part) > self.rules("text_most") for part in given):
            raise Refused(400, "The value is too long")
        if given in self.rules("clears"):
            return
        if known[1] == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", given[0]):
            raise Refused(400, "The value is no number")
        if known[1] == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", given[0]):
            raise Refused(400, "The value is no date")

    def _write(self, call: int, person: Person, each: dict, sweeps: bool = False) -> None:
        for name in self.rules("consent"):
            if name in each:
                self.book.touch_consent(call, person.email, name, each[name])
        values = each.get(self.rules("values_key"))
        if values is None:
            return
        named = {self.fields[value["customFieldId"]][0]: value["value"] for value in values}
        for name, given in named.items():
            new = None if given in self.rules("clears") else ";".join(given)
            self.book.write(call, person, name, new)
        for name in set(person.values) - set(named) if sweeps else ():
            self.swept.append(name)
            self.book.write(call, person, name, None)

    def _one(self, call: Call, id: str, rest: str | None) -> Answer:
        person = self.book.of(id)
        if person is None or (rest and rest != f"/{self.rules('field_path')}"):
            raise Refused(404, "Resource not found", code=1013)
        if call.method == "GET":
            return Answer(200, self._told(person))
        if call.method != "POST":
            raise Refused(405, "Not offered here")
        self.book.name(person.email)
        each = call.json()
        self._check({"email": person.email, **each})
        self._write(call.number, person, each, sweeps=rest is None)
        return Answer(200, self._told(person))

    def _told(self, person: Person) -> dict:
        ids = {name: id for id, (name, _) in self.fields.items()}
        values = [{"customFieldId": ids[name], "name": name, "value": str(value).split(";"),
                   "values": str(value).split(";")}
                  for name, value in person.values.items() if name in ids]  # fmt: skip
        return {"contactId": person.id, "email": person.email, "name": None,
                "campaign": {"campaignId": LIST}, self.rules("values_key"): values}  # fmt: skip

    def _search(self, call: Call) -> Answer:
        found = self.book.people
        if (email := call.query.get("query[email]")) is not None:
            # It looks for a part of the address.
            found = [each for each in found if email.lower() in each.email.lower()]
        if call.query.get("query[campaignId]", LIST) != LIST:
            found = []
        size = min(int(call.query.get("perPage", "100")), self.rules("page_most"))
        page = int(call.query.get("page", "1"))
        pages = max(math.ceil(len(found) / size), 1)
        told = {"TotalCount": str(len(found)), "TotalPages": str(pages), "CurrentPage": str(page)}
        # A list of contacts comes without their custom fields.
        rows = [
            {"contactId": each.id, "email": each.email, "campaign": {"campaignId": LIST}}
            for each in found[(page - 1) * size : page * size]
        ]
        return Answer(200, rows, told)

    # Custom fields.

    def add_field(self, name: str, type: str) -> str:
        """A custom field; gives its id."""
        id = f"F{len(self.fields) + 1:03d}"
        self.fields[id] = (name, type)
        return id

    def _custom_fields(self, call: Call) -> Answer:
        if call.method == "GET":
            name = call.query.get("query[name]", "")
            size, page = int(call.query.get("perPage", "100")), int(call.query.get("page", "1"))
            told = [self._field(id) for id, (own, _) in self.fields.items() if name in own]
            pages = {"TotalPages": str(max(math.ceil(len(told) / size), 1))}
            return Answer(200, told[(page - 1) * size : page * size], pages)
        read = call.json()
        name, kind = str(read.get("name")), str(read.get("type"))
        if not re.fullmatch(self.rules("field_name"), name):
            raise Refused(400, "name: lower case letters, digits and underscore")
        if kind not in ("text", "textarea", "number", "date", "single_select", "checkbox"):
            raise Refused(400, "no such type")
        if "hidden" not in read or not isinstance(read.get("values"), list):
            raise Refused(400, "hidden and values are needed")
        if any(own == name for own, _ in self.fields.values()):
            raise Refused(409, "The name exists", code=1008)
        return Answer(201, self._field(self.add_field(name, kind)))

    def _field(self, id: str) -> dict:
        name, kind = self.fields[id]
        return {"customFieldId": id, "name": name, "type": kind, "valueType": kind, "values": []}
