"""Emulation: to behave as a gateway would that was given the policy by our own export.

One engine (`engine.py`) for all; what tells gateways apart is a value, their `Profile`.
"""
