"""Train dreambooth_lora on one process or many:

    accelerate launch trainers/dreambooth_lora.py --pictures DIR --name NAME --class-noun WORD --out DIR

The options are those of `persimg train dreambooth_lora`.
"""

import sys

from persimg.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", "dreambooth_lora", *sys.argv[1:]]))
