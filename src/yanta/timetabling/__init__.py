"""The timetabling engine. Pure: a problem in, a timetable out; it knows nothing of the house around it."""
