"""The local authority of `tls: auto`, and the stores whose owners are to trust it."""
