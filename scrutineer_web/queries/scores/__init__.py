"""What an inspection's cases come to."""
