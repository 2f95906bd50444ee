"""Where lists go: headers that hide nothing, options both ways, keys, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import winback
from winback.crm.checked import check_export, fields_of, headers_of
from winback.crm.destinations import DESTINATIONS, destination
from winback.crm.fields import FIELDS
from winback.crm.keys import e164, key_column, keys_of
from winback.errors import UsageError
from winback.params import ExportSettings

PACKAGE = Path(winback.__file__).parent
EVERY = pytest.mark.parametrize("name", DESTINATIONS)


@EVERY
def test_the_headers_of_a_destination_are_its_own_kind_and_hide_nothing_of_it(name):
    target = destination(name)
    found = headers_of(target, fields_of(target, ExportSettings()), "wb_")
    assert set(found) == (set() if target.tags_alone else set(target.fields))
    assert len({header.lower() for header in found.values()}) == len(found)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("klaviyo", "wb_churn_risk"),
        ("hubspot", "wb_churn_risk"),
        ("salesforce_bulk", "WB_Churn_Risk__c"),
        ("marketing_cloud", "WbChurnRisk"),
        ("mailchimp", "WBRISK"),
        ("brevo", "WB_CHURN_RISK"),
        ("activecampaign", "WB churn risk"),
        ("postgresql", "churn_risk"),
    ],
)
def test_a_field_is_called_as_the_destination_calls_fields(name, header):
    assert destination(name).header(FIELDS["churn_risk"], "wb_") == header


@pytest.mark.parametrize(
    ("name", "prefix", "columns"),
    [
        ("klaviyo", "", ("churn_probability",)),
        ("hubspot", "hs_", ("churn_risk",)),
        ("mailchimp", "abcdefgh_", ("expected_orders", "expected_spend")),
    ],
)
def test_a_prefix_that_would_hide_another_column_is_refused(name, prefix, columns):
    asked = ExportSettings(destinations=(name,), prefix=prefix, columns={name: columns})
    with pytest.raises(UsageError, match=r"export\.prefix"):
        check_export(asked, ["Email"])


def test_an_unknown_destination_names_the_nearest():
    with pytest.raises(UsageError, match="'klaviyo'"):
        check_export(ExportSettings(destinations=("klavyio",)), ["Email"])


def test_a_column_that_cannot_leave_names_the_nearest():
    asked = ExportSettings(destinations=("mailchimp",), columns={"mailchimp": ("churn_rsk",)})
    with pytest.raises(UsageError, match="'churn_risk'"):
        check_export(asked, ["Email"])


@EVERY
def test_a_list_without_a_key_is_refused_where_the_destination_needs_one(name):
    asked = ExportSettings(destinations=(name,))
    if destination(name).keys == ("customer_id",):
        check_export(asked, [])
    else:
        with pytest.raises(UsageError, match="--contact-column"):
            check_export(asked, ["First name"], ads_consent=True)
        check_export(asked, ["First name", "E-mail"], ads_consent=True)


@pytest.mark.parametrize("name", ["google_ads", "meta_ads"])
def test_ads_need_a_consent_of_their_own(name):
    with pytest.raises(UsageError, match=r"ingest\.privacy"):
        check_export(ExportSettings(destinations=(name,)), ["Email"])


def every_option():
    for name, target in DESTINATIONS.items():
        for key, option in target.options.items():
            for value in option.values if option.changed else ():
                yield pytest.param(name, key, value, id=f"{name}-{key}-{value}")


@pytest.mark.parametrize(("name", "key", "value"), list(every_option()))
def test_an_option_holds_both_ways(name, key, value):
    """Set to its default nothing changes; set to another value something does."""
    option = DESTINATIONS[name].options[key]
    as_set = destination(name, {key: value})
    assert (as_set == destination(name)) == (value == option.default)


def test_an_option_that_cannot_be_is_refused():
    with pytest.raises(UsageError, match="paid, free"):
        destination("hubspot", {"plan": "gratis"})


def test_columns_are_found_by_their_names():
    columns = ["Accepts Email", "Adres e-mail", "Telefon", "Imię"]
    assert key_column(columns, "email", None) == "Adres e-mail"
    assert key_column(columns, "phone", None) == "Telefon"
    assert key_column(columns, "email", "Imię") == "Imię"
    assert key_column(["Imię"], "email", None) is None


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("501 234 567", "PL", "+48501234567"),
        ("0048 501-234-567", "PL", "+48501234567"),
        ("'+48501234567", "PL", "+48501234567"),
        ("48501234567.0", "PL", "+48501234567"),
        ("+49 (0) 171 1234567", "PL", "+491711234567"),
        ("0171 1234567", "DE", "+491711234567"),
        ("0171 1234567", "PL", None),
        ("12", "PL", None),
        ("brak", "PL", None),
        ("=1+1", "PL", None),
    ],
)
def test_numbers_become_e164_by_the_country_of_the_shop(text, country, number):
    assert e164(text, country) == number


def test_keys_are_read_and_what_cannot_be_is_told_without_showing_it():
    contacts = pd.DataFrame(
        {
            "customer_id": ["1", "2", "3", "4"],
            "Email": ["ALA@sklep.pl", "jan.kowalski", None, "=cmd@sklep.pl"],
            "Telefon": ["501234567", "12345", "", None],
        }
    )
    found = keys_of(contacts, "PL")
    assert found.rows["email"].tolist() == ["ala@sklep.pl", None, None, None]
    assert found.rows["phone"].tolist() == ["+48501234567", None, None, None]
    assert found.unusable[["customer_id", "column", "why"]].to_numpy().tolist() == [
        ["2", "Email", "bad_email"],
        ["4", "Email", "bad_email"],
        ["2", "Telefon", "bad_phone"],
    ]
    assert not re.search("kowalski|123|cmd", " ".join(found.unusable["masked"]))


def asked_by_the_sender():
    """Destination and name of each option that an adapter reads."""
    for path in sorted((PACKAGE / "sending/adapters").glob("*.py")):
        name = {"salesforce": "salesforce_bulk"}.get(path.stem, path.stem)
        if name in DESTINATIONS:
            for key in re.findall(r"""\boption\(\s*["'](\w+)["']""", path.read_text()):
                yield name, key


def test_an_option_that_the_sender_reads_is_known_and_any_other_refused():
    asked = list(asked_by_the_sender())
    assert len(asked) > 15
    assert [each for each in asked if each[1] not in DESTINATIONS[each[0]].options] == []
    with pytest.raises(UsageError, match="list_id"):
        destination("mailchimp", {"list": "a1b2"})
    with pytest.raises(UsageError, match="timeout_seconds"):
        destination("hubspot", {"timeout_seconds": "soon"})
    assert destination("hubspot", {"timeout_seconds": 5}) == destination("hubspot")


def test_a_status_that_stands_in_no_contact_column_is_refused():
    asked = ExportSettings(
        destinations=("edrone",), options={"edrone": {"status_column": "edrone_status"}}
    )
    with pytest.raises(UsageError, match="edrone_status"):
        check_export(asked, ["Email"])
    check_export(asked, ["Email", "edrone_status"])
