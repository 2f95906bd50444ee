"""One small module a destination that `winback push` speaks to."""

from __future__ import annotations

from importlib import import_module

from winback.errors import UsageError
from winback.sending.adapter import Adapter, Setting

ADAPTERS: dict[str, str] = {
    "hubspot": "hubspot.HubSpot",
    "klaviyo": "klaviyo.Klaviyo",
    "mailchimp": "mailchimp.Mailchimp",
    "getresponse": "getresponse.GetResponse",
    "salesforce_bulk": "salesforce.SalesforceBulk",
    "postgresql": "postgresql.PostgreSQL",
}
"""By the destination's name the class, in the modules beside this one."""


def adapter(name: str, setting: Setting) -> Adapter:
    """The adapter of a destination, not connected yet.

    Raises:
        UsageError: the destination gets files alone.
    """
    if name not in ADAPTERS:
        raise UsageError("sending.files_alone", name=name, known=tuple(ADAPTERS))
    module, _, kind = ADAPTERS[name].partition(".")
    # By name, so that a driver of one destination is not asked for by another.
    made: Adapter = getattr(import_module(f"{__name__}.{module}"), kind)(setting)
    return made
