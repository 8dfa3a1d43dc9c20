"""Pages as they were received, in WARC 1.1 files that any reader of web archives understands."""
