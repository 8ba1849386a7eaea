"""The way to an upstream: the pool, its connections, and responses as they come."""
