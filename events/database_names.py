"""What are people told of where a database is?  Never its password."""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

HOSTS: Final = re.compile(r"([\w.-]+|\[[\da-f:.]+\])?(:\d+)?(,([\w.-]+|\[[\da-f:.]+\])(:\d+)?)*")


def name_of(url: str) -> str:
    """What messages call the database at a URL: never by its password.

    >>> name_of("postgresql://me:secret@db.example.org:5433/news?sslmode=require")
    'PostgreSQL at db.example.org:5433/news'
    """
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", ["localhost"])[0]
    strayed = "@" in url and "@" not in parts.netloc  # a password with a slash that is not escaped
    if strayed or not (HOSTS.fullmatch(hosts) or hosts.startswith("/")):
        return "PostgreSQL"
    return f"PostgreSQL at {hosts}{parts.path}"
