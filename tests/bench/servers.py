"""Servers as in production, on loopback, and the load that is put on them."""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

WORKERS, THREADS = 2, 4
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Measured:
    """Requests per second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float
    failures: int = 0


def median_of(runs: Sequence[Measured]) -> Measured:
    return Measured(
        statistics.median(run.rate for run in runs),
        statistics.median(run.p50 for run in runs),
        statistics.median(run.p99 for run in runs),
        sum(run.failures for run in runs),
    )


def wrk_path() -> str:
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("wrk is missing: apt-get install -y wrk")
    return found


class Server:
    """gunicorn with one of the apps."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def ticks(self) -> int:
        """Processor time of the workers so far."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        total = 0
        for pid in children.split():
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total

    def drain(self) -> None:
        """Wait until the workers have finished what was sent to them: their processor time stands still."""
        until, before = time.monotonic() + 5, -1
        while time.monotonic() < until and (now := self.ticks()) != before:
            before = now
            time.sleep(0.1)

    def ask(self, path: str, headers: Mapping[str, str], data: bytes | None = None) -> tuple[int, bytes]:
        """One request; redirections are not followed."""
        request = Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=dict(headers))
        try:
            with build_opener(_Stay).open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()

    def load(
        self, path: str, headers: Mapping[str, str], connections: int, seconds: float, script: Path | None = None
    ) -> Measured:
        # wrk counts whole seconds only from its own clock, and takes fractions in no unit.
        command = [
            wrk_path(),
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "30s",
            "--latency",
        ]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        if script:
            command += ["-s", str(script)]
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{self.port}{path}"], capture_output=True, text=True, timeout=120, check=True
        )
        self.drain()
        return _read(done.stdout)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _read(text: str) -> Measured:
    def milliseconds(percent: int) -> float:
        number, unit = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)$", text, re.MULTILINE).groups()
        return float(number) * _UNITS[unit]

    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    failures = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    if errors := re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text):
        failures += sum(map(int, errors.groups()))
    return Measured(rate, milliseconds(50), milliseconds(99), failures)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: str, log: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Serve `tests.bench.apps:<app>()` until the block ends."""
    port = free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", str(THREADS)]
    options += ["--worker-class", "gthread", "--access-logfile", "/dev/null", "--no-control-socket"]
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "--log-level", "warning", f"tests.bench.apps:{app}()"],
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env={**os.environ, **environment},
        )
    try:
        server = Server(process, port)
        _wait_until_served(server, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_served(server: Server, log: Path) -> None:
    for _attempt in range(600):
        if server.process.poll() is not None:
            raise SystemExit(f"a server did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("a server did not answer within a minute")
