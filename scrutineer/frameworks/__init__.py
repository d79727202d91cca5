"""Inspection frameworks as data: a frozen model, its loader, versions, tailoring and comparison.

No framework is known here by name: each is a folder with `framework.yaml`, `examples.yaml`,
`SOURCE.md` and, where published reports of it are to be read, `reading.yaml`.
"""
