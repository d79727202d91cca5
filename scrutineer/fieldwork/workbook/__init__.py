"""The case assessment form as a workbook: made from the framework, filled in by assessors, read back."""
