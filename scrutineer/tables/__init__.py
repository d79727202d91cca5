"""Tables that people import and export: one reader and one writer for all."""
