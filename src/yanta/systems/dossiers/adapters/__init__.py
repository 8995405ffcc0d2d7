"""The typesetter of the list."""
