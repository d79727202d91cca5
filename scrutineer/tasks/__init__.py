"""One function per command: load, compute, return. Nothing here prints or ends the program."""
