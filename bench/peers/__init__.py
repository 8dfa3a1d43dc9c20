"""Other extractors of articles, each run in an environment of its own, beside ours on the same pages."""
