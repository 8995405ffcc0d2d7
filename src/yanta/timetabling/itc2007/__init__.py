"""Curriculum-based course timetabling as the second international competition (2007) set it."""
