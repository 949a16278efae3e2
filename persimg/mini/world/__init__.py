"""The drawn world, version 2: illustrations of things and people with captions, of which truth is known for every prompt.

A scene (scene.py) says what a picture shows; caption.py puts it into words, parse.py reads it back, render.py draws it.
The tables of slots are in words.py; figures.py, people.py and face.py are about people; styles.py, colours.py and air.py
about how things look; is_held_out in scene.py defines what no model may be trained on.
"""
