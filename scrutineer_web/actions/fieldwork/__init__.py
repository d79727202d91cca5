"""Writes of the fieldwork: answers, assessments, devices, evidence, files."""
