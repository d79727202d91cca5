"""What people write: Markdown with bound figures, checked against the data before it becomes part of a report."""
