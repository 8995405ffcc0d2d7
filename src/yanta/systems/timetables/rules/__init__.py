"""What a timetable may not do, and how one is made; pure."""
