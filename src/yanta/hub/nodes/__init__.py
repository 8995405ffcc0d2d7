"""Nodes: schools and authorities that run the same software and report upward."""
