"""Faces in pictures, behind four verbs: detect, align, embed, compare. insightface does the work."""
