"""What a destination's importer would refuse, by another hand: nothing of winback is imported."""
