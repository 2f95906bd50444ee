"""Takes orders that winback wrote as they are: at their scale, each line of its own kind."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from winback.errors import UsageError
from winback.intake.cells import literal
from winback.intake.flags import Lines
from winback.intake.judges import Judges
from winback.intake.lines import SRC_BITS, Group
from winback.intake.shapes import Source
from winback.intake.statuses import REFUND_EVENT, STANDS
from winback.intake.told import Told
from winback.results.base import fact

_ROLES = {
    "customer": "customer_id", "order": "order_id", "date": "ordered_at", "known_at": "known_at",
    "product": "product_id", "quantity": "quantity", "amount": "amount",
}  # fmt: skip


class OwnGroup(Group):
    """Files of orders in our own form: nothing is left to find out but their scale.

    Raises UsageError where that got lost and nobody told it.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, sources: Sequence[tuple[int, Source]], *, told: Told,
        contacts: Sequence[str], watched: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._begin(con, sources, told)
        for name in contacts:
            raise UsageError(
                "intake.no_contact_column", file=self.label, column=name, columns=self.names
            )
        self.watched = [None for _ in watched]
        stated = self.first.stated or {}
        scale = stated.get("amount_scale", "")
        if not scale.isdigit():
            if told.minor_units is None:
                raise UsageError("intake.own_scale_lost", file=self.label)
            scale = "100" if told.minor_units else "1"
        self._scale, self._currency = int(scale), stated.get("currency", "")
        self.contacts, self.flags, self.currencies, self.kinship = [], [], {}, None
        self.roles = {role: self.names.index(name) for role, name in _ROLES.items()}
        self.money = "amount"
        # Lines that are alike in what is kept were told apart when the shop's own were read.
        parts = (
            f"SELECT {number}::INTEGER AS file_no, hash({number}, src) AS line_hash, * "
            f"FROM {source.relation}"
            for number, source in sources
        )
        self.relation = f"({' UNION ALL '.join(parts)})"
        lines = Lines(con, self.relation, self.label, self.types, self.roles)
        self.judges = Judges((), lines, told, self.findings)
        self.findings.understood.append(fact("intake.own_orders", scale=self._scale))

    def parse(self) -> tuple[str, bool]:
        """SQL of the lines, which can stay where they are."""
        at = {name: f"c{i}" for i, name in enumerate(self.names)}
        currency = literal(self._currency.upper()) if self._currency else "NULL"
        nobody = "CAST(NULL AS VARCHAR)"
        spare = "".join(f", {nobody} AS w{n}" for n in range(len(self.watched)))
        return (
            f"""SELECT (CAST(file_no AS BIGINT) << {SRC_BITS}) | src AS line, line_hash,
                {at["customer_id"]} AS customer_id, {at["order_id"]} AS order_id,
                CAST({at["ordered_at"]} AS TIMESTAMP) AS ordered_at,
                CAST({at["known_at"]} AS TIMESTAMP) AS known_at, {at["product_id"]} AS product_id,
                CAST({at["quantity"]} AS DOUBLE) AS quantity,
                CAST({at["amount"]} AS DOUBLE) / {self._scale} AS value,
                (CASE {at["kind"]} WHEN 'refund' THEN {REFUND_EVENT} ELSE {STANDS} END)::UTINYINT
                    AS state, CAST(NULL AS TIMESTAMP) AS cancelled_at,
                CAST(NULL AS DOUBLE) AS refunded, CAST({currency} AS VARCHAR) AS currency,
                CASE WHEN {at["customer_id"]} IS NULL THEN 'no_customer'
                    WHEN {at["ordered_at"]} IS NULL THEN 'no_date'
                    WHEN {at["amount"]} IS NULL THEN 'no_amount' END AS reason,
                {nobody} AS bad_column, {nobody} AS bad_value{spare}
                FROM {self.relation}""",
            True,
        )
