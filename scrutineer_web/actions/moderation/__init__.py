"""Writes of the moderation: adjudications, and the results that follow from sign-off."""
