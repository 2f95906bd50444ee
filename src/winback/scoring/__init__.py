"""One scored, explained row per customer."""
