# SPDX-License-Identifier: MPL-2.0
"""Live tests on a real Postfix and Dovecot: Python's standard library only.

    with Stack(clock="2027-03-01T09:00:00Z") as s:
        answer = s.send("rita", "paul@prospect.example", "Hello", "Text\n", bcc=[s.control("seq.seven-touch")])

A test is a script: it makes a Tap, does things in order, and ends with tap.done(). Every wait is for
something observable, with a bound; there is no fixed sleep. RELENT_KEEP=1 leaves the stack of a failed
test up.
"""
import contextlib
import datetime
import email
import email.message
import email.policy
import email.utils
import imaplib
import json
import os
import re
import shutil
import signal
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
STACK = os.path.join(TOP, "script", "stack")
MONDAY = "2027-03-01T08:00:00Z"		# a Monday, 09:00 in Berlin
UTC = datetime.timezone.utc
imaplib._MAXLINE = 10_000_000
# how much longer than on an idle machine a test may wait: on a busy one late is not lost
PATIENCE = float(os.environ.get("RELENT_PATIENCE", "1"))


class Tap:
    """Test results as TAP on standard output."""

    def __init__(self):
        self.n = self.failed = 0

    def ok(self, condition, name, *details):
        self.n += 1
        if not condition:
            self.failed += 1
        print(f"{'ok' if condition else 'not ok'} {self.n} - {name}", flush=True)
        if not condition:
            for d in details:
                self.diag(d)
        return bool(condition)

    def eq(self, got, wanted, name):
        return self.ok(got == wanted, name, f"got    {got!r}", f"wanted {wanted!r}")

    def match(self, got, pattern, name):
        return self.ok(re.search(pattern, got or "", re.I | re.S), name, f"got     {got!r}",
                       f"pattern {pattern!r}")

    def diag(self, text):
        for line in str(text).splitlines() or [""]:
            print("# " + line, flush=True)

    @contextlib.contextmanager
    def part(self, name):
        """A scenario: an exception in it is one failure, and the next part still runs."""
        self.diag(f"---- {name}")
        try:
            yield
        except Exception:
            self.ok(False, f"{name}: ran to its end", traceback.format_exc())

    def done(self):
        print(f"1..{self.n}", flush=True)
        return 1 if self.failed else 0


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def need():
    """Skips the whole test where a live stack cannot run."""
    if os.geteuid() != 0:
        skip_all("Postfix needs root")
    for program in ("postfix", "dovecot", "openssl"):
        if not shutil.which(program):
            skip_all(f"{program} is missing")
    if os.environ.get("RELENT_MTA") == "sendmail":
        r = subprocess.run([os.path.join(TOP, "script", "sendmail")], capture_output=True, text=True)
        if r.returncode:
            skip_all("there is no Sendmail: " + r.stderr.strip().replace("\n", "; "))


class Timeout(AssertionError):
    pass


def wait_until(predicate, seconds=10, what=None):
    """The first true value of predicate(); polled every 50 ms because what is waited for (a row of
    the store, a mail in a mailbox) has no descriptor to wait on."""
    until = time.monotonic() + seconds * PATIENCE
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > until:
            raise Timeout(f"not within {seconds * PATIENCE:g} s: {what or predicate.__doc__ or 'condition'}"
                          f" (last: {value!r})")
        time.sleep(0.05)


def parse_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def bare(message_id):
    """As the store keeps it."""
    return message_id.strip().strip("<>")


class Answer:
    """What a server said to a submission."""

    def __init__(self):
        self.code, self.text, self.rcpt, self.stage = 0, "", {}, ""

    def took(self, stage, reply):
        self.stage, self.code, self.text = stage, reply[0], reply[1].decode("utf-8", "replace")
        return reply[0] // 100 in (2, 3)

    @property
    def accepted(self):
        return self.stage == "data" and self.code == 250

    @property
    def queue_id(self):
        m = re.search(r"queued as (\S+)|(\S+) Message accepted for delivery", self.text)
        return m and (m.group(1) or m.group(2))

    def __repr__(self):
        rcpt = "".join(f"; {a}: {c} {t}" for a, (c, t) in self.rcpt.items() if c != 250)
        return f"<{self.stage} {self.code} {self.text}{rcpt}>"


class Mail:
    """A mail in a mailbox."""

    def __init__(self, uid, flags, raw, internaldate=None):
        self.uid, self.flags, self.raw, self.internaldate = uid, flags, raw, internaldate
        self.msg = email.message_from_bytes(raw, policy=email.policy.default)

    def __getitem__(self, name):
        v = self.msg[name]
        return None if v is None else str(v)

    @property
    def text(self):
        part = self.msg.get_body(("plain", "html"))
        return part.get_content() if part else ""

    @property
    def id(self):
        return (self["Message-ID"] or "").strip()

    def __repr__(self):
        return f"<Mail {self.uid} {self['Subject']!r} {' '.join(self.flags)}>"


class Mailbox:
    """One IMAP connection as a user's client has it; always a fresh look."""

    def __init__(self, stack, user, password):
        ours = user.endswith("@" + stack.env["OUR_DOMAIN"]) and user != stack.env["CONTROL_ADDRESS"]
        port = stack.env["CYRUS_PORT"] if stack.env.get("CYRUS") and ours else stack.env["IMAP_PORT"]
        self.c = imaplib.IMAP4_SSL("localhost", int(port), ssl_context=stack.tls, timeout=30)
        self.c.login(user, password)

    def mails(self, folder="INBOX"):
        self._check(self.c.select(folder, readonly=True))
        if self.c.untagged_responses.get("EXISTS", [b"0"])[-1] == b"0":
            return []
        _, rows = self.c.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])")
        found = []
        for row in rows:
            if isinstance(row, tuple):
                head = row[0].decode()
                flags = re.search(r"FLAGS \(([^)]*)\)", head)
                found.append(Mail(int(re.search(r"UID (\d+)", head).group(1)),
                                  flags.group(1).split() if flags else [], row[1],
                                  imaplib.Internaldate2tuple(row[0])))
        return found

    def append(self, folder, raw, flags=""):
        self._check(self.c.append(folder, flags, None, raw))

    def delete(self, folder, uid):
        self._check(self.c.select(folder))
        self._check(self.c.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)"))
        self._check(self.c.uid("EXPUNGE", str(uid)))

    def flag(self, folder, uid, flag):
        self._check(self.c.select(folder))
        self._check(self.c.uid("STORE", str(uid), "+FLAGS", f"({flag})"))

    def close(self):
        with contextlib.suppress(Exception):
            self.c.logout()

    @staticmethod
    def _check(reply):
        if reply[0] != "OK":
            raise AssertionError(f"IMAP: {reply}")
        return reply[1]


class Stack:
    def __init__(self, *options, clock=MONDAY, conf=None, observe=False, later_milter=None, env=None, dovecot=None):
        self.options = list(options)
        if clock and "--no-relent" not in options:
            self.options += ["--clock", clock]
        if observe:
            self.options += ["--observe"]
        if os.environ.get("RELENT_MTA") == "sendmail":
            self.options += ["--sendmail"]
        if later_milter:
            self.options += ["--later-milter", later_milter]
        if os.environ.get("RELENT_BUILD"):
            self.options += ["--build", os.environ["RELENT_BUILD"]]
        # mails that come by the clock would be counted among those that a test waits for: off unless asked for
        if "digest {" not in (conf or ""):
            conf = (conf or "") + "digest {\n\tdaily = no\n\tweekly = off\n}\n"
        self.conf, self.dovecot, self.extra_env = conf, dovecot, env or {}
        self.boxes = {}
        self.dir = None
        self.keep = False

    # ---- life ----

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="relent-live-", dir="/tmp")
        if self.conf:
            path = self.dir + ".conf"
            with open(path, "w") as f:
                f.write(self.conf)
            self.options += ["--conf", path]
        if self.dovecot:
            with open(self.dir + ".dovecot", "w") as f:
                f.write(self.dovecot)
            self.options += ["--dovecot", self.dir + ".dovecot"]
        try:
            self.run("up", *self.options, self.dir)
        finally:
            if self.conf:
                os.unlink(path)
            if self.dovecot:
                os.unlink(self.dir + ".dovecot")
        self.read_env()
        self.tls = ssl.create_default_context(cafile=self.env["CA_FILE"])
        return self

    def __exit__(self, kind, *_):
        for b in self.boxes.values():
            b.close()
        if kind:
            self.show_logs()
            if os.environ.get("RELENT_KEEP"):
                print(f"# the stack is left up: {STACK} down --purge {self.dir}")
                return
        if self.keep:
            return
        self.run("down", "--purge", self.dir)

    def run(self, *args):
        r = subprocess.run([STACK, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, env=dict(os.environ, **self.extra_env))
        if r.returncode:
            raise AssertionError(f"script/stack {' '.join(args)}: {r.stdout}")
        return r.stdout

    def read_env(self):
        with open(os.path.join(self.dir, "stack.env")) as f:
            self.env = {k: v.replace("'\\''", "'")
                        for k, v in re.findall(r"^(\w+)='(.*)'$", f.read(), re.M)}

    @property
    def sendmail(self):
        """The reps hand in at Sendmail, not Postfix."""
        return bool(self.env["SENDMAIL"])

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", newline="") as f:
            f.write(text)
        return path

    def barrier(self, rep="rita"):
        """Everything delivered before this, and everything due at this moment, has been seen by the
        watcher: a mail of a stranger is delivered and its UID is in the watcher's position. Twice,
        because the clock is looked at between mails."""
        for _ in range(2):
            subject = f"barrier {time.monotonic_ns()}"
            self.deliver("stranger@umbrella.example", rep, subject, "nothing\n")
            uid = self.wait_mail(rep, subject=subject).uid
            wait_until(lambda: self.rows(
                "select 1 from position where account = ? and upper(folder) = 'INBOX' and uid >= ?",
                rep, uid), 20, f"the watcher has read {rep}'s mailbox")

    def show_logs(self, lines=25):
        logs = [self.env["POSTFIX_LOG"], self.env["DOVECOT_LOG"]]
        if self.sendmail:
            logs[:0] = [self.env["MTA_LOG"]]
        logs += sorted(os.path.join(self.env["RELENT_LOG"], n) for n in os.listdir(self.env["RELENT_LOG"]))
        for path in logs:
            with contextlib.suppress(OSError), open(path, errors="replace") as f:
                tail = f.read().splitlines()[-lines:]
                print(f"# ---- the end of {path}")
                for line in tail:
                    print("# " + line)
        sys.stdout.flush()

    def log(self, name):
        """Text of a log: milter, imapwatch, logwatch, postfix, mta (Postfix's or Sendmail's)."""
        known = {"postfix": self.env["POSTFIX_LOG"], "mta": self.env["MTA_LOG"]}
        path = known.get(name, f"{self.env['RELENT_LOG']}/{name}.log")
        with open(path, errors="replace") as f:
            return f.read()

    # ---- processes ----

    def restart(self, name, env=None):
        keep, self.extra_env = self.extra_env, env or {}
        try:
            self.run("restart", self.dir, name)
        finally:
            self.extra_env = keep
        self.read_env()

    def stop(self, name):
        self.run("stop", self.dir, name)

    def pids(self, name):
        """Processes of relent-NAME of this stack, the parent first."""
        found = []
        for p in os.listdir("/proc"):
            if not p.isdigit():
                continue
            with contextlib.suppress(OSError):
                exe = os.readlink(f"/proc/{p}/exe").removesuffix(" (deleted)")
                with open(f"/proc/{p}/environ", "rb") as e, open(f"/proc/{p}/cmdline", "rb") as c:
                    if exe.endswith(f"/relent-{name}") and \
                            self.dir.encode() + b"/" in c.read() + e.read():
                        found.append(int(p))
        return sorted(found)

    def kill(self, name, sig=signal.SIGKILL):
        """The parent dies; what happens to its children is its business."""
        pids = self.pids(name)
        os.kill(pids[0], sig)
        wait_until(lambda: pids[0] not in self.pids(name), 10, f"relent-{name} is gone")

    def reload(self, name):
        os.kill(self.pids(name)[0], signal.SIGUSR1)

    # ---- time ----

    def set_clock(self, text):
        tmp = self.env["CLOCK_FILE"] + ".new"
        with open(tmp, "w") as f:
            f.write(text + "\n")
        os.rename(tmp, self.env["CLOCK_FILE"])

    def set_clock_to(self, seconds):
        self.set_clock(datetime.datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def now(self):
        """The daemons' time."""
        path = self.env["CLOCK_FILE"]
        if not os.path.exists(path):
            return datetime.datetime.now(UTC)
        with open(path) as f:
            text = f.read().strip()
        if text[0] in "+-":
            unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}
            offset = sum(int(n) * unit[u or "s"] for n, u in re.findall(r"(\d+)([smhd]?)", text))
            return datetime.datetime.now(UTC) + datetime.timedelta(seconds=offset)
        passed = time.time() - os.stat(path).st_mtime
        return parse_time(text) + datetime.timedelta(seconds=passed)

    # ---- names ----

    def user(self, who):
        return who if "@" in who else f"{who}@{self.env['OUR_DOMAIN']}"

    def control(self, verb):
        local, domain = self.env["CONTROL_ADDRESS"].split("@")
        return f"{local}+{verb}@{domain}"

    def password(self, user):
        if user == self.env["CONTROL_ADDRESS"]:
            return self.env["CONTROL_PASSWORD"]
        ours = user.endswith("@" + self.env["OUR_DOMAIN"])
        return self.env["REP_PASSWORD" if ours else "PROSPECT_PASSWORD"]

    # ---- sending ----

    def compose(self, sender, to, subject, body, headers=None, cc=None, html=None, message_id=True):
        """A mail as a client makes it. headers: more of them, None leaves one out."""
        m = email.message.EmailMessage(policy=email.policy.SMTP)
        m["From"] = sender
        if to:
            m["To"] = to if isinstance(to, str) else ", ".join(to)
        if cc:
            m["Cc"] = cc if isinstance(cc, str) else ", ".join(cc)
        m["Subject"] = subject
        m["Date"] = email.utils.format_datetime(self.now())
        if message_id:
            m["Message-ID"] = email.utils.make_msgid(domain=sender.split("@")[-1].strip(">"))
        for k, v in (headers or {}).items():
            del m[k]
            if v is not None:
                m[k] = v
        m.set_content(body)
        if html:
            m.add_alternative(html, subtype="html")
        return m.as_bytes()

    def login(self, rep):
        c = smtplib.SMTP("127.0.0.1", int(self.env["SUBMISSION_PORT"]), timeout=60,
                         local_hostname="client.example")
        c.starttls(context=self.tls)
        c.login(self.user(rep), self.password(self.user(rep)))
        return c

    @staticmethod
    def transact(c, sender, rcpts, raw, options=()):
        """One mail on an open connection, the way clients do: any refused recipient ends it, unless
        options has 'partial'."""
        a = Answer()
        if not a.took("mail", c.mail(sender, ["SMTPUTF8"] if "smtputf8" in options else [])):
            c.rset()
            return a
        for r in rcpts:
            ok = a.took("rcpt", c.rcpt(r))
            a.rcpt[r] = (a.code, a.text)
            if not ok and "partial" not in options:
                c.rset()
                return a
        if not any(code // 100 == 2 for code, _ in a.rcpt.values()):
            c.rset()
            return a
        try:
            a.took("data", c.data(raw))
        except smtplib.SMTPDataError as e:
            a.took("data", (e.smtp_code, e.smtp_error))
        return a

    def send(self, rep, to, subject=None, body=None, *, bcc=(), cc=None, headers=None, raw=None,
             rcpts=None, options=(), html=None):
        """Submits as a rep over TLS with SASL. Returns the Answer; .raw is what was sent."""
        sender = self.user(rep)
        to = [to] if isinstance(to, str) else list(to)
        cc = [cc] if isinstance(cc, str) else list(cc or ())
        if raw is None:
            raw = self.compose(sender, to, subject, body, headers, cc, html)
        try:
            c = self.login(rep)
        except smtplib.SMTPResponseException as e:
            a = Answer()		# Sendmail whose milter is down takes no command at all
            a.took("login", (e.smtp_code, e.smtp_error))
        else:
            try:
                a = self.transact(c, sender, rcpts or [*to, *cc, *bcc], raw, options)
            finally:
                c.close()
        a.raw = raw
        a.message_id = str(email.message_from_bytes(raw)["Message-ID"] or "").strip()
        return a

    def send_and_die(self, rep, to, raw, bcc=()):
        """The connection dies after the final dot: the client never sees the answer."""
        sender = self.user(rep)
        c = self.login(rep)
        c.mail(sender)
        for r in [to, *bcc]:
            c.rcpt(r)
        c.docmd("DATA")
        data = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r?\n", b"\r\n", raw))
        c.sock.sendall(data + b".\r\n")
        c.sock.close()

    def deliver(self, sender, to, subject, body, *, answers=None, headers=None, raw=None,
                envelope=None, quote=True, html=None):
        """From the outside world through the receiving service. answers: the Mail that is answered
        (as it lies in the prospect's mailbox)."""
        to = self.user(to)
        headers = dict(headers or {})
        if answers is not None:
            refs = ((answers["References"] or answers["In-Reply-To"] or "") + " " + answers.id).split()
            headers.setdefault("In-Reply-To", answers.id)
            headers.setdefault("References", " ".join(refs))
            if quote:
                quoted = "\n".join("> " + line for line in answers.text.rstrip().splitlines())
                body = f"{body.rstrip()}\n\nOn {answers['Date']}, {answers['From']} wrote:\n{quoted}\n"
        if raw is None:
            raw = self.compose(sender, to, subject, body, headers, html=html)
        with smtplib.SMTP("127.0.0.1", int(self.env["SMTP_PORT"]), timeout=60,
                          local_hostname="outside.example") as c:
            c.ehlo()
            mail_from = email.utils.parseaddr(sender)[1] if envelope is None else envelope
            a = self.transact(c, mail_from, [to], raw)
        if not a.accepted:
            raise AssertionError(f"the outside mail was not taken: {a}")
        a.raw = raw
        a.message_id = str(email.message_from_bytes(raw)["Message-ID"] or "").strip()
        return a

    # ---- mailboxes ----

    def box(self, user):
        user = self.user(user)
        if user not in self.boxes:
            self.boxes[user] = Mailbox(self, user, self.password(user))
        return self.boxes[user]

    def mails(self, user, folder="INBOX", **having):
        """Mails of a folder whose headers match the given patterns (subject=..., to=...)."""
        return [m for m in self.box(user).mails(folder)
                if all(re.search(p, m[h.strip("_").replace("_", "-")] or "", re.I) for h, p in having.items())]

    def wait_mail(self, user, folder="INBOX", seconds=10, n=1, **having):
        """The newest mail there, once there are n."""
        found = wait_until(lambda: (lambda l: l if len(l) >= n else None)(
            self.mails(user, folder, **having)), seconds, f"{n} mail(s) for {user}/{folder} {having}")
        return found[-1]

    def drafts(self, rep, to=None):
        return self.mails(rep, "Drafts", **({"to": re.escape(to)} if to else {}))

    # ---- relent ----

    def ctl(self, *args, ok=(0,), input=None):
        """relentctl's output as text; any exit code that is not in ok is a failure (ok=None: none
        is; then (code, output, errors) comes back)."""
        cmd = [self.env["RELENTCTL"], "-c", self.env["RELENT_CONF"], "--clock-file",
               self.env["CLOCK_FILE"]]
        r = subprocess.run([*cmd, *args], input=input, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, timeout=60)
        if ok is None:
            return r.returncode, r.stdout, r.stderr
        if r.returncode not in ok:
            raise AssertionError(f"relentctl {' '.join(args)}: exit {r.returncode}: {r.stdout}{r.stderr}")
        return r.stdout

    def json(self, *args, **kw):
        return json.loads(self.ctl("--json", *args, **kw))

    def rows(self, sql, *args):
        """Rows of the store as dicts, read-only."""
        path = self.env["RELENT_STORE"]
        if not path:
            return self.pg_rows(sql, args)
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            return [dict(r) for r in db.execute(sql, args)]

    def pg_rows(self, sql, args):
        """The same of a store on PostgreSQL."""
        for a in args:
            quoted = str(a) if isinstance(a, int) else "'" + str(a).replace("'", "''") + "'"
            sql = sql.replace("?", quoted, 1)
        r = subprocess.run(["psql", "-X", "-q", "-t", "-A", "-d", self.env["STORE_URL"], "-c",
                            f"select coalesce(json_agg(t), '[]') from ({sql}) t"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=20)
        if r.returncode:
            raise AssertionError(f"{sql}: {r.stderr}")
        return json.loads(r.stdout)

    def row(self, sql, *args):
        found = self.rows(sql, *args)
        return found[0] if found else None

    def enrolment(self, address):
        """The latest enrolment of the person with this address; of two of the same second the one that is open."""
        return self.row("select e.*, s.name as sequence from enrolment e"
                        " join prospect_address a on a.prospect_id = e.prospect_id"
                        " join sequence s on s.id = e.sequence_id"
                        " where a.address = ? order by e.created desc,"
                        " e.state in ('closed', 'suppressed'), e.id desc limit 1", address)

    def wait_state(self, address, *states, seconds=10):
        def look():
            e = self.enrolment(address)
            look.last = e and f"{e['state']} step={e['step']} holds={e['holds']} reason={e['reason']}"
            return e if e and e["state"] in states and not e["holds"] else None
        try:
            return wait_until(look, seconds)
        except Timeout:
            raise Timeout(f"{address} is not {'/'.join(states)} within {seconds * PATIENCE:g} s but {look.last}") \
                from None

    def touches(self, address, kind=None):
        return [t for t in self.rows("select * from touch where recipient = ? and sent_state <>"
                                     " 'taken_back' order by at, id", address)
                if kind in (None, t["kind"])]

    def suppressed(self, address):
        return self.rows("select * from suppression where subject = ? and lifted is null", address)

    def import_prospects(self, *people, owner="rita"):
        """people: (address, name, company) through relentctl prospect import."""
        path = os.path.join(self.dir, f"import-{time.monotonic_ns()}.csv")
        with open(path, "w") as f:
            f.write("email,name,company,source,permission,captured,owner\r\n")
            for address, name, company in people:
                f.write(f"{address},{name},{company},event,legitimate_interest,2027-02-20,"
                        f"{self.user(owner)}\r\n")
        return self.ctl("prospect", "import", path)

    def enrol(self, rep, address, sequence="seven-touch", subject="An idea for your team",
              body=None, settled=True, anyway=False):
        """The rep's first touch, from the mail client. anyway: also if a colleague of theirs was just written to."""
        name = address.split("@")[0].capitalize()
        body = body or (f"Hi {name},\n\nyour team opened a second office last month. "
                        "Who looks after the move of your mail there?\n\nBest,\nRita\n")
        bcc = [self.control(v) for v in [f"seq.{sequence}"] + ["anyway"] * anyway]
        a = self.send(rep, address, subject, body, bcc=bcc)
        if not a.accepted:
            raise AssertionError(f"the first touch to {address} was not accepted: {a}")
        if settled:
            self.wait_state(address, "waiting")
        return a

    def received(self, address, **having):
        """The newest mail in a prospect's inbox."""
        return self.wait_mail(address, **having)

    def verify(self):
        return self.ctl("verify", ok=None)
