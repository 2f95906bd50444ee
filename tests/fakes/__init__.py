"""Destinations on loopback: each enforces its documented limits and fails in its documented ways.

They import nothing of winback, and nothing of winback imports them. What they hold to stands in
rules.yaml, with the words it rests on.
"""
