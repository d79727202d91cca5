"""Screens on which inspections stand beside one another."""
