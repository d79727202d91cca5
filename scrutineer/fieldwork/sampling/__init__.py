"""From a caseload to a sample that anyone can repeat."""
