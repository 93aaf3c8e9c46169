# SPDX-License-Identifier: MPL-2.0
"""For tests of two hosts on one PostgreSQL: the private server, and a second stack that reads the first one's mailboxes."""
import os
import re
import signal
import subprocess
import sys

from relentlive import TOP, wait_until

DOMAINS = ("prospect acme globex initech umbrella northwind contoso fabrikam tailspin wingtip").split()


def need_server(script):
    """Runs the test again under script/pgsql, or skips it where there is no server."""
    if os.environ.get("RELENT_TEST_PGSQL"):
        return
    pgsql = os.path.join(TOP, "script", "pgsql")
    if subprocess.run([pgsql, "true"], capture_output=True, check=False).returncode:
        print("1..0 # SKIP there is no PostgreSQL server")
        sys.exit(0)
    os.execv(pgsql, [pgsql, sys.executable, os.path.abspath(script)])


def second_host(a, b, watch=True):
    """b has a's keys and reads a's mailboxes; what it sends goes through its own Postfix."""
    with open(b.env["RELENT_CONF"]) as f:
        conf = f.read()
    head, tail = conf.split("account \"control\"", 1)
    tail = tail.replace(f"port = {b.env['IMAP_PORT']}", f"port = {a.env['IMAP_PORT']}")
    tail = tail.replace(b.dir + "/tls/ca.pem", a.dir + "/tls/ca.pem")
    with open(b.env["RELENT_CONF"], "w") as f:
        f.write(head + "account \"control\"" + tail)
    with open(a.dir + "/relent/secrets/keys", "rb") as f, open(b.dir + "/relent/secrets/keys", "wb") as to:
        to.write(f.read())
    b.restart("milter")
    if watch:
        b.run("restart", b.dir, "imapwatch")


def holders(s):
    return {r["name"].split(":", 1)[1]: r["holder"].rsplit("/", 1)[-1]
            for r in s.rows("select name, holder from lease where name like 'account:%'")}


def state_of(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return re.sub(r"^.*\) ", "", f.read())[0]
    except OSError:
        return None


def pause(s, seconds=30):
    """One of the watcher's processes has stopped itself (a fault point): then the others, too, as a host that sleeps."""
    wait_until(lambda: any(state_of(p) == "T" for p in s.pids("imapwatch")), seconds, "it stopped at the fault point")
    pids = s.pids("imapwatch")
    for p in pids:
        os.kill(p, signal.SIGSTOP)
    return pids


def wake(pids):
    for p in pids:
        os.kill(p, signal.SIGCONT)
