"""What a newer version of a framework would change."""
