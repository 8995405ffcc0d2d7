"""A file as it is read."""
