"""HTTP/1.1 messages as bytes: heads, chunks, what is forwarded, responses of our own. No I/O."""
