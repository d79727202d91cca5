"""The documentation; `python -m docs.generate` makes the pages that come from code."""
