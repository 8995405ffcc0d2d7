"""University course timetabling as the international competition of 2019 set it."""
