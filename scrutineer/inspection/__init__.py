"""A whole inspection in one folder: its content, reading it, checking it as a whole, creating a new one."""
