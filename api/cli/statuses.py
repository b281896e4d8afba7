"""With which exit status does a command end?  The last part of its manual."""


def exits(done: str, refused: str = "", cannot_run: str = "") -> str:
    """The part of a manual that says what 0, 1 and 2 mean; a command that refuses nothing has no 1."""
    known = enumerate((done, refused, cannot_run))
    meant = [f"  {status}  {meaning}" for status, meaning in known if meaning]
    return "\n".join(["\b", "Exit status:", *meant])
