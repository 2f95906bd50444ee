"""Files of destinations, held against their importers' rules by another hand than the writer's."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.checkers import dialects as checker
from tests.checkers.awkward import people

from winback.crm.checked import fields_of
from winback.crm.destinations import destination
from winback.crm.fields import FIELDS
from winback.crm.keys import keys_of
from winback.crm.writing import Sheet, written
from winback.params import ExportSettings

KINDS = {name: field.kind for name, field in FIELDS.items()}
EVERY = pytest.mark.parametrize("name", checker.DESTINATIONS)


@pytest.fixture(scope="module")
def crowd():
    return list(people(420, KINDS))


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
    meant = checker.Meant(
        {field.name: field.kind for field in sheet.fields}, crowd,
        frozenset(made.rejected["customer_id"]),
    )  # fmt: skip
    assert checker.faults(name, made.parts, meant) == []
