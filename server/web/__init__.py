"""Everything over HTTP that is not a socket: pages that work without JavaScript, forms, JSON, the built app."""
