"""What `winback learn FILE` writes beside its findings."""

from __future__ import annotations

from winback.tables.table import Column, Table

EFFECTS = Table(
    "effects.parquet",
    "learn FILE",
    "one row per person, in the order of the file: of `--apply`, else of the experiment itself, "
    "each learned without that person; rows that were set aside for want of an arm or an outcome "
    "are among them",
    ("id",),
    (
        Column("id", "string", "as in the file, of its type there; without `--id` the row's "
               "number, from 1"),
        Column("effect", "double", "change of the mean outcome by the treatment that gains most",
               "of the outcome; of yes or no a share"),
        Column("effect_low", "double", "lower end of the 95 % interval of the mean effect of the "
               "fifth of people that this one ranks in", "the same"),
        Column("effect_high", "double", "its upper end", "the same"),
        Column("priority", "double", "value of the outcome times `effect`, less the cost; the "
               "higher is treated first, and at 0 or below it does not pay",
               "of value and cost"),
    ),
    "Intervals hold for the mean of a fifth, not for one person, whose own effect may lie outside "
    "them. Of several treatments `best` follows: the one that gains most, the control where none "
    "gains anything; then `effect_ARM`, `effect_low_ARM`, `effect_high_ARM` and `priority_ARM` of "
    "each treatment ARM.",
)  # fmt: skip
