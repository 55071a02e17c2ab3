"""``python -m conformance`` is ``audio-conformance``."""

import sys

from conformance.cli import main

sys.exit(main())
