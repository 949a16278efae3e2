"""The drawn world: flat illustrations with captions, of which truth is known for every prompt."""
