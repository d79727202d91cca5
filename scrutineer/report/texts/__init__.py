"""What people write: Markdown with bound figures, held against the data before it becomes part of a report."""
