"""Writes of frameworks: versions held, inspections moved from one to another."""
