# SPDX-License-Identifier: MPL-2.0
"""procs.py list DIR: `pid program` of every process of the stack in DIR, the oldest first: one of the
servers' or our programs, working in DIR or for it. By name of the program and not by command line
alone, so that a pager on a log file of DIR lives on.
procs.py stop SECONDS PID...: asked to end, then made to; exit 1 if one does not."""
import os
import select
import signal
import sys
import time

PLACES = ("/usr/lib/postfix/", "/usr/sbin/post", "/usr/sbin/sendmail", "/usr/sbin/dovecot", "/usr/lib/dovecot/",
          "/usr/bin/dovecot")
OURS = ("relent-milter", "relent-imapwatch", "relent-logwatch")
# Sendmail is unpacked somewhere, and what it logs goes through a program of ours
SENDMAIL = "/usr/libexec/sendmail/sendmail"
CYRUS = "/usr/lib/cyrus/bin/"
SCRIPTS = {b"/stack/syslogd.py\0": "syslogd", b"/stack/saslauthd.py\0": "saslauthd"}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def belongs(pid, directory):
    below = directory.encode() + b"/"
    for link in ("cwd", "root"):
        if (os.readlink(f"/proc/{pid}/{link}") + "/").encode().startswith(below):
            return True
    return below in read(f"/proc/{pid}/cmdline") or below in read(f"/proc/{pid}/environ")


def processes(directory):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            exe = os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
            name = os.path.basename(exe)
            if exe.endswith(SENDMAIL):
                name = exe = "sendmail"
            elif "python" in name:
                line = read(f"/proc/{pid}/cmdline")
                exe = next((n for s, n in SCRIPTS.items() if s in line), None)
                if not exe:
                    continue
                name = exe
            elif CYRUS in exe:
                name = "cyrus"
            elif not exe.startswith(PLACES) and name not in OURS:
                continue
            if belongs(pid, directory):
                started = int(read(f"/proc/{pid}/stat").rsplit(b")", 1)[1].split()[19])
                found.append((started, int(pid), name if name in OURS else exe))
        except OSError:
            pass			# it has ended meanwhile
    return sorted(found)


def stop(seconds, pids):
    left = {}
    for pid in pids:
        try:
            left[os.pidfd_open(pid)] = pid
        except OSError:
            pass
    for sig, wait in ((signal.SIGCONT, 0), (signal.SIGTERM, seconds), (signal.SIGKILL, 5)):
        for fd in left:
            try:
                signal.pidfd_send_signal(fd, sig)
            except OSError:
                pass
        until = time.monotonic() + wait
        while left and time.monotonic() < until:
            for fd in select.select(list(left), [], [], max(until - time.monotonic(), 0))[0]:
                del left[fd]
    return not left


if sys.argv[1] == "list":
    for _, pid, program in processes(sys.argv[2]):
        print(pid, program)
else:
    sys.exit(0 if stop(float(sys.argv[2]), map(int, sys.argv[3:])) else 1)
