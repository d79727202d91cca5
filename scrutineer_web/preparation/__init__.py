"""Screens of the preparation: the area's profile, the caseload, the sample and the timetable."""
