"""Train textual_inversion on one process or many:

    accelerate launch trainers/textual_inversion.py --pictures DIR --name NAME --class-noun WORD --out DIR

The options are those of `persimg train textual_inversion`.
"""

import sys

from persimg.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "textual_inversion", *sys.argv[1:]]))
