"""The Georeferenced Event Dataset of the Uppsala Conflict Data Program, and the way from its file into the log.

A month of it is a dossier: `months` reads the file, `rows` its rows, `cast` names the sides, and
`dossiers` puts them together, to be ingested as others are.
"""

from typing import Final

EDITION: Final = "ucdp-ged-21-1"
"""What the slugs of its articles begin with; the month follows."""
TITLE: Final = "UCDP Georeferenced Event Dataset 21.1"
PUBLISHER: Final = "Uppsala Conflict Data Program, CC BY 4.0; cite Sundberg & Melander 2013 and Pettersson et al. 2021"
URL: Final = "https://ucdp.uu.se/downloads/"
PUBLISHED: Final = "2021-06-01"
"""The edition came out in June 2021; its rows bear no date of publication."""
