"""demo: a backend without CORS, a page on another origin, and the proxy between them."""
