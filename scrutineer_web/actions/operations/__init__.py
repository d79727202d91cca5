"""Writes of whoever runs the room: accounts, retention, work in the background."""
