"""What a browser recorded of its own traffic, judged afterwards: HAR files."""
