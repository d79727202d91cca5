"""Frameworks for people who don't write files: as a workbook, and back."""
