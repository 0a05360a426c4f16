"""The socket: frames, the session, and the rim that moves bytes."""
