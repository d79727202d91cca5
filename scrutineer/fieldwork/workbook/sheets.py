"""The sheets of a workbook by their names, and the mark by which one is recognised; reading needs no more of writing."""

from __future__ import annotations

ABOUT, LISTS, ANSWERS, NOTES = "About", "Lists", "Answers", "Evidence"
MARK = "Scrutineer case assessment workbook"
