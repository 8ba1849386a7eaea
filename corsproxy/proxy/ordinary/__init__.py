"""The ordinary lane: every request that the fast lane does not take; the reference."""
