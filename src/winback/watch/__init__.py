"""Looking on after a list has left: what came of it, and whether the shop is still the same."""
