"""The tests. Matrices are multiplied on one processor: threads that wait for each other would only take it from others."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
