"""The rule: what a policy says of a request, what a browser makes of the response, and why.

Pure: the standard library and the RE2 binding only. No sockets, no clock, no files.
"""
