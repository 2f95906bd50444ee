"""What a shop's orders and signals say of the shop itself, before any model."""
