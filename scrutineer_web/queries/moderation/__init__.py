"""What is open before an assessment, or an inspection, can be signed off."""
