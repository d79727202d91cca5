"""Tables that people bring and take away: the one door in, and the one writer out."""
