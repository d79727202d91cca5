"""Screens of what service users and others said."""
