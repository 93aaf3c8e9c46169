# SPDX-License-Identifier: MPL-2.0
"""A milter behind relent, for tests: refuses at end of message (or does worse) while told to, else lets pass.
The milter protocol (version 6) in the few parts that are needed."""
import os
import socket
import struct
import threading

QUIET = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x100 | 0x200	# no step but end of message
ACTIONS = 0x1 | 0x20	# adds headers, quarantines


class LaterMilter:
    def __init__(self, path):
        self.spec = f"unix:{path}"
        self.reject = None		# "550 5.7.1 words" while it refuses
        self.reply = None		# packets said in its place: b"d" discard, b"t" tempfail, b"h..." a header
        self.hook = None		# called at end of message, before the answer
        self.seen = 0
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        os.chmod(path, 0o666)
        self.server.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            c, _ = self.server.accept()
            threading.Thread(target=self._serve, args=(c,), daemon=True).start()

    def _serve(self, c):
        f = c.makefile("rb")

        def say(data):
            c.sendall(struct.pack("!I", len(data)) + data)

        while True:
            head = f.read(4)
            if len(head) < 4:
                return c.close()
            packet = f.read(struct.unpack("!I", head)[0])
            command = packet[:1]
            if command == b"O":
                version, _, steps = struct.unpack("!III", packet[1:13])
                say(b"O" + struct.pack("!III", min(version, 6), ACTIONS, QUIET & steps))
            elif command == b"E":
                self.seen += 1
                if self.hook:
                    self.hook()
                for packet in self.reply or [b"y" + self.reject.encode() + b"\0" if self.reject else b"c"]:
                    say(packet)
            elif command == b"Q":
                return c.close()
            elif command not in b"DAK":	# macros, abort and quit-new-connection have no answer
                say(b"c")
