"""YAML as text: composed so that each value keeps its line and column, and changed in place."""
