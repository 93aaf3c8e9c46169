#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The few lines of saslauthd that Cyrus needs: one password for everybody. SOCKET PASSWORD"""
import contextlib
import os
import socket
import struct
import sys

path, password = sys.argv[1:3]
with contextlib.suppress(OSError):
    os.unlink(path)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
os.chmod(path, 0o777)
server.listen(100)
while True:
    client, _ = server.accept()
    with client, client.makefile("rb") as f, contextlib.suppress(OSError, struct.error):
        client.settimeout(10)
        login, secret, _service, _realm = (f.read(struct.unpack(">H", f.read(2))[0]) for _ in range(4))
        answer = b"OK" if login and secret.decode() == password else b"NO"
        client.sendall(struct.pack(">H", len(answer)) + answer)
