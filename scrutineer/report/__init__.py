"""The report of an inspection: its figures, its texts, its parts, and its formats."""
