"""What of an outgoing is new, changed, the same or gone beside what was last confirmed.

By key, not by customer: whoever has another address now is new under that one, and the old one
has to give our values back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from winback.crm.confirmed import CONFIRMED, content_of
from winback.crm.destination import Destination
from winback.crm.outgoing import KEYS, Outgoing
from winback.crm.people import key_at


@dataclass(frozen=True)
class Delta:
    """An outgoing beside what its destination holds.

    Attributes:
        entered: rows under keys that hold nothing of us.
        changed: rows under keys that hold something else, or nobody knows what.
        same: how many rows are there as they are.
        left: :data:`KEYS` of those under whose keys nothing is meant to stand any more, as they
            were confirmed.
    """

    entered: pd.DataFrame
    changed: pd.DataFrame
    same: int
    left: pd.DataFrame


def as_confirmed(
    rows: pd.DataFrame, outgoing: Outgoing, destination: Destination, headers: Mapping[str, str]
) -> pd.DataFrame:
    """What the destination holds once these rows are there: columns of :data:`CONFIRMED`.

    Args:
        rows: of ``outgoing.rows``.
        outgoing: what they are of.
        destination: where they go.
        headers: of the fields, by their names; a field without one is known by its name.
    """
    names = [(headers.get(each.name, each.name), each.name) for each in outgoing.fields]
    columns = [rows[name].tolist() for _, name in names]
    contents = [
        content_of(
            (header, column[n]) for (header, _), column in zip(names, columns, strict=True)
        )
        for n in range(len(rows))
    ]  # fmt: skip
    table = {
        "customer_id": rows["customer_id"].tolist(),
        "key": key_at(destination, rows).tolist(),
        "content": contents,
        "campaign_id": [outgoing.campaign_id] * len(rows),
    }
    return pd.DataFrame(table, columns=CONFIRMED.names, dtype=object)


def delta_of(
    meant: pd.DataFrame, confirmed: pd.DataFrame, rows: pd.DataFrame, destination: Destination,
    erased: Collection[str] = (),
) -> Delta:  # fmt: skip
    """Hold what is meant to stand there against what does.

    Args:
        meant: of :func:`as_confirmed`, a row each of ``rows``.
        confirmed: columns of :data:`CONFIRMED`; an empty content: nobody knows.
        rows: the outgoing's.
        destination: where they go.
        erased: customers who were forgotten: nothing is written to them, not even that.
    """
    before = dict(zip(confirmed["key"], confirmed["content"], strict=True))
    known = meant["key"].isin(list(before)).to_numpy()
    same = (meant["content"] == meant["key"].map(before)).to_numpy()
    gone = confirmed[~confirmed["key"].isin(list(meant["key"]))]
    gone = gone[~gone["customer_id"].isin(list(erased))]
    return Delta(
        entered=rows[~known].reset_index(drop=True),
        changed=rows[known & ~same].reset_index(drop=True),
        same=int(same.sum()),
        left=_by_kind(gone, destination),
    )


def after(
    meant: pd.DataFrame, confirmed: pd.DataFrame, *, cleared: Collection[str]
) -> pd.DataFrame:
    """What the destination holds once ``meant`` is there and those keys are cleared."""
    stays = confirmed[~confirmed["key"].isin([*meant["key"], *cleared])]
    return pd.concat([stays, meant], ignore_index=True)


def _by_kind(confirmed: pd.DataFrame, destination: Destination) -> pd.DataFrame:
    """Keys in the columns that they belong to, by what they look like."""
    found = pd.DataFrame(None, index=range(len(confirmed)), columns=list(KEYS), dtype=object)
    found["customer_id"] = confirmed["customer_id"].tolist()
    for n, (customer, key) in enumerate(
        zip(confirmed["customer_id"], confirmed["key"], strict=True)
    ):
        if "@" in key and "email" in destination.keys:
            found.at[n, "email"] = key
        elif key.startswith("+") and "phone" in destination.keys:
            found.at[n, "phone"] = key
        elif key != customer:
            # An id that an earlier row of somebody else's was confirmed by.
            found.at[n, "customer_id"] = key
    return found.sort_values("customer_id", kind="stable", ignore_index=True)
