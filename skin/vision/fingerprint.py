"""A picture's perceptual hash: near-duplicates differ in few bits."""

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE_PX, _KEPT = 32, 8


def fingerprint(rgb: NDArray[np.uint8]) -> str:
    """64 bits in hexadecimal: which of the 8 x 8 lowest frequencies of the small grey picture are above their median.

    The DCT hash of Zauner 2010 (Implementation and Benchmarking of Perceptual Image Hash Functions, section 3.2.2).
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:_KEPT, :_KEPT].ravel()
    return np.packbits(low > np.median(low[1:])).tobytes().hex()
