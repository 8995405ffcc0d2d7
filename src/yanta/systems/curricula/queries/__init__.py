"""Reads: a plan as one sheet, a student's progress, what is under way elsewhere."""
