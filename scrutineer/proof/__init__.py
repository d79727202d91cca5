"""Proof: every claim of a report held against the framework's rules, and against its other claims."""
