"""Writes after publication: plans, follow-ups, outcomes."""
