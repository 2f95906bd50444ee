"""Salesforce Bulk API 2.0: a job, a CSV to the letter, and three files of results."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar

from fakes.book import Person
from fakes.server import Answer, Call, Fake, Refused

_DATA = re.compile(r"/services/data/v\d\d\.0(/.*)")


@dataclass
class Column:
    """A field of the object."""

    type: str = "string"
    external: bool = False
    length: int = 255
    precision: int = 18
    scale: int = 4
    options: list[str] | None = None


@dataclass
class Job:
    """An upload and what became of its rows."""

    id: str
    object: str
    operation: str
    external: str | None
    separator: str
    line_end: str
    state: str
    content: bytes = b""
    said: str = ""
    done: list[dict] = field(default_factory=list)
    failed: list[dict] = field(default_factory=list)
    left: list[dict] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    several: set[str] = field(default_factory=set)


class Salesforce(Fake):
    """How a person's row is refused (`refuse`): the code of Salesforce, such as
    ``STRING_TOO_LONG``.

    Attributes:
        columns: fields of Contact by API name; ``external`` marks an External Id.
        addresses: of people who may come, by their key; for telling them apart here alone.
    """

    destination: ClassVar[str] = "salesforce"
    object: ClassVar[str] = "Contact"

    def __init__(self, *args, **more) -> None:
        super().__init__(*args, **more)
        self.jobs: dict[str, Job] = {}
        self.addresses: dict[str, str] = {}
        self.queries: dict[str, tuple[list[str], list[Person]]] = {}
        self.columns = {"Id": Column("id"), "Email": Column("email"), "Phone": Column("phone")}
        self.columns |= {name: Column("boolean") for name in self.rules("consent")}

    def add(self, email: str, **values: object) -> Person:
        person = self.book.add(email, id=f"003{len(self.book.people) + 1:012d}AAA", **values)
        for name, value in values.items():
            if name in self.columns and self.columns[name].external:
                self.book.known_as(person, f"{name}={value}")
        return person

    def authorised(self, call: Call) -> bool:
        return call.headers.get("authorization") == f"Bearer {self.secret}"

    def told(self, wait: float) -> float:
        return math.ceil(wait)

    def too_many(self, wait: float) -> Answer:
        status = self.rules("too_many")
        if status == 403:
            body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests exceeded."}]
            return Answer(status, body)
        body = [{"errorCode": "SERVER_UNAVAILABLE", "message": "Too busy."}]
        return Answer(status, body, {"Retry-After": str(math.ceil(wait))})

    def said(self, refused: Refused, call: Call) -> Answer:
        return Answer(refused.status, [{"errorCode": refused.code, "message": refused.message}])

    def template(self, call: Call) -> str:
        path = re.sub(r"^/services/data/v\d\d\.0", "", call.path)
        return re.sub(r"(ingest|jobs/query|^/query)/[^/]+", r"\1/{id}", path)

    def answer(self, call: Call) -> Answer:
        found = _DATA.fullmatch(call.path.rstrip("/"))
        path = found[1] if found else ""
        if path == "/jobs/ingest":
            return self._open_job(call) if call.method == "POST" else self._all_jobs()
        if path.startswith("/jobs/ingest/"):
            id, _, what = path.removeprefix("/jobs/ingest/").partition("/")
            return self._job(call, self._job_of(id), what.lower())
        if path == f"/sobjects/{self.object}/describe":
            return Answer(200, {"name": self.object, "fields": self._described()})
        if path == "/query":
            return self._query(call.query.get("q", ""))
        if path.startswith("/query/"):
            id, _, at = path.removeprefix("/query/").partition("-")
            return self._query_page(id, int(at))
        if path.startswith("/jobs/query"):
            return self._query_job(call, path.removeprefix("/jobs/query").strip("/"))
        raise Refused(404, "The requested resource does not exist", "NOT_FOUND")

    # Jobs that write.

    def _job_of(self, id: str) -> Job:
        if id not in self.jobs:
            raise Refused(404, "The requested resource does not exist", "NOT_FOUND")
        return self.jobs[id]

    def _open_job(self, call: Call) -> Answer:
        read = call.json()
        operation, external = read.get("operation"), read.get("externalIdFieldName")
        if read.get("object") != self.object or read.get("contentType", "CSV") != "CSV":
            raise Refused(400, "The object or the content type is not valid", "INVALIDJOB")
        if operation not in self.rules("operations"):
            raise Refused(400, "The operation is not valid", "INVALIDJOB")
        known = self.columns.get(str(external))
        if operation == "upsert" and not (known and (known.external or external == "Id")):
            raise Refused(400, f"{external} is not an external id", "INVALIDJOB")
        separators, ends = self.rules("delimiters"), self.rules("line_ends")
        separator = read.get("columnDelimiter", "COMMA")
        end = read.get("lineEnding", "LF")
        if separator not in separators or end not in ends:
            raise Refused(400, "columnDelimiter or lineEnding is not valid", "INVALIDJOB")
        number = len(self.jobs) + 1
        job = Job(f"750{number:015d}", str(read["object"]), str(operation), external,
                  separators[separator], ends[end], self._states["Open"])  # fmt: skip
        self.jobs[job.id] = job
        return Answer(200, self._told(job))

    @property
    def _states(self) -> dict[str, str]:
        return {name: name for name in self.rules("states")}

    def _told(self, job: Job) -> dict:
        done = len(job.done) + len(job.failed)
        return {"id": job.id, "object": job.object, "operation": job.operation, "state": job.state,
                "externalIdFieldName": job.external, "contentType": "CSV", "apiVersion": 60.0,
                "contentUrl": f"services/data/v60.0/jobs/ingest/{job.id}/batches",
                "numberRecordsProcessed": done, "numberRecordsFailed": len(job.failed),
                "errorMessage": job.said}  # fmt: skip

    def _all_jobs(self) -> Answer:
        return Answer(200, {"done": True, "records": [self._told(j) for j in self.jobs.values()]})

    def _job(self, call: Call, job: Job, what: str) -> Answer:
        states = self._states
        if what == "batches" and call.method == "PUT":
            if job.state != states["Open"] or job.content:
                raise Refused(400, "The job is not open", "INVALIDJOBSTATE")
            if len(call.body) > self.rules("file_bytes"):
                raise Refused(413, "The upload is too large", "EXCEEDED_LIMIT")
            if "text/csv" not in call.headers.get("content-type", ""):
                raise Refused(415, "Content-Type is text/csv", "INVALID_CONTENT_TYPE")
            job.content = call.body
            return Answer(201)
        if what == "" and call.method == "PATCH":
            return self._move(call, job, call.json().get("state"))
        if what == "" and call.method == "DELETE":
            del self.jobs[job.id]
            return Answer(204)
        names = dict(zip((each.lower() for each in self.rules("results")),
                         (job.done, job.failed, job.left), strict=True))  # fmt: skip
        if call.method != "GET" or what not in ("", *names):
            raise Refused(405, "Not offered here", "METHOD_NOT_ALLOWED")
        if what == "":
            return Answer(200, self._told(job))
        first = {"s": ["sf__Id", "sf__Created"], "f": ["sf__Id", "sf__Error"], "u": []}[what[0]]
        return Answer(200, self._csv(first + job.header, names[what]), {"Content-Type": "text/csv"})

    def _csv(self, header: list[str], rows: list[dict]) -> bytes:
        text = io.StringIO()
        writer = csv.DictWriter(text, header, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()

    def _move(self, call: Call, job: Job, state: object) -> Answer:
        states = self._states
        if job.state != states["Open"] or state not in ("UploadComplete", "Aborted"):
            raise Refused(400, f"Cannot move from {job.state} to {state}", "INVALIDJOBSTATE")
        job.state = str(state)
        if state == "UploadComplete":
            half = self._half
            self.later(lambda: self._run(call.number, job, half))
        return Answer(200, self._told(job))

    def _run(self, call: int, job: Job, half: bool) -> None:
        states = self._states
        try:
            rows = self._read(job)
        except ValueError as mistake:
            job.state, job.said = self.rules("unknown_column"), f"InvalidBatch : {mistake}"
            return
        becomes = self.faults.of_job(int(job.id.removeprefix("750")))
        most = -(-len(rows) // 2) if half or becomes == "half" else len(rows)
        if becomes == "failed":
            most = 0
        keys = Counter(str(each.values.get(job.external)) for each in self.book.people)
        job.several = {key for key, times in keys.items() if times > 1 and job.external}
        for row in rows[:most]:
            try:
                person, new = self._write(call, job, row)
                made = {"sf__Id": person.id, "sf__Created": str(new).lower()}
                job.done.append(made | row)
            except Refused as refused:
                said = {"sf__Id": "", "sf__Error": f"{refused.code}:{refused.message}:--"}
                job.failed.append(said | row)
        job.left = rows[most:]
        job.state = states["Failed"] if job.left else self.rules("half_failed")
        job.said = "The server fell over" if job.left else ""

    def _read(self, job: Job) -> list[dict]:
        text = job.content.decode("utf-8")
        other = "\r\n" if job.line_end == "\n" else None
        if (other and other in text) or job.line_end not in text:
            raise ValueError("LineEnding is invalid on user data")
        header_row = text.split(job.line_end, 1)[0]
        if len(header_row) > self.rules("header_chars"):
            raise ValueError("the header row is too long")
        edge = re.escape(job.separator)
        if self.rules("space_by_quote") == "breaks" and re.search(
            rf'(^|{edge}|\n) +"|[^"{edge}\n]" +({edge}|\r?$)', text, re.M
        ):
            raise ValueError("a space beside a double quote")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=job.separator, strict=True))
        job.header, rows = rows[0], [row for row in rows[1:] if row]
        for name in job.header:
            if name not in self.columns:
                raise ValueError(f"Field name not found : {name}")
        if any(len(row) != len(job.header) for row in rows):
            raise ValueError("a row has more or fewer columns than the header")
        return [dict(zip(job.header, row, strict=True)) for row in rows]

    def _write(self, call: int, job: Job, row: dict) -> tuple[Person, bool]:
        by = {"upsert": job.external, "update": "Id", "insert": None}[job.operation]
        key = row.get(by, "") if by else ""
        person = self.book.of(key if by == "Id" else f"{by}={key}") if by else None
        email = person.email if person else row.get("Email") or self.addresses.get(key, key)
        self.book.name(email)
        if by and not key:
            raise Refused(400, f"{by} not specified", "MISSING_ARGUMENT")
        if job.operation == "update" and person is None:
            raise Refused(400, "entity is deleted", "ENTITY_IS_DELETED")
        if self.rules("several_matches") == "row" and key in job.several:
            raise Refused(400, f"{by}: more than one record found", "DUPLICATE_EXTERNAL_ID")
        how = self.refused.get(email.lower())
        if how is not None:
            raise Refused(400, "the row is not taken", how)
        values = {name: value for name, value in row.items() if name not in ("Id", by) and value}
        for name, value in values.items():
            if value != self.rules("clears"):
                self._check(name, value)
        new = person is None
        if person is None:
            person = self.book.create(call, email)
            person.id = f"003{len(self.book.people):012d}AAA"
            if by:
                person.values[by] = key
                self.book.known_as(person, f"{by}={key}")
        for name, value in values.items():
            if name in self.rules("consent"):
                self.book.touch_consent(call, person.email, name, value)
            elif name != "Email":
                self.book.write(call, person, name, value, self.rules("clears"))
        return person, new

    def _check(self, name: str, value: str) -> None:
        column = self.columns[name]
        if column.type == "double":
            if not re.fullmatch(self.rules("number"), value):
                raise Refused(400, f"{name}: value not of required type", "INVALID_TYPE")
            if abs(float(value)) >= 10 ** (column.precision - column.scale):
                raise Refused(400, f"{name}: too large", "NUMBER_OUTSIDE_VALID_RANGE")
        if column.type == "date" and not re.fullmatch(self.rules("date"), value):
            raise Refused(400, f"{name}: value not of required type", "INVALID_TYPE")
        if column.type == "boolean" and value.lower() not in self.rules("flags"):
            raise Refused(400, f"{name}: value not of required type", "INVALID_TYPE")
        if column.type == "string" and len(value) > min(column.length, self.rules("text_most")):
            raise Refused(400, f"{name}: data value too large", "STRING_TOO_LONG")
        if column.options is not None and value not in column.options:
            raise Refused(400, f"{name}: bad value", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")

    # What can be read.

    def add_column(self, name: str, type: str = "string", **more) -> None:
        """A custom field."""
        if not name.endswith(self.rules("custom_end")):
            raise ValueError(name)
        self.columns[name] = Column(type, **more)

    def _described(self) -> list[dict]:
        return [
            {"name": name, "type": column.type, "length": column.length, "custom": "__c" in name,
             "precision": column.precision, "scale": column.scale, "externalId": column.external,
             "updateable": name != "Id", "createable": name != "Id",
             "idLookup": column.external or name in ("Id", "Email")}
            for name, column in self.columns.items()
        ]  # fmt: skip

    def _select(self, query: str) -> tuple[list[str], list[Person]]:
        found = re.fullmatch(
            r"SELECT (.+?) FROM (\w+)(?: WHERE (\w+) (?:IN \((.*)\)|= '(.*)'|!= null))?\s*",
            query.strip(), re.I | re.S,
        )  # fmt: skip
        if not found or found[2] != self.object:
            raise Refused(400, "unexpected token", "MALFORMED_QUERY")
        names = [name.strip() for name in found[1].split(",")]
        for name in [*names, *([found[3]] if found[3] else [])]:
            if name not in self.columns:
                raise Refused(400, f"No such column '{name}'", "INVALID_FIELD")
        if not found[3]:
            return names, list(self.book.people)
        if found[4] is None and found[5] is None:
            return names, [each for each in self.book.people if self._value(each, found[3])]
        text = found[4] if found[4] is not None else f"'{found[5]}'"
        keys = {re.sub(r"\\(.)", r"\1", key) for key in re.findall(r"'((?:[^'\\]|\\.)*)'", text)}
        if found[3] == "Email":  # an address is found whatever its case
            keys = {key.lower() for key in keys}
            return names, [each for each in self.book.people if each.email.lower() in keys]
        return names, [e for e in self.book.people if self._value(e, found[3]) in keys]

    def _value(self, person: Person, name: str) -> object:
        return {"Id": person.id, "Email": person.email}.get(name, person.values.get(name))

    def _query(self, query: str) -> Answer:
        id = f"01g{len(self.queries) + 1:06d}"
        self.queries[id] = self._select(query)
        return self._query_page(id, 0)

    def _query_page(self, id: str, at: int) -> Answer:
        names, people = self.queries[id]
        rows = [
            {name: self._value(each, name) for name in names} for each in people[at : at + 2000]
        ]
        body = {"totalSize": len(people), "done": at + 2000 >= len(people), "records": rows}
        if not body["done"]:
            body["nextRecordsUrl"] = f"/services/data/v60.0/query/{id}-{at + 2000}"
        return Answer(200, body)

    def _query_job(self, call: Call, rest: str) -> Answer:
        if rest == "" and call.method == "POST":
            id = f"750q{len(self.queries) + 1:06d}"
            self.queries[id] = self._select(str(call.json().get("query")))
            return Answer(200, {"id": id, "state": self._states["UploadComplete"]})
        id, _, what = rest.partition("/")
        if id not in self.queries or call.method != "GET":
            raise Refused(404, "The requested resource does not exist", "NOT_FOUND")
        if what == "":
            return Answer(200, {"id": id, "state": self._states["JobComplete"]})
        names, people = self.queries[id]
        rows = [
            {name: "" if (v := self._value(each, name)) is None else v for name in names}
            for each in people
        ]
        told = {"Content-Type": "text/csv", "Sforce-Locator": "null"}
        return Answer(200, self._csv(names, rows), told)

    def writes(self, call: Call) -> bool:
        return call.method != "GET" and "/jobs/query" not in call.path
