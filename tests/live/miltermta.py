# SPDX-License-Identifier: MPL-2.0
"""The MTA's side of the milter protocol (version 6), in few lines: for tests that no MTA would play along
with (NUL in a header, 100,000 headers, a line that dies between two commands).

    with Milter(conf_extra="...") as m:              # relent-milter of the build tree, a store of its own
        c = m.connect()
        c.mail("rita@ourco.example", login="rita@ourco.example")
        c.rcpt("paul@prospect.example"); verdict = c.message([("Subject", "x")], b"text")
"""
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("RELENT_BUILD") or os.environ.get("TOP_BUILDDIR") or os.path.join(TOP, "build")

NR_HDR, NR_BODY = 0x80, 0x80000
ALL_STEPS, ALL_ACTIONS = 0x1FFFFF, 0x1FF


class Verdict:
    """What the milter answered at end of message (or to one command)."""

    def __init__(self, code, text="", changes=()):
        self.code, self.text, self.changes = code, text, list(changes)

    @property
    def passed(self):
        return self.code in ("c", "a")

    def named(self, kind):
        return [c for c in self.changes if c[0] == kind]

    def added(self, name):
        return [v for k, n, v in self.named("h") if n.lower() == name.lower()]

    def __repr__(self):
        return f"<{self.code} {self.text} {self.changes}>"


class Connection:
    def __init__(self, path, actions=ALL_ACTIONS, steps=ALL_STEPS, negotiate=True):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(60)
        self.s.connect(path)
        self.steps = 0
        if negotiate:
            self.send("O", struct.pack("!III", 6, actions, steps))
            kind, data = self.read()
            if kind == "O":
                self.version, self.actions, self.steps = struct.unpack("!III", data[:12])

    def send(self, kind, data=b""):
        self.s.sendall(struct.pack("!I", len(data) + 1) + kind.encode() + data)

    def _exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.s.recv(n - len(data))
            if not more:
                raise EOFError("the milter closed the connection")
            data += more
        return data

    def read(self):
        n, = struct.unpack("!I", self._exactly(4))
        data = self._exactly(n)
        return chr(data[0]), data[1:]

    def verdict(self):
        changes = []
        while True:
            kind, data = self.read()
            if kind == "h":
                name, value = data.decode("utf-8", "replace").split("\0")[:2]
                changes.append(("h", name, value))
            elif kind == "m":
                name, value = data[4:].decode("utf-8", "replace").split("\0")[:2]
                changes.append(("m", name, struct.unpack("!I", data[:4])[0], value))
            elif kind == "-":
                changes.append(("-", data.decode().rstrip("\0")))
            elif kind in "ib+eq":
                changes.append((kind, data))
            elif kind == "p":
                continue
            elif kind == "y":
                return Verdict("y", data.decode("utf-8", "replace").rstrip("\0"), changes)
            else:
                return Verdict(kind, "", changes)

    def macros(self, stage, **values):
        data = stage.encode()
        for k, v in values.items():
            if v is not None:
                name = k if len(k) == 1 else "{" + k + "}"
                data += name.encode() + b"\0" + v.encode() + b"\0"
        self.send("D", data)

    def mail(self, sender, login=None, daemon="submission", args=()):
        self.macros("M", auth_authen=login, daemon_name=daemon)
        self.send("M", b"\0".join([f"<{sender}>".encode(), *args]) + b"\0")
        return self.verdict()

    def rcpt(self, *addresses):
        last = None
        for a in addresses:
            self.send("R", (a if a.startswith("<") else f"<{a}>").encode() + b"\0")
            last = self.verdict()
        return last

    def header(self, name, value):
        data = name if isinstance(name, bytes) else name.encode()
        value = value if isinstance(value, bytes) else value.encode()
        self.send("L", data + b"\0" + value + b"\0")
        if not self.steps & NR_HDR:
            return self.verdict()

    def body(self, data):
        for i in range(0, len(data), 65535):
            self.send("B", data[i:i + 65535])
            if not self.steps & NR_BODY:
                v = self.verdict()
                if v.code == "s":
                    return

    def eom(self, queue_id="4TEST1"):
        self.macros("E", i=queue_id)
        self.send("E")
        return self.verdict()

    def message(self, headers, body=b"", queue_id="4TEST1"):
        for name, value in headers:
            self.header(name, value)
        self.body(body)
        return self.eom(queue_id)

    def abort(self):
        self.send("A")

    def quit(self):
        self.send("Q")
        self.s.close()

    def close(self):
        self.s.close()


class Milter:
    """relent-milter with a directory of its own."""

    OWNERS = ("rita@ourco.example", "ralph@ourco.example")

    def __init__(self, extra="", clock="2027-03-01T08:00:00Z"):
        self.dir = tempfile.mkdtemp(prefix="relent-mta-")
        self.conf, self.socket = self.dir + "/relent.conf", self.dir + "/milter.sock"
        self.log_path, self.clock_path = self.dir + "/log", self.dir + "/clock"
        self.process = None
        self.set_clock(clock)
        os.mkdir(self.dir + "/sequences")
        with open(self.dir + "/keys", "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write("k1 " + "0123456789abcdef" * 4 + "\n")
        self.write_conf(extra)

    def write_conf(self, extra="", **replace):
        owners = "".join(f'owner "{o}" {{\n\tzone = "Europe/Berlin"\n}}\n' for o in self.OWNERS)
        text = f"""hostname = "mail.ourco.example"
own_domains = {{ "ourco.example" }}
data_dir = "{TOP}/conf"
store {{
	path = "{self.dir}/relent.db"
	key_file = "{self.dir}/keys"
	owner_mirror = "{self.dir}/owners"
}}
milter {{
	socket = "unix:{self.socket}"
	socket_group = ""
	submission = {{ "submission" }}
	local = {{ "local" }}
	inbound = {{ "inbound" }}
	body_bytes = 65536
}}
rules {{
	unwatched = off
}}
control {{
	address = "relent@ourco.example"
}}
smtp {{
	user = "relent@ourco.example"
	password_file = "{self.dir}/keys"
}}
{owners}{extra}
"""
        for old, new in replace.items():
            text = text.replace(old, new)
        with open(self.conf, "w") as f:
            f.write(text)

    def set_clock(self, text):
        with open(self.clock_path + ".new", "w") as f:
            f.write(text + "\n")
        os.rename(self.clock_path + ".new", self.clock_path)

    def start(self, env=None, wait=True):
        self.log_file = open(self.log_path, "a")
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "relent-milter"), "-c", self.conf, "--clock-file", self.clock_path],
            stderr=self.log_file, stdout=self.log_file, stdin=subprocess.DEVNULL,
            env=dict(os.environ, **(env or {})))
        if wait:
            self.wait_for("ready socket=", self.log().count("ready socket="))

    def wait_for(self, text, seen=0, seconds=20):
        """The log has text more often than `seen`."""
        until = time.monotonic() + seconds
        while self.log().count(text) <= seen:
            if self.process.poll() is not None:
                raise AssertionError(f"relent-milter ended ({self.process.returncode}):\n{self.log()}")
            if time.monotonic() > until:
                raise AssertionError(f"'{text}' not within {seconds} s in\n{self.log()}")
            time.sleep(0.02)

    def log(self):
        try:
            with open(self.log_path, errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def stop(self, how=signal.SIGTERM, seconds=30):
        self.process.send_signal(how)
        return self.process.wait(seconds)

    def connect(self, **kw):
        return Connection(self.socket, **kw)

    def ctl(self, *args):
        r = subprocess.run([os.path.join(BUILD, "relentctl"), "-c", self.conf, *args], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        if r.returncode:
            raise AssertionError(f"relentctl {' '.join(args)}: {r.returncode}: {r.stdout}{r.stderr}")
        return r.stdout

    def rows(self, sql, *args):
        import sqlite3
        db = sqlite3.connect(f"file:{self.dir}/relent.db?mode=ro", uri=True, timeout=10)
        db.row_factory = sqlite3.Row
        try:
            return [dict(r) for r in db.execute(sql, args)]
        finally:
            db.close()

    def touches(self, recipient):
        return self.rows("select * from touch where recipient = ? and sent_state <> 'taken_back' order by at, id",
                         recipient)

    def prospect(self, *addresses):
        for a in addresses:
            self.ctl("prospect", "add", a, "--source", "referral", "--permission", "legitimate_interest",
                     "--owner", "rita@ourco.example", "--name", "Paul Person")

    def send(self, to, subject="Hello", body="Hi,\n\nwho looks after it?\n", login="rita@ourco.example",
             bcc=(), headers=(), message_id=None, queue_id="4TEST1", connection=None):
        c = connection or self.connect()
        v = c.mail(login, login=login)
        to = [to] if isinstance(to, str) else list(to)
        if v.code == "c":
            for a in to + [f"relent+{b}@ourco.example" for b in bcc]:
                v = c.rcpt(a)
                if v.code == "y":
                    c.abort()
                    return v
        v = c.message([("From", login), ("To", ", ".join(to)), ("Subject", subject),
                       ("Date", "Mon, 1 Mar 2027 09:00:00 +0100"),
                       *([("Message-ID", message_id)] if message_id else []), *headers],
                      body.replace("\n", "\r\n").encode(), queue_id)
        if not connection:
            c.quit()
        return v

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
