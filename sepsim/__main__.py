"""Run the command line with ``python -m sepsim``."""

import sys

from sepsim.cli import main

sys.exit(main())
