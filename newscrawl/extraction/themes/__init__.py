"""One table a theme: where each region and each field of its pages can be found."""
