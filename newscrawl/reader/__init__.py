"""Where pages are read and texts are signed: in the crawl's own process, or in one beside it."""
