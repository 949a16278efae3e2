"""python -m persimg, so that `accelerate launch -m persimg train …` works."""

import sys

from persimg.cli.main import main

sys.exit(main())
