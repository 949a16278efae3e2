"""Train dreambooth on one process or many:

    accelerate launch trainers/dreambooth.py --pictures DIR --name NAME --class-noun WORD --out DIR

The options are those of `persimg train dreambooth`.
"""

import sys

from persimg.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "dreambooth", *sys.argv[1:]]))
