"""Screens of accounts, roles and keys to the API."""
