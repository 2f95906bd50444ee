"""GetResponse: contacts of a list by e-mail; custom fields."""

from winback.crm.destination import Destination, Dialect, Option
from winback.crm.destinations.headers import CALLS, MAILED, blank_clears, sent, snake

GETRESPONSE = Destination(
    name="getresponse",
    label="GetResponse",
    keys=("email",),
    key_headers={"email": "email"},
    dialect=Dialect(
        most_chars=255, most_rows=1_000_000, most_file_bytes=90_000_000,
        header_pattern=r"[a-z][a-z0-9_]{0,31}",
    ),
    fields=MAILED,
    header=snake,
    consent_headers=("consents", "consent", "subscribed_on", "optin", "opt_in"),
    pushed=True,
    why="segments and automations are made of custom fields, mails are filled from them",
    own=r"email|name|first_name|firstname|last_name|phone|mobile_phone|country|city|age|birthdate"
    r"|company|comment|fax|gender|home_phone|http_referer|postal_code|ref|state|street|url"
    r"|work_phone",
    options={
        "blank_clears": Option(False, "whether a blank cell of an imported file clears the custom "
                               "field", (True, False), blank_clears, verified=False),
        "campaign_id": sent("", "the list that a push updates"),
        "clear": sent("empty", "what takes a custom field back: no value (`empty`) or a `blank` "
                      "one", "empty", "blank", verified=False),
        "create_fields": sent(False, "whether a push makes custom fields that are not there", True,
                              False),
        **CALLS,
    },
)  # fmt: skip
