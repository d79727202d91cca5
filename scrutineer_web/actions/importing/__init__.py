"""An inspection's folder, taken in whole or not at all."""
