"""HubSpot: contacts by e-mail; properties by their internal names."""

from winback.crm.destination import Destination, Dialect, Option, Value
from winback.crm.destinations.headers import CALLS, MAILED, blank_clears, in_dialect, sent, snake

_PAID = {"most_rows": 1_000_000, "most_file_bytes": 512_000_000}
_FREE = {"most_rows": 500_000, "most_file_bytes": 20_000_000}


def _plan(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, **(_FREE if value == "free" else _PAID))


HUBSPOT = Destination(
    name="hubspot",
    label="HubSpot",
    keys=("email",),
    key_headers={"email": "Email"},
    dialect=Dialect(
        most_rows=_PAID["most_rows"], most_file_bytes=_PAID["most_file_bytes"], most_columns=999,
        header_pattern=r"[a-z][a-z0-9_]{0,99}|Email",
    ),
    fields=MAILED,
    header=snake,
    consent_headers=(
        "hs_legal_basis", "hs_email_optout", "hs_marketable_status", "marketing status",
        "marketing contact status", "subscription status", "opted out of email",
    ),
    pushed=True,
    why="contacts are told apart and mails filled by properties, of which HubSpot takes many",
    own=r"hs_.*|email|phone|mobilephone|firstname|lastname|company|lifecyclestage|record id",
    options={
        "plan": Option("paid", "the account's plan, for rows and bytes of a file",
                       ("paid", "free"), _plan),
        "blank_clears": Option(False, "whether a blank cell of an imported file clears the "
                               "property", (True, False), blank_clears, verified=False),
        "day": sent("ms", "how a push writes a day: `ms` of midnight in UTC, or `iso`", "ms", "iso",
                    verified=False),
        "group": sent("contactinformation", "group of the properties that a push makes"),
        "update_by": sent("email", "`record`: look for the record's id first, where an update by "
                          "e-mail address is not taken", "email", "record", verified=False),
        **CALLS,
    },
)  # fmt: skip
