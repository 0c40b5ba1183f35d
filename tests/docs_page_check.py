#!/usr/bin/env python3
"""Looks at the page under /docs with headless Chromium, as a user would.

  tests/docs_page_check.py URL [TOKEN]     a server that runs: http://127.0.0.1:8000
  tests/docs_page_check.py openapi.json    a stand-in for one, with this document

Exits with 0 if all is well. BEAVER_CHROMIUM names the browser. Needs nothing beyond Python itself.
"""
import base64, hashlib, http.server, json, os, pathlib, re, subprocess, sys, tempfile, threading
import time, urllib.request

FILES = pathlib.Path(__file__).resolve().parent.parent / "api" / "docs_page"
POLICY = re.search(r"policy =\s*((?:\"[^\"]*\"\s*)+);", (FILES.parent / "pages.cpp").read_text())


class StandIn(http.server.BaseHTTPRequestHandler):
    """Serves the page and a document; knows what the checks below ask for."""
    protocol_version = "HTTP/1.1"
    document = b""

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.endswith("/subscribe"):
            return self.greet()
        found = {"/openapi.json": ("application/json", self.document),
                 "/docs": ("text/html; charset=utf-8", (FILES / "docs.html").read_bytes()),
                 "/docs/docs.css": ("text/css", (FILES / "docs.css").read_bytes()),
                 "/docs/docs.js": ("text/javascript", (FILES / "docs.js").read_bytes())}
        if path in found:
            return self.reply(200, *found[path])
        self.reply(200, "application/json", json.dumps({"path": self.path}).encode())

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.reply(200, "application/json", b"null")

    def reply(self, status, content_type, body):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "".join(re.findall(r'"([^"]*)"', POLICY[1])))
        self.end_headers()
        self.wfile.write(body)

    def greet(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        if "Sec-WebSocket-Protocol" in self.headers:
            self.send_header("Sec-WebSocket-Protocol", "beaver")
        self.end_headers()
        frame = b'{"items": [{"payload": "from the page"}]}'
        self.wfile.write(bytes([0x81, len(frame)]) + frame)
        self.rfile.read(1)

    def log_message(self, *_):
        pass


class Browser:
    """Chromium over its debugging pipe: messages are JSON that ends with a zero byte."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory()
        to_read, self.write_end = os.pipe()
        self.read_end, to_write = os.pipe()
        program = os.environ.get("BEAVER_CHROMIUM", "chromium")

        def as_three_and_four():
            a, b = os.dup(to_read), os.dup(to_write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--user-data-dir=" + self.home.name, "about:blank"],
            preexec_fn=as_three_and_four, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.count = 0
        self.rest = b""
        self.complaints = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def call(self, method, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            got = self.receive()
            if got.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.complaints.append(json.dumps(got["params"]))
            if got.get("id") == self.count:
                if "error" in got:
                    raise RuntimeError(method + ": " + str(got["error"]))
                return got["result"]

    def receive(self):
        while b"\0" not in self.rest:
            more = os.read(self.read_end, 1 << 16)
            if not more:
                raise RuntimeError("the browser has gone")
            self.rest += more
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def run(self, script):
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(script + ": " + json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def until(self, script, wanted=lambda value: bool(value)):
        end = time.monotonic() + 20
        while True:
            value = self.run(script)
            if wanted(value):
                return value
            if time.monotonic() > end:
                raise AssertionError(f"{script} is {value!r}")
            time.sleep(0.02)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")
        return self.until("document.getElementById('found')?.textContent", lambda t: t and "oper" in t)

    def key(self, text):
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, key=text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=text)

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
        except (OSError, RuntimeError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.home.cleanup()


def check(browser, url, token):
    with urllib.request.urlopen(url + "/openapi.json") as response:
        document = json.load(response)
    operations = {op["operationId"]: (path, op) for path, methods in document["paths"].items()
                  for op in methods.values()}
    shown = "[...document.querySelectorAll('details.op')].filter(x => x.offsetParent).map(x => x.id)"

    def same(what, ours, theirs):
        if ours != theirs:
            raise AssertionError(f"{what}: {ours!r}, not {theirs!r}")

    # All operations are listed, under their types.
    browser.open(url + "/docs")
    same("operations", sorted(browser.run(shown)), sorted(operations))
    same("types", browser.run("[...document.querySelectorAll('main h2')].map(x => x.textContent)"),
         [tag["name"] for tag in document["tags"]])

    # A key leads to the search, which looks at paths, summaries and parameters.
    browser.key("/")
    for letter in "visibility":
        browser.key(letter)
    found = browser.until(shown, lambda ids: len(ids) < len(operations))
    same("search", sorted(found), sorted(
        id for id, (path, op) in operations.items() if "visibility" in json.dumps(
            [op["summary"], op.get("parameters"), op.get("requestBody")]).lower()))
    browser.open(url + "/docs?q=shortest+graphs")
    same("search by the address", browser.run(shown), ["graph_shortest_path"])

    # Each unfolds without a complaint, and by the keyboard.
    browser.open(url + "/docs#queue_take")
    browser.until("!!document.querySelector('#queue_take textarea')")
    browser.run("document.querySelector('#dict_find summary').focus()")
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", text="\r",
                 windowsVirtualKeyCode=13)
    browser.until("document.getElementById('dict_find').open")
    browser.run("document.querySelectorAll('details.op').forEach(x => { x.open = true; })")
    browser.until("[...document.querySelectorAll('details.op')].every(x => x.children.length === 2)")
    fields = browser.run("Object.fromEntries([...document.querySelectorAll('details.op')].map("
                         "x => [x.id, [...x.querySelectorAll('[name]')].map(y => y.name)]))")
    same("fields", fields, {id: [p["name"] for p in op.get("parameters", [])]
                            for id, (path, op) in operations.items()})
    bodies = browser.run("Object.fromEntries([...document.querySelectorAll('details.op')].map("
                         "x => [x.id, x.querySelector('textarea')?.value]).filter(x => x[1]))")
    for id, (path, op) in operations.items():
        schema = op.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema:
            same(id + "'s body", sorted(json.loads(bodies[id])), sorted(schema.get("required", [])))

    # A request, and a stream. The token outlives the page.
    if token:
        browser.run("const t = document.getElementById('token'); t.value = " + json.dumps(token)
                    + "; t.dispatchEvent(new Event('input'))")
        browser.open(url + "/docs?q=")
        same("token", browser.run("document.getElementById('token').value"), token)
        browser.run("document.querySelectorAll('details.op').forEach(x => { x.open = true; })")
        browser.until("[...document.querySelectorAll('details.op')].every(x => x.children.length === 2)")
    browser.run("document.querySelector('#dict_names form').requestSubmit()")
    same("status", browser.until("document.querySelector('#dict_names .status')?.textContent")[:3], "200")
    browser.run("document.querySelector('#channel_subscribe [name=name]').value = 'docs_page_check'")
    browser.run("document.querySelector('#channel_subscribe form').requestSubmit()")
    browser.until("document.querySelector('#channel_subscribe .status')?.textContent",
                  lambda text: text == "connected")
    browser.run("const p = document.querySelector('#channel_publish_ephemeral');"
                "p.querySelector('[name=name]').value = 'docs_page_check';"
                "p.querySelector('textarea').value = '{\"payload\": \"from the page\"}';"
                "p.querySelector('form').requestSubmit()")
    browser.until("document.querySelector('#channel_subscribe .go + pre').textContent",
                  lambda text: "from the page" in text)
    same("complaints", browser.complaints, [])

    # It fits a phone.
    browser.call("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2,
                 mobile=True)
    browser.open(url + "/docs?q=docs_search#docs_search")
    browser.until("!!document.querySelector('#docs_search form')")
    width = browser.run("document.documentElement.scrollWidth")
    if width > 360:
        raise AssertionError(f"{width} pixels are wider than a phone")
    print(f"docs page: {len(operations)} operations, as they should be")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    url, server = sys.argv[1].rstrip("/"), None
    if not url.startswith("http"):
        StandIn.document = pathlib.Path(url).read_bytes()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
    browser = Browser()
    try:
        check(browser, url, sys.argv[2] if len(sys.argv) == 3 else "")
    except (AssertionError, RuntimeError) as failure:
        sys.exit(f"docs page: {failure}\n" + "\n".join(browser.complaints))
    finally:
        browser.close()


main()
