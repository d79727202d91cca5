"""Approval and publication, and what the public sees."""
