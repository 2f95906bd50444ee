"""What left, what was promised of it, and what came: append-only, in plain files (``book``)."""
