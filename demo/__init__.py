"""The toolkit as a web page, for who will never open a terminal: `persimg demo`. One module a tab; everything heavy is imported late."""
