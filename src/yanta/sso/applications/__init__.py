"""Which applications people may enter through our doors, and where they are signed in."""
