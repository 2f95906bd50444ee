"""What each customer may want next: what was bought again and again, and something new."""
