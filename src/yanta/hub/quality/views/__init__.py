"""Quality's own pages."""
