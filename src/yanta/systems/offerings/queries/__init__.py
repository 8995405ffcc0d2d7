"""Reads: the demand of plans and classes, sections as the rules want them, work, the calendar."""
