"""From scores to findings: which questions become strengths or areas for improvement, and the sentences that say so."""
