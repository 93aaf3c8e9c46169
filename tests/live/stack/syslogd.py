# SPDX-License-Identifier: MPL-2.0
"""syslogd.py SOCKET FILE HOST: what syslog(3) says on SOCKET, appended to FILE as rsyslog of Debian 12 writes
it. Sendmail knows no other way to log. The file is opened anew for each batch, so that it may be rotated.
Says `ready` and goes on without its terminal."""
import datetime
import os
import re
import socket
import sys

path, target, host = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
if os.path.exists(path):
    os.unlink(path)
s.bind(path)
os.chmod(path, 0o666)
if os.fork():
    os._exit(0)
os.setsid()
null = os.open("/dev/null", os.O_RDWR)
for fd in (0, 1, 2):
    os.dup2(null, fd)
while True:
    lines = []
    data = s.recv(65536)
    s.setblocking(False)
    try:
        while True:
            text = data.rstrip(b"\n\0").decode("utf-8", "surrogateescape")
            # <priority>Mmm dd hh:mm:ss tag[pid]: words; control characters as rsyslog escapes them
            text = re.sub(r"^<\d+>(\w{3} [ \d]\d \d\d:\d\d:\d\d )?", "", text)
            text = re.sub(r"[\0-\x1f\x7f]", lambda m: f"#{ord(m.group()):03o}", text)
            at = datetime.datetime.now().astimezone().isoformat(timespec="microseconds")
            lines.append(f"{at} {host} {text}\n")
            data = s.recv(65536)
    except BlockingIOError:
        pass
    s.setblocking(True)
    fd = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(fd, "".join(lines).encode("utf-8", "surrogateescape"))
    os.close(fd)
