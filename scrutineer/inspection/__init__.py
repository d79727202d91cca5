"""A whole inspection in one folder: what is in it, reading it, checking it as a whole, making a new one."""
