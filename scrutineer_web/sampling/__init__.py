"""Screens of caseload, sample and timetable."""
