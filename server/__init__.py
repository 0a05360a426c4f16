"""The running program: bytes, sockets, SQLite, HTTP."""
