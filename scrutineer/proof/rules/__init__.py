"""The proof rules: a module each, all alike. How to add one: `docs/how-to/add-a-proof-rule.md`."""
