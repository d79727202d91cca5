"""Screens of the cases and of the assessment of one."""
