"""From answers or printed figures to scores: exact to the end, and never a missing value as zero."""
