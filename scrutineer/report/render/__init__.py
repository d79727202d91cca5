"""A report in its formats, all from the same document."""
