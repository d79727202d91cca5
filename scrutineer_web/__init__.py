"""The inspection room: Django on top of the core."""
