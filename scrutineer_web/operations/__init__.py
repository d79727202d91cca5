"""Screens of accounts, the audit log, retention, requests of data subjects, and the room's health."""
