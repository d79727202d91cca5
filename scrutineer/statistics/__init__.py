"""Numbers: intervals, rounding and what a printed figure stands for. Knows nothing of inspections."""
