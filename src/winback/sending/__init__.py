"""Rows sent to a destination, and what it confirmed of them: the only room that opens a socket."""
