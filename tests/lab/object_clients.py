"""What clients of Swift and of S3 do with an object store, whoever keeps it: each returns what it saw."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_REGION = "us-east-1"


class Swift:
    """A user of the catalogue's object store, by keystone."""

    def __init__(self, api: Any, ca: Path) -> None:
        import requests

        self.url = str(api.object_store.get_endpoint())
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(ca)
        self._session.headers["X-Auth-Token"] = str(api.session.get_token())

    def ask(self, verb: str, path: str, data: bytes = b"", **headers: str) -> Any:
        """Return the answer to a request; `headers` are spelt with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._session.request(verb, self.url + path, data=data, headers=named, timeout=60)

    def whole(self, path: str, data: bytes) -> bool:
        """Tell whether an object is taken, and read back, with the checksum of its data."""
        put = self.ask("PUT", path, data)
        got = self.ask("GET", path)
        digest = hashlib.md5(data).hexdigest()  # noqa: S324 - as Swift counts
        sums = {answer.headers.get("Etag", "").strip('"') for answer in (put, got)}
        return (put.status_code, got.content, sums) == (201, data, {digest})

    def large(self, container: str, parts: list[bytes]) -> bytes:
        """Return what is read of a static large object made of these parts."""
        manifest = []
        for number, part in enumerate(parts):
            path = f"/{container}/parts/{number}"
            etag = self.ask("PUT", path, part).headers["Etag"].strip('"')
            manifest.append({"path": path, "etag": etag, "size_bytes": len(part)})
        body = json.dumps(manifest).encode()
        made = self.ask("PUT", f"/{container}/large?multipart-manifest=put", body)
        assert made.status_code == 201, made.text
        return bytes(self.ask("GET", f"/{container}/large").content)

    def temporary(self, path: str, *, key: str = "a key of the owner", seconds: int = 60) -> str:
        """Return a URL by which anybody may read an object, once the account has that key."""
        said = self.ask("POST", "", X_Account_Meta_Temp_URL_Key="a key of the owner")
        assert said.status_code in (200, 201, 202, 204), said.text
        ends = int(time.time()) + seconds
        where = urlsplit(self.url).path.removeprefix("/swift") + path
        mark = hmac.new(key.encode(), f"GET\n{ends}\n{where}".encode(), hashlib.sha256).hexdigest()
        return f"{self.url}{path}?temp_url_sig={mark}&temp_url_expires={ends}"


class S3:
    """A user of the same store by S3, with EC2 credentials of keystone's."""

    def __init__(self, address: str, access: str, secret: str, ca: Path) -> None:
        self._address, self._access, self._secret, self._ca = address, access, secret, str(ca)

    def ask(self, verb: str, path: str, data: bytes = b"", *, query: str = "") -> Any:
        """Return the answer to a request that is signed as AWS has it, version 4."""
        import requests

        now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/{_REGION}/s3/aws4_request"
        signed = {
            "host": urlsplit(self._address).netloc,
            "x-amz-content-sha256": hashlib.sha256(data).hexdigest(),
            "x-amz-date": now,
        }
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        names = ";".join(signed)
        asked = "\n".join((verb, path, query, lines, names, signed["x-amz-content-sha256"]))
        digest = hashlib.sha256(asked.encode()).hexdigest()
        key = f"AWS4{self._secret}".encode()
        for part in (now[:8], _REGION, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{digest}"
        mark = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self._access}/{scope}, SignedHeaders={names}, Signature={mark}"
        session = requests.Session()
        session.trust_env = False
        return session.request(
            verb,
            f"{self._address}{path}{'?' + query if query else ''}",
            data=data,
            headers={**signed, "Authorization": f"AWS4-HMAC-SHA256 {credential}"},
            verify=self._ca,
            timeout=60,
        )
