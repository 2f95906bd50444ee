"""How good predictions were, and whether a history is enough to predict from."""
