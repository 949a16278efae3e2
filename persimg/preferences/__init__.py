"""Profiles of users, and prompts rewritten for one of them. No torch: a profile and a rewrite answer at once."""
