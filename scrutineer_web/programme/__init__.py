"""Screens of the work of a person and of an inspection."""
