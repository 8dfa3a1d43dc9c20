"""What the site itself says it holds: sitemaps, feeds, the REST interface. Parsers; they fetch nothing."""
