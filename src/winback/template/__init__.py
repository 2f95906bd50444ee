"""What a project of one's own consists of, and the command that lays it out."""
