"""Klaviyo: jobs of thousands of profiles, done later, whose errors have to be asked for."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlencode

from fakes.book import Person
from fakes.server import Answer, Call, Fake, Refused

_PROFILE = re.compile(r"/api/profiles/([^/]+)")
_TIME = "2026-01-01T00:00:00+00:00"
_JSON = {"Content-Type": "application/vnd.api+json"}


@dataclass
class Job:
    """Profiles that were accepted, and what became of them."""

    id: str
    profiles: list[dict]
    status: str
    done: list[Person] = field(default_factory=list)
    errors: list[dict] = field(default_factory=list)


class Klaviyo(Fake):
    """How a person's row is refused (`refuse`): ``invalid`` fails the call with 400 and says which
    it was; ``later`` becomes an error of the job.

    Attributes:
        jobs: by id.
        retyped: names of properties that were once a number and then a text, or the like.
        shadowed: names of Klaviyo's own properties that somebody wrote.
    """

    destination: ClassVar[str] = "klaviyo"

    def __init__(self, *args, **more) -> None:
        super().__init__(*args, **more)
        self.jobs: dict[str, Job] = {}
        self.retyped: list[str] = []
        self.shadowed: list[str] = []
        self._types: dict[str, type] = {}

    def authorised(self, call: Call) -> bool:
        return call.headers.get("authorization") == f"Klaviyo-API-Key {self.secret}"

    def rates(self, call: Call) -> tuple[str, list[tuple[int, float]]]:
        bulk = call.path.startswith(self.rules("jobs_path"))
        rule = self.rules("job_rate") if bulk else self.rules("single_rate")
        return f"{call.method} {self.template(call)}", [(most, seconds) for most, seconds in rule]

    def told(self, wait: float) -> float:
        return math.ceil(wait)

    def too_many(self, wait: float) -> Answer:
        error = self._error(429, "throttled", "Request was throttled.")
        return Answer(429, {"errors": [error]}, {self.rules("retry_header"): str(math.ceil(wait))})

    def always(self) -> dict[str, str]:
        return _JSON

    def said(self, refused: Refused, call: Call) -> Answer:
        error = self._error(refused.status, refused.code.lower(), refused.message)
        return Answer(refused.status, {"errors": [error | refused.more]})

    def _error(self, status: int, code: str, detail: str) -> dict:
        return {"id": "0", "status": status, "code": code, "title": detail, "detail": detail,
                "source": {"pointer": "/data/"}, "links": {}, "meta": {}}  # fmt: skip

    def template(self, call: Call) -> str:
        return re.sub(r"(profiles|import-jobs)/[^/]+", r"\1/{id}", call.path)

    def answer(self, call: Call) -> Answer:
        if call.headers.get("revision", "9") > self.rules("revision"):
            raise Refused(400, "revision is missing or unknown", "INVALID_REVISION")
        if call.path.rstrip("/") == self.rules("jobs_path"):
            return self._accept(call) if call.method == "POST" else self._all_jobs()
        if call.path.startswith(self.rules("jobs_path")):
            return self._job(call)
        if call.path.rstrip("/") == self.rules("single_path") and call.method == "POST":
            return self._upsert(call)
        if call.path.rstrip("/") == "/api/profiles" and call.method == "GET":
            return self._search(call)
        if found := _PROFILE.fullmatch(call.path.rstrip("/")):
            return self._one(call, found[1])
        if any(call.path.startswith(each) for each in self.rules("consent_paths")):
            self.book.touch_consent(call.number, "", call.path, call.body.decode(errors="replace"))
            return Answer(202)
        raise Refused(404, "No such path", "NOT_FOUND")

    # Jobs.

    def _accept(self, call: Call) -> Answer:
        if len(call.body) > self.rules("job_bytes"):
            raise Refused(413, "Payload too large", "PAYLOAD_TOO_LARGE")
        data = _data(call, "profile-bulk-import-job")
        profiles = ((data.get("attributes") or {}).get("profiles") or {}).get("data")
        if not isinstance(profiles, list) or not profiles:
            raise Refused(400, "profiles are missing", "INVALID")
        for each in profiles:
            self.book.name(str((each.get("attributes") or {}).get("email")))
        if len(profiles) > self.rules("job_most"):
            raise Refused(400, f"At most {self.rules('job_most')} profiles", "INVALID")
        for n, each in enumerate(profiles):
            self._check(each, n)
        lists = ((data.get("relationships") or {}).get("lists") or {}).get("data") or []
        job = Job(f"job-{len(self.jobs) + 1:04d}", profiles, self.rules("job_states")[0])
        self.jobs[job.id] = job
        half = self.rows_to_do(profiles)
        self.later(lambda: self._do(job, call.number, half, [each["id"] for each in lists]))
        return Answer(202, {"data": self._told_job(job)})

    def _check(self, profile: dict, n: int) -> None:
        at = {"source": {"pointer": f"/data/attributes/profiles/data/{n}"}}
        if profile.get("type") != "profile" or not isinstance(profile.get("attributes"), dict):
            raise Refused(400, "type must be profile", "INVALID", **at)
        attributes = profile["attributes"]
        # A consent is counted where it is written, so that it is not refused here.
        unknown = set(attributes) - set(self.rules("attributes")) - set(self.rules("consent"))
        if unknown:
            raise Refused(400, f"{sorted(unknown)[0]} is not an attribute", "INVALID", **at)
        if not any(attributes.get(key) for key in ("email", "phone_number", "external_id")):
            raise Refused(400, "One of email, phone_number or external_id", "INVALID", **at)
        phone = attributes.get("phone_number")
        if phone is not None and not re.fullmatch(self.rules("phone"), phone):
            raise Refused(400, "Invalid phone number format", "INVALID", **at)
        if len(json.dumps(profile).encode()) > self.rules("profile_bytes"):
            raise Refused(400, "The profile is too large", "INVALID", **at)
        if self.refused.get(str(attributes.get("email")).lower()) == "invalid":
            raise Refused(400, "Invalid email address", "INVALID", **at)

    def _do(self, job: Job, call: int, profiles: list[dict], lists: list[str]) -> None:
        _, _, complete, cancelled = self.rules("job_states")
        becomes = self.faults.of_job(int(job.id.removeprefix("job-")))
        if becomes == "failed":
            job.status = cancelled
            return
        if becomes == "half":
            profiles = profiles[: -(-len(profiles) // 2)]
        for n, profile in enumerate(profiles):
            email = str(profile["attributes"].get("email"))
            if self.refused.get(email.lower()) == "later":
                job.errors.append(self._job_error(n, profile))
                continue
            clears = self.rules("job_null_clears")
            person, _ = self._write(call, profile["attributes"], clears, self.rules("job_creates"))
            for each in lists:
                self.book.write(call, person, f"list {each}", True)
            job.done.append(person)
        job.status = complete if len(profiles) == len(job.profiles) else cancelled

    def _job_error(self, n: int, profile: dict) -> dict:
        at = {"pointer": f"/data/attributes/profiles/data/{n}"}
        told = ("invalid", "Invalid input.", "Cannot be imported.", at, profile["attributes"])
        return {
            "type": "import-error",
            "id": f"error-{n}",
            "attributes": dict(zip(self.rules("job_errors"), told, strict=True)),
        }

    def _told_job(self, job: Job) -> dict:
        values = (job.status, len(job.profiles), len(job.done), len(job.errors), *[_TIME] * 4)
        attributes = dict(zip(self.rules("job_attributes"), values, strict=True))
        return {"type": "profile-bulk-import-job", "id": job.id, "attributes": attributes}

    def _all_jobs(self) -> Answer:
        return Answer(200, {"data": [self._told_job(job) for job in self.jobs.values()]})

    def _job(self, call: Call) -> Answer:
        _, _, rest = call.path.partition(self.rules("jobs_path") + "/")
        id, _, what = rest.strip("/").partition("/")
        job = self.jobs.get(id)
        if job is None or call.method != "GET":
            raise Refused(404, "No such job", "NOT_FOUND")
        if what in ("errors", "import-errors"):
            return self._page(call, job.errors)
        if what == "profiles":
            return self._page(call, [self._told(person) for person in job.done])
        if what:
            raise Refused(404, "No such path", "NOT_FOUND")
        told = self._told_job(job)
        if job.status == self.rules("job_states")[0]:
            job.status = self.rules("job_states")[1]
        return Answer(200, {"data": told})

    def _page(self, call: Call, rows: list[dict]) -> Answer:
        size = min(int(call.query.get("page[size]", "20")), self.rules("filter_most"))
        at = int(call.query.get("page[cursor]", "0"))
        following = None
        if at + size < len(rows):
            asked = call.query | {"page[size]": size, "page[cursor]": at + size}
            following = f"{self.url}{call.path}?{urlencode(asked)}"
        return Answer(200, {"data": rows[at : at + size], "links": {"next": following}})

    # Profiles.

    def _write(
        self, call: int, attributes: dict, null_clears: bool, creates: bool = True
    ) -> tuple[Person, bool]:
        key = next(str(attributes[each]) for each in ("email", "external_id", "phone_number")
                   if attributes.get(each))  # fmt: skip
        person = self.book.of(key)
        new = person is None
        if person is None:
            assert creates
            person = self.book.create(call, key, id=f"01K{len(self.book.people):08d}")
        for name, value in attributes.items():
            if name in self.rules("consent"):
                self.book.touch_consent(call, person.email, name, value)
            elif name not in ("email", "properties"):
                self.book.write(call, person, f"attribute {name}", value)
        for name, value in (attributes.get("properties") or {}).items():
            if name in self.rules("consent"):
                self.book.touch_consent(call, person.email, name, value)
            if name in self.rules("own_properties"):
                self.shadowed.append(name)
            if value is None and not null_clears:
                continue
            self._keep_type(name, value)
            self.book.write(call, person, name, value)
        return person, new

    def _keep_type(self, name: str, value: object) -> None:
        if value is None or not self.rules("keeps_types"):
            return
        kind = float if type(value) is int else type(value)
        if self._types.setdefault(name, kind) is not kind:
            self.retyped.append(name)

    def _told(self, person: Person) -> dict:
        properties = {n: v for n, v in person.values.items() if not n.startswith("attribute ")}
        return {
            "type": "profile",
            "id": person.id,
            "attributes": {"email": person.email, "properties": properties},
        }

    def _upsert(self, call: Call) -> Answer:
        data = _data(call, "profile")
        self.book.name(str(data["attributes"].get("email")))
        self._check(data, 0)
        if self.refused.get(str(data["attributes"].get("email")).lower()) == "later":
            raise Refused(400, "This profile cannot be imported.", "INVALID")
        person, new = self._write(call.number, data["attributes"], null_clears=True)
        return Answer(201 if new else 200, {"data": self._told(person)})

    def _one(self, call: Call, id: str) -> Answer:
        person = self.book.of(id)
        if person is None:
            raise Refused(404, "A profile with this id does not exist.", "NOT_FOUND")
        if call.method == "PATCH":
            data = _data(call, "profile")
            self.book.name(person.email)
            self._check({**data, "attributes": {"email": person.email, **data["attributes"]}}, 0)
            self._write(call.number, {"email": person.email, **data["attributes"]}, True)
        elif call.method != "GET":
            raise Refused(405, "not offered here", "METHOD_NOT_ALLOWED")
        return Answer(200, {"data": self._told(person)})

    def _search(self, call: Call) -> Answer:
        asked = call.query.get("filter", "")
        found = re.fullmatch(r"(any|equals)\((email|id|external_id|phone_number),(.*)\)", asked)
        if not found:
            raise Refused(400, "Invalid filter provided", "INVALID")
        text = found[3] if '"' in found[3] else found[3].replace("'", '"')
        try:
            keys = json.loads(text)
        except ValueError as mistake:
            raise Refused(400, "Invalid filter provided", "INVALID") from mistake
        keys = keys if isinstance(keys, list) else [keys]
        if len(keys) > self.rules("filter_most"):
            raise Refused(400, f"At most {self.rules('filter_most')} values", "INVALID")
        people = {each.id: each for key in keys if (each := self.book.of(str(key))) is not None}
        return self._page(call, [self._told(each) for each in people.values()])


def _data(call: Call, kind: str) -> dict:
    data = call.json().get("data")
    if not isinstance(data, dict) or data.get("type") != kind:
        raise Refused(400, f"data.type must be {kind}", "INVALID")
    if not isinstance(data.get("attributes"), dict):
        raise Refused(400, "data.attributes is missing", "INVALID")
    return data
