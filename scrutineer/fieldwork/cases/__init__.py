"""Cases and what is known about them."""
