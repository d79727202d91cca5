"""What a sample and a timetable are made from."""
