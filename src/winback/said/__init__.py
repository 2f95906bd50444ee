"""Codes to sentences, English beside Polish; the only rooms that make sentences."""
