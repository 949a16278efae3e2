"""Named combinations of space, objectives and data: one file a paper. The folder is the registry."""
