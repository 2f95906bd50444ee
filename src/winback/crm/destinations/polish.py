"""SALESmanago and edrone, whose importers are particular."""

from dataclasses import replace

from winback.crm.destination import Destination, Dialect, Option, Tag, Value
from winback.crm.destinations.headers import USUAL, blank_clears, in_dialect, snake


def _tags(destination: Destination, value: Value) -> Destination:
    return replace(destination, tags_header=str(value))


def _email(destination: Destination, value: Value) -> Destination:
    return replace(destination, key_headers={"email": str(value)})


def _status(destination: Destination, value: Value) -> Destination:
    return replace(destination, status_header=str(value))


def _separator(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, separator=";" if value == "semicolon" else ",")


def _tags_separator(destination: Destination, value: Value) -> Destination:
    return replace(destination, tags_separator=str(value))


_NO_ROOM = ("churn_probability", "segment_advice", "expected_spend")

SALESMANAGO = Destination(
    name="salesmanago",
    label="SALESmanago",
    keys=("email",),
    key_headers={"email": "email"},
    dialect=Dialect(
        separator=";", most_chars=255, most_rows=1_000_000, most_file_bytes=90_000_000,
        most_columns=16, header_pattern=r"[A-Za-z][A-Za-z0-9_ -]{0,254}",
    ),
    fields=(*(name for name in USUAL if name not in _NO_ROOM), "message_product"),
    header=snake,
    consent_headers=(
        "forceoptin", "forceoptout", "forcephoneoptin", "forcephoneoptout", "optin", "optout",
        "opt-in", "opt-out", "consent", "useapidoubleoptin",
    ),
    why="a file takes 16 details of a contact; automations start from tags. Those with the next "
    "products are full: no chance and no advice, which the tags of risk and segment stand for, no "
    "expected spend beside the lifetime value, no last day in words beside the day",
    own=r"email|e-mail|phone|telefon|name|imi.*|nazwisko|externalid|contactid|lang|tags|tagi",
    tags=(
        Tag("churn_risk", "WB_CHURN_{}", "upper"),
        Tag("value_band", "WB_VALUE_{}", "upper"),
        Tag("rfm_segment", "WB_RFM_{}", "upper"),
    ),
    tags_header="tags",
    options={
        "email_header": Option("email", "header of the address; the importer asks which it is",
                               (), _email, verified=False),
        "tags_header": Option("tags", "header of the tags", (), _tags, verified=False),
        "blank_clears": Option(False, "whether a blank cell of an imported file clears the detail",
                               (True, False), blank_clears, verified=False),
    },
)  # fmt: skip

EDRONE = Destination(
    name="edrone",
    label="edrone",
    keys=("email",),
    key_headers={"email": "email"},
    dialect=Dialect(
        quoted="never", most_rows=1_000_000, most_file_bytes=90_000_000,
        header_pattern=r"[a-z][a-z_]{0,49}",
    ),
    fields=("churn_risk", "value_band", "rfm_segment"),
    header=snake,
    why="tags are the only place for a score",
    allowed=("churn_risk", "value_band", "rfm_segment"),
    own=r"email|first_name|last_name|phone|subscriber_status|customer_tags",
    tags=(
        Tag("churn_risk", "WB_CHURN_{}", "upper"),
        Tag("value_band", "WB_VALUE_{}", "upper"),
        Tag("rfm_segment", "WB_RFM_{}", "upper"),
    ),
    tags_header="customer_tags",
    tags_separator="|",
    tags_alone=True,
    status_header="subscriber_status",
    options={
        "email_header": Option("email", "header of the address", (), _email, verified=False),
        "tags_header": Option("customer_tags", "header of the tags", (), _tags, verified=False),
        "status_header": Option("subscriber_status", "header of the e-mail status, without which "
                                "the importer takes no file", (), _status, verified=False),
        "separator": Option("comma", "between the columns", ("comma", "semicolon"), _separator,
                            verified=False),
        "tags_separator": Option("|", "between the tags", (), _tags_separator, verified=False),
        "status_column": Option("", "contact column that holds each person's e-mail status as "
                                "edrone exported it; without it the status stays blank, since a "
                                "made-up one would subscribe somebody"),
    },
)  # fmt: skip
