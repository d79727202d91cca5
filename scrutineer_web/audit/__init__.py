"""What happened, in chains that show every change made to them afterwards."""
