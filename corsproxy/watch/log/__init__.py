"""The log: a line for each exchange, on a terminal or for a program."""
