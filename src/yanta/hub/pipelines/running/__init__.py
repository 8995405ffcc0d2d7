"""One run, from the source to the signed account."""
