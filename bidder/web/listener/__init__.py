"""The bid port on a protocol of its own: httptools for the heads, uvloop for the sockets, nothing in between."""
