"""Starts the program on a shop made for the run, and stops it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import fixture_reviews
import fixture_shop

START_SECONDS = 60
JOB_SECONDS = 180


class LodeServer:
    """The server under test: one that runs already, or the program with a fresh data directory."""

    def __init__(self):
        self.process = None
        self.folder = None
        self.url = os.environ.get("LODE_URL", "").rstrip("/")
        self.is_own = not self.url

    def __enter__(self):
        if self.is_own:
            try:
                self._start()
            except BaseException:
                self.__exit__()
                raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if self.folder:
            self.folder.cleanup()

    def get(self, path):
        """The JSON that a route answers."""
        with urllib.request.urlopen(self.url + path, timeout=30) as response:
            return json.load(response)

    def send(self, method, path, body):
        """Sends JSON and returns what the route answers."""
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            text = response.read()
        return json.loads(text) if text else None

    def _start(self):
        self.folder = tempfile.TemporaryDirectory(prefix="lode-e2e-")
        data = os.path.join(self.folder.name, "data")
        self._lode("shop", "set", "--name", "Corner shop", "--currency", "USD", "--data-dir", data)
        for kind, path in fixture_shop.write(self.folder.name).items():
            self._lode("import", str(path), "--kind", kind, "--data-dir", data)
        reviews = fixture_reviews.write(self.folder.name)
        self._lode("import", str(reviews), "--kind", "events", "--data-dir", data)
        # Twice, so that there are two versions to compare.
        self._lode("train", "--data-dir", data)
        self._lode("train", "--data-dir", data)
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [os.environ["LODE_BINARY"], "serve", "--data-dir", data, "--port", str(port)]
        with open(self._log_path(), "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        self._wait_until_ready()
        self._run_job("/v1/voice/mining", "reading what customers say", " (the models: make text)")
        self._run_job("/v1/demand/forecasting", "forecasting")
        self._run_job("/v1/segments/clustering", "segmenting")
        # Fewer customers than values ask for.
        self._run_job("/v1/value/estimation", "valuing customers", body={"anyway": True})
        self._run_job("/v1/patterns/mining", "finding patterns")
        self._run_job("/v1/churn/estimation", "reckoning who stops buying")

    def _lode(self, *arguments):
        done = subprocess.run([os.environ["LODE_BINARY"], *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            sys.stderr.write(done.stdout + done.stderr)
            raise RuntimeError(f"lode {' '.join(arguments)} ended with {done.returncode}")

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"lode serve ended with {self.process.returncode}: {self._log()}")
            try:
                self.get("/ready")
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"lode serve was not ready within {START_SECONDS} s: {self._log()}")

    def _run_job(self, path, what, hint="", body=None):
        """Starts a job as a button of the dashboard does, and waits for its end."""
        job = self.send("POST", path, body or {})
        deadline = time.monotonic() + JOB_SECONDS
        while job["status"] in ("queued", "running"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not end within {JOB_SECONDS} s")
            time.sleep(0.1)
            job = self.get(f"/v1/jobs/{job['job_id']}")
        if job["status"] != "succeeded":
            raise RuntimeError(f"{what} failed: {job.get('error')}{hint}")

    def _log_path(self):
        return os.path.join(self.folder.name, "server.log")

    def _log(self):
        with open(self._log_path(), encoding="utf-8", errors="replace") as log:
            return log.read()[-2000:]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
