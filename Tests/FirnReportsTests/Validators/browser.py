#!/usr/bin/env python3
"""Opens a page in a headless Chromium and prints what it found as JSON.

    browser.py CHROMIUM PAGE [--set key=value]... [--eval EXPRESSION]... [--shot FILE] [--pdf FILE]

Keys: width, height, scheme (light, dark), media (print), script (off), hash. Talks the DevTools protocol over a pipe, so that it needs
no port and no package. Prints {"values": [...], "requests": [...], "log": [...]}: the values of the expressions, every
address the page asked for, and what the browser complained about (violations of the page's policy, errors of script).
"""
import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile


class Browser:
    def __init__(self, program):
        self.home = tempfile.mkdtemp(prefix="firn-browser-")
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()

        # The protocol is spoken on descriptors 3 and 4; the pipe's own ends may be these two.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_read, back_write)]
        os.close(to_read)
        os.close(back_write)

        def place():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--remote-debugging-pipe", "--no-first-run", "--disable-background-networking",
                   "--user-data-dir=" + self.home, "about:blank"]
        self.process = subprocess.Popen(command, pass_fds=(3, 4), preexec_fn=place, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in ends:
            os.close(end)
        self.number = 0
        self.rest = b""
        self.events = []

    def read(self):
        while b"\0" not in self.rest:
            part = os.read(self.back, 1 << 20)
            if not part:
                raise SystemExit("the browser ended")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(method + ": " + json.dumps(answer["error"]))
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.read())

    def end(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def main(program, page, *options):
    settings, expressions, shot, pdf = {}, [], None, None
    options = list(options)
    while options:
        option, value = options.pop(0), options.pop(0)
        if option == "--set":
            key, _, value = value.partition("=")
            settings[key] = value
        elif option == "--eval":
            expressions.append(value)
        elif option == "--shot":
            shot = value
        elif option == "--pdf":
            pdf = value
    browser = Browser(program)
    try:
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        call = lambda method, **parameters: browser.call(method, session, **parameters)
        for domain in ("Page", "Network", "Log", "Runtime"):
            call(domain + ".enable")
        width, height = int(settings.get("width", 1366)), int(settings.get("height", 768))
        call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
             mobile=width < 600)
        call("Emulation.setEmulatedMedia", media=settings.get("media", ""), features=[
            {"name": "prefers-color-scheme", "value": settings.get("scheme", "light")},
            {"name": "prefers-reduced-motion", "value": "reduce"}])
        if settings.get("script") == "off":
            call("Emulation.setScriptExecutionDisabled", value=True)
        address = "file://" + os.path.abspath(page) + ("#" + settings["hash"] if "hash" in settings else "")
        call("Page.navigate", url=address)
        browser.wait("Page.loadEventFired")
        values = []
        for expression in expressions:
            result = call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
            if "exceptionDetails" in result:
                raise SystemExit(expression + ": " + json.dumps(result["exceptionDetails"]))
            values.append(result["result"].get("value"))
        if shot:
            data = call("Page.captureScreenshot", format="png", captureBeyondViewport=settings.get("full") == "yes")
            with open(shot, "wb") as file:
                file.write(base64.b64decode(data["data"]))
        if pdf:
            data = call("Page.printToPDF", preferCSSPageSize=True, paperWidth=8.27, paperHeight=11.69)
            with open(pdf, "wb") as file:
                file.write(base64.b64decode(data["data"]))
        requests, log = [], []
        for event in browser.events:
            parameters = event.get("params", {})
            if event.get("method") == "Network.requestWillBeSent":
                requests.append(parameters["request"]["url"])
            elif event.get("method") == "Log.entryAdded":
                log.append(parameters["entry"]["text"])
            elif event.get("method") == "Runtime.exceptionThrown":
                log.append(json.dumps(parameters["exceptionDetails"]))
        json.dump({"values": values, "requests": requests, "log": log}, sys.stdout)
        print()
    finally:
        browser.end()


main(*sys.argv[1:])
