"""The commands of the command line, a module for each kind: they parse, call `scrutineer.tasks` and print."""
