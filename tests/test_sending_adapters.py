"""Mailchimp, GetResponse and Salesforce Bulk 2.0 against fakes that hold to what is documented."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import dataclass, replace

import pandas as pd
import pytest

from fakes import getresponse, mailchimp, salesforce
from fakes.faults import Faults
from winback.crm.destinations import destination
from winback.crm.fields import FIELDS
from winback.crm.outgoing import Outgoing
from winback.errors import UsageError, WinbackError
from winback.sending.adapter import Link, Property, Setting
from winback.sending.adapters import adapter
from winback.sending.gates import Gates
from winback.sending.journal import Journal
from winback.sending.plan import plan_push
from winback.sending.pushing import Sender

NAMES = ("offer_label", "churn_risk", "churn_probability", "valid_until", "lifetime_value")
QUICK = {"poll_seconds": 0.01, "first_wait_seconds": 0.01, "timeout_seconds": 2}
LONG = "ż" * 200


@dataclass(frozen=True)
class Place:
    """A destination, its fake, what its options are, and how the fake holds a value."""

    name: str
    fake: type
    options: dict
    secrets: dict

    @property
    def destination(self):
        return destination(self.name, self.options)

    def header(self, name):
        return self.destination.header(FIELDS[name], "wb_")

    def setting(self, *, create=False, **options):
        properties = tuple(Property(self.header(n), FIELDS[n].kind, n) for n in NAMES)
        return Setting(properties, {**QUICK, **self.options, **options}, create)

    def key(self, number):
        return f"c{number}'x" if self.name == "salesforce_bulk" else f"person{number}@example.com"

    def started(self, people, *, fields=True, faults=None, **otherwise):
        """A fake that has our fields, and so many people."""
        made = self.fake(faults, **otherwise)
        kinds = {"number": "number", "date": "date", "text": "text"}
        if self.name == "salesforce_bulk":
            kinds = {"number": "double", "date": "date", "text": "string"}
            made.add_column("WB_Customer_Id__c", external=True)
        for name in NAMES if fields else ():
            kind = {"share": "number", "money": "number", "day": "date"}.get(FIELDS[name].kind)
            kind = kinds[kind or "text"]
            match self.name:
                case "mailchimp":
                    made.fields[self.header(name)] = kind
                case "getresponse":
                    made.add_field(self.header(name), kind)
                case _:
                    made.add_column(self.header(name), kind)
        for number in people:
            own = {"WB_Customer_Id__c": f"c{number}'x"} if self.name == "salesforce_bulk" else {}
            made.add(f"Person{number}@example.com", **own)
        return made

    def held(self, fake, number):
        """Our values of somebody, as text."""
        found = fake.book.values()[f"person{number}@example.com"]
        values = {n: found.get(self.header(n)) for n in NAMES}
        values |= {n.removeprefix("tag "): "yes" for n in found if n.startswith("tag ")}
        return {name: str(value) for name, value in values.items() if value is not None}


PLACES = {
    place.name: place
    for place in (
        Place("mailchimp", mailchimp.Mailchimp, {"list_id": mailchimp.LIST},
              {"WINBACK_MAILCHIMP_KEY": mailchimp.Mailchimp.secret}),
        Place("getresponse", getresponse.GetResponse, {"campaign_id": getresponse.LIST},
              {"WINBACK_GETRESPONSE_KEY": getresponse.GetResponse.secret}),
        Place("salesforce_bulk", salesforce.Salesforce, {},
              {"WINBACK_SALESFORCE_TOKEN": salesforce.Salesforce.secret}),
    )
}  # fmt: skip


@pytest.fixture(params=PLACES)
def place(request):
    return PLACES[request.param]


def rows_of(place, numbers, **changes):
    """What is meant to stand there, with values that a destination may stumble over."""
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{n}'x" for n in numbers],
            "email": [f"person{n}@example.com" for n in numbers],
            "phone": None,
            "offer_label": [['"10% off", −5\n=1+1', LONG, None][n % 3] for n in numbers],
            "churn_risk": ["low" if n % 2 else "high" for n in numbers],
            "churn_probability": [n / 1000 for n in numbers],
            "valid_until": [dt.date(2026, 12, 24) if n % 4 else None for n in numbers],
            "lifetime_value": [n + 0.5 for n in numbers],
        },
        dtype=object,
    ).assign(**changes)
    none = pd.DataFrame({"customer_id": [], "email": [], "phone": [], "why": []}, dtype=object)
    fields = tuple(FIELDS[n] for n in NAMES)
    return Outgoing("spring", "listed", fields, rows, none, none, none)


def wanted(place, number):
    """What the destination is to hold of somebody, as text."""
    label = ['"10% off", −5\n=1+1', LONG[:127] if place.name == "mailchimp" else LONG, None]
    risk = "low" if number % 2 else "high"
    number_form = "{:.4f}" if place.name == "salesforce_bulk" else "{}"
    found = {
        "offer_label": label[number % 3], "churn_risk": risk,
        "churn_probability": number_form.format(number / 1000),
        "valid_until": "2026-12-24" if number % 4 else None, "lifetime_value": str(number + 0.5),
    }  # fmt: skip
    if place.name == "mailchimp":
        found[f"Churn: {risk.title()}"] = "yes"
    return {name: value for name, value in found.items() if value is not None}


def push(place, fake, outgoing, folder, *, create=False, everybody=range(1000), **options):
    """Send it as `winback push` does; the adapter and the journal's state after it."""
    privacy = pd.DataFrame(
        {"customer_id": [f"c{n}'x" for n in everybody], "no_profiling": False,
         "no_marketing": False, "barred_channels": None, "no_ads": False}
    )  # fmt: skip
    gates = Gates(frozenset(), privacy)
    setting, link = place.setting(create=create, **options), Link({**place.secrets}, fake.url)
    journal, sender = Journal(folder), adapter(place.name, setting)
    with closing(sender), journal.alone():
        sender.connect(link)
        state = journal.state()
        if state.waiting:
            # What is to be sent is not known before the results are.
            with closing(adapter(place.name, replace(setting, properties=()))) as first:
                first.connect(link)
                state = Sender(first, journal, state).settle_jobs()
        sender.prepare()
        plan = plan_push(outgoing, place.destination, gates, state, prefix="wb_",
                         names=journal.names())  # fmt: skip
        Sender(sender, journal, state).send(plan)
        journal.close(state)
    return sender, state


def test_what_is_meant_stands_there_and_nothing_else(place, tmp_path):
    fake = place.started(range(20))
    how = {"mailchimp": "forgotten", "getresponse": "invalid"}.get(place.name, "FIELD_INTEGRITY")
    fake.refuse("person7@example.com", how)
    with fake.running():
        sender, state = push(place, fake, rows_of(place, range(22)), tmp_path)
        assert state.counts["updated"] == 19
        assert state.counts["not_there"] == 2
        assert state.counts["refused"] == 1
        [(customer, key)] = state.refused
        assert (customer, key) == ("c7'x", place.key(7))
        assert "@example" not in state.refused[customer, key].said
        for number in {*range(20)} - {7}:
            assert place.held(fake, number) == wanted(place, number), number
        assert place.held(fake, 7) == {}
        assert sender.calls == sum(fake.calls.values())
        # Nothing of it is sent a second time but what was refused.
        effects = len(fake.book.effects)
        push(place, fake, rows_of(place, range(22)), tmp_path)
        assert [e for e in fake.book.effects[effects:] if e.what != "equal"] == []
        # Somebody leaves, somebody's value goes: ours are taken back, and nothing else.
        fake.book.of("person4@example.com").values["OWN"] = "theirs"
        left = rows_of(place, [n for n in range(20) if n != 4], offer_label=None)
        push(place, fake, left, tmp_path)
        assert fake.book.of("person4@example.com").values.get("OWN") == "theirs"
        assert place.held(fake, 4) == {}
        assert place.held(fake, 3) == {
            name: value for name, value in wanted(place, 3).items() if name != "offer_label"
        }
    assert fake.book.count("created") == fake.book.count("consent") == 0
    assert len(fake.book.people) == 20


def test_whatever_fails_each_row_is_set_once(place, tmp_path):
    faults = Faults(
        1, storm=0.05, down=0.05, cut=0.05, lost=0.04, late=0.05, half=0.05, job_failed=0.1,
        job_half=0.2, wait_seconds=0.01,
    )  # fmt: skip
    if place.name != "mailchimp":
        # A storm there lasts a second at least, as they tell it in whole seconds.
        faults = replace(faults, storm=0)
    fake = place.started(range(40), faults=faults)
    with fake.running():
        for _ in range(6):
            try:
                _, state = push(place, fake, rows_of(place, range(40)), tmp_path)
                break
            except WinbackError:
                continue
        else:
            pytest.fail("it never came to an end")
    assert state.counts["refused"] == state.counts["not_there"] == 0
    for number in range(40):
        assert place.held(fake, number) == wanted(place, number), number
    assert fake.book.twice() == []
    assert fake.book.count("created") == fake.book.count("consent") == 0


def test_a_field_that_is_not_there_is_named_or_made(place, tmp_path):
    fake = place.started(range(3), fields=False)
    with fake.running():
        with pytest.raises(WinbackError) as refused:
            push(place, fake, rows_of(place, range(3)), tmp_path)
        assert place.header("valid_until") in str(refused.value)
        assert fake.book.effects == []
        if place.name != "salesforce_bulk":
            push(place, fake, rows_of(place, range(3)), tmp_path, create_fields=True)
            assert place.held(fake, 1) == wanted(place, 1)


def killed(place, fake, at, folder, **options):
    """A push of ten people that dies when the adapter comes to one of its methods."""
    kind = type(adapter(place.name, place.setting()))
    with pytest.MonkeyPatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(kind, at, lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
        push(place, fake, rows_of(place, range(10)), folder, **options)


def test_who_refused_before_a_job_was_closed_is_not_in_what_it_does(tmp_path):
    place = PLACES["salesforce_bulk"]
    fake = place.started(range(10))
    with fake.running():
        killed(place, fake, "result", tmp_path)
        push(place, fake, rows_of(place, range(10)), tmp_path, everybody={*range(10)} - {3})
    assert next(iter(fake.jobs.values())).state == "Aborted"
    assert [e for e in fake.book.effects if e.email == "person3@example.com"] == []
    for number in {*range(10)} - {3}:
        assert place.held(fake, number) == wanted(place, number)


@pytest.mark.parametrize(
    ("name", "at", "options"),
    [
        ("mailchimp", "result", {"tags": False}),
        ("mailchimp", "result", {}),
        ("salesforce_bulk", "_results", {}),
    ],
)
def test_a_job_that_a_killed_process_left_is_read_by_the_next(name, at, options, tmp_path):
    place = PLACES[name]
    fake = place.started(range(10))
    with fake.running():
        killed(place, fake, at, tmp_path, **options)
        before = fake.calls.copy()
        push(place, fake, rows_of(place, range(10)), tmp_path, **options)
        made = fake.calls - before
    tags = name == "mailchimp" and not options
    # Which tag it was to be nobody knows any more, so that is sent once more; it changes nothing.
    assert any(each.startswith(("POST", "PUT", "PATCH")) for each in made) == tags
    assert fake.book.twice() == []
    for number in range(10):
        expected = wanted(place, number).items()
        assert place.held(fake, number) == {n: v for n, v in expected if v != "yes" or tags}


def test_salesforce_writes_to_nobody_whose_key_several_have(tmp_path):
    place = PLACES["salesforce_bulk"]
    fake = place.started(range(3))
    fake.add("other@example.com", WB_Customer_Id__c="c1'x")
    with fake.running():
        _, state = push(place, fake, rows_of(place, range(3)), tmp_path / "id")
        assert {c: why.code for (c, _), why in state.refused.items()} == {"c1'x": "ambiguous"}
        assert {e.email for e in fake.book.effects} == {
            "person0@example.com", "person2@example.com",
        }  # fmt: skip
        # By the address each is somebody else, however its case is written there.
        push(replace(place, options={"key": "email"}), fake, rows_of(place, range(3)),
             tmp_path / "email")  # fmt: skip
    assert place.held(fake, 1) == wanted(place, 1)


def test_somebody_is_created_only_where_it_is_said_how(tmp_path):
    place = PLACES["getresponse"]
    with pytest.raises(UsageError):
        adapter("getresponse", place.setting(create=True))
    place = PLACES["mailchimp"]
    with pytest.raises(UsageError):
        adapter("mailchimp", place.setting(create=True))
    fake = place.started(range(3))
    with fake.running():
        _, state = push(place, fake, rows_of(place, range(5)), tmp_path / "m", create=True,
                        status_if_new="unsubscribed")  # fmt: skip
    assert (state.counts["updated"], state.counts["created"]) == (3, 2)
    assert fake.book.count("created") == 2
    assert fake.book.count("consent") == 0
    assert place.held(fake, 4) == wanted(place, 4)
    place = PLACES["salesforce_bulk"]
    fake = place.started(range(3))
    with fake.running():
        _, state = push(place, fake, rows_of(place, range(5)), tmp_path / "s", create=True)
    assert (state.counts["updated"], state.counts["created"]) == (3, 2)
    assert fake.book.count("created") == 2


@pytest.mark.parametrize(
    ("name", "otherwise", "options"),
    [
        ("mailchimp", {"results_packed": False}, {}),
        ("getresponse", {"clears": [[""]]}, {"clear": "blank"}),
        ("salesforce_bulk", {"too_many": 403}, {"first_wait_seconds": 0.1}),
    ],
)
def test_what_no_text_settles_may_be_otherwise(name, otherwise, options, tmp_path):
    place = PLACES[name]
    faults = Faults(planned={5: "storm"}, wait_seconds=0.1) if "too_many" in otherwise else None
    fake = place.started(range(8), faults=faults, **otherwise)
    with fake.running():
        push(place, fake, rows_of(place, range(8)), tmp_path, **options)
        push(place, fake, rows_of(place, range(7)), tmp_path, **options)
    assert place.held(fake, 6) == wanted(place, 6)
    assert place.held(fake, 7) == {}
    assert name != "salesforce_bulk" or fake.answers[403]


@pytest.mark.parametrize("name", PLACES)
def test_what_is_missing_is_said_before_anything_is_sent(name):
    place = PLACES[name]
    if place.options:
        bare = replace(place.setting(), options={})
        with pytest.raises(UsageError):
            adapter(name, bare)
    made = adapter(name, place.setting())
    with pytest.raises(WinbackError) as refused:
        made.connect(Link({}, "http://127.0.0.1:1"))
    assert next(iter(place.secrets)) in str(refused.value)
