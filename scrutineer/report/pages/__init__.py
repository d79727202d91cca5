"""Pages and tables for people: the core's results, rendered. Nothing is computed here."""
