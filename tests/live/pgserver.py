# SPDX-License-Identifier: MPL-2.0
"""Private PostgreSQL servers for tests that kill, replace, starve and cut them off: on loopback or in a network name space,
in a temporary directory, gone afterwards. Standard library only."""
import contextlib
import glob
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

BINS = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
BIN = os.path.dirname(BINS[-1]) if BINS else None


def as_postgres():
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def free_port():
    """Below those that the kernel gives to outgoing connections: a server that is killed comes back to its own."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", random.randrange(12000, 32000)))
            return s.getsockname()[1]


class Server:
    """One PostgreSQL server. conf: lines of its configuration."""

    def __init__(self, conf="", like=None, host="127.0.0.1", enter=()):
        self.dir = tempfile.mkdtemp(prefix="relent-pg-", dir="/tmp")
        if os.geteuid() == 0:
            who = pwd.getpwnam("postgres")
            os.chown(self.dir, who.pw_uid, who.pw_gid)
        self.data, self.host, self.enter, self.port = self.dir + "/data", host, list(enter), 0
        if like:
            self.tool("pg_basebackup", "-d", like.url(), "-D", self.data, "-R", "-c", "fast", "-X", "stream")
        else:
            self.tool("initdb", "-D", self.data, "-U", "relent", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
            if host != "127.0.0.1":
                self.append("pg_hba.conf", f"host all all {host}/24 trust\n")
        self.append("postgresql.auto.conf", f"listen_addresses = '{host}'\nunix_socket_directories = "
                    f"'{self.dir}'\nfsync = off\nfull_page_writes = on\nwal_level = replica\nautovacuum = off\n"
                    f"checkpoint_timeout = 1h\nmax_connections = 100\nwal_log_hints = on\n"
                    f"{conf}\n")
        for left in range(7, -1, -1):
            self.port = free_port()
            self.append("postgresql.auto.conf", f"port = {self.port}\n")
            try:
                self.start()
                break
            except AssertionError:
                if not left:
                    shutil.rmtree(self.dir, ignore_errors=True)
                    raise

    def tool(self, name, *args, check=True, timeout=60):
        return subprocess.run([*self.enter_if(name), *as_postgres(), f"{BIN}/{name}", *args], check=check, cwd="/",
                              timeout=timeout, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def enter_if(self, name):
        return self.enter if name == "pg_ctl" else []

    def append(self, name, text):
        with open(f"{self.data}/{name}", "a") as f:
            f.write(text)

    def start(self):
        # its output is a file: who waits for the end of a pipe would wait for the server
        r = subprocess.run([*self.enter, *as_postgres(), f"{BIN}/pg_ctl", "-D", self.data, "-l", self.dir + "/log", "-w",
                            "-t", "60", "start"], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=90, check=False)
        if r.returncode:
            with open(self.dir + "/log") as f:
                raise AssertionError("PostgreSQL does not start: " + f.read()[-2000:])

    def stop(self, mode="fast"):
        self.tool("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop", check=False)

    def reload(self):
        self.tool("pg_ctl", "-D", self.data, "reload")

    def promote(self):
        self.tool("pg_ctl", "-D", self.data, "-w", "promote")

    def pid(self):
        with open(self.data + "/postmaster.pid") as f:
            return int(f.readline())

    def kill(self):
        """kill -9 of the postmaster and, as a machine's death would, of all it started."""
        pid = self.pid()
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
        for p in [pid, *map(int, children.stdout.split())]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(p, signal.SIGKILL)
        until = time.monotonic() + 20
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < until:
            time.sleep(0.01)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.data + "/postmaster.pid")

    def url(self, database="postgres", user="relent", port=None):
        return f"host={self.host} port={port or self.port} user={user} dbname={database}"

    def local(self, database="postgres"):
        """By its socket: past whatever cuts the network off."""
        return f"host={self.dir} port={self.port} user=relent dbname={database}"

    def sql(self, text, database="postgres", check=True):
        r = subprocess.run(["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", self.local(database), "-c", text],
                           capture_output=True, text=True, check=False, timeout=60)
        if check and r.returncode:
            raise AssertionError(f"{text}: {r.stderr}")
        return r.stdout.strip()

    def close(self):
        self.stop("immediate")
        shutil.rmtree(self.dir, ignore_errors=True)


class Proxy:
    """A link that goes mute: both ends stay open, nothing passes."""

    def __init__(self, port):
        self.to, self.mute, self.listening = port, threading.Event(), socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        self.hold()
        try:
            server = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            client.close()
            return
        for a, b in ((client, server), (server, client)):
            threading.Thread(target=self.one_way, args=(a, b), daemon=True).start()

    def hold(self):
        while self.mute.is_set():
            time.sleep(0.05)

    def one_way(self, a, b):
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                self.hold()
                b.sendall(data)
        with contextlib.suppress(OSError):
            b.shutdown(socket.SHUT_WR)

    def cut(self):
        self.mute.set()

    def heal(self):
        self.mute.clear()

    def close(self):
        self.heal()
        self.listening.close()


class Island:
    """A network name space behind a pair of virtual cards: cut off, its packets are lost without a word."""

    def __init__(self):
        self.name = f"relent-{os.getpid()}"
        a, b = f"rla{os.getpid() % 100000}", f"rlb{os.getpid() % 100000}"
        self.card, self.far = a, b
        net = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
        self.host = net + ".2"
        self.ip("netns", "add", self.name)
        try:
            self.ip("link", "add", a, "type", "veth", "peer", "name", b, "netns", self.name)
            self.ip("addr", "add", net + ".1/24", "dev", a)
            self.ip("link", "set", a, "up")
            self.ip("-n", self.name, "addr", "add", self.host + "/24", "dev", b)
            self.heal()
            self.ip("-n", self.name, "link", "set", "lo", "up")
            # known for ever: a card that is gone is not told to who sends
            with open(f"/sys/class/net/{a}/address") as f:
                self.ours = f.read().strip(), net + ".1"
            theirs = self.ip("-n", self.name, "-o", "link", "show", b).split("link/ether ")[1].split()[0]
            self.ip("neigh", "replace", self.host, "lladdr", theirs, "dev", a, "nud", "permanent")
        except Exception:
            self.close()
            raise

    @staticmethod
    def ip(*args):
        return subprocess.run(["ip", *args], check=True, capture_output=True, text=True, timeout=20).stdout

    def enter(self):
        return ["ip", "netns", "exec", self.name]

    def cut(self):
        self.ip("-n", self.name, "link", "set", self.far, "down")

    def heal(self):
        self.ip("-n", self.name, "link", "set", self.far, "up")

    def close(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)
        subprocess.run(["ip", "link", "del", self.card], capture_output=True, check=False)
