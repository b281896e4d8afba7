"""How does a test get JSON web tokens?  From an issuer of its own: real keys, real signatures, published by a real server."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://id.example.org/", "communique"
SECRET = "a secret of thirty-two bytes or more"


@cache
def private_key(name: str) -> Any:
    """The private key of a name: RSA if it begins so, or else of the curve P-256."""
    if name.startswith("rsa"):
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def pem(name: str) -> bytes:
    """The public key of a name."""
    key = private_key(name).public_key()
    return bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def published(name: str) -> dict[str, Any]:
    """The public key of a name as a JWK."""
    of = RSAAlgorithm if name.startswith("rsa") else ECAlgorithm
    return {**of.to_jwk(private_key(name).public_key(), as_dict=True), "kid": name, "use": "sig"}


def claims(**more: Any) -> dict[str, Any]:
    """What a good token says, with more; what is None is left out."""
    now = int(time.time())
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "role": "recorder", "exp": now + 600}
    return {name: value for name, value in {**said, **more}.items() if value is not None}


def token(key: str = "ec", headers: dict[str, Any] | None = None, **more: Any) -> str:
    """A token that a key signs."""
    algorithm = "RS256" if key.startswith("rsa") else "ES256"
    given = {"kid": key} if headers is None else headers
    return jwt.encode(claims(**more), private_key(key), algorithm, given)


def secret_token(secret: str = SECRET, **more: Any) -> str:
    """A token that a secret signs."""
    return jwt.encode(claims(**more), secret, "HS256")


class Publisher(ThreadingHTTPServer):
    """Publishes keys, and counts how often they are asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.names: list[str] = ["ec", "rsa"]
        self.asked = 0
        self.fails = False
        self.body: bytes | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/jwks.json"


class _Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        self.server.asked += 1
        keys = json.dumps({"keys": [published(name) for name in self.server.names]}).encode()
        self.send_response(500 if self.server.fails else 200)
        self.end_headers()
        self.wfile.write(keys if self.server.body is None else self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def publishing() -> Iterator[Publisher]:
    with Publisher() as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
