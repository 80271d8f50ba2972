"""``python -m gradwatch``: the console command, also where its script is not on the path."""

import sys

from gradwatch._command_line.main import main

sys.exit(main())
