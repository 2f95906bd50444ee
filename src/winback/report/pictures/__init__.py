"""The drawings, by topic."""
