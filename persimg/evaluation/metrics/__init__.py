"""One metric a file: pictures → one value a picture."""
