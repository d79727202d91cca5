"""Fictional areas: caseloads and answers that are made up, and say so."""
