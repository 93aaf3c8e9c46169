# SPDX-License-Identifier: MPL-2.0
"""A private Dovecot with thousands of mailboxes behind one master user, and relent's daemons on them. For bench/imap.py."""
import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time

MASTER, SECRET = "relent", "master-secret"
FIRST_UID, UIDS = 61000, 100    # fs.inotify.max_user_instances counts by user: a hundred of them share the mailboxes

DOVECOT = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = dovenull
default_process_limit = {limit}
default_client_limit = {limit}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{dir}/server.pem
ssl_key = <{dir}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain
auth_master_user_separator = *
mail_location = maildir:~/Maildir
mail_max_userip_connections = 20
imap_hibernate_timeout = {hibernate}
maildir_stat_dirs = no
mail_fsync = never
passdb {{
  driver = passwd-file
  args = {dir}/masters
  master = yes
  pass = yes
}}
passdb {{
  driver = passwd-file
  args = {dir}/users
}}
userdb {{
  driver = passwd-file
  args = {dir}/users
}}
service anvil {{
  client_limit = {limit}
}}
service auth {{
  client_limit = {limit}
}}
service imap-login {{
  service_count = 0
  process_min_avail = 2
  process_limit = 4
  client_limit = {limit}
  vsz_limit = 2G
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = {limit}
  unix_listener imap-master {{
    user = dovecot
    mode = 0600
  }}
}}
service imap-hibernate {{
  client_limit = {limit}
  unix_listener imap-hibernate {{
    mode = 0666
  }}
}}
service lmtp {{
  process_min_avail = 2
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
"""
RELENT = """
hostname = "mail.ourco.example"
own_domains = {{ "ourco.example" }}
zone = "UTC"
data_dir = "{top}/conf"
sequence_dir = "{dir}/relent/sequences"
store {{
	path = "{dir}/relent/relent.db"
	key_file = "{dir}/relent/keys"
	owner_mirror = "{dir}/relent/owners"
}}
milter {{
	socket = "unix:{dir}/relent/milter.sock"
	submission = {{ "submission" }}
}}
control {{
	address = "relent@ourco.example"
}}
limits {{
	sender_per_day = 0
	domain_per_day = 0
	warm_up_start = 0
}}
digest {{
	daily = no
	weekly = off
}}
logwatch {{
	state = "{dir}/relent/logwatch"
}}
imapwatch {{
{extra}
}}
account "reps" {{
	list = "{dir}/relent/reps"
	host = "localhost"
	port = {port}
	tls = {tls}
	ca_file = "{dir}/ca.pem"
	user = "%u*{master}"
	password_file = "{dir}/relent/secret"
}}
{accounts}
"""


def login(n):
    return f"m{n:05d}@ourco.example"


def free_ports(n):
    socks = [socket.socket() for _ in range(n)]
    for s in socks:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


def run(*cmd, **kw):
    r = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)
    if r.returncode:
        raise SystemExit(f"{' '.join(cmd)}: {r.stdout}{r.stderr}")
    return r.stdout


def wait(predicate, seconds, what):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        got = predicate()
        if got:
            return got
        time.sleep(0.05)
    raise SystemExit(f"not within {seconds} s: {what}")


def children(pid):
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(x) for x in f.read().split()]
    return []


def pss(pid):
    """KiB that a process really costs: its own, and its share of what others map too."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))


def cpu(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class World:
    def __init__(self, build, top, mailboxes, hibernate="0", users=None):
        self.build, self.top, self.n = build, top, mailboxes
        self.users = users or mailboxes
        self.dir = tempfile.mkdtemp(prefix="relent-bench-")
        os.chmod(self.dir, 0o755)
        self.imap, self.imaps, self.lmtp = free_ports(3)
        self.hibernate = hibernate
        self.dovecot = self.watcher = self.milter = None
        self.extra, self.accounts, self.tls, self.rate = "", "", "tls", 100
        self.log_lock, self.log_seen, self.log_event = threading.Lock(), [], threading.Condition()

    def __enter__(self):
        try:
            self.make_tls()
            self.start_dovecot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop_watcher()
        if self.milter:
            self.milter.kill()
            self.milter.wait()
        if self.dovecot:
            self.dovecot.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.dovecot.wait(60)
        if os.environ.get("BENCH_KEEP"):
            print("# kept:", self.dir)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def make_tls(self):
        d = self.dir
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
            "-subj", "/CN=bench authority", "-keyout", d + "/ca.key", "-out", d + "/ca.pem")
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
            "-keyout", d + "/server.key", "-out", d + "/server.csr")
        with open(d + "/ext", "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:localhost\n")
        run("openssl", "x509", "-req", "-in", d + "/server.csr", "-CA", d + "/ca.pem", "-CAkey", d + "/ca.key", "-set_serial",
            "2", "-days", "30", "-extfile", d + "/ext", "-out", d + "/server.pem")

    def home(self, n):
        return f"{self.dir}/mail/{n % 100:02d}/{login(n)}"

    def start_dovecot(self):
        d = self.dir
        with open(d + "/users", "w", encoding="ascii") as f:
            for n in range(self.users):
                uid = FIRST_UID + n % UIDS
                f.write(f"{login(n)}:{{PLAIN}}own-{n}:{uid}:{uid}::{self.home(n)}\n")
        with open(d + "/masters", "w", encoding="ascii") as f:
            f.write(f"{MASTER}:{{PLAIN}}{SECRET}\n")
        for name in ("users", "masters"):
            shutil.chown(f"{d}/{name}", "dovecot")
        for k in range(100):
            os.makedirs(f"{d}/mail/{k:02d}")
            os.chmod(f"{d}/mail/{k:02d}", 0o777)
        os.makedirs(d + "/run")
        os.makedirs(d + "/state")
        with open(d + "/dovecot.conf", "w", encoding="ascii") as f:
            f.write(DOVECOT.format(dir=d, limit=self.users * 2 + 2000, hibernate=self.hibernate, imap=self.imap,
                                   imaps=self.imaps, lmtp=self.lmtp))
        with open(d + "/dovecot.out", "w", encoding="ascii") as out:
            self.dovecot = subprocess.Popen(["dovecot", "-F", "-c", d + "/dovecot.conf"], stdout=out, stderr=out)
        wait(lambda: socket.socket().connect_ex(("127.0.0.1", self.imap)) == 0, 20, "Dovecot listens")

    # ---- relent ----

    def relent(self, size=None, **settings):
        """Writes relent.conf for so many of the mailboxes."""
        d = self.dir + "/relent"
        os.makedirs(d, exist_ok=True)
        for name, text in (("secret", SECRET + "\n"), ("keys", "k1 " + "ab" * 32 + "\n"),
                           ("reps", "".join(f"{login(n)} Rep {n}\n" for n in range(size or self.n)))):
            with open(f"{d}/{name}", "w", encoding="ascii") as f:
                f.write(text)
            os.chmod(f"{d}/{name}", 0o600)
        os.makedirs(d + "/sequences", exist_ok=True)
        with open(self.top + "/conf/sequences/seven-touch.conf", encoding="utf-8") as f:
            text = f.read()     # a trial has ten people, a day thirty mails
        with open(d + "/sequences/seven-touch.conf", "w", encoding="utf-8") as f:
            text = re.sub(r"(?m)^pilot_size = .*$", "pilot_size = 0", text)
            f.write(re.sub(r"(?m)^\t(sender|domain)_per_day = .*$", r"\t\1_per_day = 10000", text))
        if not os.path.exists(d + "/templates"):
            shutil.copytree(self.top + "/conf/templates", d + "/templates")
        extra = "\n".join(f"\t{k} = {v}" for k, v in settings.items())
        with open(d + "/relent.conf", "w", encoding="ascii") as f:
            f.write(RELENT.format(dir=self.dir, top=self.top, extra=extra, tls=self.tls, master=MASTER,
                                  port=self.imaps if self.tls == "tls" else self.imap, accounts=self.accounts))

    def forget(self):
        """A store from its beginning."""
        for name in os.listdir(self.dir + "/relent"):
            if name.startswith("relent.db"):
                os.unlink(f"{self.dir}/relent/{name}")

    def ctl(self, *args):
        return run(f"{self.build}/relentctl", "-c", self.dir + "/relent/relent.conf", *args)

    def start_milter(self):
        with open(self.dir + "/milter.log", "a", encoding="ascii") as out:
            self.milter = subprocess.Popen([f"{self.build}/relent-milter", "-f", "-c", self.dir + "/relent/relent.conf"],
                                           stdout=out, stderr=out)
        wait(lambda: os.path.exists(self.dir + "/relent/milter.sock"), 60, "the milter listens")

    def start_watcher(self):
        self.watcher = subprocess.Popen([f"{self.build}/relent-imapwatch", "-f", "-c", self.dir + "/relent/relent.conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.follow, args=(self.watcher.stderr,), daemon=True).start()

    def follow(self, stream):
        with open(self.dir + "/watcher.log", "a", encoding="utf-8") as keep:
            for line in stream:
                now = time.monotonic()
                keep.write(line)
                with self.log_event:
                    self.log_seen.append((now, line))
                    self.log_event.notify_all()

    def told(self, pattern, seconds=60):
        """The time and match of the first line of the log that fits, now or later."""
        until, at = time.monotonic() + seconds, 0
        with self.log_event:
            while True:
                while at < len(self.log_seen):
                    m = re.search(pattern, self.log_seen[at][1])
                    if m:
                        return self.log_seen[at][0], m
                    at += 1
                left = until - time.monotonic()
                if left <= 0:
                    raise SystemExit(f"not within {seconds} s: {pattern}")
                self.log_event.wait(left)

    def stop_watcher(self):
        if self.watcher:
            self.watcher.send_signal(signal.SIGTERM)
            self.watcher.wait(60)
            self.watcher = None

    def processes(self):
        return [self.watcher.pid, *children(self.watcher.pid)]

    def rows(self, sql, *args):
        path = f"file:{self.dir}/relent/relent.db?mode=ro"
        try:
            with contextlib.closing(sqlite3.connect(path, uri=True, timeout=10)) as db:
                return db.execute(sql, args).fetchall()
        except sqlite3.OperationalError:
            return [(0,)]

    def idle(self):
        return self.rows("select count(*) from account where state in ('idle', 'polling')")[0][0]

    # ---- mails ----

    def fill(self, n, mails):
        """Mails as they would lie in a maildir, before anybody looks at it."""
        uid, box = FIRST_UID + n % UIDS, self.home(n) + "/Maildir"
        for sub in ("cur", "new", "tmp"):
            os.makedirs(f"{box}/{sub}", exist_ok=True)
        for k, raw in enumerate(mails):
            with open(f"{box}/new/{int(time.time())}.{k:06d}.bench", "wb") as f:
                f.write(raw)
        run("chown", "-R", f"{uid}:{uid}", self.home(n))

    def memory(self):
        """Of the server: (KiB, processes)."""
        all_of = [self.dovecot.pid]
        for p in all_of:
            all_of.extend(children(p))
        total = 0
        for p in all_of:
            with contextlib.suppress(OSError, StopIteration):
                total += pss(p)
        return total, len(all_of)


class Lmtp:
    """Hands mails to Dovecot, one after the other on one connection."""

    def __init__(self, world):
        self.s = socket.create_connection(("127.0.0.1", world.lmtp))
        self.f = self.s.makefile("rwb")
        self.answer()
        self.say("LHLO bench.example")

    def answer(self):
        while True:
            line = self.f.readline()
            if line[3:4] != b"-":
                if line[:1] not in b"23":
                    raise SystemExit(f"LMTP: {line!r}")
                return line

    def say(self, text):
        self.f.write(text.encode() + b"\r\n")
        self.f.flush()
        return self.answer()

    def deliver(self, sender, to, raw):
        """Returns when Dovecot said that it has it."""
        self.say(f"MAIL FROM:<{sender}>")
        self.say(f"RCPT TO:<{to}>")
        self.say("DATA")
        self.f.write(raw.replace(b"\n", b"\r\n") + b"\r\n.\r\n")
        self.f.flush()
        self.answer()
        return time.monotonic()


class Imap:
    """A minimal client: what the server and the wire alone cost."""

    def __init__(self, world, user, password=SECRET, tls=False):
        s = socket.create_connection(("127.0.0.1", world.imaps if tls else world.imap))
        if tls:
            context = ssl.create_default_context(cafile=world.dir + "/ca.pem")
            s = context.wrap_socket(s, server_hostname="localhost")
        self.s, self.rest = s, b""
        self.line()
        self.command(f"LOGIN {user} {password}")

    def line(self):
        while b"\n" not in self.rest:
            more = self.s.recv(65536)
            if not more:
                raise EOFError("the server closed the connection")
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line

    def command(self, text):
        self.s.sendall(b"x " + text.encode() + b"\r\n")
        while True:
            line = self.line()
            if line.startswith(b"x "):
                if not line.startswith(b"x OK"):
                    raise SystemExit(f"{text}: {line!r}")
                return line

    def swallow(self, text):
        """A command whose answer is only counted: bytes until its tag."""
        self.s.sendall(b"x " + text.encode() + b"\r\n")
        total, tail = len(self.rest), self.rest
        while b"\nx OK" not in tail and not tail.startswith(b"x OK"):
            more = self.s.recv(1 << 20)
            if not more:
                raise EOFError("the server closed the connection")
            total += len(more)
            tail = (tail + more)[-300:]
        self.rest = b""
        return total


if __name__ == "__main__":
    sys.exit("run script/bench imap")
