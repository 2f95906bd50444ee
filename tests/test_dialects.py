"""Files of destinations, held against their importers' rules by another hand than the writer's."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.checkers import dialects as checker
from tests.checkers.awkward import people

from postgres import postgres
from winback.crm.checked import fields_of
from winback.crm.destinations import destination
from winback.crm.fields import FIELDS
from winback.crm.keys import keys_of
from winback.crm.writing import Sheet, cell, table_sql, written
from winback.params import ExportSettings

KINDS = {name: field.kind for name, field in FIELDS.items()}
EVERY = pytest.mark.parametrize("name", checker.DESTINATIONS)


@pytest.fixture(scope="module")
def crowd():
    return list(people(410, KINDS))


@pytest.fixture(scope="module")
def rows(crowd):
    contacts = pd.DataFrame(
        {
            "customer_id": [each.customer_id for each in crowd],
            "E-mail": [each.raw_email for each in crowd],
            "Telefon": [each.raw_phone for each in crowd],
        }
    )
    keys = keys_of(contacts, "PL").rows.reset_index(drop=True)
    values = {
        name: pd.Series([each.values[name] for each in crowd], dtype=object) for name in FIELDS
    }
    return pd.concat([keys, pd.DataFrame(values)], axis=1)


def file_of(name, rows, **options):
    target = destination(name, options)
    sheet = Sheet(target, fields_of(target, ExportSettings()), "wb_")
    return sheet, written(sheet, rows)


@EVERY
def test_a_file_of_awkward_people_is_what_the_importer_takes(name, rows, crowd):
    sheet, made = file_of(name, rows)
    assert checker.faults(name, made.parts, meant_by(sheet, made, crowd)) == []


def meant_by(sheet, made, crowd):
    kinds = {field.name: field.kind for field in sheet.fields}
    return checker.Meant(kinds, crowd, frozenset(made.rejected["customer_id"]))


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("klaviyo", b"Email,", b"\xef\xbb\xbfEmail,", "begins with a BOM"),
        ("klaviyo", b"wb_churn_probability", b"churn_probability", "forbidden"),
        ("hubspot", b"\n", b"\r\n", "carriage return"),
        ("hubspot", b"0.3713", b"0,3713", "widths"),
        ("brevo", b";", b",", "cannot be read"),
        ("getresponse", b"2025-01-29", b"29-01-2025", "another day"),
        ("mailchimp", b"Tags", b"Status", "forbidden"),
        ("mailchimp", b"x" * 255, b"x" * 256, "256 bytes"),
        ("salesforce_bulk", b"N/A", b"#N/A", "clears the field"),
        ("edrone", b"|", b'"', "a quoted cell"),
        ("hubspot", b"klient0@", b"klient1@", "nobody has these keys"),
        ("salesforce_bulk", b"007", b"7", "another text"),
        ("postgresql", b"SUM(A1", b"=SUM(A1", "begins a formula"),
    ],
)
def test_the_checker_finds_what_an_importer_would_refuse(name, old, new, fault, rows, crowd):
    sheet, made = file_of(name, rows)
    broken = [part.replace(old, new) for part in made.parts]
    assert broken != list(made.parts)
    assert fault in " ".join(checker.faults(name, broken, meant_by(sheet, made, crowd)))


@EVERY
def test_the_same_people_give_the_same_bytes(name, rows):
    assert file_of(name, rows)[1].parts == file_of(name, rows)[1].parts


def test_a_list_too_large_for_a_file_is_split_at_whole_rows(rows, crowd):
    target = destination("brevo")
    small = replace(target, dialect=replace(target.dialect, most_rows=50, most_file_bytes=9000))
    sheet = Sheet(small, fields_of(small, ExportSettings()), "wb_")
    made = written(sheet, rows)
    assert len(made.parts) > 4
    assert max(map(len, made.parts)) <= 9000
    assert checker.faults("brevo", made.parts, meant_by(sheet, made, crowd)) == []


@pytest.mark.parametrize(
    ("name", "options", "field", "value", "written_as"),
    [
        ("salesforce", {"probability": "percent"}, "churn_probability", 0.37125, "37.12"),
        ("salesforce", {"unknown": "clear"}, "offer", None, "#N/A"),
        ("salesforce", {}, "offer", None, ""),
        ("brevo", {"dates": "DD-MM-YYYY"}, "valid_until", date(2025, 1, 29), "29-01-2025"),
        ("klaviyo", {"dates": "MM/DD/YYYY"}, "valid_until", date(2025, 1, 29), "01/29/2025"),
        ("braze", {}, "valid_until", date(2025, 1, 29), "29.01.2025"),
        ("braze", {"future_days": "date"}, "valid_until", date(2025, 1, 29), "2025-01-29"),
        ("braze", {}, "last_order_date", date(2025, 1, 29), "2025-01-29"),
        ("meta_ads", {}, "lifetime_value", -12.5, "0.00"),
        ("mailchimp", {}, "offer", "ż" * 200, "ż" * 127),
        ("mailchimp", {}, "offer", "a" * 252 + "e\u0301\u0323x", "a" * 252),
        ("getresponse", {}, "offer", "ż" * 300, "ż" * 255),
        ("marketing_cloud", {"text_length": 40}, "offer", "x" * 50, "x" * 40),
    ],
)
def test_a_value_is_written_as_the_destination_reads_it(name, options, field, value, written_as):
    assert cell(value, FIELDS[field], destination(name, options).dialect) == written_as


@pytest.mark.parametrize(
    ("name", "options", "cleared"),
    [
        ("salesforce_bulk", {}, "#N/A"),
        ("salesforce", {"clear": "blank"}, ""),
        ("hubspot", {"blank_clears": True}, ""),
        ("brevo", {}, ""),
        ("klaviyo", {}, None),
        ("braze", {}, None),
    ],
)
def test_what_takes_a_value_back_is_known_or_said_to_be_none(name, options, cleared):
    dialect = destination(name, options).dialect
    assert dialect.clear == cleared
    assert cell(None, FIELDS["offer"], dialect, clearing=True) == (cleared or "")


def test_one_person_under_two_spellings_of_an_address_is_written_once():
    """Google takes a.b+c@gmail.com and ab@gmail.com for one, and so is who must be left alone."""
    addresses = ["a.b+c@gmail.com", "ab@gmail.com", "kot@sklep.pl"]
    rows = pd.DataFrame({"customer_id": ["1", "2", "3"], "email": addresses, "phone": None})
    sheet = Sheet(destination("google_ads"), (), "wb_")
    assert written(sheet, rows).rows == 2
    control = pd.DataFrame({"customer_id": ["9"], "email": ["a.b@gmail.com"], "phone": [None]})
    made = written(sheet, rows, control)
    assert made.rows == 1
    assert made.rejected["customer_id"].tolist() == ["1", "2"]


def test_a_parquet_table_has_types_and_no_address(rows, tmp_path):
    made = file_of("parquet", rows)[1]
    table = pq.read_table(io.BytesIO(made.parts[0]))
    assert str(table.schema.field("total_spent").type) == "decimal128(14, 2)"
    assert str(table.schema.field("valid_until").type) == "date32[day]"
    assert not {"email", "phone"} & set(table.column_names)
    assert table.num_rows == made.rows == len(rows) - len(made.rejected)


ONE = pd.DataFrame(
    {
        "customer_id": ["K1"],
        "email": ["a.b+c@gmail.com"],
        "phone": ["+48501234567"],
        **{name: pd.Series([None], dtype=object) for name in FIELDS},
        "churn_risk": ["high"],
        "lifetime_value": [12.5],
    }
)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "columns", "options", "lines"),
    [
        ("klaviyo", ["churn_risk"], {}, "Email,wb_churn_risk\na.b+c@gmail.com,high\n"),
        ("klaviyo", ["churn_risk"], {"key": "external_id"},
         "External ID,wb_churn_risk\nK1,high\n"),
        ("brevo", ["churn_risk"], {"key": "ext_id"}, "EXT_ID;WB_CHURN_RISK\nK1;high\n"),
        ("braze", ["churn_risk"], {"key": "email"}, "email,wb_churn_risk\na.b+c@gmail.com,high\n"),
        ("salesforce", ["churn_risk"], {"key": "email", "line_end": "CRLF"},
         "Email,WB_Churn_Risk__c\r\na.b+c@gmail.com,high\r\n"),
        ("salesforce", ["churn_risk"], {"external_id": "Shop_Id__c"},
         "Shop_Id__c,WB_Churn_Risk__c\nK1,high\n"),
        ("marketing_cloud", ["churn_risk"], {"key": "ContactKey", "separator": "tab"},
         "ContactKey\tWbChurnRisk\nK1\thigh\n"),
        ("mailchimp", ["churn_risk"], {},
         "Email Address,WBRISK,Tags\na.b+c@gmail.com,high,Churn: High\n"),
        ("salesmanago", ["churn_risk"], {"email_header": "E-mail", "tags_header": "Tagi"},
         "E-mail;wb_churn_risk;Tagi\na.b+c@gmail.com;high;WB_CHURN_HIGH\n"),
        ("edrone", ["churn_risk"], {"separator": "semicolon", "tags_separator": ","},
         "email;subscriber_status;customer_tags\na.b+c@gmail.com;;WB_CHURN_HIGH\n"),
        ("edrone", ["churn_risk"], {"status_header": "status", "tags_header": "tags"},
         "email,status,tags\na.b+c@gmail.com,,WB_CHURN_HIGH\n"),
        ("google_ads", [], {}, f"Email,Phone\n{digest('ab@gmail.com')},{digest('+48501234567')}\n"),
        ("google_ads", [], {"gmail_dots": "keep"},
         f"Email,Phone\n{digest('a.b+c@gmail.com')},{digest('+48501234567')}\n"),
        ("google_ads", [], {"hashed": False}, "Email,Phone\na.b+c@gmail.com,+48501234567\n"),
        ("meta_ads", None, {},
         "email,phone,extern_id,value\n"
         f"{digest('a.b+c@gmail.com')},{digest('48501234567')},K1,12.50\n"),
        ("meta_ads", None, {"hashed": False, "extern_id": "uid"},
         "email,phone,uid,value\na.b+c@gmail.com,48501234567,K1,12.50\n"),
        ("meta_ads", None, {"hashed": False, "extern_id": "none", "value": "none"},
         "email,phone\na.b+c@gmail.com,48501234567\n"),
    ],
)  # fmt: skip
def test_an_option_shows_in_the_file(name, columns, options, lines):
    target = destination(name, options)
    chosen = {} if columns is None else {name: tuple(columns)}
    sheet = Sheet(target, fields_of(target, ExportSettings(columns=chosen)), "wb_")
    assert b"".join(written(sheet, ONE).parts).decode() == lines


@pytest.mark.parametrize(("plan", "most"), [("paid", 512_000_000), ("free", 20_000_000)])
def test_the_plan_of_the_account_says_how_large_a_file_may_be(plan, most):
    assert destination("hubspot", {"plan": plan}).dialect.most_file_bytes == most


@pytest.mark.long
def test_postgresql_takes_the_file_and_a_second_time_changes_nothing(rows, tmp_path):
    sheet, made = file_of("postgresql", rows)
    (tmp_path / "postgresql.csv").write_bytes(made.parts[0])
    (tmp_path / "postgresql.sql").write_text(table_sql(sheet, "postgresql.csv", "scores"))

    def told(server):
        words = [server.programs / "psql", server.url, "-X", "-f", "postgresql.sql"]
        done = subprocess.run(
            words, cwd=tmp_path, env={**os.environ, **server.env}, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return re.findall(r"INSERT 0 (\d+)", done.stdout)

    with postgres() as server:
        assert told(server) == [str(made.rows)]
        assert told(server) == ["0"]
        found = server.run("select offer from scores where customer_id = '0000001'")
    assert found == str(cell(rows["offer"][1], FIELDS["offer"], sheet.target.dialect))
