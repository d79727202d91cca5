"""Who assesses which case, on which day, in which slot."""
