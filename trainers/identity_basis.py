"""Train identity_basis on one process or many:

    accelerate launch trainers/identity_basis.py --pictures DIR --name NAME --class-noun person --consent TEXT --out DIR

The options are those of `persimg train identity_basis`.
"""

import sys

from persimg.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "identity_basis", *sys.argv[1:]]))
