"""Files of destinations as a run leaves them beside its list."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import stat
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from winback.cli.app import app
from winback.cli.flow import project_here
from winback.crm.destinations import destination
from winback.errors import UsageError
from winback.params import Params, check_params
from winback.project import FOLDER, Project
from winback.stages.delivering import deliver
from winback.stages.flow import run_history
from winback.stages.outgoing import outgoing
from winback.synthetic.shop import simulate_shop

ASKED = ("klaviyo", "mailchimp", "salesforce_bulk", "edrone", "postgresql", "parquet", "google_ads")


def settings(**export: object) -> Params:
    asked = {"destinations": list(ASKED), **export}
    ingest = {
        "currency": "PLN",
        "contact_columns": ["E-mail", "Telefon", "Status"],
        "privacy": {"ads": {"column": "Reklamy"}, "unknown": {"ads": "refuse"}},
    }
    few = {"horizons_days": [], "seeds": 1, "threads": 1, "lifetime_days": None}
    return check_params(
        {
            "ingest": ingest,
            "snapshot": {"horizon_days": 30},
            "train": few,
            "evaluate": {"origins": 1, "resamples": 50},
            "export": asked,
        },
        "test",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("delivered")
    orders = simulate_shop("fashion", customers=90, days=200, seed=3).orders
    number = orders["customer_id"].str[1:].astype(int)
    orders["E-mail"] = orders["customer_id"].str.lower() + "@sklep.pl"
    orders.loc[number % 7 == 0, "E-mail"] = "=1+1"
    orders["Telefon"] = (number + 501_000_000).astype(str)
    orders.loc[number % 5 == 0, "Telefon"] = "12345"
    orders["Reklamy"] = number.mod(3).map({0: "nie", 1: "tak", 2: ""})
    orders["Status"] = number.mod(2).map({0: "1", 1: "2"})
    run_history(orders, where / "out", settings(options={"edrone": {"status_column": "Status"}}))
    return where / "out"


def table(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def listed(folder):
    return {row["customer_id"] for row in table(folder / "list.csv")}


def test_everybody_on_the_list_is_in_the_file_or_rejected_with_the_reason(folder):
    sent = {row["Email Address"] for row in table(folder / "mailchimp.csv")}
    told = table(folder / "mailchimp/rejected.csv")
    without = {customer for customer in listed(folder) if int(customer[1:]) % 7 == 0}
    assert sent == {f"{customer.lower()}@sklep.pl" for customer in listed(folder) - without}
    assert without and {row["customer_id"] for row in told} == without
    assert {(row["column"], row["rule"]) for row in told} == {("E-mail", "bad_email")}
    assert not any(cell[:1] in tuple("=+-@") for row in told for cell in row.values() if cell)


def test_who_has_no_address_is_known_by_the_number_in_e164(folder):
    rows = table(folder / "klaviyo.csv")
    numbers = {row["Phone Number"] for row in rows} - {""}
    assert numbers == {
        f"+48{int(customer[1:]) + 501_000_000}"
        for customer in listed(folder)
        if int(customer[1:]) % 7 == 0 and int(customer[1:]) % 5
    }
    assert not any(row["Email"] and row["Phone Number"] for row in rows)
    bad = [row for row in table(folder / "klaviyo/rejected.csv") if row["rule"] == "bad_phone"]
    assert bad and {row["value"] for row in bad} == {"***45"}


def test_the_control_group_is_in_its_own_file_and_in_no_other(folder):
    control = {row["WB_Customer_Id__c"] for row in table(folder / "salesforce_bulk/control.csv")}
    sent = {row["WB_Customer_Id__c"] for row in table(folder / "salesforce_bulk.csv")}
    assert sent == listed(folder)
    assert control and not control & sent


def test_a_status_that_an_importer_demands_is_the_shop_s_own(folder):
    for row in table(folder / "edrone.csv"):
        customer = row["email"].partition("@")[0]
        assert row["subscriber_status"] == ("2" if int(customer[1:]) % 2 else "1")


def test_ads_get_hashes_of_those_alone_who_have_consented_to_them(folder):
    agreed = {c for c in listed(folder) if int(c[1:]) % 3 == 1}
    rows = table(folder / "google_ads.csv")
    assert list(rows[0]) == ["Email", "Phone"]
    assert {row["Email"] for row in rows} - {""} == {
        hashlib.sha256(f"{c.lower()}@sklep.pl".encode()).hexdigest()
        for c in agreed
        if int(c[1:]) % 7
    }
    assert len(rows) == len({c for c in agreed if int(c[1:]) % 35})
    arms = pd.read_parquet(folder / "assignment.parquet")
    control = set(arms.loc[arms["arm"] == "control", "customer_id"])
    told = [c for c in control if int(c[1:]) % 3 == 1 and int(c[1:]) % 35]
    assert len(table(folder / "google_ads/control.csv")) == len(told) < len(control)


def test_files_are_for_their_owner_alone_and_the_manifest_has_their_hashes(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [each["destination"] for each in manifest["destinations"]] == list(ASKED)
    for each in manifest["destinations"]:
        for name, digest in each["sha256"].items():
            path = folder / name
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
            assert manifest["sha256"][name] == digest


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(folder, tmp_path / "out")
    return tmp_path / "out"


def again(copy, **export):
    return deliver(Project(settings(**export), root=copy, layout=FOLDER))


def test_the_scores_of_everybody_hold_no_offer_and_both_arms_alike(copy):
    again(copy, destinations=["salesforce_bulk"], audience="everybody")
    rows = table(copy / "salesforce_bulk.csv")
    assert set(rows[0]) == {
        "WB_Customer_Id__c", "WB_Churn_Risk__c", "WB_Value_Band__c", "WB_RFM_Segment__c",
        "WB_Churn_Probability__c", "WB_Expected_Next_Order_Date__c", "WB_Lifetime_Value__c",
    }  # fmt: skip
    arms = pd.read_parquet(copy / "assignment.parquet")
    control = set(arms.loc[arms["arm"] == "control", "customer_id"])
    assert control and control | listed(copy) <= {row["WB_Customer_Id__c"] for row in rows}
    assert not (copy / "salesforce_bulk/control.csv").exists()


def test_files_of_a_destination_nobody_asks_for_any_more_are_gone(copy):
    (copy / "klaviyo-2.csv").write_text("Email\nola@sklep.pl\n")
    (copy / "klaviyo/notes.txt").write_text("the shop's own")
    (copy / "klaviyo.notes.csv").write_text("the shop's own")
    again(copy, destinations=["mailchimp"])
    left = sorted(path.relative_to(copy).as_posix() for path in copy.rglob("klaviyo*"))
    assert left == ["klaviyo", "klaviyo.notes.csv"]
    assert sorted(path.name for path in (copy / "klaviyo").iterdir()) == ["notes.txt"]
    assert not (copy / "edrone").exists()


def test_nothing_is_computed_where_a_key_is_missing(tmp_path):
    asked = settings().model_copy(update={"ingest": Params().ingest})
    with pytest.raises(UsageError, match="--contact-column"):
        run_history(tmp_path / "no such file.csv", tmp_path / "out", asked)
    assert not (tmp_path / "out").exists()


def winback(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, f"{done.output}{done.exception or ''}"


def keys(path):
    return {row["Email"] or row["Phone Number"] for row in table(path)}


def test_a_file_that_was_imported_is_confirmed_and_the_next_tells_what_changes(copy):
    first = keys(copy / "klaviyo.csv")
    # It must be the file that was written.
    with (copy / "mailchimp.csv").open("a") as file:
        file.write("somebody@else.pl\n")
    code, said = winback("confirm", "mailchimp", "--in", copy)
    assert (code, "mailchimp.csv" in said) == (1, True)
    code, said = winback("confirm", "klaviyo", "--in", copy)
    assert code == 0
    assert f"{len(first)} new, 0 changed, 0 as before, 0 taken back" in said
    assert "has left on" in said
    # The sender knows what a person confirmed.
    code, said = winback("push", "klaviyo", "--in", copy)
    assert (code, f"stands there already: {len(first)}" in said) == (0, True)
    code, said = winback("confirm", "klaviyo", "--in", copy, "--language", "pl")
    assert f"nowi 0, zmienieni 0, bez zmian {len(first)}, wyczyszczeni 0" in said
    assert "wyszła" not in said
    assert not (copy / "klaviyo/left.csv").exists()
    confirmed = copy / "pushes/klaviyo/confirmed.parquet"
    assert set(pd.read_parquet(confirmed)["key"]) == first
    for path in (confirmed, copy / "klaviyo/rows.parquet"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    # One is known by another address, one refused, one has another value, by now.
    moving, refusing, changing = sorted(listed(copy))[:3]
    book = pd.read_csv(copy / "list.csv", dtype=str, keep_default_na=False)
    held = pd.read_parquet(confirmed).set_index("customer_id")
    rows = pd.read_parquet(copy / "klaviyo/rows.parquet").set_index("customer_id")
    rows.loc[moving, "key"] = "new@sklep.pl"
    rows.reset_index().to_parquet(copy / "klaviyo/rows.parquet")
    held.loc[changing, "content"] = "another"
    held.reset_index().to_parquet(confirmed)
    privacy = pd.read_parquet(copy / "orders/privacy.parquet")
    privacy.loc[privacy["customer_id"] == refusing, "no_marketing"] = True
    privacy.to_parquet(copy / "orders/privacy.parquet")
    (done,) = again(copy, destinations=["klaviyo"])
    assert done.moved is not None
    assert done.moved.model_dump() == {
        "entered": 1, "changed": 1, "same": len(first) - 3, "left": 2, "erased": 0, "clears": False
    }  # fmt: skip
    assert keys(copy / "klaviyo/entered.csv") == {"new@sklep.pl"}
    assert keys(copy / "klaviyo/changed.csv") == {held.loc[changing, "key"]}
    assert keys(copy / "klaviyo/left.csv") == {held.loc[moving, "key"], held.loc[refusing, "key"]}
    for row in table(copy / "klaviyo/left.csv"):
        assert {cell for name, cell in row.items() if name.startswith("wb_")} == {""}
    assert book["customer_id"].isin([refusing]).any()
    assert held.loc[refusing, "key"] not in keys(copy / "klaviyo.csv")


def test_a_folder_without_addresses_sends_nobody_whose_address_is_also_the_controls(copy):
    project = Project(settings(), root=copy, layout=FOLDER)
    assert list(project.frame("shared")) == ["customer_id", "key"]
    assert not len(project.frame("shared"))
    sent = set(outgoing(project, destination("hubspot")).rows["customer_id"])
    shared, by_number = sorted(sent)[:2]
    table = {"customer_id": [shared, by_number], "key": ["email", "phone"]}
    pd.DataFrame(table).to_parquet(copy / "orders/shared.parquet")
    assert set(outgoing(project, destination("hubspot")).rows["customer_id"]) == sent - {shared}
    # Ids are nobody else's, and of everybody's addresses there are none here.
    assert shared in set(outgoing(project, destination("salesforce")).rows["customer_id"])
    with pytest.raises(UsageError, match="--for hubspot"):
        outgoing(project, destination("hubspot"), "everybody")


def test_one_destination_more_leaves_the_others_where_they_are(folder, tmp_path, monkeypatch):
    (tmp_path / "exports/current").mkdir(parents=True)
    shutil.copy(folder / "manifest.json", tmp_path / "exports/current/manifest.json")
    (tmp_path / "params.yaml").write_text("export: {destinations: [hubspot, klaviyo]}\n")
    monkeypatch.chdir(tmp_path)
    asked = project_here(destinations=["braze"]).params.export.destinations
    assert asked == ("hubspot", *ASKED, "braze")
