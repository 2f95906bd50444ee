"""The nouns as contracts: what every column of every written table holds.

A module per stage that writes; readers, writers and docs/definitions.md follow from it. What a
snapshot holds follows from the declarations in `winback.features`.
"""
