"""The list a CRM imports, the sealed assignment, the manifest."""

import csv
import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from winback.crm.listing import LIST_COLUMNS, write_list
from winback.crm.sealed import keep_redrawn, refuse_redraw
from winback.draws import uniform
from winback.errors import WinbackError
from winback.offers.plan import Channel, Limits, Plan, plan_campaign, seal_of
from winback.params import check_params
from winback.results.listed import Listed, Rows
from winback.results.offered import Offer
from winback.stages.flow import run_history
from winback.synthetic.shop import simulate_shop

OFFER = Offer.model_validate(
    {
        "name": "ten_off",
        "kind": "percent_off",
        "discount_share": 0.1,
        "margin_share": 0.4,
        "valid_days": 14,
        "channel": "email",
        "effect_pp": 30,
        "effect_source": "stated",
        "label": {"en": "10% off, this time", "pl": "10% rabatu"},
    }
)

# With this salt the hash draws .09 for 0042, .76 for 007 and .06 for 0043: 8 % hold out 0043.
SCORES = pd.DataFrame(
    {
        "customer_id": ["0042", "007", "0043", "refuser"],
        "cutoff": date(2024, 5, 1),
        "horizon_days": 90,
        "p_return": [0.25, 0.12345, 0.3, 0.3],
        "rfm_score": ["543", "111", "222", "222"],
        "segment": ["loyal", "lost", "lost", "lost"],
        "risk_band": ["high", "lost", "lost", "lost"],
        "days_since_last_order": [94, 400, 9, 9],
        "first_order_on": date(2023, 1, 1),
        "last_order_on": [date(2024, 1, 28), date(2023, 3, 28), date(2024, 4, 22), None],
        "expected_next_order_on": [date(2024, 5, 20), None, None, None],
        "orders_total": [4.0, 1.0, 1.0, 1.0],
        "spend_total": [400.5, 99.9, 80.0, 80.0],
        "order_value_mean": [100.125, 99.9, 80.0, 80.0],
        "refund_share": 0.0,
        "reason_1": ["last order 94 days ago; usually every 31", '=HYPERLINK("x")', None, None],
        "reason_2": None,
        "reason_3": None,
        "reason_1_pl": ["ostatnie zamówienie 94 dni temu; zwykle co 31", None, None, None],
        "model_version": "m1",
    }
)
CONTACTS = pd.DataFrame(
    {
        "customer_id": ["007", "0042", "refuser"],
        "consented": pd.array([None, True, False], dtype="boolean"),
        "suppressed": False,
        "email": [" Ola@Sklep.PL ", None, "no@sklep.pl"],
        "phone": ["0048 600-100-200", "600 100 200", "1"],
        "city": ["\t=1+1", 'Łódź "Widzew", PL', "x"],
    }
)


def planned(contacts: pd.DataFrame | None = CONTACTS, share: float = 0.08) -> Plan:
    return plan_campaign(
        SCORES,
        [OFFER],
        campaign_id="may",
        salt="s2",
        control_share=share,
        contacts=contacts,
        currency="PLN",
    )


def test_the_hand_made_list_is_written_to_the_letter(tmp_path: Path) -> None:
    draws = uniform("s2|may", ["0042", "007", "0043"])
    assert (draws < 0.08).tolist() == [False, False, True]
    write_list(planned(), SCORES, CONTACTS, tmp_path)
    assert (tmp_path / "list.csv").read_bytes().decode() == (
        "customer_id,email,phone,city,offer,offer_label,channel,valid_until,churn_probability,"
        "churn_risk,churn_horizon_days,rfm_segment,rfm_score,days_since_last_order,"
        "last_order_date,expected_next_order_date,orders_count,total_spent,avg_order_value,"
        "currency,reason_1,reason_2,reason_3,model_version\n"
        '0042,,600100200,"Łódź ""Widzew"", PL",ten_off,"10% off, this time",email,2024-05-14,'
        "0.7500,high,90,loyal,543,94,2024-01-28,2024-05-20,4,400.50,100.12,PLN,"
        "last order 94 days ago; usually every 31,,,m1\n"
        '007,ola@sklep.pl,+48600100200,1+1,ten_off,"10% off, this time",email,2024-05-14,'
        "0.8765,lost,90,lost,111,400,2023-03-28,,1,99.90,99.90,PLN,"
        '"HYPERLINK(""x"")",,,m1\n'
    )


def test_no_header_of_the_list_starts_a_formula(tmp_path: Path) -> None:
    contacts = CONTACTS.rename(columns={"city": "=HYPERLINK(1)", "phone": "-"})
    write_list(planned(contacts), SCORES, contacts, tmp_path)
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    assert header[:4] == ["customer_id", "email", "contact_", "HYPERLINK(1)"]


def test_the_polish_list_has_polish_labels_and_reasons(tmp_path: Path) -> None:
    write_list(planned(), SCORES, None, tmp_path, language="pl")
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows[0]["offer_label"] == "10% rabatu"
    assert rows[0]["reason_1"] == "ostatnie zamówienie 94 dni temu; zwykle co 31"
    assert tuple(rows[0]) == LIST_COLUMNS


def test_the_control_is_sealed_but_not_listed(tmp_path: Path) -> None:
    manifest = write_list(planned(), SCORES, CONTACTS, tmp_path)
    sealed = (tmp_path / "assignment.parquet").read_bytes()
    assert manifest["sha256"]["assignment.parquet"] == hashlib.sha256(sealed).hexdigest()
    assignment = pq.read_table(tmp_path / "assignment.parquet").to_pydict()
    assert assignment["customer_id"] == ["0042", "0043", "007"]
    assert assignment["arm"] == ["ten_off", "control", "ten_off"]
    assert assignment["probability"] == [0.92, 0.08, 0.92]
    assert assignment["assigned_at"] == [date(2024, 5, 1)] * 3
    assert manifest["rows"] == Rows(list=2, assignment=3, control=1)


def test_a_person_who_refused_is_in_no_file(tmp_path: Path) -> None:
    write_list(planned(share=0), SCORES, CONTACTS, tmp_path)
    for path in tmp_path.iterdir():
        assert b"refuser" not in path.read_bytes()


def test_writing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        turned = SCORES.iloc[::-1] if folder == "two" else SCORES
        write_list(planned(), turned, CONTACTS, tmp_path / folder, versions={"code": "abc"})
    for name in ("list.csv", "assignment.parquet", "manifest.json"):
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert one == two
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == [
        "assignment.parquet",
        "list.csv",
        "manifest.json",
    ]


def test_nobody_on_the_list_still_has_a_header(tmp_path: Path) -> None:
    plan = plan_campaign(SCORES, [OFFER], campaign_id="may", budget=0, contacts=CONTACTS)
    manifest = write_list(plan, SCORES, CONTACTS, tmp_path)
    header = ["customer_id", "email", "phone", "city", *LIST_COLUMNS[1:]]
    assert (tmp_path / "list.csv").read_text() == ",".join(header) + "\n"
    assert manifest["rows"]["list"] == 0
    assert pq.read_table(tmp_path / "assignment.parquet").num_rows == 0


@pytest.mark.parametrize(
    ("column", "found", "written"),
    [
        ("city", "=1+1", "1+1"),
        ("city", "+48", "48"),
        ("city", "-5", "5"),
        ("city", "@x", "x"),
        ("city", "\t=1", "1"),
        ("city", "\r\n=1", "1"),
        ("city", " \u00a0=1", "1"),
        ("city", "\uff1d1+1", "1+1"),
        ("city", 'a";=1', 'a";=1'),
        ("city", "two\nlines", "two lines"),
        ("email", "ola+shop@sklep.pl", "ola+shop@sklep.pl"),
        ("email", "=ola@sklep.pl", ""),
        ("email", "-ola@sklep.pl", ""),
        ("email", "not an address", ""),
        ("phone", "+48 600 100 200", "+48600100200"),
        ("phone", "+1", "1"),
        ("phone", "=cmd|' /C calc'!A0", "0"),
    ],
)
def test_no_cell_starts_a_formula(tmp_path: Path, column: str, found: str, written: str) -> None:
    contacts = pd.DataFrame({"customer_id": ["0042"], column: [found]})
    manifest = write_list(planned(share=0), SCORES, contacts, tmp_path)
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as lines:
        first = next(csv.DictReader(lines))
    assert first[column] == written
    assert manifest["blanked"] == ({column: 1} if not written else {})


def test_an_id_that_is_a_formula_is_left_empty_and_counted(tmp_path: Path) -> None:
    ids = {"0042": "=2+5", "007": "+48600100200"}
    scores = SCORES.assign(customer_id=SCORES["customer_id"].replace(ids))
    plan = plan_campaign(scores, [OFFER], campaign_id="may", control_share=0)
    assert write_list(plan, scores, None, tmp_path)["blanked"] == {"customer_id": 1}
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["customer_id"] for row in csv.DictReader(lines)] == [
            "+48600100200",
            "0043",
            "",
            "refuser",
        ]


def test_a_contact_column_of_a_taken_name_is_renamed(tmp_path: Path) -> None:
    contacts = pd.DataFrame({"customer_id": ["0042"], "offer": ["VIP"]})
    manifest = write_list(planned(share=0), SCORES, contacts, tmp_path)
    assert manifest["columns"][:3] == ("customer_id", "contact_offer", "offer")


def test_the_manifest_on_disk_is_the_one_returned(tmp_path: Path) -> None:
    manifest = write_list(planned(), SCORES, CONTACTS, tmp_path, versions={"code": "abc"})
    path = tmp_path / "manifest.json"
    assert Listed.from_json(path.read_text(), path.name) == manifest
    assert manifest["versions"] == {"code": "abc"}
    assert "ola@sklep.pl" not in (tmp_path / "manifest.json").read_text()


def test_the_manifest_names_the_seal_of_the_assignment(tmp_path: Path) -> None:
    manifest = write_list(planned(), SCORES, CONTACTS, tmp_path)
    assert manifest["seal"] == seal_of(pd.read_parquet(tmp_path / "assignment.parquet"))


@pytest.mark.long
def test_a_sealed_campaign_is_not_planned_another_way(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    simulate_shop("fashion", customers=300, seed=4).orders.to_csv(orders, index=False)
    quick: dict[str, dict[str, object]] = {
        "snapshot": {"most_cutoffs": 2},
        "train": {"seeds": 1, "max_rounds": 10, "step_rounds": 5},
        "evaluate": {"origins": 1, "resamples": 0},
    }

    def run(**target: object) -> dict[str, object]:
        params = check_params({**quick, "target": target})
        return run_history(orders, tmp_path / "out", params).json("manifest")

    seal = run()["seal"]
    assert run(seal=seal)["seal"] == seal
    before = (tmp_path / "out/assignment.parquet").read_bytes()
    with pytest.raises(WinbackError, match=f"left with the assignment {seal}"):
        run(seal=seal, control_share=0.5)
    assert (tmp_path / "out/assignment.parquet").read_bytes() == before


def test_an_exported_assignment_is_not_redrawn(tmp_path: Path) -> None:
    folder = tmp_path / "spring"
    refuse_redraw(planned(), folder)
    write_list(planned(), SCORES, CONTACTS, folder)
    refuse_redraw(planned(), folder)
    plan = planned()
    other = replace(
        plan,
        assignment=plan.assignment.iloc[1:],
        summary=plan.summary.model_copy(update={"seal": "another"}),
    )
    with pytest.raises(WinbackError, match=r"new target\.campaign_id; .* set target\.draft: true"):
        refuse_redraw(other, folder)
    later = replace(plan, assignment=plan.assignment.assign(assigned_at=date(2030, 1, 1)))
    with pytest.raises(WinbackError, match="was exported with the assignment"):
        refuse_redraw(later, folder)
    # It may have been sent before anybody said that it is no draft.
    write_list(planned(), SCORES, CONTACTS, folder, draft=True)
    with pytest.raises(WinbackError, match="was exported with the assignment"):
        refuse_redraw(other, folder)


@pytest.mark.parametrize("draft", [False, True])
def test_an_assignment_that_another_replaces_is_put_aside_under_its_seal_and_day(
    tmp_path: Path, draft: bool
) -> None:
    plan = planned()
    write_list(plan, SCORES, CONTACTS, tmp_path, draft=draft)
    assert keep_redrawn(plan, tmp_path) is None
    sealed = (tmp_path / "assignment.parquet").read_bytes()
    other = replace(plan, summary=plan.summary.model_copy(update={"seal": "another"}))
    kept = keep_redrawn(other, tmp_path)
    assert kept == tmp_path / f"assignment-may-{plan.summary['seal']}-2024-05-01.parquet"
    assert kept.read_bytes() == sealed and not (tmp_path / "assignment.parquet").exists()


def test_nothing_that_was_put_aside_is_ever_written_over(tmp_path: Path) -> None:
    plan, lists = planned(), []
    days = [date(2024, 5, day) for day in (1, 2, 3)]
    for day in days:
        later = replace(plan, assignment=plan.assignment.assign(assigned_at=day))
        keep_redrawn(later, tmp_path)
        write_list(later, SCORES, CONTACTS, tmp_path)
        lists.append((tmp_path / "assignment.parquet").read_bytes())
    # The same customers, arms and day, with another chance: another file of the same name.
    dearer = plan.assignment.assign(assigned_at=days[0], expected_gain=1.0)
    for assignment in (dearer, plan.assignment.assign(assigned_at=days[1])):
        keep_redrawn(replace(plan, assignment=assignment), tmp_path)
        write_list(replace(plan, assignment=assignment), SCORES, CONTACTS, tmp_path)
    name = f"assignment-may-{plan.summary['seal']}-2024-05"
    aside = {path.name: path.read_bytes() for path in tmp_path.glob("assignment-*")}
    assert sorted(aside) == [f"{name}-{end}.parquet" for end in ("01-2", "01", "02", "03")]
    assert [aside[f"{name}-0{k}.parquet"] for k in (1, 2, 3)] == lists
    # One that is there already is not kept twice.
    keep_redrawn(replace(plan, assignment=dearer), tmp_path)
    assert len(list(tmp_path.glob("assignment-*"))) == 4


def test_a_run_keeps_who_was_control_when_a_draft_replaces_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders, said, out = tmp_path / "orders.csv", [], tmp_path / "out"
    simulate_shop("fashion", customers=300, seed=4).orders.to_csv(orders, index=False)

    def run(**target: object) -> bytes:
        settings: dict[str, dict[str, object]] = {
            "snapshot": {"most_cutoffs": 2},
            "train": {"seeds": 1, "max_rounds": 10, "step_rounds": 5},
            "evaluate": {"origins": 1, "resamples": 0},
            "target": target,
        }
        run_history(orders, out, check_params(settings), say=said.append)
        return (out / "assignment.parquet").read_bytes()

    left = run()
    monkeypatch.setenv("WINBACK_SALT", "second")
    assert run(draft=True) != left
    (kept,) = out.glob("assignment-*.parquet")
    assert kept.read_bytes() == left
    told = [found for found in said if getattr(found, "code", "") == "progress.kept_aside"]
    assert [found.values["kept"] for found in told] == [str(kept)]


def test_calls_are_spread_over_the_days_that_carry_them_best_gains_first(tmp_path: Path) -> None:
    n = 7
    scores = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n)], "cutoff": date(2024, 5, 1),
            "horizon_days": 30, "p_return": 0.2, "orders_total": 4.0, "refund_share": 0.0,
            "order_value_mean": [100.0 + 50 * i for i in range(n)], "spend_total": 400.0,
        }
    )  # fmt: skip
    call = {**OFFER.model_dump(exclude_none=True), "channel": "phone", "max_uses": 1}
    plan = plan_campaign(
        scores, [call], campaign_id="may", control_share=0, salt="s",
        limits=Limits(channels={"phone": Channel(per_day=3, days=2)}),
    )  # fmt: skip
    # Seven are worth a call, two days carry six; the largest orders gain most.
    assert plan.contact_days == {"c6": 0, "c5": 0, "c4": 0, "c3": 1, "c2": 1, "c1": 1}
    write_list(plan, scores, None, tmp_path)
    rows = pd.read_csv(tmp_path / "list.csv").set_index("customer_id")
    assert list(rows.columns[:4]) == ["offer", "offer_label", "channel", "contact_on"]
    assert rows.loc[["c6", "c1"], "contact_on"].tolist() == ["2024-05-01", "2024-05-02"]
