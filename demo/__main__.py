"""So that `python -m persimg_demo …` works as `persimg demo …` does."""

import sys

from persimg.cli.main import main

sys.exit(main(["demo", *sys.argv[1:]]))
