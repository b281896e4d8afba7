"""Does a JSON web token hold only if all of it does?  Real tokens, and a real server that publishes keys."""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from api.access.authentication import Authentication
from api.access.callers import AUDITING, RIGHTS, Role
from api.access.jwks import PublishedKeys
from api.access.refusals import CannotAuthenticate, Unauthenticated
from api.access.settings import AccessSettings
from api.settings import Misconfigured
from tests.issuer import (
    AUDIENCE,
    ISSUER,
    SECRET,
    Publisher,
    claims,
    pem,
    private_key,
    publishing,
    secret_token,
    token,
)

NOW = int(time.time())


@pytest.fixture(scope="module")
def issuer() -> Iterator[Publisher]:
    """One that does nothing unusual."""
    with publishing() as server:
        yield server


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """One that does what a test makes it do."""
    with publishing() as server:
        yield server


def settings(**more: Any) -> AccessSettings:
    return AccessSettings(jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_leeway=0, **more)


def knowing(publisher: Publisher, **more: Any) -> Authentication:
    return Authentication(settings(jwks_url=publisher.url, **more))


async def why_not(authentication: Authentication, given: str) -> str:
    """Why a token does not hold; nothing of the token is repeated."""
    with pytest.raises(Unauthenticated) as refused:
        await authentication.named(f"Bearer {given}")
    assert refused.value.status == 401
    assert not any(part in refused.value.message for part in given.split(".") if len(part) > 5)
    return refused.value.message


@pytest.mark.parametrize("key", ["ec", "rsa"])
async def test_token_of_a_published_key(key: str, issuer: Publisher):
    caller = await knowing(issuer).named(f"bearer {token(key)}")
    assert (caller.name, caller.rights) == ("recorder:ann", AUDITING | RIGHTS[Role.RECORDER])
    assert caller.expires == pytest.approx(time.time() + 600, abs=60)


async def test_token_of_a_key_in_a_file(tmp_path: Path):
    for name in ("ec", "rsa"):
        (tmp_path / name).write_bytes(pem(name))
        authentication = Authentication(settings(jwt_key_file=str(tmp_path / name)))
        assert (await authentication.named(f"Bearer {token(name)}")).subject == "ann"
        other = token("rsa" if name == "ec" else "ec")
        assert "another algorithm" in await why_not(authentication, other)


async def test_token_of_a_secret():
    authentication = Authentication(settings(jwt_secret=SECRET))
    assert (await authentication.named(f"Bearer {secret_token()}")).subject == "ann"
    assert "not signed by its issuer" in await why_not(authentication, secret_token("x" * 32))
    assert "another algorithm" in await why_not(authentication, token())


def forged(header: dict[str, Any], signature: bytes = b"x", **more: Any) -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims(**more)).encode(), signature]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def signed_by_the_public_key() -> str:
    """By HS256, with the published key as the secret: what a careless verifier takes for good."""
    import hmac

    signed = forged({"alg": "HS256", "kid": "rsa"}).rpartition(".")[0]
    signature = hmac.digest(pem("rsa"), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def changed(given: str) -> str:
    """With another role, and the signature of before."""
    header, _, signature = given.split(".")
    payload = urlsafe_b64encode(json.dumps(claims(role="admin")).encode()).rstrip(b"=").decode()
    return f"{header}.{payload}.{signature}"


FAILURES = {
    "expired": (lambda: token(exp=NOW - 1), "has expired"),
    "not valid yet": (lambda: token(nbf=NOW + 500), "is not valid yet"),
    "issued in the future": (lambda: token(iat=NOW + 500), "is not valid yet"),
    "another audience": (lambda: token(aud="somebody"), "is for another audience"),
    "another issuer": (lambda: token(iss="https://evil.example/"), "is of another issuer"),
    "no expiry": (lambda: token(exp=None), "must have aud, exp, iss, sub"),
    "no audience": (lambda: token(aud=None), "must have"),
    "no issuer": (lambda: token(iss=None), "must have"),
    "no subject": (lambda: token(sub=None), "must have"),
    "expiry is no time": (lambda: token(exp="soon"), "no valid JSON web token"),
    "endless expiry": (lambda: forged({"alg": "none"}, exp=10**400), "another algorithm"),
    "subject with a line feed": (lambda: token(sub="a\nb"), "no control characters"),
    "long subject": (lambda: token(sub="x" * 181), "1 to 180 characters, not 181"),
    "empty subject": (lambda: token(sub=""), "1 to 180 characters, not 0"),
    "unsigned": (lambda: forged({"alg": "none"}, b""), "another algorithm"),
    "unsigned, with a key": (lambda: forged({"alg": "none", "kid": "ec"}), "another algorithm"),
    "unsigned, oddly written": (lambda: forged({"alg": "nOnE", "kid": "ec"}), "another algorithm"),
    "no algorithm": (lambda: forged({"kid": "ec"}), "another algorithm"),
    "the published key as secret": (signed_by_the_public_key, "another algorithm"),
    "a weak secret": (secret_token, "another algorithm"),
    "another key of the same name": (
        lambda: token("ec-of-somebody", {"kid": "ec"}),
        "is not signed by its issuer",
    ),
    "a key of another kind": (lambda: token("ec", {"kid": "rsa"}), "another algorithm"),
    "an unknown key": (lambda: token("ec", {"kid": "rotated"}), "does not publish"),
    "no key named": (lambda: token("ec", {}), "does not publish"),
    "a key's name that is none": (lambda: forged({"alg": "ES256", "kid": 7}), "no valid"),
    "changed": (lambda: changed(token()), "is not signed by its issuer"),
    "its own key": (lambda: forged({"alg": "ES256", "kid": "x", "jwk": {}}), "does not publish"),
    "something critical": (
        lambda: token("ec", {"kid": "ec", "crit": ["exp"], "exp": 1}),
        "no valid JSON web token",
    ),
    "two parts": (lambda: "a.b", "no valid JSON web token"),
    "no JSON": (lambda: "e30.e30.e30", "another algorithm"),
    "rubbish": (lambda: "....", "no valid JSON web token"),
}


@pytest.mark.parametrize(("made", "why"), FAILURES.values(), ids=FAILURES)
async def test_token_that_does_not_hold(made: Any, why: str, issuer: Publisher):
    assert why in await why_not(knowing(issuer), made())


def test_the_table_is_of_real_tokens():
    """What fails above fails for what it says: the same token without it is good."""
    key = private_key("ec").public_key()
    assert jwt.decode(token(), key, ["ES256"], audience=AUDIENCE, issuer=ISSUER)["sub"] == "ann"


ROLES: dict[str, tuple[Any, Role | None]] = {
    "a name": ("auditor", Role.AUDITOR),
    "scopes": ("openid communique:reader email", Role.READER),
    "a list": (["staff", "reader", "admin"], Role.ADMIN),
    "none": (None, None),
    "another one": ("superuser", None),
    "a part of a name": ("administrator", None),
    "another prefix": ("other:admin", None),
    "no text": ({"admin": True}, None),
    "a list with no text": ([1, None, "recorder"], Role.RECORDER),
}


@pytest.mark.parametrize(("claim", "role"), ROLES.values(), ids=ROLES)
async def test_role_of_a_claim(claim: Any, role: Role | None, issuer: Publisher):
    authentication = knowing(issuer, jwt_role_claim="scope", open_to="nothing")
    caller = await authentication.named(f"Bearer {token(role=None, scope=claim)}")
    assert caller.role == role
    assert caller.rights == (RIGHTS[role] if role else frozenset())


async def test_two_roles_that_do_not_include_each_other(issuer: Publisher):
    both = token(role=["recorder", "auditor"])
    assert "both recorder and auditor" in await why_not(knowing(issuer), both)


async def test_clocks_may_differ_a_little(issuer: Publisher):
    given = settings(jwks_url=issuer.url).model_copy(update={"jwt_leeway": 20.0})
    late = token(exp=int(time.time()) - 5)
    caller = await Authentication(given).named(f"Bearer {late}")
    assert not caller.has_expired


async def test_verified_token_is_remembered_until_it_expires(publisher: Publisher):
    authentication, given = knowing(publisher), token(exp=int(time.time()) + 2)
    first = await authentication.named(f"Bearer {given}")
    publisher.shutdown()
    assert await authentication.named(f"Bearer {given}") is first
    await asyncio.sleep(max(0.0, (first.expires or 0) - time.time()))
    assert await why_not(authentication, given) == "the token has expired"


async def test_new_key_is_fetched_and_old_ones_hold_meanwhile(publisher: Publisher):
    """Not more often than every so many seconds, whoever asks; and one time for all who ask at once."""
    keys = PublishedKeys(publisher.url, pause=0.2)
    await asyncio.gather(*(keys.key("ec") for _ in range(20)))
    assert publisher.asked == 1
    publisher.names.append("ec-2")
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await keys.key("ec-2")
    assert publisher.asked == 1
    await asyncio.sleep(0.25)
    assert (await keys.key("ec-2")).key_id == "ec-2"
    assert publisher.asked == 2


async def test_keys_that_cannot_be_fetched_are_no_fault_of_the_token(
    publisher: Publisher, caplog: pytest.LogCaptureFixture
):
    publisher.fails = True
    keys = PublishedKeys(publisher.url, pause=0.1, lifespan=0)
    with pytest.raises(CannotAuthenticate) as refused:
        await keys.key("ec")
    assert (refused.value.status, refused.value.code) == (503, "AUTHENTICATION_UNAVAILABLE")
    publisher.fails = False
    await asyncio.sleep(0.15)
    await keys.key("ec")
    publisher.fails = True
    await asyncio.sleep(0.15)
    await keys.key("ec")  # which is known, although it cannot be fetched again
    with pytest.raises(CannotAuthenticate):
        await keys.key("ec-2")
    assert "were not fetched" in caplog.text
    caplog.clear()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"keys": []}', b"\xff", b'{"keys": [{"kty": "oct"}]}']
)
async def test_what_is_published_is_no_key_set(
    body: bytes, publisher: Publisher, caplog: pytest.LogCaptureFixture
):
    publisher.body = body
    with pytest.raises(CannotAuthenticate):
        await PublishedKeys(publisher.url).key("ec")
    caplog.clear()


async def test_key_that_is_published_no_more_ends(publisher: Publisher):
    keys = PublishedKeys(publisher.url, pause=0, lifespan=0)
    await keys.key("ec")
    publisher.names.remove("ec")
    await keys.key("ec")  # the last time, since it is noticed only now that the keys are old
    assert keys._fetching is not None
    await keys._fetching
    with pytest.raises(Unauthenticated):
        await keys.key("ec")


@pytest.mark.parametrize("name", ["private", "small", "nothing"])
def test_key_file_that_does_not_do(name: str, tmp_path: Path):
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    private = private_key("ec").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    small = rsa.generate_private_key(65537, 1024).public_key()
    contents = {
        "private": private,
        "small": small.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "nothing": b"",
    }
    file = tmp_path / "key.pem"
    file.write_bytes(contents[name])
    with pytest.raises(
        Misconfigured, match=r"JWT_KEY_FILE is wrong: .*(public key in PEM|2048 bits)"
    ):
        Authentication(settings(jwt_key_file=str(file)))
