"""Screens of evidence and ratings, and of what service users and others said."""
