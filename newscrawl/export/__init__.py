"""Export: a stream of articles to bytes in a format that others read. No SQL, no command line."""
