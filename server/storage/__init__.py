"""The store: one contract, and SQLite behind it."""
