"""Row documents for stock Yjs clients, read-only."""
