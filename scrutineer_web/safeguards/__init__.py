"""What every write respects: four eyes, what may no longer change, files from outside, the clock."""
