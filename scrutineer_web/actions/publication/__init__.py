"""Approval and publication."""
