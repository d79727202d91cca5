"""Proof: every claim in a report is checked against the framework's rules and its other claims."""
