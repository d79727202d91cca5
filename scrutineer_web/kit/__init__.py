"""What all screens share: forms, headers, faults, signing in."""
