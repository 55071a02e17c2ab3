"""`python -m reference_server` is `audio-reference-server`."""

import sys

from reference_server.cli import main

sys.exit(main())
