"""The inspections of a programme, next to one another."""
