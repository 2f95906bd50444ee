"""Every destination by its name, one small module each; an option of the shop changes a copy."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from winback.crm.destination import Destination, Value
from winback.crm.destinations.activecampaign import ACTIVECAMPAIGN
from winback.crm.destinations.ads import GOOGLE_ADS, META_ADS
from winback.crm.destinations.braze import BRAZE
from winback.crm.destinations.brevo import BREVO
from winback.crm.destinations.getresponse import GETRESPONSE
from winback.crm.destinations.hubspot import HUBSPOT
from winback.crm.destinations.klaviyo import KLAVIYO
from winback.crm.destinations.mailchimp import MAILCHIMP
from winback.crm.destinations.polish import EDRONE, SALESMANAGO
from winback.crm.destinations.salesforce import MARKETING_CLOUD, SALESFORCE, SALESFORCE_BULK
from winback.crm.destinations.table import PARQUET, POSTGRESQL
from winback.errors import UsageError

DESTINATIONS: dict[str, Destination] = {
    each.name: each
    for each in (
        HUBSPOT, SALESFORCE, SALESFORCE_BULK, MARKETING_CLOUD, KLAVIYO, MAILCHIMP, BRAZE, BREVO,
        GETRESPONSE, ACTIVECAMPAIGN, SALESMANAGO, EDRONE, GOOGLE_ADS, META_ADS, PARQUET,
        POSTGRESQL,
    )
}  # fmt: skip
"""All of them, each with its defaults."""


def destination(name: str, options: Mapping[str, Value] | None = None) -> Destination:
    """The destination of that name, as the shop's options for it make it.

    Args:
        name: as in ``export.destinations``.
        options: of ``export.options``; those that only the sender asks for change nothing here.

    Raises:
        UsageError: there is none of that name (the nearest is named), there is no such
            option, or it cannot have that value.
    """
    found = DESTINATIONS.get(name)
    if found is None:
        near = difflib.get_close_matches(name.lower(), DESTINATIONS, 1, 0.4)
        known = tuple(DESTINATIONS)
        if near:
            raise UsageError("crm.no_destination", found=name, nearest=near[0], known=known)
        raise UsageError("crm.no_destination_like", found=name, known=known)
    for key, value in (options or {}).items():
        option = found.options.get(key)
        if option is None:
            raise UsageError(
                "crm.no_option", destination=name, found=key, known=tuple(found.options)
            )
        if option.values and (value not in option.values):
            raise UsageError(
                "crm.option", destination=name, option=key, found=value, values=option.values
            )
        whole = isinstance(option.default, float) and type(value) is int
        if not whole and type(value) is not type(option.default):
            raise UsageError(
                "crm.option_kind", destination=name, option=key, found=value, like=option.default
            )
        if option.changed is not None:
            found = option.changed(found, value)
    return found
