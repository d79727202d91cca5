"""Screens of the frameworks."""
