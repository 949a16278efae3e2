"""What a concept is learned from."""
