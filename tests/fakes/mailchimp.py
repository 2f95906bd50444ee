"""Mailchimp: members of an audience by hash, batches of operations whose results are packed."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
from dataclasses import dataclass, field
from typing import ClassVar

from fakes.book import Person
from fakes.server import Answer, Call, Fake, Refused

LIST = "a1b2c3d4e5"
"""The audience."""

_FILES = 3
"""A batch's results lie in so many files of the archive."""


@dataclass
class Batch:
    """Operations that were accepted, and how each was answered."""

    id: str
    operations: list[dict]
    status: str
    results: list[dict] = field(default_factory=list)


class Mailchimp(Fake):
    """How a person's row is refused (`refuse`): ``forgotten`` or ``fake``.

    Attributes:
        fields: types of the merge fields by tag.
        cut: texts that were cut without a word.
        ignored: tags that were left out without a word.
    """

    destination: ClassVar[str] = "mailchimp"
    secret: ClassVar[str] = "the-secret-of-the-test-us6"
    tells_wait: ClassVar[bool] = False

    def __init__(self, *args, **more) -> None:
        super().__init__(*args, **more)
        self.fields = dict.fromkeys(self.rules("own_fields"), "text")
        self.batches: dict[str, Batch] = {}
        self.cut: list[str] = []
        self.ignored: list[str] = []
        path = re.escape(self.rules("member_path")).replace(r"\{list_id\}", LIST)
        self._member = re.compile(path.replace(r"\{hash\}", "([^/]+)"))

    def add(self, email: str, **values: object) -> Person:
        person = self.book.add(email, id=self.id_of(email), **values)
        person.consent["status"] = self.rules("statuses")[0]
        return person

    def id_of(self, email: str) -> str:
        """A member's id."""
        return hashlib.new(self.rules("member_id"), email.lower().encode()).hexdigest()

    def authorised(self, call: Call) -> bool:
        given = call.headers.get("authorization", "")
        if call.path.startswith("/results/"):
            # Somebody else's host: it takes the signature and nothing beside it.
            return not (given and self.rules("results_elsewhere"))
        if given == f"Bearer {self.secret}":
            return True
        kind, _, coded = given.partition(" ")
        try:
            return kind == "Basic" and base64.b64decode(coded).decode().endswith(f":{self.secret}")
        except ValueError:
            return False

    def most_at_once(self) -> int:
        return self.rules("at_once")

    def too_many(self, wait: float) -> Answer:
        return self.said(Refused(429, "You have exceeded the limit", "Too Many Requests"), None)

    def said(self, refused: Refused, call: Call | None) -> Answer:
        return Answer(
            refused.status,
            {"type": "https://mailchimp.com/developer/marketing/docs/errors/",
             "title": refused.code, "status": refused.status, "detail": refused.message,
             "instance": "00000000-0000-0000-0000-000000000000"} | refused.more,
            {"Content-Type": "application/problem+json"},
        )  # fmt: skip

    def template(self, call: Call) -> str:
        path = call.path.removeprefix("/3.0")
        return re.sub(r"(members|batches|results)/[^/]+", r"\1/{id}", path)

    def answer(self, call: Call) -> Answer:
        if call.path.startswith("/results/"):
            return self._results(call.path.removeprefix("/results/").removesuffix(".tar.gz"))
        path = call.path.removeprefix("/3.0").rstrip("/")
        if path == "/ping":
            return Answer(200, {"health_status": "Everything's Chimpy!"})
        if path == "/batches" and call.method == "POST":
            return self._accept(call)
        if path.startswith("/batches/"):
            return self._told_batch(path.removeprefix("/batches/"))
        body = call.json() if call.method != "GET" else {}
        return self._do(call.number, call.method, path, body, call.query)

    def _do(self, call: int, method: str, path: str, body: dict, query: dict) -> Answer:
        """One operation, alone or of a batch."""
        if path == f"/lists/{LIST}/merge-fields":
            return self._merge_fields(method, body, query)
        if path == f"/lists/{LIST}":
            if method == "GET":
                return Answer(200, {"id": LIST, "stats": {"member_count": len(self.book.people)}})
            return self._many(call, body)
        if path == f"/lists/{LIST}/members" and method == "GET":
            return self._members(query)
        if found := self._member.fullmatch(path.removesuffix("/tags")):
            if path.endswith("/tags"):
                return self._tags(call, found[1], body)
            return self._one(call, method, found[1], body)
        raise Refused(404, "The requested resource could not be found.", "Resource Not Found")

    # Members.

    def _one(self, call: int, method: str, key: str, body: dict) -> Answer:
        person = self.book.of(key)
        email = str(body.get("email_address") or (person.email if person else key))
        if method == "GET":
            if person is None:
                raise Refused(404, "Not there.", "Resource Not Found")
            return Answer(200, self._told(person))
        self.book.name(email)
        if method not in ("PUT", "PATCH"):
            raise Refused(405, "Not offered here", "Method Not Allowed")
        self._check(body, email, key)
        if person is None:
            if method == "PATCH":
                raise Refused(404, "Not there.", "Resource Not Found")
            person = self._create(call, email, str(body.get("status_if_new")))
        self._write(call, person, body)
        return Answer(200, self._told(person))

    def _check(self, body: dict, email: str, key: str) -> None:
        known = {*self.rules("member_keys"), *self.rules("consent"), "email_type", "tags"}
        if set(body) - known:
            raise Refused(400, "Schema describes object, unknown key", "Invalid Resource")
        if key not in (self.id_of(email), email):
            raise Refused(400, "The hash is not of this address", "Invalid Resource")
        how = self.refused.get(email.lower())
        if how == "forgotten":
            raise Refused(
                self.rules("forgotten"),
                f"{email} was permanently deleted and cannot be re-imported.",
                "Forgotten Email Not Subscribed",
            )
        if how == "fake":
            raise Refused(400, f"{email} looks fake or invalid.", "Invalid Resource")
        for tag, value in (body.get("merge_fields") or {}).items():
            if value != "" and not self._fits(tag, value):
                said = [{"field": tag, "message": "Please enter a valid value"}]
                raise Refused(
                    400, "Your merge fields were invalid.", "Invalid Resource", errors=said
                )

    def _fits(self, tag: str, value: object) -> bool:
        kind = self.fields.get(tag, "text")
        if kind == "number":
            return isinstance(value, int | float) or bool(
                re.fullmatch(r"-?\d+(\.\d+)?", str(value))
            )
        if kind == "date":
            return re.fullmatch(self.rules("date"), str(value)) is not None
        return isinstance(value, str | int | float)

    def _create(self, call: int, email: str, status: str) -> Person:
        if status not in self.rules("statuses"):
            raise Refused(400, "status_if_new is required for a new member", "Invalid Resource")
        person = self.book.create(call, email, id=self.id_of(email))
        if status in ("subscribed", "pending"):
            self.book.touch_consent(call, email, "status_if_new", status)
        person.consent["status"] = status
        return person

    def _write(self, call: int, person: Person, body: dict) -> None:
        for name in self.rules("consent"):
            if name in body:
                self.book.touch_consent(call, person.email, name, body[name])
        for tag, value in (body.get("merge_fields") or {}).items():
            if tag not in self.fields and self.rules("unknown_tag") == "ignored":
                self.ignored.append(tag)
                continue
            if value == "" and not self.rules("empty_clears"):
                continue
            if isinstance(value, str):
                kept = value.encode()[: self.rules("text_bytes")].decode(errors="ignore")
                if kept != value:
                    self.cut.append(tag)
                value = kept
            self.book.write(call, person, tag, value, "")

    def _told(self, person: Person) -> dict:
        tags = [n.removeprefix("tag ") for n in person.values if n.startswith("tag ")]
        return {
            "id": person.id, "email_address": person.email, "status": person.consent.get("status"),
            "merge_fields": {tag: person.values.get(tag, "") for tag in self.fields},
            "tags": [{"id": n, "name": name} for n, name in enumerate(tags)], "list_id": LIST,
        }  # fmt: skip

    def _members(self, query: dict) -> Answer:
        at, size = int(query.get("offset", "0")), min(int(query.get("count", "10")), 1000)
        told = [self._told(person) for person in self.book.people[at : at + size]]
        total = len(self.book.people)
        return Answer(200, {"members": told, "list_id": LIST, "total_items": total})

    def _many(self, call: int, body: dict) -> Answer:
        members = body.get("members") or []
        for each in members:
            self.book.name(str(each.get("email_address")))
        if not members or len(members) > self.rules("list_most"):
            raise Refused(400, f"1 to {self.rules('list_most')} members", "Invalid Resource")
        new, updated, errors = [], [], []
        for each in self.rows_to_do(members):
            email = str(each.get("email_address"))
            person = self.book.of(email)
            try:
                self._check({"status_if_new": None, **each}, email, email)
                if person is not None and not body.get("update_existing"):
                    raise Refused(400, f"{email} is already a list member", "ERROR_CONTACT_EXISTS")
                if person is None:
                    new.append(self._create(call, email, str(each.get("status"))))
                    self._write(call, new[-1], {"merge_fields": each.get("merge_fields")})
                else:
                    updated.append(person)
                    self._write(call, person, each)
            except Refused as refused:
                error = {"email_address": email, "error": refused.message}
                errors.append(error | {"error_code": "ERROR_GENERIC"})
        return Answer(
            200,
            {"new_members": [self._told(each) for each in new],
             "updated_members": [self._told(each) for each in updated],
             self.rules("list_errors"): errors, "total_created": len(new),
             "total_updated": len(updated), "error_count": len(errors)},
        )  # fmt: skip

    def _tags(self, call: int, key: str, body: dict) -> Answer:
        person = self.book.of(key)
        if person is None:
            raise Refused(404, "Not there.", "Resource Not Found")
        self.book.name(person.email)
        active, inactive = self.rules("tags")
        for each in body.get("tags") or []:
            if each.get("status") not in (active, inactive):
                raise Refused(400, "status is active or inactive", "Invalid Resource")
            on = True if each["status"] == active else None
            self.book.write(call, person, f"tag {each['name']}", on)
        return Answer(204)

    def _merge_fields(self, method: str, body: dict, query: dict) -> Answer:
        if method == "GET":
            told = [self._field(tag) for tag in self.fields]
            size, at = int(query.get("count", "10")), int(query.get("offset", "0"))
            return Answer(200, {"merge_fields": told[at : at + size], "total_items": len(told)})
        tag, kind = str(body.get("tag")), body.get("type")
        if not re.fullmatch(self.rules("tag"), tag) or not body.get("name"):
            raise Refused(400, "tag and name are needed", "Invalid Resource")
        if kind not in self.rules("types"):
            raise Refused(400, f"type is one of {self.rules('types')}", "Invalid Resource")
        if tag in self.fields:
            raise Refused(400, f'A Merge Field with the tag "{tag}" already exists', "Bad Request")
        if len(self.fields) >= self.rules("fields_most"):
            raise Refused(400, "You have reached the limit of merge fields", "Bad Request")
        self.fields[tag] = str(kind)
        return Answer(200, self._field(tag))

    def _field(self, tag: str) -> dict:
        n = list(self.fields).index(tag)
        return {"merge_id": n, "tag": tag, "name": tag, "type": self.fields[tag], "list_id": LIST}

    # Batches.

    def _accept(self, call: Call) -> Answer:
        operations = call.json().get("operations")
        if not isinstance(operations, list) or not operations:
            raise Refused(400, "operations are missing", "Invalid Resource")
        known = {*self.rules("operation_keys"), "operation_id", "params"}
        for each in operations:
            if set(each) - known or not isinstance(each.get("body", ""), str):
                raise Refused(400, "An operation is not as it should be", "Invalid Resource")
            if member := self._member.match(str(each.get("path"))):
                person = self.book.of(member[1])
                self.book.name(person.email if person else member[1])
        batch = Batch(f"batch{len(self.batches) + 1:04d}", operations, self._states[0])
        self.batches[batch.id] = batch
        half = len(self.rows_to_do(operations)) < len(operations)
        self.later(lambda: self._run(batch, call.number, half))
        return self._told_batch(batch.id)

    @property
    def _states(self) -> list[str]:
        return self.rules("batch_states")

    def _run(self, batch: Batch, call: int, half: bool) -> None:
        becomes = self.faults.of_job(int(batch.id.removeprefix("batch")))
        most = len(batch.operations)
        if becomes == "failed":
            most = 0
        elif becomes == "half" or half:
            most = -(-most // 2)
        for n, each in enumerate(batch.operations):
            if n >= most:
                answer = self.said(Refused(500, "An internal error", "Internal Server Error"), None)
            else:
                answer = self._operate(call, each)
            batch.results.append(
                {"status_code": answer.status, "operation_id": each.get("operation_id"),
                 "response": json.dumps(answer.body)}
            )  # fmt: skip
        batch.status = self._states[-1]

    def _operate(self, call: int, each: dict) -> Answer:
        try:
            body = json.loads(each.get("body") or "{}")
            path = str(each.get("path")).removeprefix("/3.0").rstrip("/")
            return self._do(call, str(each.get("method")), path, body, each.get("params") or {})
        except Refused as refused:
            return self.said(refused, None)
        except ValueError:
            return self.said(Refused(400, "body is not JSON", "Invalid Resource"), None)

    def _told_batch(self, id: str) -> Answer:
        batch = self.batches.get(id)
        if batch is None:
            raise Refused(404, "No such batch.", "Resource Not Found")
        wrong = sum(each["status_code"] >= 400 for each in batch.results)
        before = [b for b in self.batches.values() if b.status != self._states[-1]]
        status = batch.status
        if status != self._states[-1] and batch in before[: self.rules("batches_at_once")]:
            status = self._states[1]
        done = status == self._states[-1]
        return Answer(
            200,
            {"id": id, "status": status, "total_operations": len(batch.operations),
             "finished_operations": len(batch.results), "errored_operations": wrong,
             "submitted_at": "2026-01-01T00:00:00+00:00", "completed_at": "",
             "response_body_url": f"{self.url}/results/{id}.tar.gz" if done else ""},
        )  # fmt: skip

    def _results(self, id: str) -> Answer:
        results = self.batches[id].results
        if not self.rules("results_packed"):
            return Answer(200, results)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            folder = tarfile.TarInfo(f"{id}/")
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
            for n in range(_FILES):
                text = json.dumps(results[n::_FILES]).encode()
                file = tarfile.TarInfo(f"{id}/{n}.json")
                file.size = len(text)
                archive.addfile(file, io.BytesIO(text))
        return Answer(200, packed.getvalue(), {"Content-Type": "application/gzip"})
