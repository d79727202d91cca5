"""The inspection folder, both ways."""
