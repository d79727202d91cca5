"""Writes of a programme: areas, tranches, reports on many inspections."""
