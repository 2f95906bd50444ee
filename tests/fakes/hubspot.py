"""HubSpot: contacts in batches of a hundred, properties that must exist, whole batches refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from fakes.book import Person
from fakes.server import Answer, Call, Fake, Refused

_TIMES = {"createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z"}


@dataclass
class Property:
    """What may be written; without it a call that names it fails."""

    type: str = "string"
    field_type: str = "text"
    options: list[str] = field(default_factory=list)
    read_only: bool = False
    unique: bool = False
    group: str = "contactinformation"


def _own(unique: list[str]) -> dict[str, Property]:
    text = ("email", "firstname", "lastname", "phone", "hs_additional_emails", "lifecyclestage",
            "hs_legal_basis", "hs_email_optout", "hs_marketable_status")  # fmt: skip
    own = {name: Property() for name in text}
    for name in unique:
        own[name].unique = True
    for name in ("hs_object_id", "createdate", "lastmodifieddate"):
        own[name] = Property(read_only=True)
    return own


class HubSpot(Fake):
    """How a person's row is refused (`refuse`): ``conflict`` fails the batch with 409;
    ``invalid`` fails it with 400; else the category of an error of the row alone.
    """

    destination: ClassVar[str] = "hubspot"

    def __init__(self, *args, **more) -> None:
        super().__init__(*args, **more)
        self.properties = _own(self.rules("unique_properties"))
        self.groups = {"contactinformation"}
        upserts = (self.rules("upsert_path"), self.rules("dated_upsert_path"))
        bases = "|".join(re.escape(each.removesuffix("/batch/upsert")) for each in upserts)
        properties = re.escape(self.rules("properties_path"))
        self._batches = re.compile(rf"(?:{bases})/batch/(upsert|update|read)")
        self._ones = re.compile(rf"(?:{bases})/([^/]+)")
        self._property_paths = re.compile(rf"{properties}(/[^/]+)?(/[^/]+)?")

    def authorised(self, call: Call) -> bool:
        return call.headers.get("authorization") == f"Bearer {self.secret}"

    def writes(self, call: Call) -> bool:
        return call.method != "GET" and not call.path.endswith("/batch/read")

    def rates(self, call: Call) -> tuple[str, list[tuple[int, float]]]:
        most, seconds = self.rules("burst")
        return "", [(most, seconds)]

    def always(self) -> dict[str, str]:
        most, seconds = self.rules("burst")
        start = self.rules("limit_headers")
        return {
            f"{start}Max": str(most),
            f"{start}Remaining": str(max(most - self.seen(), 0)),
            f"{start}Interval-Milliseconds": str(seconds * 1000),
        }

    def too_many(self, wait: float) -> Answer:
        start = self.rules("limit_headers")
        body = {
            "status": "error",
            "errorType": "RATE_LIMIT",
            "message": "You have reached your ten_secondly_rolling limit.",
            "policyName": "TEN_SECONDLY_ROLLING",
        }
        told = {
            f"{start}Remaining": "0",
            f"{start}Interval-Milliseconds": str(int(wait * 1000) + 1),
        }
        return Answer(429, body, told)

    def said(self, refused: Refused, call: Call) -> Answer:
        body = {"status": "error", "message": refused.message, "category": refused.code,
                "correlationId": f"00000000-0000-0000-0000-{call.number:012d}"}  # fmt: skip
        return Answer(refused.status, body | refused.more)

    def template(self, call: Call) -> str:
        if "/batch/" in call.path or not (one := self._ones.fullmatch(call.path)):
            return call.path
        return call.path.removesuffix(one[1]) + "{id}"

    def answer(self, call: Call) -> Answer:
        if call.method == "POST" and (batch := self._batches.fullmatch(call.path)):
            return self._batch(call, batch[1])
        if found := self._property_paths.fullmatch(call.path):
            return self._properties(call, found[1], found[2])
        if found := self._ones.fullmatch(call.path):
            return self._one(call, found[1])
        if any(call.path.startswith(each) for each in self.rules("consent_paths")):
            self.book.touch_consent(call.number, "", call.path, call.body.decode(errors="replace"))
            return Answer(200, {})
        raise Refused(404, "No such path", "NOT_FOUND")

    # Batches.

    def _batch(self, call: Call, kind: str) -> Answer:
        inputs = call.json().get("inputs")
        if not isinstance(inputs, list) or not inputs:
            raise Refused(400, "Invalid input JSON: inputs is missing")
        if kind != "read":
            for row in inputs:
                if isinstance(row, dict):
                    self.book.name(str(row.get("id")))
        if len(inputs) > self.rules("batch_most"):
            raise Refused(400, f"The maximum number of inputs is {self.rules('batch_most')}")
        if kind == "read":
            return self._read(call, inputs)
        for row in inputs:
            self._check(row, kind)
        ids = [str(row["id"]).lower() for row in inputs]
        if len(set(ids)) < len(ids):
            raise Refused(400, "Duplicate IDs found in batch input")
        if any(self.refused.get(each) == "conflict" for each in ids):
            raise Refused(self.rules("conflict"), "Contact already exists", "CONFLICT")
        done, errors = [], []
        for row in self.rows_to_do(inputs):
            error = self._error_of(row, kind)
            if error is not None:
                errors.append(error)
            else:
                done.append(self._write(call, row))
        return self._many(done, errors)

    def _check(self, row: object, kind: str) -> None:
        """What fails the whole batch, without a word on which row it was."""
        if not isinstance(row, dict) or set(row) - set(self.rules("input_keys")):
            raise Refused(400, "Invalid input JSON: unknown field")
        by = row.get("idProperty", "hs_object_id")
        known = self.properties.get(by)
        if by != "hs_object_id" and not (known and known.unique):
            raise Refused(400, f"idProperty {by} is not a unique property")
        if kind == "upsert" and by == "hs_object_id":
            raise Refused(400, "idProperty is needed for an upsert")
        if not isinstance(row.get("id"), str) or not isinstance(row.get("properties"), dict):
            raise Refused(400, "Invalid input JSON: id and properties are needed")
        for name, value in row["properties"].items():
            self._check_value(name, value)
        if self.rules("bad_row_fails_batch") and self.refused.get(row["id"].lower()) == "invalid":
            raise Refused(400, "Property values were not valid", error="INVALID_VALUE")

    def _check_value(self, name: str, value: object) -> None:
        known = self.properties.get(name)
        if known is None:
            raise Refused(self.rules("unknown_property"), f'Property "{name}" does not exist')
        if known.read_only:
            raise Refused(self.rules("unknown_property"), f'Property "{name}" is read-only')
        if self.rules("values_are_text") and not isinstance(value, str):
            raise Refused(400, f'Property "{name}" must be a string')
        if value == self.rules("clears"):
            return
        if not self._fits(known, str(value)):
            raise Refused(
                400, f'Property values were not valid: "{name}"', error=f"INVALID_{known.type}"
            )

    def _fits(self, known: Property, value: str) -> bool:
        if known.type == "number":
            return re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value) is not None
        if known.type == "date":
            if re.fullmatch(r"-?\d+", value):
                return int(value) % self.rules("date") == 0
            return bool(self.rules("iso_date")) and _is_day(value)
        if known.type == "datetime":
            return re.fullmatch(r"-?\d+|\d{4}-\d\d-\d\dT[\d:.]+Z", value) is not None
        if known.type == "bool":
            return value in self.rules("flags")
        if known.type == "enumeration":
            internal = self.rules("options") == "internal"
            return all(each in known.options for each in value.split(";")) or not internal
        return True

    def _error_of(self, row: dict, kind: str) -> dict | None:
        how = self.refused.get(row["id"].lower())
        if how == "invalid" and not self.rules("bad_row_fails_batch"):
            how = "VALIDATION_ERROR"
        if how in self.rules("refused_rows") or how == "VALIDATION_ERROR":
            return self._error(how, "This contact cannot be written", row)
        if (
            self._found(row) is None
            and kind == "update"
            and self.rules("update_of_unknown") == "row"
        ):
            return self._error("OBJECT_NOT_FOUND", "Could not get some CONTACT objects", row)
        return None

    def _error(self, category: str, message: str, row: dict) -> dict:
        context = {"ids": [row["id"]]}
        if (trace := self.rules("trace")) in row:
            context[trace] = [row[trace]]
        return {"status": "error", "category": category, "message": message, "context": context}

    def _found(self, row: dict) -> Person | None:
        by = row.get("idProperty", "hs_object_id")
        if by in ("email", "hs_object_id"):
            return self.book.of(row["id"])
        return next((p for p in self.book.people if p.values.get(by) == row["id"]), None)

    def _write(self, call: Call, row: dict) -> dict:
        person = self._found(row)
        new = person is None
        if person is None:
            if row["idProperty"] != "email":
                raise Refused(400, "a contact needs an e-mail here")
            person = self.book.create(call.number, row["id"])
        for name, value in row["properties"].items():
            if name in self.rules("consent"):
                self.book.touch_consent(call.number, person.email, name, value)
            elif name != "email":
                self.book.write(call.number, person, name, value, self.rules("clears"))
        told = self._told(person, list(row["properties"])) | {self.rules("new_flag"): new}
        if (trace := self.rules("trace")) in row:
            told[trace] = row[trace]
        return told

    def _told(self, person: Person, names: list[str]) -> dict:
        values = {"email": person.email, "hs_object_id": person.id}
        values |= {self.rules("secondary_addresses"): ";".join(person.other_emails) or None}
        kept = values | {name: person.values.get(name) for name in names if name not in values}
        return {"id": person.id, "properties": kept, "archived": False} | _TIMES

    def _read(self, call: Call, inputs: list) -> Answer:
        read = call.json()
        by = read.get("idProperty", "hs_object_id")
        found, errors = [], []
        for row in inputs:
            wanted = {"id": str(row.get("id")), "idProperty": by}
            person = self._found(wanted)
            if person is None:
                errors.append(
                    self._error("OBJECT_NOT_FOUND", "Could not get some CONTACT objects", wanted)
                )
            else:
                found.append(self._told(person, read.get("properties") or []))
        return self._many(found, errors)

    def _many(self, done: list, errors: list) -> Answer:
        times = {"startedAt": _TIMES["createdAt"], "completedAt": _TIMES["updatedAt"]}
        body = {"status": self.rules("statuses")[-1], "results": done, **times}
        if not errors:
            return Answer(200, body)
        if self.rules("errors_by_row") is False:
            errors = _grouped(errors)
        return Answer(207, body | {"numErrors": len(errors), "errors": errors})

    # One contact, and the properties.

    def _one(self, call: Call, key: str) -> Answer:
        person = self.book.of(key)
        if call.method == "GET":
            if person is None:
                raise Refused(404, "resource not found", "OBJECT_NOT_FOUND")
            names = [each for each in call.query.get("properties", "").split(",") if each]
            return Answer(200, self._told(person, names))
        row = {"id": key, "properties": call.json().get("properties")}
        row["idProperty"] = call.query.get("idProperty", "hs_object_id")
        self.book.name(key)
        self._check(row, "update")
        if (error := self._error_of(row, "update")) is not None:
            raise Refused(
                404 if error["category"] == "OBJECT_NOT_FOUND" else 400,
                error["message"],
                error["category"],
            )
        return Answer(200, self._write(call, row))

    def _properties(self, call: Call, first: str | None, second: str | None) -> Answer:
        if first == "/groups":
            return self._groups(call, (second or "").removeprefix("/"))
        if first == "/batch" and call.method == "POST" and second in ("/create", "/read"):
            inputs = call.json().get("inputs") or []
            if second == "/create":
                return Answer(
                    201, {"status": "COMPLETE", "results": [self._new(each) for each in inputs]}
                )
            names = [str(each.get("name")) for each in inputs]
            there = [self._property(name) for name in names if name in self.properties]
            missing = [
                self._error("OBJECT_NOT_FOUND", f"Property {name} does not exist", {"id": name})
                for name in names
                if name not in self.properties
            ]
            return self._many(there, missing)
        if call.method == "POST" and first is None:
            return Answer(201, self._new(call.json()))
        if call.method == "GET" and first is None:
            return Answer(200, {"results": [self._property(name) for name in self.properties]})
        name = (first or "").removeprefix("/")
        if name not in self.properties:
            raise Refused(404, f'Property "{name}" does not exist', "OBJECT_NOT_FOUND")
        if call.method == "GET":
            return Answer(200, self._property(name))
        raise Refused(405, "not offered here", "METHOD_NOT_ALLOWED")

    def _groups(self, call: Call, name: str) -> Answer:
        if call.method == "POST":
            wanted = str(call.json().get("name"))
            if wanted in self.groups:
                raise Refused(409, "A property group with that name already exists", "CONFLICT")
            self.groups.add(wanted)
            return Answer(201, {"name": wanted})
        if name and name not in self.groups:
            raise Refused(404, "no such group", "OBJECT_NOT_FOUND")
        return Answer(
            200, {"name": name} if name else {"results": [{"name": g} for g in sorted(self.groups)]}
        )

    def _new(self, wanted: dict) -> dict:
        name, group = str(wanted.get("name")), wanted.get("groupName")
        if name in self.properties:
            raise Refused(409, f'A property named "{name}" already exists', "PROPERTY_EXISTS")
        if not re.fullmatch(self.rules("property_name"), name):
            raise Refused(400, f'"{name}" is not a valid property name')
        if group not in self.groups:
            raise Refused(400, f'Property group "{group}" does not exist')
        if not wanted.get("label"):
            raise Refused(400, "label is needed")
        if wanted.get("type") not in self.rules("types"):
            raise Refused(400, f"type {wanted.get('type')} is not one of {self.rules('types')}")
        if wanted.get("fieldType") not in self.rules("field_types"):
            raise Refused(400, "no such fieldType")
        options = [each["value"] for each in wanted.get("options") or []]
        if wanted["type"] == "enumeration" and not options:
            raise Refused(400, "an enumeration needs options")
        self.properties[name] = Property(
            wanted["type"], wanted["fieldType"], options,
            unique=bool(wanted.get("hasUniqueValue")), group=group,
        )  # fmt: skip
        return self._property(name)

    def _property(self, name: str) -> dict:
        known = self.properties[name]
        return {
            "name": name, "label": name, "type": known.type, "fieldType": known.field_type,
            "groupName": known.group, "hasUniqueValue": known.unique,
            "options": [{"label": each, "value": each} for each in known.options],
            "modificationMetadata": {"readOnlyValue": known.read_only},
        }  # fmt: skip


def _grouped(errors: list[dict]) -> list[dict]:
    """One error of each kind, whose context names all ids."""
    kinds: dict[tuple[str, str], dict[str, list]] = {}
    for each in errors:
        context = kinds.setdefault((each["category"], each["message"]), {})
        for name, values in each["context"].items():
            context.setdefault(name, []).extend(values)
    return [
        {"status": "error", "category": category, "message": message, "context": context}
        for (category, message), context in kinds.items()
    ]


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
