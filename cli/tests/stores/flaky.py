"""A proxy between the command and a store that fails as networks do: `flaky.py PORT TARGET_PORT MODE [SEED]`.

flaky   of the requests some are answered with 503 and not passed on, of others the answer is lost
broken  uploads of several parts are never completed: 403
"""

import http.client
import http.server
import os
import random
import signal
import sys

port, target, mode = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
dice = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    failed = 0

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        roll = dice.random() if mode == "flaky" else 1.0
        if roll < 0.15:
            Proxy.failed += 1
            return self.answer(503, [], b"<Error><Code>SlowDown</Code></Error>")
        if mode == "broken" and self.command == "POST" and "uploadId=" in self.path:
            return self.answer(403, [], b"<Error><Code>AccessDenied</Code></Error>")
        store = http.client.HTTPConnection("127.0.0.1", target)
        store.request(self.command, self.path, body, dict(self.headers))
        answer = store.getresponse()
        content = answer.read()
        # Completing is not repeated blindly by everybody; S3 answers a second request as the first.
        if roll < 0.25 and self.command in ("GET", "PUT", "HEAD"):
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
