"""Screens of one's own work, and the home of every inspection."""
