"""The drawn world: flat illustrations with captions, of which truth is known for every prompt.

words.py, scene.py, caption.py and parse.py need nothing but Python; render.py and what it draws with need skia.
"""
