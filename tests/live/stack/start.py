# SPDX-License-Identifier: MPL-2.0
"""start.py LOG SECONDS PROGRAM ARGS...: starts a daemon as a service manager would: in a session of
its own, its messages in LOG, and waits until it says READY=1 through NOTIFY_SOCKET. Exit 1 if it
ends before, or does not say so in time (then it is killed)."""
import os
import select
import socket
import subprocess
import sys
import tempfile
import time

log, seconds, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "notify")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    os.chmod(d, 0o755)
    os.chmod(path, 0o666)
    with open(log, "ab") as out:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 start_new_session=True, cwd="/",
                                 env=dict(os.environ, NOTIFY_SOCKET=path))
    end_fd = os.pidfd_open(child.pid)
    until = time.monotonic() + seconds
    while True:
        left = until - time.monotonic()
        ready = select.select([sock, end_fd], [], [], max(left, 0))[0]
        if sock in ready and b"READY=1" in sock.recv(4096).split(b"\n"):
            sys.exit(0)
        if end_fd in ready:
            with open(log, "a") as out:
                print(f"{command[0]} ended with {child.wait()} before it was ready", file=out)
            sys.exit(1)
        if left <= 0:
            child.kill()
            with open(log, "a") as out:
                print(f"{command[0]} did not say READY=1 within {seconds:g} seconds", file=out)
            sys.exit(1)
