"""How an account at a sign-in provider is known."""

from __future__ import annotations

import hashlib


def make_key(*, issuer: str, subject: str) -> str:
    """What an identity is found by: its issuer and subject together, in as many signs as the table has room for."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()
