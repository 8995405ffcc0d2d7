"""Telling other systems: what changed is queued, what is wanted is compared with what was told, the rest is sent."""
