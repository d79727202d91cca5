"""Many inspections: who is inspected when, and how their results compare."""
