"""Prints the Homebrew formula of the source distribution that is named."""

import hashlib
import sys
from pathlib import Path

TEMPLATE = Path(__file__).with_name("corsproxy.rb.in")

if __name__ == "__main__":
    sdist = Path(sys.argv[1])
    text = TEMPLATE.read_text().replace("@SDIST@", sdist.name)
    print(text.replace("@SHA256@", hashlib.sha256(sdist.read_bytes()).hexdigest()), end="")
