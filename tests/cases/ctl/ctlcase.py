# SPDX-License-Identifier: MPL-2.0
"""For the tests of relentctl: a private configuration and store, the built program, TAP."""
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile

NOW = datetime.datetime(2026, 3, 2, 9, 0, 0)    # a Monday


class Case:
    def __init__(self, conf="", owners=("rita@example.com", "sam@example.com"), store=True):
        self.count = 0
        self.bad = 0
        self.dir = tempfile.mkdtemp(prefix="relent-ctl-")
        self.program = os.environ.get("RELENTCTL", os.path.abspath("relentctl"))
        top = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
        self.top = top
        self.now = NOW
        text = f'zone = "Europe/Berlin"\ndata_dir = "{top}/conf"\n'
        text += (f'store {{ path = "{self.dir}/relent.db" key_file = "{self.dir}/keys"'
                 f' owner_mirror = "{self.dir}/owners" }}\n'
                 f'milter {{ socket = "unix:{self.dir}/milter.sock" }}\n'
                 f'logwatch {{ file = "{self.dir}/mail.log" state = "{self.dir}/logwatch" }}\n')
        for o in owners:
            text += f'owner "{o}" {{ zone = "Europe/Berlin" }}\n'
        self.conf = self.write("relent.conf", text + conf)
        if store:
            self.good("store", "migrate")
            self.good("key", "rotate")

    def step(self, **kw):
        """Moves the clock; it also moves a second with each command, so that what comes later is later."""
        self.now += datetime.timedelta(**kw)
        self.write("clock", self.now.strftime("%Y-%m-%dT%H:%M:%SZ\n"))

    def write(self, name, data):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return path

    def read(self, name):
        with open(os.path.join(self.dir, name), encoding="utf-8") as f:
            return f.read()

    def run(self, *args, stdin=None, conf=True):
        self.step(seconds=1)
        cmd = [self.program]
        if conf:
            cmd += ["-c", self.conf, "--clock-file", os.path.join(self.dir, "clock")]
        env = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8")
        env.pop("SUDO_USER", None)
        r = subprocess.run(cmd + list(args), input=stdin, capture_output=True, timeout=60, env=env, check=False)
        return r.returncode, r.stdout.decode("utf-8", "replace"), r.stderr.decode("utf-8", "replace")

    def good(self, *args, **kw):
        code, out, err = self.run(*args, **kw)
        if code != 0:
            raise AssertionError(f"{args}: exit {code}\n{out}{err}")
        return out

    def json(self, *args, code=0):
        got, out, err = self.run("--json", *args)
        if got != code:
            raise AssertionError(f"{args}: exit {got}, not {code}\n{out}{err}")
        return json.loads(out)

    # ---- TAP ----

    def ok(self, condition, name, *details):
        self.count += 1
        print(("ok" if condition else "not ok"), self.count, "-", name)
        if not condition:
            self.bad += 1
            for d in details:
                for line in str(d).splitlines():
                    print("#", line)
        return condition

    def eq(self, got, want, name):
        return self.ok(got == want, name, f"got  {got!r}", f"want {want!r}")

    def has(self, text, piece, name):
        return self.ok(piece in text, name, f"looked for {piece!r} in", text)

    def refused(self, code, piece, *args, **kw):
        """args end with this exit code and a sentence that contains piece."""
        got, out, err = self.run(*args, **kw)
        return self.ok(got == code and piece in err, " ".join(args) + f": exit {code}, '{piece}'",
                       f"exit {got}", out, err)

    def done(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        print(f"1..{self.count}")
        sys.exit(1 if self.bad else 0)
