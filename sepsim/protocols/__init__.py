"""Protocols: ordered steps, the files they are written in, and the runs that come of them."""
