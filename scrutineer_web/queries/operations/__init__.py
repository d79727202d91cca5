"""What there is to know of accounts, forms, retention and work in the background."""
