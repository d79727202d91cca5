"""A report as values that know no format: parts, blocks and runs of text, with every figure marked as one."""
