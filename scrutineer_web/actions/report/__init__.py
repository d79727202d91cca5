"""Writes of the report: texts, drafts, recommendations, and the factual accuracy check."""
