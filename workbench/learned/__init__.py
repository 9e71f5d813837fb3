"""What does a network that has learned to tag music hear in a track?

`fetch` gets musicnn's weights once, `load` gives the networks, and a `Listener` collects from the blocks of a track
what they are to hear. TensorFlow is not needed, nor is anything else beside numpy.

Conventions
-----------
The networks hear mono sound at 16 kHz in patches of 3 s and give 400 numbers of their last hidden layers, in which
music that sounds alike lies together, and the probabilities of 100 words. Those are low and uncalibrated: ranks within
a collection say more. Three patches, from samples to numbers, take 0.1 s of one processor.
"""

from workbench.learned.listening import PATCHES, Listener
from workbench.learned.log_mel import log_mel
from workbench.learned.network import MODEL_VERSION, Network
from workbench.learned.weights import LICENCE, PROVENANCE, available, fetch, load, place

__all__ = [
    "LICENCE",
    "MODEL_VERSION",
    "PATCHES",
    "PROVENANCE",
    "Listener",
    "Network",
    "available",
    "fetch",
    "load",
    "log_mel",
    "place",
]
