"""Gateways: the formats of each, read and written. One file is one gateway, found by its name.

A file has a `GATEWAY` (conversion/gateway.py); what several share stands in `conversion/`. Pure,
and loaded only when it is asked for.
"""
