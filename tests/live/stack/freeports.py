# SPDX-License-Identifier: MPL-2.0
"""freeports.py N: N free ports on 127.0.0.1, below the range the kernel gives to clients.
freeports.py --these PORT...: exit 0 if all of them are free."""
import random
import socket
import sys


def free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if sys.argv[1] == "--these":
    sys.exit(0 if all(free(int(p)) for p in sys.argv[2:]) else 1)
found = []
for port in random.sample(range(20000, 32000), 2000):
    if free(port):
        found.append(str(port))
    if len(found) == int(sys.argv[1]):
        print(*found)
        sys.exit(0)
sys.exit(1)
