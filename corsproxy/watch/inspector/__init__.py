"""The live page: its server side, and the page's own plain files."""
