"""What a report is made from, and how its texts would be printed."""
