"""One's own file, those in reach, those that were lent."""
