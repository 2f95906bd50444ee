"""Mailchimp: members of an audience by e-mail; few merge fields, and tags."""

from winback.crm.destination import Destination, Dialect, Option, Tag
from winback.crm.destinations.headers import CALLS, JOBS, blank_clears, merge_tag, sent


def ascii_before_at(address: str) -> str:
    """An address whose letters with marks stand behind the ``@`` alone; else none."""
    return address if address.rpartition("@")[0].isascii() else ""


MAILCHIMP = Destination(
    name="mailchimp",
    label="Mailchimp",
    keys=("email",),
    key_headers={"email": "Email Address"},
    dialect=Dialect(
        most_bytes=255, most_rows=1_000_000, most_file_bytes=90_000_000,
        header_pattern=r"[A-Z][A-Z0-9_]{0,9}|Email Address|Tags",
    ),
    fields=("offer_label", "valid_until", "churn_risk",
            "next_product_1", "next_product_2", "next_product_3"),
    header=merge_tag,
    consent_headers=(
        "status", "status_if_new", "opt-in", "opt_in", "optin_time", "optin_ip", "confirm_time",
        "confirm_ip", "email permission status", "member_rating", "unsub_time", "cleaned_time",
    ),
    pushed=True,
    why="an audience has room for 30 merge fields, the shop's own among them: the five that a mail "
    "shows (the offer's label and its last day, the next products) and the risk, by which an "
    "audience is split, as it is by the label; why a product is next, no mail shows",
    own=r"email|fname|lname|address|phone|birthday|email address|tags",
    email=ascii_before_at,
    tags=(Tag("churn_risk", "Churn: {}", "title"),),
    options={
        "blank_clears": Option(False, "whether a blank cell of an imported file clears the merge "
                               "field", (True, False), blank_clears, verified=False),
        "list_id": sent("", "the audience that a push updates"),
        "status_if_new": sent("", "status of a member whom `--create` makes; without it nobody is "
                              "made"),
        "tags": sent(True, "whether a push writes the tag `Churn: High` and takes the old one away",
                     True, False),
        "clear": sent("", "what takes a merge field back", verified=False),
        "create_fields": sent(False, "whether a push makes merge fields that are not there", True,
                              False),
        **JOBS,
        **CALLS,
    },
)  # fmt: skip
