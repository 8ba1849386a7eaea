"""How fast, beside others: `make bench`, or `python -m bench --smoke` for a few seconds of it."""
