"""One function per command: load, compute, hand back. Nothing here prints or ends the program."""
