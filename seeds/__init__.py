"""Articles with their dossiers, and the way from them into the log.

`dossier` reads and checks them, `reconcile` decides what the log still lacks, `ingest` appends it.
"""

from pathlib import Path
from typing import Final

ARTICLES: Final = Path(__file__).parent / "articles"
"""Where the articles are that come with the product, each as `<slug>.txt` and `<slug>.yaml`."""
