"""Screens of the report: texts, proof, drafts, issues, and the factual accuracy check."""
