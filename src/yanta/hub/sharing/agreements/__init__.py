"""Agreements with other nodes: the text that both sign, the conversation, the rows that come of it."""
