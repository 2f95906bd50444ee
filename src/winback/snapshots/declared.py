"""Shim."""

from winback.snapshots.own import *  # noqa: F403
from winback.snapshots.own import check_declared, declared_features, doubts_of_attributes  # noqa: F401
