"""MLflow; nothing here changes a score."""
