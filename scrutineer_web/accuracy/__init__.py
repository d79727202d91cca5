"""Screens of the factual accuracy check."""
