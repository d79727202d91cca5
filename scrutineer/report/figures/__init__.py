"""The figures that a report may print: each by name, in the house style, refused where it must not be printed."""
