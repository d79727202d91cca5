"""Many inspections: who is inspected when, and what their results say beside one another."""
