"""How alike two texts are, without holding them side by side."""
