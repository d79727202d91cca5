"""Keeping a room running: its server and worker, backup, checks, and which room a command works on."""
