"""Listeners to exchanges: log, metrics, HAR file, inspector. None can slow or break a request."""
