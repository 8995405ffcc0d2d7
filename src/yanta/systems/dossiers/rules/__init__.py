"""What belongs together, what is missing, what a check finds. Pure."""
