"""The list a CRM imports, the sealed assignment, the manifest."""

import csv
import hashlib
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from winback.crm.leading import Item
from winback.crm.listing import LIST_COLUMNS, list_csv, write_list
from winback.crm.suggested import Suggested
from winback.crm.values import Leaving
from winback.draws import uniform
from winback.offers.plan import Channel, Limits, Plan, plan_campaign, seal_of
from winback.results.listed import Listed, Rows
from winback.results.offered import Offer

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

# With this salt the hash draws .82 for 0042, .80 for 007 and .99 for 0043, the last of the three:
# at least one of several is held out, and it is the last.
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
        "expected_orders": [0.2876, 0.0, 0.3, 0.3],
        "expected_net_spend": [28.005, -0.001, 24.0, 24.0],
        "lifetime_value": [120.5, None, 60.0, 10.0],
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
        "email": [" Ola@Sklep.PL ", None, "no@sklep.pl"],
        "phone": ["0048 600-100-200", "600 100 200", "1"],
        "city": ["\t=1+1", 'Łódź "Widzew", PL', "x"],
    }
)

PRIVACY = pd.DataFrame(
    {"customer_id": ["007", "0042", "refuser"], "no_marketing": [False, False, True]}
)


def planned(privacy: pd.DataFrame | None = PRIVACY, share: float = 0.08) -> Plan:
    return plan_campaign(
        SCORES,
        [OFFER],
        campaign_id="may",
        salt="s3",
        control_share=share,
        privacy=privacy,
        currency="PLN",
    )


def test_the_hand_made_list_is_written_to_the_letter(tmp_path: Path) -> None:
    draws = uniform("s3|may", ["0042", "007", "0043"])
    assert draws.argmax() == 2
    write_list(
        planned(), SCORES, CONTACTS, tmp_path, products={"0042": "Kubek z kotem"},
        suggested={"0042": Suggested((Item("T7", "=Tea", "Teas", "new", shown="Tea"),))},
    )  # fmt: skip
    assert (tmp_path / "list.csv").read_bytes().decode() == (
        "customer_id,email,phone,city,offer,offer_label,channel,valid_until,churn_probability,"
        "churn_risk,churn_horizon_days,value_band,rfm_segment,rfm_score,segment_advice,"
        "days_since_last_order,last_order_date,expected_next_order_date,orders_count,total_spent,"
        "avg_order_value,expected_orders,expected_spend,lifetime_value,"
        "currency,reason_1,reason_2,reason_3,next_product_1,next_product_2,next_product_3,"
        "next_product_reason,message_offer,message_until,message_last_order,message_product,"
        "message_next_product,model_version,change,offer_before,churn_risk_before,last_contact_date\n"
        '0042,,600100200,"Łódź ""Widzew"", PL",ten_off,"10% off, this time",email,2024-05-14,'
        "0.7500,high,90,high,loyal,543,Suggest what goes with their purchases; ask for an opinion,"
        "94,2024-01-28,2024-05-20,4,400.50,100.12,0.288,28.00,120.50,PLN,"
        "last order 94 days ago; usually every 31,,,Tea,,,"
        '"new to this customer, popular in Teas, a category bought before","10% off, this time",'
        "14 May 2024,28 January 2024,Kubek z kotem,Tea,m1,,,,\n"
        '007,ola@sklep.pl,+48600100200,1+1,ten_off,"10% off, this time",email,2024-05-14,'
        '0.8765,lost,90,,lost,111,"Write once more, then leave them in peace",'
        "400,2023-03-28,,1,99.90,99.90,0.000,0.00,,PLN,"
        '"HYPERLINK(""x"")",,,,,,,"10% off, this time",14 May 2024,28 March 2023,,,m1,,,,\n'
    )


def test_a_list_of_earlier_columns_is_made_again_as_it_was() -> None:
    """A contact column may be called as a column of ours that came later."""
    contacts = CONTACTS.rename(columns={"city": "lifetime_value"})
    columns = (
        "customer_id,email,phone,lifetime_value,offer,offer_label,channel,valid_until,"
        "churn_probability,churn_risk,churn_horizon_days,rfm_segment,rfm_score,"
        "days_since_last_order,last_order_date,expected_next_order_date,orders_count,total_spent,"
        "avg_order_value,currency,reason_1,reason_2,reason_3,model_version,change,offer_before,"
        "churn_risk_before,last_contact_date"
    )
    leaving = Leaving.of(planned())
    again = list_csv(leaving, SCORES, contacts, "en", columns=columns.split(","))
    assert again.decode() == (
        f"{columns}\n"
        '0042,,600100200,"Łódź ""Widzew"", PL",ten_off,"10% off, this time",email,2024-05-14,'
        "0.7500,high,90,loyal,543,94,2024-01-28,2024-05-20,4,400.50,100.12,PLN,"
        "last order 94 days ago; usually every 31,,,m1,,,,\n"
        '007,ola@sklep.pl,+48600100200,1+1,ten_off,"10% off, this time",email,2024-05-14,'
        "0.8765,lost,90,lost,111,400,2023-03-28,,1,99.90,99.90,PLN,"
        '"HYPERLINK(""x"")",,,m1,,,,\n'
    )


def test_no_header_of_the_list_starts_a_formula(tmp_path: Path) -> None:
    contacts = CONTACTS.rename(columns={"city": "=HYPERLINK(1)", "phone": "-"})
    write_list(planned(), SCORES, contacts, tmp_path)
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
    assert assignment["probability"] == pytest.approx([2 / 3, 1 / 3, 2 / 3])
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
    for name in ("list.csv", "list.xlsx", "assignment.parquet", "manifest.json"):
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert one == two
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == [
        "assignment.parquet",
        "list.csv",
        "list.xlsx",
        "manifest.json",
    ]


def test_nobody_on_the_list_still_has_a_header(tmp_path: Path) -> None:
    plan = plan_campaign(SCORES, [OFFER], campaign_id="may", budget=0, privacy=PRIVACY)
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
