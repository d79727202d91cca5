"""Every write: keyword-only, by whom, in one transaction, with its event."""
