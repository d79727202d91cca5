"""Screens of the cases, of the assessment of one, of evidence and of surveys."""
