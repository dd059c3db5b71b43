"""Runs programs, each in a group of its own that ends when its time is up."""
import os
import selectors
import signal
import subprocess
import tempfile
import time

GRACE_SECONDS = 5
# A process that waits within the driver may outlive SIGKILL, and is then left behind.
KILL_SECONDS = 20
MESSAGE_LENGTH = 500


class Failure(Exception):
    """A stage that did not do its work; what it found all the same may be recorded with it."""

    def __init__(self, message, status="failed", result=None, exit_code=None):
        super().__init__(message)
        self.status, self.result, self.exit_code = status, result, exit_code


class Outcome:
    """What came of a program."""

    def __init__(self, code, out, err, seconds, timed_out):
        self.code, self.out, self.err, self.seconds, self.timed_out = code, out, err, seconds, timed_out

    def failure(self, result=None):
        """What is wrong with it, as it said last; None if nothing is."""
        if self.timed_out:
            return Failure(f"stopped after {self.seconds:.0f} s{self.last_words()}", "timeout", result)
        if self.code == 0:
            return None
        said = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        last = said[-1][:MESSAGE_LENGTH] if said else f"exit code {self.code}"
        if self.code < 0:
            last = f"ended by {signal.Signals(-self.code).name}{self.last_words()}"
        return Failure(last, "failed", result, self.code)

    def last_words(self):
        """Of a program that was stopped: what it said last that is meant for people."""
        said = [line.strip() for line in self.err.splitlines() if line.strip()]
        return f": {said[-1][:MESSAGE_LENGTH]}" if said else ""

    def stopped_in_order(self):
        """Whether its time was up, and it ended by itself when it was asked to: it hung in nothing."""
        return self.timed_out and self.code is not None and self.code != -signal.SIGKILL

    def require(self):
        failure = self.failure()
        if failure:
            raise failure
        return self


def end(process):
    """Ends a program and what it started; it may save its work first."""
    for sent, patience in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        try:
            os.killpg(process.pid, sent)
            process.wait(patience)
            return
        except ProcessLookupError:
            process.wait()
            return
        except subprocess.TimeoutExpired:
            continue


def run(command, seconds, environment=None):
    """Runs a program to its end, for so long at most."""
    start = time.monotonic()
    chunks = []
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                       start_new_session=True, env={**os.environ, **(environment or {})})
        except OSError as e:
            raise Failure(str(e)) from None
        timed_out = True
        try:
            with process.stdout as out, selectors.DefaultSelector() as ready:
                ready.register(out, selectors.EVENT_READ)
                while ready.select(max(0.0, start + seconds - time.monotonic())):
                    chunk = os.read(out.fileno(), 1 << 16)
                    if not chunk:
                        timed_out = False
                        break
                    chunks.append(chunk)
            if not timed_out:
                process.wait(max(0.1, start + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            if process.poll() is None:
                end(process)
        errors.seek(0)
        return Outcome(process.returncode, b"".join(chunks).decode(errors="replace"),
                       errors.read().decode(errors="replace"), time.monotonic() - start, timed_out)
