"""Metrics: exchanges counted, and told in Prometheus' text format."""
