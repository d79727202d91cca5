"""A published report: its lines, its structure, and every quantity that it claims."""
