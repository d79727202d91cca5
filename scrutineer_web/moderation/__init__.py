"""Screens of moderation, adjudication and sign-off."""
