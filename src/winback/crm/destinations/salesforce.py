"""Salesforce: Data Loader, Bulk API 2.0 and Marketing Cloud."""

from dataclasses import replace

from winback.crm.destination import Destination, Dialect, Option, Value
from winback.crm.destinations.headers import (
    CALLS,
    JOBS,
    MAILED,
    USUAL,
    custom,
    in_dialect,
    pascal,
    sent,
)

_NULL = "#N/A"


def _external_id(destination: Destination, value: Value) -> Destination:
    return replace(destination, key_headers={**destination.key_headers, "customer_id": str(value)})


def _key(destination: Destination, value: Value) -> Destination:
    return replace(destination, keys=("email" if value == "email" else "customer_id",))


def _probability(destination: Destination, value: Value) -> Destination:
    hundred = value == "percent"
    return in_dialect(destination, share=100 if hundred else 1, decimals=2 if hundred else 4)


def _clear(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, clear="" if value == "blank" else _NULL)


def _line_end(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, line_end="\r\n" if value == "CRLF" else "\n")


def _unknown(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, empty=_NULL if value == "clear" else "")


_OPTIONS = {
    "external_id": Option("WB_Customer_Id__c", "API name of the field, marked External ID and "
                          "Unique, that holds the shop's customer id", (), _external_id),
    "key": Option("customer_id", "`email`: match by the field `Email`",
                  ("customer_id", "email"), _key),
    "probability": Option("number", "`number`: 0.3712 for Number(5,4); `percent`: 37.12",
                          ("number", "percent"), _probability),
    "unknown": Option("keep", "`clear`: an unknown value of a full list is `#N/A`, which takes "
                      "back an older one; `keep`: blank, which is ignored",
                      ("keep", "clear"), _unknown),
    "line_end": Option("LF", "must be what the job says", ("LF", "CRLF"), _line_end),
}  # fmt: skip

SALESFORCE_BULK = Destination(
    name="salesforce_bulk",
    label="Salesforce Bulk API 2.0",
    keys=("customer_id",),
    key_headers={"customer_id": "WB_Customer_Id__c", "email": "Email"},
    dialect=Dialect(
        clear=_NULL, most_chars=255, most_rows=1_000_000, most_file_bytes=90_000_000,
        header_pattern=r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*(__c)?",
    ),
    fields=USUAL,
    header=custom,
    consent_headers=(
        "hasoptedoutofemail", "hasoptedoutoffax", "donotcall", "shouldforget",
        "hasoptedoutprocessing", "hasoptedoutprofiling",
    ),
    pushed=True,
    why="reports, list views and campaigns are made of fields of the contact",
    own=r"(?!.*__c$).*",
    options={
        **_OPTIONS,
        "object": sent("Contact", "API name of the object that a push updates"),
        "api_version": sent("62.0", "of the API"),
        **JOBS,
        **CALLS,
    },
)  # fmt: skip

SALESFORCE = replace(
    SALESFORCE_BULK,
    name="salesforce",
    label="Salesforce Data Loader",
    pushed=False,
    options={
        **_OPTIONS,
        "clear": Option(_NULL, "`#N/A` with the Bulk API switched on; `blank` where `Insert null "
                        "values` is", (_NULL, "blank"), _clear, verified=False),
    },
)  # fmt: skip


def _separator(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, separator="\t" if value == "tab" else ",")


def _subscriber(destination: Destination, value: Value) -> Destination:
    return replace(destination, key_headers={"customer_id": str(value)})


def _text_length(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, most_chars=int(value))


MARKETING_CLOUD = Destination(
    name="marketing_cloud",
    label="Salesforce Marketing Cloud",
    keys=("customer_id",),
    key_headers={"customer_id": "SubscriberKey"},
    dialect=Dialect(
        clear="", most_chars=255, most_rows=1_000_000, most_file_bytes=90_000_000,
        header_pattern=r"[A-Za-z][A-Za-z0-9]{0,127}",
    ),
    fields=MAILED,
    header=pascal,
    consent_headers=("subscriber status", "subscriberstatus", "status"),
    why="a data extension of scores beside the subscribers, joined by its key",
    own=r"subscriberkey|contactkey|emailaddress|subscriberid|subscriber.*|_.*",
    options={
        "key": Option("SubscriberKey", "the primary key of the data extension",
                      ("SubscriberKey", "ContactKey"), _subscriber),
        "separator": Option("comma", "`tab` for a .txt", ("comma", "tab"), _separator),
        "text_length": Option(255, "characters of the data extension's text fields", (),
                              _text_length),
    },
)  # fmt: skip
