"""Writes of the person who runs the room: accounts, retention, work in the background."""
