"""Tables of the shop's own: a Parquet file, and a table of PostgreSQL."""

from winback.crm.destination import Destination, Dialect
from winback.crm.destinations.headers import CALLS, TABLE, plain, sent

PARQUET = Destination(
    name="parquet",
    label="Parquet",
    keys=("customer_id",),
    key_headers={"customer_id": "customer_id"},
    dialect=Dialect(clear="", header_pattern=r"[a-z][a-z0-9_]{0,62}"),
    fields=TABLE,
    header=plain,
    why="a table of the shop's own takes everything",
    suffix=".parquet",
)

POSTGRESQL = Destination(
    name="postgresql",
    label="PostgreSQL",
    keys=("customer_id",),
    key_headers={"customer_id": "customer_id"},
    dialect=Dialect(clear="", header_pattern=r"[a-z][a-z0-9_]{0,62}"),
    fields=TABLE,
    header=plain,
    pushed=True,
    why="a table of the shop's own takes everything",
    options={
        "table": sent("customer_scores", "name of the table, `schema.table` where it has one"),
        "key_column": sent("customer_id", "column of the shop's customer id"),
        "url": sent(
            "", "of the database, without its password; WINBACK_POSTGRESQL_URL goes before it"
        ),
        "create_table": sent(True, "whether a push makes the table", True, False),
        "create_fields": sent(False, "whether a push adds columns that are not there", True, False),
        "update_only": sent(
            False, "whether a push leaves out who is not in the table", True, False
        ),
        **CALLS,
    },
)
