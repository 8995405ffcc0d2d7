"""The pages of identity: the doors, and what one sees of one's own account."""
