"""Who may change what, and what is done about it; pure, imports only schema."""
