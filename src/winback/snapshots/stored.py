"""Shim."""

from winback.snapshots.walk import Snapshots, StoredSnapshots  # noqa: F401
