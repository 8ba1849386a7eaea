"""Accepting connections: as many as there is room for, and of the idle ones the longest makes room.

For the proxy's own address and the admin address alike.
"""
