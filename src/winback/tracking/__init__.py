"""The only room that imports mlflow; nothing here changes a score."""
