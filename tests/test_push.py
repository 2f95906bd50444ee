"""`winback push` as a person types it, against destinations that enforce their limits and fail."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from fakes.book import Book
from fakes.faults import Faults
from fakes.judge import Truth, Verdict, judge, same
from postgres import PASSWORD, USER, postgres
from pushing import FAKES, FOREIGN, Given, Trial, address_of, write_shop
from winback.cli.app import app
from winback.crm.destinations import DESTINATIONS
from winback.errors import UsageError

# Of its first calls; whatever a call does, half of it or all was done before some of them.
FAULTS = {2: "lost", 4: "storm", 5: "half", 6: "down", 8: "cut", 9: "late", 11: "half"}
REFUSED = {
    "hubspot": ("conflict", "invalid", "GDPR_BLACKLISTED_EMAIL"),
    "klaviyo": ("later", "invalid"),
    "mailchimp": ("forgotten", "fake"),
    "getresponse": ("invalid",),
    "salesforce_bulk": ("UNABLE_TO_LOCK_ROW",),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The folder of a run: some 70 people on the list, control, everybody's addresses."""
    folder = tmp_path_factory.mktemp("push")
    write_shop(folder, customers=150, listed=70, days=150, cutoffs=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        words = ["--quiet", "run", "orders.csv", "--params", "params.yaml", "--out", "out"]
        done = CliRunner().invoke(app, [*words, "--horizon-days", "30"])
    assert done.exit_code == 0, done.output
    given = Given(folder / "out")
    given.know_addresses()
    assert len(given.listed) > 60
    assert given.control
    return given


@pytest.fixture
def given(shop, tmp_path):
    return shop.copy(tmp_path / "out")


def push(trial, *words):
    environ = {**trial.environ(), "WINBACK_SALT": None}
    return CliRunner().invoke(app, [*trial.words(), *words], env=environ)


def some_of(given, name):
    """Who refused since, who was forgotten, who is not there, who is not taken."""
    hands = iter(given.listed.index)
    take = lambda n: [next(hands) for _ in range(n)]  # noqa: E731
    given.refuse(no_marketing=take(3), no_profiling=take(2))
    given.forget(take(2))
    return {"absent": take(3), "refused": dict(zip(take(3), REFUSED[name], strict=False))}


SOME = [
    name if name in ("hubspot", "klaviyo") else pytest.param(name, marks=pytest.mark.long)
    for name in FAKES
]


@pytest.mark.parametrize("name", SOME)
def test_the_list_arrives_whatever_fails_and_nobody_else_is_named(name, given):
    trial = Trial(name, given, **some_of(given, name))
    trial.fake.faults = Faults(planned=FAULTS, job_half=0.5, wait_seconds=0.05)
    with trial.fake.running():
        done = push(trial)
        assert done.exit_code == 0, done.output
        assert trial.verdict() == Verdict()
        assert len(trial.fake.faulted) > 4
        assert trial.fake.impatient == 0
        effects = len(trial.fake.book.effects)
        # Whoever is refused for good does not make a weekly job fail each week.
        again = push(trial)
    assert again.exit_code == 0, again.output
    assert len(trial.fake.book.effects) == effects, again.output
    for line in (
        done.output,
        again.output,
        (given.folder / "pushes" / name / "rejected.csv").read_text(),
    ):
        assert not re.search(r"[\w+']+@", line.replace("***@", "")), line
        assert trial.fake.secret not in line


LONG = [name if name == "hubspot" else pytest.param(name, marks=pytest.mark.long) for name in FAKES]


@pytest.mark.parametrize("name", LONG)
def test_who_refuses_later_is_taken_back_from_and_nothing_else_changes(name, given):
    trial = Trial(name, given)
    with trial.fake.running():
        assert push(trial).exit_code == 0
        assert trial.verdict() == Verdict()
        book, later = trial.fake.book, list(given.listed.index[:4])
        book.effects.clear()
        book.named.clear()
        given.refuse(no_marketing=later[:2], no_profiling=later[2:])
        cleared = {address_of(each).lower() for each in later}
        truth = trial.truth()
        truth = replace(truth, cleared=cleared, nobody=set(truth.nobody) - cleared, stays=True)
        done = push(trial)
    assert done.exit_code == 0, done.output
    assert trial.verdict(truth) == Verdict()
    assert all(book.of(each).values[FOREIGN] == "42" for each in cleared)


def test_a_value_that_stays_though_it_was_taken_back_is_told(given):
    trial = Trial("mailchimp", given, empty_clears=False)
    later = list(given.listed.index[:2])
    with trial.fake.running():
        assert push(trial).exit_code == 0
        given.refuse(no_marketing=later)
        done = push(trial)
    assert "not_cleared 2" in done.output
    assert trial.reported() == {address_of(each).lower() for each in later}


def test_shown_first_it_calls_and_writes_nothing_in_both_languages(given):
    trial = Trial("hubspot", given)
    with trial.fake.running():
        shown = [word for word in trial.words() if word != "--yes"]
        before = sorted(given.folder.rglob("*"))
        for language in ("en", "pl"):
            said = CliRunner().invoke(app, [*shown, "--language", language])
            assert said.exit_code == 0, said.output
            assert str(len(given.listed)) in said.output
            assert "@shop.example" not in said.output
        assert trial.fake.calls.total() == 0
    assert sorted(given.folder.rglob("*")) == before


@pytest.mark.long
@pytest.mark.parametrize("name", FAKES)
def test_killed_in_the_middle_a_process_of_its_own_goes_on(name, given):
    """Three times killed around a call, of which the destination may have heard or not."""
    trial = Trial(name, given, Faults(seed=1, lost=0.1, half=0.1), **some_of(given, name))
    with trial.fake.running():
        words = [sys.executable, "-m", "winback.cli", *trial.words()]
        for moment in ("arrived", "done", "answered", None):
            process = subprocess.Popen(
                words, env={**os.environ, **trial.environ()},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            trial.fake.watch = kills(process, moment)
            code = process.wait(120)
            if code != -signal.SIGKILL:
                break
    assert code == 0
    assert trial.verdict() == Verdict()


def kills(process, moment):
    seen = [0]

    def watch(now, call):
        seen[0] += now == moment
        if seen[0] == 4:
            process.kill()

    return watch


# What of the list is sealed, and what a push refuses to do.


def ledger_of(given):
    said = CliRunner().invoke(app, ["ledger", "--in", str(given.folder), "--json"]).output
    return [json.loads(line) for line in said.splitlines()]


def test_the_list_has_left_with_its_first_rows_and_goes_on_from_the_sealed_ones(given):
    trial = Trial("hubspot", given)
    assert [each for each in ledger_of(given) if each["kind"] == "seal"] == []
    with trial.fake.running():
        done = push(trial)
    seals = [each for each in ledger_of(given) if each["kind"] == "seal"]
    assert [each["subject"] for each in seals] == ["autumn"]
    assert f"entry {seals[0]['number']} of the ledger" in done.output

    # The list is gone; what was sealed is not.
    for name in ("list.csv", "assignment.parquet"):
        (given.folder / name).rename(given.folder / f"gone-{name}")
    other = Trial("klaviyo", given)
    other.given = given
    with other.fake.running():
        done = push(other, "--campaign", "autumn")
    assert done.exit_code == 0, done.output
    assert "had left before" in done.output
    assert other.fake.book.count("changed") > 0
    assert {m for m, n in other.fake.book.named.items() if n} == {
        m for m, n in trial.fake.book.named.items() if n
    }
    assert len([each for each in ledger_of(given) if each["kind"] == "seal"]) == 1


def test_an_older_list_does_not_take_back_what_a_later_one_set(given):
    trial = Trial("hubspot", given)
    path = given.folder / "manifest.json"
    with trial.fake.running():
        assert push(trial).exit_code == 0
        told = json.loads(path.read_text())
        path.write_text(json.dumps(told | {"campaign_id": "winter"}))
        assert push(trial).exit_code == 0
        effects = len(trial.fake.book.effects)
        done = push(trial, "--campaign", "autumn")
        assert isinstance(done.exception, UsageError)
        assert "holds values of winter, which left after autumn" in str(done.exception)
        assert len(trial.fake.book.effects) == effects
        assert push(trial, "--campaign", "winter").exit_code == 0


def test_a_list_made_while_another_is_sent_ends_the_push(given):
    trial = Trial("hubspot", given)
    manifest = given.folder / "manifest.json"

    def watch(now, call):
        if now == "arrived" and call.path.endswith("/batch/update"):
            told = json.loads(manifest.read_text())
            manifest.write_text(json.dumps(told | {"language": "pl"}))

    trial.fake.watch = watch
    with trial.fake.running():
        done = push(trial)
        assert done.exit_code == 1
        assert "another list was made" in str(done.exception)
        assert [each for each in ledger_of(given) if each["kind"] == "seal"] == []
        # What was sent is not known to have been confirmed, so that it is sent again or taken back.
        trial.fake.watch = None
        assert push(trial).exit_code == 0
    # The new one has other labels, so that some changed twice.
    assert set(trial.verdict().faults) <= {"duplicates"}
    assert len([each for each in ledger_of(given) if each["kind"] == "seal"]) == 1


def test_an_empty_list_wipes_nothing_unless_told(given):
    trial = Trial("hubspot", given)
    with trial.fake.running():
        push(trial)
        effects = len(trial.fake.book.effects)
        given.refuse(no_marketing=given.everybody)
        done = push(trial)
        assert isinstance(done.exception, UsageError)
        assert "--clear-all" in str(done.exception)
        assert len(trial.fake.book.effects) == effects
        assert push(trial, "--clear-all").exit_code == 0
    assert all(set(held) == {FOREIGN} for held in trial.fake.book.values().values())


def test_a_push_that_nobody_of_was_taken_fails_and_seals_nothing(given):
    trial = Trial("hubspot", given, absent=given.everybody)
    with trial.fake.running():
        done = push(trial)
    assert done.exit_code == 1
    n = len(given.listed)
    assert f"none of the {n} were taken (0 refused, {n} not there)" in str(done.exception)
    assert [each for each in ledger_of(given) if each["kind"] == "seal"] == []


def test_everybody_gets_scores_and_control_the_same_but_never_an_offer(given):
    path = given.folder / "manifest.json"
    told = json.loads(path.read_text())
    told["params"]["export"]["audience"] = "everybody"
    path.write_text(json.dumps(told))
    trial = Trial("hubspot", given)
    with trial.fake.running():
        done = push(trial)
    assert done.exit_code == 0, done.output
    held = trial.fake.book.values()
    everybody = [held[address_of(each).lower()] for each in given.everybody]
    assert all("wb_churn_risk" in each and "wb_offer" not in each for each in everybody)
    control = [held[address_of(each).lower()] for each in given.control]
    assert {name for each in control for name in each} == {n for each in everybody for n in each}
    assert "ledger" not in done.output
    assert [each for each in ledger_of(given) if each["kind"] == "seal"] == []


@pytest.mark.parametrize("language", ["en", "pl"])
def test_a_destination_that_takes_files_is_told_how_and_not_sent_to(given, language):
    words = ["--in", str(given.folder), "--language", language]
    for target in DESTINATIONS.values():
        if target.pushed:
            continue
        file = given.folder / target.file
        said = CliRunner().invoke(app, ["push", target.name, *words])
        assert (said.exit_code, f"--for {target.name}" in said.output) == (0, True)
        file.write_text("")
        said = CliRunner().invoke(app, ["push", target.name, *words])
        assert said.exit_code == 0, said.output
        assert str(file) in said.output
        assert len(said.output.splitlines()) == 3
    said = CliRunner().invoke(app, ["push", "edrone", *words, "--yes"])
    assert isinstance(said.exception, UsageError)


# The judge.


@pytest.mark.long
def test_a_table_gets_the_list_and_a_second_push_touches_no_row_of_it(given):
    held = "SELECT customer_id, xmin, xmax, updated_at, churn_risk, offer FROM customer_scores"
    with postgres() as server:
        url = f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/shop"
        environ = {"WINBACK_POSTGRESQL_URL": url, "WINBACK_SALT": None}

        def pushed(*words):
            words = ("push", "postgresql", "--in", str(given.folder), *words)
            done = CliRunner().invoke(app, words, env=environ)
            assert done.exit_code == 0, done.output
            assert not [each for each in (USER, "s3cret") if each in done.output]
            return done.output

        pushed()
        assert server.run("SELECT to_regclass('customer_scores') IS NULL") == "t"
        assert f"created {len(given.listed)}" in pushed("--yes")
        first = server.run(held)
        rows = [line.split("|") for line in first.splitlines()]
        assert {row[0]: row[4:] for row in rows} == {
            customer: [row["churn_risk"], row["offer"]] for customer, row in given.listed.iterrows()
        }
        # Even where nobody knows any more what was confirmed.
        (given.folder / "pushes/postgresql/confirmed.parquet").unlink()
        assert f"set {len(given.listed)}, created 0" in pushed("--yes")
        assert server.run(held) == first
        gone = given.listed.index[:3]
        given.refuse(no_marketing=gone)
        assert "taken back 3" in pushed("--yes")
        assert server.run("SELECT customer_id FROM customer_scores WHERE offer IS NULL").split(
            "\n"
        ) == [*gone]


def told(**more):
    book = Book()
    for email in ("a@b.example", "c@d.example", "e@f.example", "g@h.example"):
        book.add(email)
    wanted = {"a@b.example": {"x": "1"}, "c@d.example": {"x": "2"}}
    truth = Truth(wanted, nobody=("e@f.example",), ours=("x",), **more)
    for email, values in wanted.items():
        if email not in truth.refused:
            book.write(1, book.of(email), "x", values["x"])
    return book, truth


def test_the_judge_acquits_what_is_right():
    book, truth = told()
    book.write(2, book.of("a@b.example"), "x", "1")
    assert judge(book, truth, ()) == Verdict()
    book, truth = told(refused=("c@d.example",))
    assert judge(book, truth, ("c@d.example",)) == Verdict()


@pytest.mark.parametrize(
    ("crime", "found"),
    [
        (lambda book: [book.write(2, book.people[0], "x", v) for v in ("2", "1")], "duplicates"),
        (lambda book: book.people[0].values.clear(), "lost"),
        (lambda book: book.people[0].values.update(x="7"), "wrong"),
        (lambda book: book.name("E@F.example"), "forbidden"),
        (lambda book: book.touch_consent(2, "a@b.example", "status", "yes"), "consent"),
        (lambda book: book.write(2, book.people[0], "y", "1"), "foreign"),
        (lambda book: book.create(2, "new@b.example"), "created"),
        (lambda book: book.people[3].values.update(x="1"), "uncleared"),
    ],
)
def test_the_judge_finds_each_crime(crime, found):
    book, truth = told(cleared=("g@h.example",))
    crime(book)
    assert list(judge(book, truth, ()).faults) == [found]


def test_the_judge_compares_what_was_refused_with_what_is_told():
    book, truth = told(refused=("c@d.example",))
    assert judge(book, truth, ()).faults == {"unreported": 1}
    both = ("a@b.example", "c@d.example")
    assert judge(book, truth, both).faults == {"invented": 1}


def test_the_judge_knows_a_number_in_any_spelling():
    assert same("0.4650", 0.465)
    assert same("low", "low")
    assert not same("0.465", 0.4651)
    assert not same("low", "high")
    assert not same(None, "low")
    assert json.dumps(Verdict().faults) == "{}"
