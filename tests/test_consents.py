"""Whatever looks like a consent and is used as none is a doubt at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from telling import told as sentences
from winback.errors import UsageError
from winback.intake.consents import kind_of
from winback.intake.settling import read_orders
from winback.intake.signals import read_attributes, read_signals
from winback.intake.told import Asked
from winback.params import check_params
from winback.privacy import Privacy
from winback.project import Project
from winback.results.intake import IngestSummary
from winback.said.telling import tell
from winback.said.words import Words
from winback.stages.ingest import ingest

CUTOFF = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("email_consent", ["yes", "no"]), ("zgoda", ["tak", "nie"]), ("Zgoda marketingowa", []),
        ("newsletter_opt_in", ["0", "1"]), ("newsletterOptIn", ["0", "1"]),
        ("marketing_permission", ["true", "false"]), ("rodo", ["T", "N"]), ("RODO", ["1"]),
        ("accepts_marketing", ["TRUE"]), ("gdpr", ["granted"]), ("newsletter", ["1.0", "0.0"]),
        ("subscribed", ["true"]), ("may_contact", ["y", "n"]), ("sms_on", ["1", "0"]),
        ("Einwilligung", ["ja", "nein"]), ("zgody_sms", ["tak", ""]), ("powiadomienia", ["nie"]),
    ],
)  # fmt: skip
def test_names_of_consents_are_known(name: str, values: list[str]) -> None:
    assert kind_of(name, values) == "consent"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("opt_out", ["1", "0"]), ("unsubscribed", ["true"]), ("do_not_contact", ["yes", "no"]),
        ("sprzeciw", ["tak"]), ("no_marketing", ["1"]), ("bez_zgody", []), ("donotmail", ["y"]),
    ],
)  # fmt: skip
def test_of_an_objection_yes_means_no(name: str, values: list[str]) -> None:
    assert kind_of(name, values) == "objection"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("newsletter", ["March", "April"]), ("subscription", ["active", "paused"]),
        ("marketing_channel", ["ads", "mail"]), ("tier", ["yes", "no"]), ("email", ["a@x.pl"]),
        ("consent_date", ["2024-01-02"]), ("rodo_id", ["17"]), ("promotion", ["1", "0"]),
        ("option", ["1", "0"]), ("newsletter_opened", []), ("gift", ["yes", "no"]),
        ("opt_min", ["3"]), ("american_market", ["x"]), ("permission_level", ["admin"]),
        ("adopted_in", ["2020"]), ("permission_text", ["I agree"]),
    ],
)  # fmt: skip
def test_other_names_are_let_pass(name: str, values: list[str]) -> None:
    assert kind_of(name, values) is None


def orders(folder: Path, more: str = "", cells: tuple[str, str] = ("yes", "no")) -> Path:
    """Orders of ten customers k0 to k9, with one more column if named."""
    rows = [
        [f"k{n}", f"o{n}", f"2024-01-{n + 1:02d}", 10.0, cells[n % 2]] for n in range(10)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["customer_id", "order_id", "date", "amount", more or "x"])
    path = folder / "orders.csv"
    (table if more else table.drop(columns="x")).to_csv(path, index=False)
    return path


def doubted(found: Any) -> list[str]:
    return [doubt.code.partition(".")[2] for doubt in found.doubts]


@pytest.mark.parametrize(
    ("column", "code"),
    [("rodo", "consent_unused"), ("Newsletter Opt-In", "consent_unused"),
     ("do_not_contact", "objection_unused")],
)  # fmt: skip
def test_a_column_of_the_orders_is_doubted(tmp_path: Path, column: str, code: str) -> None:
    summary = read_orders(orders(tmp_path, column), tmp_path / "out").summary
    assert doubted(summary) == [code]
    assert any(f"'{column}'" in said for said in sentences(summary))


def test_a_register_of_customers_beside_the_orders_is_doubted(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    orders(shop)
    register = [f"k{n},{'tak' if n % 2 else 'nie'}" for n in range(10)]
    (shop / "klienci.csv").write_text("\n".join(["customer_id,zgoda", *register]) + "\n")
    summary = read_orders(shop, tmp_path / "out").summary
    assert "consent_beside" in doubted(summary)
    assert any("klienci.csv" in said and "--consent-attribute" in said
               for said in sentences(summary))  # fmt: skip


def side(folder: Path, kind: str, name: str, values: tuple[Any, Any]) -> Path:
    rows = [[f"k{n}", f"2024-02-{n + 1:02d}", name, values[n % 2]] for n in range(10)]
    time = "known_at" if kind == "attributes" else "happened_at"
    path = folder / f"{kind}.csv"
    pd.DataFrame(rows, columns=["customer_id", time, "name", "value"]).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["email_consent", "zgoda", "newsletter_opt_in", "rodo"])
def test_an_attribute_and_a_signal_are_doubted(tmp_path: Path, name: str) -> None:
    for kind, read, values in (
        ("attributes", read_attributes, ("tak", "nie")), ("signals", read_signals, (1, 0))
    ):  # fmt: skip
        path = side(tmp_path, kind, name, values)
        table = read(path, tmp_path / "out", cutoff=CUTOFF)
        found = [d for d in table.doubts if d.code.endswith(f"consent_of_{kind}")]
        assert len(found) == 1
        for language in ("en", "pl"):
            said = tell(found[0], Words(language))
            assert name in said and f"--consent-attribute {name}" in said
        used = read(path, tmp_path / "out", cutoff=CUTOFF, consents=[name])
        assert not any("consent_of" in d.code for d in used.doubts)


def test_an_attribute_can_be_the_consent_and_is_then_no_doubt(tmp_path: Path) -> None:
    attributes = side(tmp_path, "attributes", "email_consent", ("yes", "no"))
    with attributes.open("a") as more:
        more.write("k0,2024-03-01,email_consent,no\nk9,2025-01-01,email_consent,yes\n")
    orders(tmp_path)

    def ingested(**privacy: Any) -> Project:
        given = {"orders": str(tmp_path / "orders.csv"), "attributes": str(attributes),
                 "cutoff": "2024-06-01", "privacy": privacy}  # fmt: skip
        project = Project(check_params({"ingest": given}, "test"), root=tmp_path / "shop")
        (tmp_path / "shop" / "data").mkdir(parents=True, exist_ok=True)
        ingest(project)
        return project

    summary = ingested().result("ingest", IngestSummary)
    assert doubted(summary) == ["consent_of_attributes"]
    assert summary.privacy is None
    project = ingested(marketing=[{"attribute": "email_consent"}])
    summary = project.result("ingest", IngestSummary)
    assert doubted(summary) == []
    assert "marketing: attribute 'email_consent'; 4 customers agreed, 6 refused" in sentences(
        summary
    )
    rows = project.frame("privacy").set_index("customer_id")["no_marketing"]
    # k0 took it back; what k9 says after the cutoff is not known yet.
    assert rows.to_dict() == {f"k{n}": n % 2 == 1 or n == 0 for n in range(10)}
    with pytest.raises(UsageError, match=r"no attribute 'sms_consent'.*email_consent"):
        ingested(marketing=[{"attribute": "sms_consent"}])


def test_a_word_that_is_neither_yes_nor_no_is_a_question(tmp_path: Path) -> None:
    source = side(tmp_path, "attributes", "zgoda", ("tak", "może"))
    asked = Asked(Privacy(marketing=[{"attribute": "zgoda"}]), attributes=source)
    with pytest.raises(UsageError, match="'może'"):
        read_orders(orders(tmp_path), tmp_path / "out", cutoff=CUTOFF, privacy=asked)
