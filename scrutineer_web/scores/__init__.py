"""Screens of the scores and of what they are based on."""
