"""Cases and what is known of them."""
