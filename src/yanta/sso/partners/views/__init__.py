"""The way to a partner and back, and one's own links."""
