"""Screens of the report: texts, proof, drafts and issues."""
