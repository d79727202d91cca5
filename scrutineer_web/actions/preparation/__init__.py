"""Writes of the preparation: the inspection, its people, its sample and its timetable."""
