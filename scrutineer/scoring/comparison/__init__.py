"""Results compared with other results: follow-up and original, a group and the rest, area and areas."""
