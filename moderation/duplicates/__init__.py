"""Duplicates: which rows speak of one case, why, and what follows when somebody says so; pure, imports only schema."""
