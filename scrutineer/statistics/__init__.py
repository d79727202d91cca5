"""Numbers: intervals, rounding and what a printed figure can mean. Knows nothing of inspections."""
