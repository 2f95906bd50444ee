"""Tables of the shop's own: a Parquet file, and a table of PostgreSQL."""

from winback.crm.destination import Destination, Dialect
from winback.crm.destinations.headers import TABLE, plain

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
)
