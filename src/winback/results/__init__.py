"""What the stages hand on: frozen, described objects, written as JSON and read back."""
