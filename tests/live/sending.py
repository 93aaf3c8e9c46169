# SPDX-License-Identifier: MPL-2.0
"""For the tests of sending: sequences that let relent send, and a proxy before the submission service that
misbehaves on purpose."""
import os
import re
import shutil
import socket
import threading
import time

from relentlive import TOP, wait_until

KNOWN = {"first_name", "owner_name", "signature", "last_subject"}
FOUR, ANSWER = "four-approved", "answer"


def load_sequences(s, four="human_approved", answer="approved_template", zone=None, extra=()):
    """four-message as FOUR and inbound as ANSWER, with these authorities; every field filled with plain words."""
    root = os.path.join(s.dir, "sending")
    if not os.path.isdir(root):
        shutil.copytree(os.path.join(TOP, "conf", "templates"), os.path.join(root, "templates"))
        os.mkdir(os.path.join(root, "sequences"))
        for folder, _, names in os.walk(os.path.join(root, "templates")):
            for name in names:
                path = os.path.join(folder, name)
                with open(path) as f:
                    text = f.read()
                with open(path, "w") as f:
                    f.write(re.sub(r"\{\{(\w+)\}\}",
                                   lambda m: m.group(0) if m.group(1) in KNOWN else m.group(1).replace("_", " "), text))
    for source, name, authority in (("four-message", FOUR, four), ("inbound", ANSWER, answer)):
        with open(os.path.join(TOP, "conf", "sequences", source + ".conf")) as f:
            text = f.read()
        text = re.sub(r"(?m)^\s*needs = .*\n", "", text)
        text = re.sub(r"(?m)^\s*(company_gap_days|domain_per_day|sender_per_day) = .*\n", "", text)
        for old, new in ((f'name = "{source}"', f'name = "{name}"'), ("authority = draft_only", f"authority = {authority}"),
                         ("minutes = 5\n", "minutes = 0\n"), ("personalisation = exactly_one", "personalisation = any"), *extra):
            text = text.replace(old, new, 1)
        with open(os.path.join(root, "sequences", name + ".conf"), "w") as f:
            f.write(text)
    s.ctl("sequence", "load", os.path.join(root, "sequences"))


def grant(s, rep, sequence, level, *more):
    return s.json("grant", "add", s.user(rep), sequence, level, "--because", "a test", *more)["id"]


def ask(s, address, name="Paul Person", source="inbound_form", rep="rita"):
    """Somebody who asked, as a lead."""
    path = s.write(f"ask-{time.monotonic_ns()}.csv", "email,name,source,permission,captured,owner\r\n"
                   f"{address},{name},{source},inbound,2027-02-28,{s.user(rep)}\r\n")
    s.ctl("prospect", "import", path)


def draft_of(s, address, seconds=20):
    """The draft that waits in the rep's folder."""
    return wait_until(lambda: s.row("select d.* from draft d join enrolment e on e.id = d.enrolment_id where d.recipient = ?"
                                    " and d.state = 'placed' and e.state = 'awaiting_approval'", address), seconds,
                      f"the draft to {address}")


def approve(s, address, **kw):
    """As the rep's reviewer does it: looks at the card, then says yes. Returns the draft."""
    d = draft_of(s, address)
    s.ctl("review", "show", d["id"])
    s.ctl("review", "approve", d["id"], "--because", "read, names and facts are right", **kw)
    return d


def send_row(s, address):
    return s.row("select s.*, b.state as outbox, b.attempts, b.not_before, b.last_error from send s join outbox b on b.id = s.id"
                 " where s.recipient = ? order by s.prepared desc limit 1", address)


def wait_send(s, address, *states, seconds=20):
    return wait_until(lambda: (lambda r: r if r and r["state"] in states else None)(send_row(s, address)), seconds,
                      f"the mail to {address} is {'/'.join(states)}")


class Proxy:
    """Between relent and the submission service, TLS and all, in plain bytes: it ends TLS on both sides.

    rules: a function of (stage, direction) -> None or an action, asked at each stage:
    'greeting', 'mail', 'rcpt', 'data', 'body' (the final dot has come and is not yet passed on), 'answer' (the
    server has answered it, and relent has not heard). Actions: 'drop', a line to answer with in place of the
    server's ('421 4.3.0 later'), or ('delay', seconds)."""

    def __init__(self, s):
        self.s, self.rule, self.seen = s, lambda stage: None, []
        self.port_there = int(s.env["SUBMISSION_PORT"])
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(20)
        self.port = self.listener.getsockname()[1]
        self.cert = os.path.join(s.dir, "tls", "server.pem"), os.path.join(s.dir, "tls", "server.key")
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def once(self, stage, action):
        """The next time this stage is reached, and never again."""
        def rule(now):
            if now != stage:
                return None
            self.rule = lambda s: None
            return action
        self.rule = rule

    def accept(self):
        while True:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(c,), daemon=True).start()

    def serve(self, c):
        import ssl
        try:
            there = socket.create_connection(("127.0.0.1", self.port_there), timeout=60)
            c.settimeout(60)
            ours, theirs = c.makefile("rb"), there.makefile("rb")
            greeting = self.reply(theirs)
            if self.acts(c, "greeting"):
                return
            c.sendall(greeting)
            while True:
                line = ours.readline()
                if not line:
                    return
                verb = line.split()[0].upper() if line.split() else b""
                stage = {b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data"}.get(verb)
                if stage and self.acts(c, stage):
                    return
                there.sendall(line)
                answer = self.reply(theirs)
                c.sendall(answer)
                if verb == b"STARTTLS" and answer.startswith(b"220"):
                    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    server.load_cert_chain(*self.cert)
                    c = server.wrap_socket(c, server_side=True)
                    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
                    there = client.wrap_socket(there)
                    ours, theirs = c.makefile("rb"), there.makefile("rb")
                elif verb == b"AUTH" and answer.startswith(b"334"):
                    there.sendall(ours.readline())
                    c.sendall(self.reply(theirs))
                elif verb == b"DATA" and answer.startswith(b"354"):
                    if self.body(c, ours, there, theirs):
                        return
                elif verb == b"QUIT":
                    return
        except OSError:
            pass
        finally:
            for x in (c, locals().get("there")):
                try:
                    x.close()
                except (OSError, AttributeError):
                    pass

    def body(self, c, ours, there, theirs):
        """True: the connection ends here."""
        data = b""
        while not data.endswith(b"\r\n.\r\n"):
            line = ours.readline()
            if not line:
                return True
            data += line
            if data == b".\r\n":
                break
        if self.acts(c, "body"):
            return True
        there.sendall(data)
        answer = self.reply(theirs)
        if self.acts(c, "answer"):
            return True
        c.sendall(answer)
        return False

    def acts(self, c, stage):
        self.seen.append(stage)
        action = self.rule(stage)
        if action is None:
            return False
        if isinstance(action, tuple):
            time.sleep(action[1])	# a slow network: nothing to wait for
            return False
        if action != "drop":
            c.sendall(action.encode() + b"\r\n")
        try:
            c.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        return True

    @staticmethod
    def reply(f):
        out = b""
        while True:
            line = f.readline()
            if not line:
                raise OSError("the server hung up")
            out += line
            if line[3:4] != b"-":
                return out
