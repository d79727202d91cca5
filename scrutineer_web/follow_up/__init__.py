"""Screens of recommendations to closure, of follow-ups, and of what an area inspects itself."""
