"""Scores from answers that stay where they are: an engine reads them, and what comes back are counts and sums."""
