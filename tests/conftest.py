"""Settings for every test run."""

import os

# Tests run side by side, a process per core: threads inside them would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
