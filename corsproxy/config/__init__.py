"""Configuration: text in; a Config, or every mistake at once, out."""
