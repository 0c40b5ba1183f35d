#!/usr/bin/env python3
"""Talks to a server as programs in other languages do: Python's http.client, and curl.

  tests/http_client_check.py URL     a server without tokens, over an empty file, that runs

Exits with 0 if all is well. Needs Python and curl.
"""
import http.client, json, subprocess, sys, urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
host = url.netloc
failed = 0


def check(right, *what):
    global failed
    if not right:
        failed += 1
        print("wrong:", *what)


def ask(method, target, body=None, headers=None, over=None):
    connection = over or http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    connection.request(method, target, body, headers or {})
    response = connection.getresponse()
    content = response.read()
    if not over:
        connection.close()
    return response, content


def curl(*arguments, given=b""):
    done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *arguments], input=given,
                          capture_output=True, check=True)
    content, _, status = done.stdout.rpartition(b"\n")
    return int(status), content


# -- http.client: one connection, many requests --------------------------------------------------

one = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
for n in range(100):
    text = json.dumps({"value": {"n": n, "text": "\u00e9\u4e2d" * n}})
    response, content = ask("PUT", f"/dicts/d/{n}", text, over=one)
    check((response.status, content) == (200, b"null"), "put", n, response.status, content)
    response, content = ask("GET", f"/dicts/d/{n}", over=one)
    check(json.loads(content) == json.loads(text)["value"], "get", n, content)
response, content = ask("GET", "/dicts/d/none", over=one)
check((response.status, json.loads(content)["error"]) == (404, "KeyError"), "absent", content)
one.close()

# Python sends a body of unknown length in chunks.
response, content = ask("PUT", "/blobs/b/chunks", (bytes([n]) * 1000 for n in range(256)))
check(response.status == 200, "chunks", response.status, content)
response, content = ask("GET", "/blobs/b/chunks", headers={"Range": "bytes=999-1000"})
check((response.status, content) == (206, b"\0\1"), "range", response.status, content)

# -- pages of other origins -----------------------------------------------------------------------

origins = [(None, True), (f"http://{host}", True), (f"https://{host}", False), ("null", False),
           ("http://evil.example", False), (f"http://{host}.evil.example", False),
           (f"http://evil.example/{host}", False), ("file://", False), ("", False),
           (f"http://{url.hostname}:1", False), (f"HTTP://{host}", False)]
requests = [("GET", "/dicts/d/1", None, False), ("GET", "/openapi.json", None, False),
            ("PUT", "/dicts/d/origin", '{"value": 1}', True), ("DELETE", "/dicts/d/2", None, True),
            ("POST", "/lists/l/push", '{"value": 1}', True)]
for origin, ours in origins:
    for method, target, body, changes in requests:
        headers = {} if origin is None else {"Origin": origin}
        response, _ = ask(method, target, body, headers)
        refused = response.status == 403
        check(refused == (changes and not ours), origin, method, target, response.status)
        check(not any(name.lower().startswith("access-control-") for name, _ in
                      response.getheaders()), "CORS", origin)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    if origin is not None:
        upgrade["Origin"] = origin
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    connection.request("GET", "/channels/c/subscribe", headers=upgrade)
    status = connection.getresponse().status
    check(status == (101 if ours else 403), "WebSocket", origin, status)
    connection.close()

# -- other names for this machine -------------------------------------------------------------------

for name, right in [(host, True), ("localhost", True), ("127.0.0.1", True), ("[::1]:9", True),
                    ("evil.example", False), (f"127.0.0.1.evil.example", False), ("", False)]:
    response, _ = ask("GET", "/dicts", headers={"Host": name})
    check((response.status == 200) == right, "Host", name, response.status)

# -- curl -------------------------------------------------------------------------------------------

at = f"http://{host}"
big = bytes(range(256)) * 20_000
check(curl("-X", "PUT", f"{at}/dicts/d/k", "-d", '{"value": [1, 2]}') == (200, b"null"), "curl put")
check(curl(f"{at}/dicts/d/k") == (200, b"[1, 2]"), "curl get")
check(curl("-T", "-", f"{at}/blobs/b/big", given=big)[0] == 200, "curl upload")  # 100-continue
check(curl(f"{at}/blobs/b/big") == (200, big), "curl download")
check(curl("-r", "256-511", f"{at}/blobs/b/big") == (206, bytes(range(256))), "curl range")
check(curl("-X", "POST", f"{at}/queues/q/put", "-d", '{"data": 1, "priority": 1}')[0] == 200, "queue")
check(json.loads(curl("-X", "POST", f"{at}/queues/q/get")[1])["data"] == 1, "curl get of a queue")
lines = b"".join(b'{"key": "%d", "value": [%d]}\n' % (n, n) for n in range(5_000))
check(curl("--data-binary", "@-", f"{at}/dicts/lines/-/load", given=lines)
      == (200, b'{"items": 5000, "bytes": %d}' % len(lines)), "curl load")
dumped = curl(f"{at}/dicts/lines/-/dump")
check(dumped[0] == 200 and sorted(dumped[1].splitlines()) == sorted(lines.splitlines()), "curl dump")
vector = b"\x00\x00\x80\x3f\x00\x00\x00\xc0"  # 1, -2
octets = ("-H", "Content-Type: application/octet-stream", "--data-binary", "@-")
check(curl("-X", "PUT", *octets, f"{at}/vectors/v/a", given=vector)[0] == 200, "curl vector")
check(curl("-H", "Accept: application/octet-stream", f"{at}/vectors/v/a") == (200, vector),
      "curl vector back")
check(curl("--path-as-is", f"{at}/docs/../../etc/passwd")[0] in (400, 404), "curl path")
check(curl("-H", "Transfer-Encoding: chunked", "-H", "Content-Length: 1", "-d", "{}",
           f"{at}/lists/l/push")[0] == 400, "curl both lengths")

print("http.client and curl:", "FAILED" if failed else "ok")
sys.exit(failed > 0)
