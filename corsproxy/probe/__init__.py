"""probe: CORS asked of a live server, and judged as a browser judges."""
