"""The fakes of destinations: each rule has its words, and is held to."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import tarfile
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from fakes.faults import Faults
from fakes.getresponse import LIST, GetResponse
from fakes.hubspot import HubSpot
from fakes.klaviyo import Klaviyo
from fakes.mailchimp import LIST as AUDIENCE
from fakes.mailchimp import Mailchimp
from fakes.rules import ASKED, PATH, all_rules
from fakes.salesforce import Salesforce

HERE = Path(__file__).parent
REFERENCE = os.environ.get("WINBACK_FORMATS")
"""The reference on formats that the rules cite, where it is at hand."""


def ask(url, method, path, body=None, **headers):
    """One call; gives status, JSON or bytes, and headers."""
    split = urlsplit(url)
    line = http.client.HTTPConnection(split.hostname, split.port, timeout=5)
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    line.request(method, path, data, headers)
    answer = line.getresponse()
    read = answer.read()
    told = {name.lower(): value for name, value in answer.getheaders()}
    line.close()
    if "json" in told["content-type"]:
        return answer.status, json.loads(read) if read else None, told
    return answer.status, read, told


def test_each_rule_has_its_words():
    for rule in all_rules().values():
        assert rule.cites or rule.assumed, rule.name
        assert bool(rule.cites) == bool(rule.section), rule.name
        assert rule.cites is None or ("\n" not in rule.cites and len(rule.cites) > 10), rule.name
        if REFERENCE is not None and rule.cites:
            assert rule.cites in section_of(rule.section), rule.name


def section_of(number):
    """The lines of a section, up to the next heading."""
    text = Path(REFERENCE).read_text(encoding="utf-8")
    found = re.search(rf"^#+ {re.escape(number)}\.? .*?(?=^#+ |\Z)", text, re.M | re.S)
    assert found, f"no section {number}"
    return found[0]


def test_no_fake_knows_winback_and_no_module_of_winback_knows_the_fakes():
    for path in (HERE / "fakes").glob("*.py"):
        assert not re.search(r"^\s*(from|import) winback", path.read_text(), re.M), path.name
    for path in (HERE.parent / "src").rglob("*.py"):
        assert "fakes" not in path.read_text(encoding="utf-8"), path.name


def test_each_rule_is_asked_for_somewhere_and_each_question_has_a_rule():
    asked = set()
    for path in (HERE / "fakes").glob("*.py"):
        names = re.findall(r'self\.rules\(\s*["\'](\w+)["\']', path.read_text())
        asked |= {f"{path.stem}.{name}" for name in names}
    assert asked == set(all_rules())
    assert asked >= ASKED
    assert PATH.is_file()


# HubSpot.

UPDATE = "/crm/v3/objects/contacts/batch/update"
UPSERT = "/crm/v3/objects/contacts/batch/upsert"


@pytest.fixture
def hubspot():
    fake = HubSpot()
    for n in range(120):
        fake.book.add(f"p{n}@shop.example")
    with fake.running():
        yield fake


def hub(fake, path, body, method="POST"):
    return ask(fake.url, method, path, body, Authorization=f"Bearer {fake.secret}")


def rows(*emails, **values):
    return {"inputs": [{"id": e, "idProperty": "email", "properties": values} for e in emails]}


def with_property(fake, name, type, field_type="text", **more):
    body = {"name": name, "label": name, "groupName": "contactinformation", "type": type}
    status, told, _ = hub(
        fake, "/crm/v3/properties/contacts", body | {"fieldType": field_type} | more
    )
    assert status == 201, told


def test_hubspot_wants_its_token(hubspot):
    assert ask(hubspot.url, "POST", UPDATE, rows("p1@shop.example", phone="1"))[0] == 401
    assert hubspot.book.effects == []


def test_hubspot_takes_a_hundred_and_no_more(hubspot):
    emails = [f"p{n}@shop.example" for n in range(101)]
    assert hub(hubspot, UPDATE, rows(*emails, phone="1"))[0] == 400
    assert hubspot.book.count("changed") == 0
    status, told, headers = hub(hubspot, UPDATE, rows(*emails[:100], phone="1"))
    assert (status, told["status"], len(told["results"])) == (200, "COMPLETE", 100)
    assert headers["x-hubspot-ratelimit-max"] == "190"
    assert hubspot.book.count("changed") == 100


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        ("number", ["0.25", "-3"], ["0,25", "many"]),
        ("date", ["1767225600000", "2026-01-01"], ["1767225600001", "01.01.2026"]),
        ("datetime", ["1767225600001"], ["yesterday"]),
        ("bool", ["true", "false"], ["yes"]),
        ("enumeration", ["high"], ["High"]),
        ("string", ["=1+1"], [7]),
    ],
)
def test_hubspot_holds_to_the_type_of_a_property(hubspot, type, good, bad):
    options = {"options": [{"label": "High", "value": "high"}]} if type == "enumeration" else {}
    with_property(hubspot, "wb_x", type, **options)
    for value in [*good, ""]:
        assert hub(hubspot, UPDATE, rows("p1@shop.example", wb_x=value))[0] == 200
    assert "wb_x" not in hubspot.book.of("p1@shop.example").values, "empty text clears"
    for value in bad:
        assert hub(hubspot, UPDATE, rows("p1@shop.example", wb_x=value))[0] == 400


def test_hubspot_fails_whole_for_an_unknown_or_a_read_only_property(hubspot):
    for name in ("wb_unknown", "createdate"):
        both = rows("p1@shop.example", phone="1")
        both["inputs"] += rows("p2@shop.example", **{name: "1"})["inputs"]
        assert hub(hubspot, UPDATE, both)[0] == 400
    assert hubspot.book.count("changed") == 0


def test_hubspot_updates_whom_it_knows_and_creates_by_upsert(hubspot):
    body = rows("p1@shop.example", "new@shop.example", phone="1")
    body["inputs"][1]["objectWriteTraceId"] = "row 2"
    status, told, _ = hub(hubspot, UPDATE, body)
    assert (status, told["numErrors"]) == (207, 1)
    assert told["errors"][0]["context"] == {
        "ids": ["new@shop.example"],
        "objectWriteTraceId": ["row 2"],
    }
    assert hubspot.book.count("created") == 0
    status, told, _ = hub(hubspot, UPSERT, body)
    assert [each["new"] for each in told["results"]] == [False, True]
    assert hubspot.book.count("created") == 1
    assert hubspot.book.twice() == []


def test_hubspot_fails_a_batch_for_one_conflict_and_tells_a_refused_row_apart(hubspot):
    hubspot.refuse("p2@shop.example", "conflict")
    hubspot.refuse("p3@shop.example", "GDPR_BLACKLISTED_EMAIL")
    assert hub(hubspot, UPDATE, rows("p1@shop.example", "p2@shop.example", phone="1"))[0] == 409
    assert hubspot.book.count("changed") == 0
    status, told, _ = hub(hubspot, UPDATE, rows("p1@shop.example", "p3@shop.example", phone="1"))
    assert (status, told["errors"][0]["category"]) == (207, "GDPR_BLACKLISTED_EMAIL")


def test_hubspot_counts_consent_and_what_happened_twice(hubspot):
    hub(hubspot, UPDATE, rows("p1@shop.example", hs_email_optout="false"))
    assert hubspot.book.count("consent") == 1
    for value in ("1", "1", "2", "1"):
        hub(hubspot, UPDATE, rows("p2@shop.example", phone=value))
    assert (hubspot.book.count("equal"), len(hubspot.book.twice())) == (1, 2)
    assert hubspot.book.named["p2@shop.example"] == 4


def test_hubspot_finds_a_person_by_a_further_address_and_reads_back(hubspot):
    hubspot.book.also(hubspot.book.of("p1@shop.example"), "old@shop.example")
    assert hub(hubspot, UPDATE, rows("OLD@shop.example", phone="1"))[0] == 200
    body = {"idProperty": "email", "properties": ["phone"], "inputs": [{"id": "p1@shop.example"}]}
    _, told, _ = hub(hubspot, "/crm/v3/objects/contacts/batch/read", body)
    assert told["results"][0]["properties"]["phone"] == "1"
    assert told["results"][0]["properties"]["hs_additional_emails"] == "old@shop.example"


def test_a_storm_lasts_as_long_as_it_says():
    fake = HubSpot(Faults(planned={1: "storm"}, wait_seconds=60))
    with fake.running():
        status, _, headers = hub(fake, UPDATE, rows("a@b.example", phone="1"))
        assert (status, headers["x-hubspot-ratelimit-remaining"]) == (429, "0")
        assert int(headers["x-hubspot-ratelimit-interval-milliseconds"]) > 50_000
        assert hub(fake, UPDATE, rows("a@b.example", phone="1"))[0] == 429
    assert fake.impatient == 1


@pytest.mark.parametrize(
    ("fault", "done"), [("down", 0), ("cut", 0), ("lost", 2), ("late", 2), ("half", 1)]
)
def test_a_fault_does_as_much_as_it_says(hubspot, fault, done):
    hubspot.faults.planned = {1: fault}
    body = rows("p1@shop.example", "p2@shop.example", phone="1")
    try:
        assert hub(hubspot, UPDATE, body)[0] >= 500
    except (http.client.HTTPException, OSError):
        assert fault in ("cut", "lost")
    assert hubspot.book.count("changed") == done
    assert hub(hubspot, UPDATE, body)[0] == 200
    assert hubspot.book.count("changed") == 2
    assert hubspot.book.twice() == []


def test_the_faults_of_a_seed_are_the_same_again():
    once = [Faults(seed=3, storm=0.1, lost=0.2).of(n, True) for n in range(200)]
    again = [Faults(seed=3, storm=0.1, lost=0.2).of(n, True) for n in range(200)]
    assert once == again
    assert {"storm", "lost", None} == set(once)
    assert Faults(lost=1.0).of(1, writes=False) is None


# Klaviyo.

JOBS = "/api/profile-bulk-import-jobs"


@pytest.fixture
def klaviyo():
    fake = Klaviyo()
    fake.later_seconds = 0
    for n in range(120):
        fake.book.add(f"p{n}@shop.example")
    with fake.running():
        yield fake


def kla(fake, method, path, body=None, key=None, **headers):
    key = f"Klaviyo-API-Key {key or fake.secret}"
    wanted = {"Authorization": key, "revision": "2026-10-15"} | headers
    return ask(fake.url, method, path, body, **wanted)


def job(*emails, **values):
    profiles = [
        {"type": "profile", "attributes": {"email": e, "properties": values}} for e in emails
    ]
    attributes = {"profiles": {"data": profiles}}
    return {"data": {"type": "profile-bulk-import-job", "attributes": attributes}}


def test_klaviyo_wants_its_key_and_a_revision(klaviyo):
    assert kla(klaviyo, "GET", JOBS, key="other")[0] == 401
    assert kla(klaviyo, "GET", JOBS, revision="2027-01-15")[0] == 400
    assert kla(klaviyo, "GET", JOBS)[0] == 200


def test_klaviyo_does_a_job_later_and_keeps_its_errors(klaviyo):
    klaviyo.refuse("p2@shop.example", "later")
    klaviyo.later_seconds = 60
    body = job("p1@shop.example", "p2@shop.example", "new@shop.example", wb_x=0.25)
    status, told, _ = kla(klaviyo, "POST", JOBS, body)
    path = f"{JOBS}/{told['data']['id']}"
    assert (status, told["data"]["attributes"]["status"]) == (202, "queued")
    assert klaviyo.book.effects == []
    klaviyo.settle()
    told = kla(klaviyo, "GET", path)[1]["data"]["attributes"]
    counted = (told["total_count"], told["completed_count"], told["failed_count"])
    assert (told["status"], counted) == ("complete", (3, 2, 1))
    errors = kla(klaviyo, "GET", f"{path}/import-errors")[1]["data"]
    assert [each["attributes"]["source"]["pointer"][-2:] for each in errors] == ["/1"]
    assert klaviyo.book.of("p1@shop.example").values == {"wb_x": 0.25}
    assert klaviyo.book.count("created") == 1


def test_klaviyo_holds_to_rows_and_bytes(klaviyo):
    assert kla(klaviyo, "POST", JOBS, job(*map(str, range(10_001))))[0] == 400
    assert kla(klaviyo, "POST", JOBS, job("p1@shop.example", x="y" * 100_000))[0] == 400
    assert kla(klaviyo, "POST", JOBS, job(*map(str, range(60)), x="y" * 90_000))[0] == 413
    assert kla(klaviyo, "POST", JOBS, job("p1@shop.example", x="y" * 90_000))[0] == 202


def test_klaviyo_refuses_more_calls_than_its_rate_with_the_seconds_to_wait(klaviyo):
    answers = [kla(klaviyo, "GET", JOBS) for _ in range(11)]
    assert [status for status, _, _ in answers].count(429) == 1
    assert answers[-1][2]["retry-after"] == "1"
    assert klaviyo.over_rate == 1


def test_klaviyo_clears_by_null_if_a_job_does(klaviyo):
    for clears in (False, True):
        klaviyo.rules.otherwise["job_null_clears"] = clears
        kla(klaviyo, "POST", JOBS, job("p1@shop.example", wb_x=0.25))
        kla(klaviyo, "POST", JOBS, job("p1@shop.example", wb_x=None))
        klaviyo.settle()
        assert ("wb_x" in klaviyo.book.of("p1@shop.example").values) is not clears
    single = {"type": "profile", "attributes": {"email": "p3@shop.example"}}
    for value, left in ((1, {"wb_x": 1}), (None, {})):
        single["attributes"]["properties"] = {"wb_x": value}
        assert kla(klaviyo, "POST", "/api/profile-import", {"data": single})[0] == 200
        assert klaviyo.book.of("p3@shop.example").values == left


def test_klaviyo_notes_a_changed_type_its_own_names_and_any_consent(klaviyo):
    kla(klaviyo, "POST", JOBS, job("p1@shop.example", wb_x=1, churn_probability=0.5))
    kla(klaviyo, "POST", JOBS, job("p1@shop.example", wb_x="1"))
    body = job("p1@shop.example")
    body["data"]["attributes"]["profiles"]["data"][0]["attributes"]["subscriptions"] = {}
    kla(klaviyo, "POST", JOBS, body)
    kla(klaviyo, "POST", "/api/profile-subscription-bulk-create-jobs", {})
    klaviyo.settle()
    assert (klaviyo.retyped, klaviyo.shadowed) == (["wb_x"], ["churn_probability"])
    assert klaviyo.book.count("consent") == 2


def test_klaviyo_finds_profiles_by_pages(klaviyo):
    emails = [f"p{n}@shop.example" for n in range(60)] + ["nobody@shop.example"]
    path = f"/api/profiles?filter={quote(f'any(email,{json.dumps(emails)})')}&page[size]=40"
    _, told, _ = kla(klaviyo, "GET", path)
    following = urlsplit(told["links"]["next"])
    _, rest, _ = kla(klaviyo, "GET", f"{following.path}?{following.query}")
    found = [each["attributes"]["email"] for each in told["data"] + rest["data"]]
    assert found == emails[:60]
    assert rest["links"]["next"] is None


@pytest.mark.parametrize(("chances", "done"), [({"job_failed": 1.0}, 0), ({"job_half": 1.0}, 1)])
def test_klaviyo_may_give_up_a_job_that_it_took(klaviyo, chances, done):
    klaviyo.faults = Faults(**chances)
    kla(klaviyo, "POST", JOBS, job("p1@shop.example", "p2@shop.example", wb_x=1))
    klaviyo.settle()
    told = kla(klaviyo, "GET", JOBS)[1]["data"][0]["attributes"]
    assert (told["status"], told["completed_count"]) == ("cancelled", done)
    assert klaviyo.book.count("changed") == done


# Mailchimp.


@pytest.fixture
def mailchimp():
    fake = Mailchimp()
    fake.later_seconds = 0
    fake.fields["WBX"] = "number"
    fake.fields["WBT"] = "text"
    for n in range(5):
        fake.add(f"p{n}@shop.example")
    with fake.running():
        yield fake


def chimp(fake, method, path, body=None):
    return ask(fake.url, method, f"/3.0{path}", body, Authorization=f"Bearer {fake.secret}")


def member(fake, email):
    return f"/lists/{AUDIENCE}/members/{fake.id_of(email)}"


def operation(fake, method, email, **body):
    return {"method": method, "path": member(fake, email), "operation_id": email} | {
        "body": json.dumps({"email_address": email} | body)
    }


def test_mailchimp_runs_operations_later_and_packs_the_results(mailchimp):
    mailchimp.refuse("p2@shop.example", "forgotten")
    operations = [
        operation(mailchimp, "PATCH", f"p{n}@shop.example", merge_fields={"WBX": n})
        for n in range(4)
    ] + [operation(mailchimp, "PATCH", "nobody@shop.example", merge_fields={"WBX": 1})]
    status, told, _ = chimp(mailchimp, "POST", "/batches", {"operations": operations})
    assert (status, told["response_body_url"]) == (200, "")
    told = chimp(mailchimp, "GET", f"/batches/{told['id']}")[1]
    counted = (told["total_operations"], told["finished_operations"], told["errored_operations"])
    assert (told["status"], counted) == ("finished", (5, 5, 2))
    path = urlsplit(told["response_body_url"]).path
    assert chimp(mailchimp, "GET", path)[0] == 404
    assert ask(mailchimp.url, "GET", path, None, Authorization="Bearer x")[0] == 401
    packed = ask(mailchimp.url, "GET", path)[1]
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = [archive.extractfile(each) for each in archive if each.isfile()]
        found = {each["operation_id"]: each["status_code"] for f in files for each in json.load(f)}
    assert found["p2@shop.example"] == 400
    assert found["nobody@shop.example"] == 404
    assert sorted(found.values()) == [200, 200, 200, 400, 404]
    assert mailchimp.book.count("changed") == 3


def test_mailchimp_counts_a_status_and_a_member_made_a_subscriber(mailchimp):
    for email, body in (
        ("p1@shop.example", {"status": "subscribed"}),
        ("new@shop.example", {"status_if_new": "subscribed"}),
    ):
        body = {"email_address": email, "merge_fields": {"WBX": 1}} | body
        assert chimp(mailchimp, "PUT", member(mailchimp, email), body)[0] == 200
    assert mailchimp.book.count("consent") == 2
    body = {"email_address": "more@shop.example", "status_if_new": "transactional"}
    assert chimp(mailchimp, "PUT", member(mailchimp, "more@shop.example"), body)[0] == 200
    assert (mailchimp.book.count("consent"), mailchimp.book.count("created")) == (2, 2)


def test_mailchimp_answers_200_with_errors_to_a_list_of_members(mailchimp):
    members = [{"email_address": "p1@shop.example", "status": "subscribed"}]
    members += [{"email_address": "a@b.example", "status": "none"}]
    body = {"members": members, "update_existing": True}
    status, told, _ = chimp(mailchimp, "POST", f"/lists/{AUDIENCE}", body)
    assert (status, told["error_count"], len(told["errors"])) == (200, 1, 1)
    assert mailchimp.book.count("consent") == 1


def test_mailchimp_cuts_texts_leaves_out_unknown_tags_and_clears_by_an_empty_text(mailchimp):
    email = "p1@shop.example"
    for value in ({"WBT": "ż" * 200, "NOSUCH": "1", "WBX": 3}, {"WBX": ""}):
        assert (
            chimp(mailchimp, "PATCH", member(mailchimp, email), {"merge_fields": value})[0] == 200
        )
    assert mailchimp.book.of(email).values == {"WBT": "ż" * 127}
    assert (mailchimp.cut, mailchimp.ignored) == (["WBT"], ["NOSUCH"])
    body = {"merge_fields": {"WBX": "many"}}
    assert chimp(mailchimp, "PATCH", member(mailchimp, email), body)[0] == 400


def test_mailchimp_has_room_for_thirty_fields_with_short_tags(mailchimp):
    path = f"/lists/{AUDIENCE}/merge-fields"
    for tag, status in (("TOOLONGATAG", 400), ("wb", 400), ("WB1", 200), ("WB1", 400)):
        body = {"tag": tag, "name": tag, "type": "text"}
        assert chimp(mailchimp, "POST", path, body)[0] == status
    mailchimp.fields |= {f"X{n}": "text" for n in range(30 - len(mailchimp.fields))}
    assert chimp(mailchimp, "POST", path, {"tag": "WB2", "name": "x", "type": "text"})[0] == 400


def test_mailchimp_bears_ten_connections_at_once(mailchimp):
    gate, statuses = threading.Event(), []
    mailchimp.watch = lambda moment, call: gate.wait(2) if moment == "done" else None

    def one():
        statuses.append(chimp(mailchimp, "GET", "/ping")[0])

    threads = [threading.Thread(target=one) for _ in range(11)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 2
    while mailchimp.most_open < 11 and time.monotonic() < deadline:
        time.sleep(0.005)
    gate.set()
    for thread in threads:
        thread.join()
    assert mailchimp.most_open == 11, "all eleven were there at once"
    assert sorted(statuses) == [200] * 10 + [429]


# GetResponse.


@pytest.fixture
def getresponse():
    fake = GetResponse()
    fake.later_seconds = 0
    fake.add_field("wb_x", "number")
    fake.add_field("shoe_size", "text")
    for n in range(3):
        fake.add(f"p{n}@shop.example", shoe_size="42")
    with fake.running():
        yield fake


def response(fake, method, path, body=None):
    token = {"X-Auth-Token": f"api-key {fake.secret}"}
    return ask(fake.url, method, f"/v3{path}", body, **token)


def contacts(*emails, **value):
    values = [{"customFieldId": id, "value": given} for id, given in value.items()]
    rows = [{"email": e, "customFieldValues": values} for e in emails]
    return {"campaignId": LIST, "contacts": rows}


def test_getresponse_takes_a_thousand_and_does_them_later(getresponse):
    many = contacts(*[f"n{n}@shop.example" for n in range(1001)], F001=["1"])
    assert response(getresponse, "POST", "/contacts/batch", many)[0] == 400
    getresponse.refuse("p2@shop.example", "silently")
    body = contacts("p1@shop.example", "p2@shop.example", "new@shop.example", F001=["0.5"])
    getresponse.later_seconds = 60
    assert response(getresponse, "POST", "/contacts/batch", body)[0] == 202
    assert getresponse.book.effects == []
    getresponse.settle()
    assert getresponse.book.of("p1@shop.example").values == {"shoe_size": "42", "wb_x": "0.5"}
    assert "wb_x" not in getresponse.book.of("p2@shop.example").values
    assert getresponse.mailed == ["new@shop.example"]


def test_getresponse_sets_what_is_named_or_sweeps_the_rest(getresponse):
    id = getresponse.book.of("p1@shop.example").id
    body = {"customFieldValues": [{"customFieldId": "F001", "value": ["0.5"]}]}
    assert response(getresponse, "POST", f"/contacts/{id}/custom-fields", body)[0] == 200
    assert getresponse.swept == []
    body["customFieldValues"][0]["value"] = []
    assert response(getresponse, "POST", f"/contacts/{id}/custom-fields", body)[0] == 200
    assert getresponse.book.of(id).values == {"shoe_size": "42"}
    assert response(getresponse, "POST", f"/contacts/{id}", body)[0] == 200
    assert getresponse.swept == ["shoe_size"]
    assert len(getresponse.book.twice()) == 1


def test_getresponse_tells_when_a_storm_is_over_in_its_body(getresponse):
    getresponse.faults.planned = {1: "storm"}
    status, told, headers = response(getresponse, "GET", "/contacts")
    assert (status, told["code"], told["context"]) == (429, 1015, {"timeToReset": 1})
    assert headers["x-ratelimit-remaining"] == "0"
    assert "retry-after" not in headers


def test_getresponse_knows_a_contact_and_pages_them(getresponse):
    body = {"email": "P1@shop.example", "campaign": {"campaignId": LIST}}
    assert response(getresponse, "POST", "/contacts", body)[0] == 409
    _, rows, headers = response(getresponse, "GET", "/contacts?perPage=2&page=2")
    assert [each["email"] for each in rows] == ["p2@shop.example"]
    assert (headers["totalcount"], headers["totalpages"]) == ("3", "2")


def test_getresponse_refuses_a_field_it_has_not_and_values_of_another_kind(getresponse):
    for id, value in (("F999", ["1"]), ("F001", ["many"]), ("F002", ["x" * 256]), ("F002", "x")):
        body = contacts("p1@shop.example", **{id: value})
        assert response(getresponse, "POST", "/contacts/batch", body)[0] == 400
    body = contacts("p1@shop.example")
    body["contacts"][0]["consents"] = [1]
    assert response(getresponse, "POST", "/contacts/batch", body)[0] == 202
    getresponse.settle()
    assert getresponse.book.count("consent") == 1


# Salesforce.

INGEST = "/services/data/v60.0/jobs/ingest"


@pytest.fixture
def salesforce():
    fake = Salesforce()
    fake.later_seconds = 0
    fake.add_column("Shop_Id__c", external=True)
    fake.add_column("WB_X__c", "double", precision=5, scale=4)
    fake.add_column("WB_Text__c")
    for n in range(4):
        fake.add(f"p{n}@shop.example", Shop_Id__c=f"00{n}")
    with fake.running():
        yield fake


def force(fake, method, path, body=None, kind="application/json"):
    headers = {"Authorization": f"Bearer {fake.secret}", "Content-Type": kind}
    return ask(fake.url, method, path, body, **headers)


def upload(fake, text, **more):
    """The job's last state, and its rows done, failed and left."""
    body = {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Shop_Id__c"} | more
    status, told, _ = force(fake, "POST", INGEST, body)
    assert status == 200, told
    path = f"{INGEST}/{told['id']}"
    assert force(fake, "PUT", f"{path}/batches", text.encode(), "text/csv")[0] == 201
    assert force(fake, "PATCH", path, {"state": "UploadComplete"})[1]["state"] == "UploadComplete"
    fake.settle()
    state = force(fake, "GET", path)[1]["state"]
    files = ("successfulResults", "failedResults", "unprocessedrecords")
    found = [force(fake, "GET", f"{path}/{file}")[1].decode().splitlines() for file in files]
    return state, *[lines[1:] for lines in found]


def test_salesforce_completes_with_failed_rows(salesforce):
    salesforce.refuse("p2@shop.example", "UNABLE_TO_LOCK_ROW")
    rows = "Shop_Id__c,WB_X__c\n001,0.37\n002,0.5\nnew,0.1\n003,37\n"
    state, done, failed, left = upload(salesforce, rows)
    assert (state, len(done), left) == ("JobComplete", 2, [])
    assert [line.split(":")[0] for line in failed] == [
        '"","UNABLE_TO_LOCK_ROW', '"","NUMBER_OUTSIDE_VALID_RANGE'
    ]  # fmt: skip
    assert done[1].split(",")[1] == '"true"'
    assert salesforce.book.count("created") == 1


def test_salesforce_leaves_an_empty_cell_and_clears_by_its_sign(salesforce):
    for value in ("0.37", "", "#N/A"):
        before = dict(salesforce.book.of("p1@shop.example").values)
        upload(salesforce, f"Shop_Id__c,WB_X__c,WB_Text__c\n001,{value},\n")
        now = salesforce.book.of("p1@shop.example").values
        assert (now == before) == (value == "")
    assert "WB_X__c" not in now


@pytest.mark.parametrize(
    "text",
    [
        "Shop_Id__c,WB_X__c\r\n001,0.37\r\n",
        "Shop_Id__c,WB_Unknown__c\n001,0.37\n",
        'Shop_Id__c,WB_Text__c\n001, "a"\n',
        "Shop_Id__c,WB_Text__c\n001,a,b\n",
        f"Shop_Id__c,{'x' * 32_000}\n001,a\n",
    ],
)
def test_salesforce_fails_a_job_whole_that_is_not_to_the_letter(salesforce, text):
    state, done, failed, _ = upload(salesforce, text)
    assert (state, done, failed) == ("Failed", [], [])
    assert salesforce.book.effects == []


def test_salesforce_takes_what_a_job_says_of_its_file(salesforce):
    text = 'Shop_Id__c;WB_Text__c\r\n001;"say ""hi""; ok"\r\n'
    state, done, _, _ = upload(salesforce, text, lineEnding="CRLF", columnDelimiter="SEMICOLON")
    assert (state, len(done)) == ("JobComplete", 1)
    assert salesforce.book.of("p1@shop.example").values["WB_Text__c"] == 'say "hi"; ok'


@pytest.mark.parametrize(("chances", "done"), [({"job_failed": 1.0}, 0), ({"job_half": 1.0}, 1)])
def test_salesforce_keeps_what_it_did_not_come_to(salesforce, chances, done):
    salesforce.faults = Faults(**chances)
    state, kept, _, left = upload(salesforce, "Shop_Id__c,WB_X__c\n001,0.1\n002,0.2\n")
    assert (state, len(kept), len(left)) == ("Failed", done, 2 - done)


def test_salesforce_answers_a_query_and_describes_its_fields(salesforce):
    query = quote("SELECT Id, Email FROM Contact WHERE Shop_Id__c IN ('001','003','9')")
    told = force(salesforce, "GET", f"/services/data/v60.0/query?q={query}")[1]
    assert [each["Email"] for each in told["records"]] == ["p1@shop.example", "p3@shop.example"]
    path = "/services/data/v60.0/sobjects/Contact/describe"
    fields = {each["name"]: each for each in force(salesforce, "GET", path)[1]["fields"]}
    assert fields["Shop_Id__c"]["externalId"]
    assert fields["WB_X__c"]["scale"] == 4
    upload(salesforce, "Shop_Id__c,HasOptedOutOfEmail\n001,false\n")
    assert salesforce.book.count("consent") == 1
