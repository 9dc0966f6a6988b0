"""A proxy between the command and a store that fails as networks do: `flaky.py PORT TARGET_PORT MODE [google]`.

plain   everything is passed on
flaky   of the requests some are answered with 503 and not passed on, of others the answer is lost
broken  uploads of several parts are never completed: 403

With `google` the command speaks the XML API of Google Cloud Storage to a server of S3's, which is the same in what the command does but for two headers.
"""

import http.client
import http.server
import os
import random
import signal
import sys

port, target, mode, is_google = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:] == ["google"]
dice = random.Random(1)


def as_s3(headers):
    """What S3's server wants to see of a request to Google's."""
    headers = {name.lower(): value for name, value in headers.items()}
    # No generation is the one of an object that is not there.
    if headers.pop("x-goog-if-generation-match", None) == "0":
        headers["if-none-match"] = "*"
    credential = "key/20260101/us-east-1/s3/aws4_request"
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=none"
    return headers


def completes(command, path):
    """Whether a request makes an object of its parts, at S3 and Google or at Azure."""
    return command == "POST" and "uploadId=" in path or command == "PUT" and "comp=blocklist" in path


def makes_object(command, path):
    return completes(command, path) or command == "PUT" and "partNumber=" not in path and "comp=block&" not in path


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    failed = 0
    made = set()

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        roll = dice.random() if mode == "flaky" else 1.0
        if roll < 0.15:
            Proxy.failed += 1
            return self.answer(503, [], b"<Error><Code>SlowDown</Code></Error>")
        if mode == "broken" and completes(self.command, self.path):
            return self.answer(403, [], b"<Error><Code>AccessDenied</Code></Error>")
        store = http.client.HTTPConnection("127.0.0.1", target)
        store.request(self.command, self.path, body, as_s3(self.headers) if is_google else dict(self.headers))
        answer = store.getresponse()
        content = answer.read()
        # The first answer to what makes an object is lost always: it is there then, and a second request is refused by Azure, by moto, by S3 after a
        # while.
        name = self.path.split("?")[0]
        is_first = makes_object(self.command, self.path) and name not in Proxy.made
        if is_first:
            Proxy.made.add(name)
        if mode == "flaky" and (is_first or roll < 0.25 and self.command in ("GET", "PUT", "HEAD")):
            Proxy.failed += 1
            self.close_connection = True
            return self.connection.close()
        self.answer(answer.status, answer.getheaders(), content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = pass_on

    def answer(self, status, headers, content):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                self.send_header(name, value)
        length = dict((name.lower(), value) for name, value in headers).get("content-length", len(content))
        self.send_header("content-length", length if self.command == "HEAD" else len(content))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


def end(*_):
    print(f"{Proxy.failed} requests failed", flush=True)
    os._exit(0)


# A shell's background process does not hear SIGINT.
signal.signal(signal.SIGTERM, end)
Server(("127.0.0.1", port), Proxy).serve_forever()
