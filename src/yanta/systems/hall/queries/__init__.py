"""Reads of the hall: what is offered, what is known, what was handed in, how it went."""
