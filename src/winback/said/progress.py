"""What is being done, for the person who waits: on the terminal alone, in no file."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {}
