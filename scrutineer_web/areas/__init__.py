"""Screens of the areas and their family groups."""
