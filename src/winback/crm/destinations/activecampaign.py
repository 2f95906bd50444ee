"""ActiveCampaign: contacts by e-mail; custom fields by their titles."""

from winback.crm.destination import Destination, Dialect, Option, Value
from winback.crm.destinations.headers import MAILED, blank_clears, in_dialect, words


def _dates(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, day="%m/%d/%Y" if value == "MM/DD/YYYY" else "%Y-%m-%d")


ACTIVECAMPAIGN = Destination(
    name="activecampaign",
    label="ActiveCampaign",
    keys=("email",),
    key_headers={"email": "Email"},
    dialect=Dialect(most_rows=1_000_000, most_file_bytes=90_000_000,
                    header_pattern=r"[A-Za-z][A-Za-z0-9 ]{0,99}"),
    fields=MAILED,
    header=words,
    consent_headers=("status", "list status", "lists", "subscribe", "unsubscribe", "opt-in",
                     "subscribed", "unsubscribed"),
    why="segments and automations are made of custom fields, mails are filled from them",
    own=r"email|first name|last name|phone|account|customer_acct_name|tags",
    options={
        "dates": Option("YYYY-MM-DD", "form of a day", ("YYYY-MM-DD", "MM/DD/YYYY"), _dates,
                        verified=False),
        "blank_clears": Option(False, "whether a blank cell of an imported file clears the field",
                               (True, False), blank_clears, verified=False),
    },
)  # fmt: skip
