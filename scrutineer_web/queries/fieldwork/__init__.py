"""What there is to know of cases, assessments, answers and evidence."""
