"""Scrutineer: case-file inspections of public services, from framework to proved report."""

__version__ = "0.1.0"
