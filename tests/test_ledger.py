"""The ledger as its readers have it: nothing of it changes unseen, and people can be forgotten."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from winback.errors import WinbackError
from winback.ledger.asked import champion_on, history_of, model_file, packed, seals
from winback.ledger.book import Ledger
from winback.ledger.people import People
from winback.results.ledgered import Corrected, ModelSealed, Named, Recipe, Sealed

SALT = "the secret of this shop"
ANN, BOB = "anna-4711", "bob-4712"


def sealed(campaign: str, day: date, version: str) -> Sealed:
    return Sealed(
        campaign_id=campaign, cutoff=day, sent_on=day, horizon_days=30, language="en",
        currency="PLN", offers=(), customers=2, listed=1, control=1, people=2, seal="0" * 16,
        salt_fingerprint=None, versions={}, sha256={}, params={},
        model=ModelSealed(
            version=version, kind="trees", rule=None, recipe=Recipe(params={}, code="c")
        ),
    )  # fmt: skip


def assigned(people: People, campaign: str) -> bytes:
    rows = pa.table({
        "campaign_id": [campaign] * 2, "customer_id": [ANN, BOB],
        "planned_offer": ["mail"] * 2, "arm": ["mail", "control"], "probability": [0.5, 0.5],
        "assigned_at": [date(2024, 1, 1)] * 2,
    })  # fmt: skip
    return packed(people.numbered(rows))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Two weeks that left, and a model named between them."""
    people = People(tmp_path / "people.parquet")
    people.add([BOB, ANN], SALT)
    people.save()
    made = Ledger(tmp_path / "ledger", people.path)
    for week, (day, version) in enumerate([(1, "aaa"), (8, "bbb")], 1):
        left = sealed(f"week-{week}", date(2024, 1, day), version)
        files = {
            "assignment.parquet": assigned(people, left.campaign_id),
            "model.json": version.encode(),
        }
        made.append("seal", left.campaign_id, left.sent_on, left, files, salt=SALT)
        if week == 1:
            made.append("champion", "ccc", date(2024, 1, 5), Named(version="ccc", reason="try"))
    return made


def again(ledger: Ledger) -> Ledger:
    return Ledger(ledger.folder, ledger.people)


def test_an_entry_names_all_before_it(ledger: Ledger) -> None:
    found = again(ledger)
    found.verify(SALT)
    assert [entry.kind for entry in found.entries] == ["seal", "champion", "seal"]
    assert found.entries[0].previous is None
    assert found.entries[2].previous == found.digest(found.entries[1])


def test_appending_leaves_what_was_there_as_it_is(ledger: Ledger) -> None:
    before = {path: path.read_bytes() for path in ledger.folder.rglob("*") if path.is_file()}
    ledger.append("watch", "2024-01-09", date(2024, 1, 9), {"alarms": []})
    assert {path: path.read_bytes() for path in before} == before
    assert not list(ledger.folder.parent.glob(".ledger*"))


@pytest.mark.parametrize("entry", [0, 1, 2])
def test_a_changed_entry_is_refused(ledger: Ledger, entry: int) -> None:
    path = sorted(ledger.folder.glob("*/entry.json"))[entry]
    content = json.loads(path.read_text())
    content["day"] = "2024-01-02"
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    with pytest.raises(WinbackError, match="ledger"):
        again(ledger).verify(SALT)


def test_a_changed_file_is_refused_where_it_is_read_and_where_all_are(ledger: Ledger) -> None:
    next(ledger.folder.glob("*week-1/assignment.parquet")).write_bytes(b"other")
    with pytest.raises(WinbackError, match=r"week-1/assignment\.parquet: not as it was"):
        again(ledger).verify()
    with pytest.raises(WinbackError, match=r"week-1/assignment\.parquet: not as it was"):
        history_of(again(ledger))


def test_an_entry_taken_out_is_missed(ledger: Ledger) -> None:
    shutil.rmtree(next(ledger.folder.glob("000002-*")))
    with pytest.raises(WinbackError, match="entry 2 of the ledger"):
        _ = again(ledger).entries


def test_a_stranger_among_its_files_is_named(ledger: Ledger) -> None:
    (next(ledger.folder.glob("000001-*")) / "notes.txt").write_text("mine")
    with pytest.raises(WinbackError, match=r"notes\.txt"):
        again(ledger).verify()


def test_two_machines_that_sealed_at_once_are_told_so(ledger: Ledger) -> None:
    place = next(ledger.folder.glob("000003-*"))
    shutil.copytree(place, ledger.folder / "000003-seal-week-9")
    with pytest.raises(WinbackError, match="two machines"):
        _ = again(ledger).entries


def test_no_table_of_the_ledger_holds_an_id(ledger: Ledger) -> None:
    for path in ledger.folder.rglob("*"):
        if path.is_file():
            assert ANN.encode() not in path.read_bytes()
    assert ledger.people.stat().st_mode & 0o777 == 0o600


def test_a_person_can_be_forgotten_while_the_chain_stays_whole(ledger: Ledger) -> None:
    people = People(ledger.people)
    assert people.forget(ANN)
    assert not people.forget(ANN)
    people.save()
    found = again(ledger)
    found.verify(SALT)
    assert set(history_of(found)["customer_id"]) == {BOB}
    assert seals(found)[0].forgotten("assignment") == 1
    assert ANN.encode() not in ledger.people.read_bytes()
    # Who comes back is somebody new.
    people.add([ANN], SALT)
    people.save()
    assert set(history_of(again(ledger))["customer_id"]) == {BOB}


def test_without_the_table_of_people_nobody_is_guessed(ledger: Ledger) -> None:
    ledger.people.rename(ledger.people.with_name("elsewhere"))
    with pytest.raises(WinbackError, match=r"people\.parquet: missing"):
        history_of(again(ledger))
    old = People(ledger.people)
    old.add([BOB], SALT)
    old.save()
    with pytest.raises(WinbackError, match=r"older than the ledger"):
        history_of(again(ledger))


def test_who_was_champion_on_any_day(ledger: Ledger) -> None:
    found = again(ledger)
    expected = {"2023-12-31": None, "2024-01-01": "aaa", "2024-01-06": "ccc", "2024-01-09": "bbb"}
    for day, version in expected.items():
        reign = champion_on(found, date.fromisoformat(day))
        assert (reign and reign.version) == version, day
    now = champion_on(found)
    assert now is not None and (now.version, now.since) == ("bbb", date(2024, 1, 8))
    held = model_file(found, "aaa")
    assert held is not None and held.read_bytes() == b"aaa"
    assert model_file(found, "zzz") is None


def test_a_correction_is_a_new_entry(ledger: Ledger) -> None:
    moved = Corrected(entry=1, reason="left a day later", sent_on=date(2024, 1, 2))
    ledger.append("correction", "1", date(2024, 1, 9), moved)
    never = Corrected(entry=3, reason="the mailing failed", never_left=True)
    ledger.append("correction", "3", date(2024, 1, 9), never)
    found = again(ledger)
    found.verify(SALT)
    assert [s.sealed.sent_on for s in seals(found)] == [date(2024, 1, 2)]
    days = history_of(found)["assigned_at"]
    assert set(days) == {pd.Timestamp("2024-01-02")}
    assert (found.entries[0].content["sent_on"], len(found.entries)) == ("2024-01-01", 5)
