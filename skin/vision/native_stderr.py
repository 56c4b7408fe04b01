"""Keeping the chatter of native libraries out of the logs."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_CHATTER = re.compile(rb"^([IW]0000 |INFO: Created TensorFlow|WARNING: All log messages before absl)")
_one_at_a_time = Lock()


@contextmanager
def sift_stderr() -> Iterator[None]:
    """Hold back stderr of the whole process, then write on all but MediaPipe's chatter, which has no log level.

    A file rather than a pipe: a writer must never wait.
    """
    with _one_at_a_time, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            held.seek(0)
            for line in held:
                if not _CHATTER.match(line):
                    os.write(kept, line)
            os.close(kept)
