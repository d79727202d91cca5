"""When answers of an area are due."""
