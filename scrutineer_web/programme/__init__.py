"""Screens of programmes and areas, and of inspections compared with each other."""
