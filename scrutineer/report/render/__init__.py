"""A report in its formats: HTML, PDF, Word and data, all from the same document by the same templates."""
