"""One file a site: attributes only."""
