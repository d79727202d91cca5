"""From a bound inspection to a whole report: one module for each kind of part."""
