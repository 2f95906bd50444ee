"""Who may get something at a destination, who must not, and who is known by the same key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from winback.crm.destination import Destination
from winback.crm.keys import Keys
from winback.crm.outgoing import KEYS, Outgoing
from winback.privacy import plain_channel

_REFUSED = ("no_marketing", "no_profiling", "no_ads")


def refusals(
    privacy: pd.DataFrame, channels: Mapping[str, str | None], *, for_ads: bool
) -> dict[str, str]:
    """Why somebody must get nothing, by customer; who may is not in it.

    Args:
        privacy: rows of `winback.tables.history.PRIVACY`.
        channels: by customer the channel of the offer that would leave, where one would.
        for_ads: whether it goes to an ads platform.
    """
    barred: dict[str, str] = {}
    flags = {name: _true(privacy, name) for name in ("no_profiling", "no_marketing", "no_ads")}
    by_channels = (
        privacy["barred_channels"].tolist()
        if "barred_channels" in privacy
        else [None] * len(privacy)
    )
    for n, customer in enumerate(privacy["customer_id"].astype(str).tolist()):
        by_channel, channel = by_channels[n], channels.get(customer)
        if flags["no_profiling"][n]:
            barred[customer] = "no_profiling"
        elif flags["no_marketing"][n] or (
            channel is not None
            and isinstance(by_channel, str)
            and plain_channel(channel) in by_channel.split(",")
        ):
            barred[customer] = "no_marketing"
        elif for_ads and flags["no_ads"][n]:
            barred[customer] = "no_ads"
    return barred


def _true(privacy: pd.DataFrame, column: str) -> list[bool]:
    if column not in privacy:
        return [False] * len(privacy)
    return privacy[column].astype("boolean").fillna(False).astype(bool).tolist()


def key_at(destination: Destination, people: pd.DataFrame) -> pd.Series[Any]:
    """By what the destination knows each person: the first of its keys that there is, or None."""
    found = pd.Series(None, index=people.index, dtype=object)
    for key in destination.keys:
        column = people[key].where(people[key].notna(), None)
        found = found.where(found.notna(), column)
    return found.where(found.notna(), None)


def parted(
    values: pd.DataFrame, control: Collection[str], known: Collection[str],
    barred: Mapping[str, str], keys: Keys, destination: Destination, template: Outgoing,
) -> Outgoing:  # fmt: skip
    """The rows that leave, and everybody who gets nothing with the reason.

    Args:
        values: typed rows of who should get something, the likeliest of one key first.
        control: the control group.
        known: everybody known to the shop but for who was erased.
        barred: as :func:`refusals` gives it.
        keys: of everybody.
        destination: where it goes.
        template: what else the outgoing is; its tables are filled in.
    """
    with_keys = _with_keys(values["customer_id"].tolist(), keys)
    rows = pd.concat([with_keys, values.drop(columns="customer_id")], axis=1)
    rows = rows[~rows["customer_id"].isin(list(barred))].reset_index(drop=True)
    held_out = [c for c in sorted(control) if c in known]
    sent = set(rows["customer_id"])
    rest = sorted(
        {c for c in known if c not in sent and c not in control} | set(barred) & set(known)
    )
    kept_out = _with_keys([c for c in rest if c not in control], keys)
    kept_out["why"] = [barred.get(c, "left") for c in kept_out["customer_id"]]
    controls = _with_keys(held_out, keys)
    at, untouchable = key_at(destination, rows), set(_of(destination, kept_out, _REFUSED))
    if template.audience == "listed":
        untouchable |= set(key_at(destination, controls).dropna())
    why = pd.Series(None, index=rows.index, dtype=object)
    # Whoever shares an address with somebody who must get nothing would write to that person.
    why[at.isin(untouchable) | (at.duplicated() & at.notna())] = "duplicate_key"
    why[at.isna()] = "no_key"
    bad = keys.unusable.set_index("customer_id")["why"]
    bad = bad[~bad.index.duplicated()]
    nameless = why.eq("no_key")
    why[nameless] = rows.loc[nameless, "customer_id"].map(bad).fillna("no_key")
    rejected = rows.loc[why.notna(), ["customer_id"]].assign(why=why[why.notna()])
    rows, at = rows[why.isna()], at[why.isna()]
    # Values that leave under a key must not be taken back from it.
    kept_out = kept_out[~(key_at(destination, kept_out).isin(set(at)) & kept_out["why"].eq("left"))]
    return Outgoing(
        campaign_id=template.campaign_id, audience=template.audience, fields=template.fields,
        rows=_sorted(rows), control=_sorted(controls), kept_out=_sorted(kept_out),
        rejected=_sorted(rejected),
    )  # fmt: skip


def _of(destination: Destination, people: pd.DataFrame, reasons: Collection[str]) -> list[str]:
    return list(key_at(destination, people[people["why"].isin(reasons)]).dropna())


def _with_keys(ids: list[str], keys: Keys) -> pd.DataFrame:
    """The key columns of these people; who has none still has an id."""
    found = keys.rows.reindex(ids)
    found = found.where(found.notna(), None).astype(object)
    found["customer_id"] = pd.Series(ids, index=found.index, dtype=object)
    return found.reset_index(drop=True)[list(KEYS)]


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("customer_id", kind="stable", ignore_index=True)
