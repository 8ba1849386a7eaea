"""The fast lane: ordinary requests, without a task or an object for any of them."""
