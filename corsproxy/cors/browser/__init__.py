"""The browser's side of CORS: an independent reading of the Fetch standard."""
