"""What is stored: one model a file. `frames` is the only translator between these and the core."""
