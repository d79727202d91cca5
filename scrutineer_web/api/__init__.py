"""The API: everything that the screens read, and answers in."""
