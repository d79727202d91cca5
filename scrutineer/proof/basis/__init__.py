"""What every rule is given and what it gives back: the report with its figures, and a finding."""
