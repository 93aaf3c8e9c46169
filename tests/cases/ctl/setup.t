#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl setup postfix --dry-run and doctor, on private Postfix configurations; bash completion."""
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys

os.environ["PATH"] += ":/usr/sbin:/sbin"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case('control { address = "relent@example.com" }\n')
postfix = os.path.join(t.dir, "postfix")
os.mkdir(postfix)


def commands():
    d = t.json("setup", "postfix", "--dry-run", "--config-dir", postfix)
    t.ok(all(x["why"] for x in d["changes"]), "each change has its reason")
    return [x["command"].replace(f"postconf -c '{postfix}' ", "postconf ") for x in d["changes"]]


def doctor(*args):
    code, out, err = t.run("doctor", "--offline", "--postfix-config", postfix, *args)
    return code, {x.split(":")[0].strip(): x for x in out.splitlines() if x[:3] in ("goo", "loo", "BAD")}, out


if shutil.which("postconf"):
    main = f"queue_directory = {t.dir}\nsmtpd_milters = inet:localhost:8891\n"
    t.write("postfix/main.cf", main)
    t.write("postfix/master.cf",
            "smtp inet n - y - - smtpd\ncleanup unix n - y - 0 cleanup\n"
            "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n"
            "465 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o { smtpd_milters = "
            "inet:localhost:11332, inet:localhost:8891 }\n  -o milter_macro_daemon_name=submissions\n")
    before = [t.read("postfix/main.cf"), t.read("postfix/master.cf")]
    c = commands()
    ours = "{ unix:milter.sock, default_action=tempfail, command_timeout=15s, content_timeout=30s }"
    t.ok(f"postconf -e 'relent_submission_milters={ours}, inet:localhost:8891'" in c
         and "postconf -P 'submission/inet/smtpd_milters=$relent_submission_milters'" in c,
         "submission: before the DKIM signer, with what happens while relent is down", c)
    t.ok(f"postconf -e 'relent_465_milters={ours}, inet:localhost:11332, inet:localhost:8891'" in c,
         "the other one too, before the first that signs", c)
    t.ok("postconf -P 'submission/inet/milter_macro_daemon_name=submission'" in c, "its name", c)
    t.ok(not any("465/inet/milter_macro" in x for x in c), "a name that is there already stays")
    t.ok(not any("smtp/inet" in x for x in c), "port 25 is left alone")
    t.ok(f"postconf -e 'non_smtpd_milters={ours}'" in c, "sendmail(1)", c)
    t.ok("postconf -e 'recipient_delimiter=+'" in c, "plus addressing", c)
    t.ok("postconf -e 'local_header_rewrite_clients='" in c, "Message-ID and Date are the client's", c)
    t.ok("postconf -e 'message_strip_characters=\\0'" in c, "nothing hides behind a NUL", c)
    t.eq([t.read("postfix/main.cf"), t.read("postfix/master.cf")], before, "a dry run changes nothing")
    code, found, out = doctor()
    t.ok(code == 1 and "BAD   submission/inet" in out and "relentctl setup postfix" in out,
         "doctor sees that relent is not wired in, and says the mend", out)

    # doing what it says makes it content
    env = dict(os.environ, MAIL_CONFIG=postfix)
    for command in c:
        if command.startswith("postconf"):
            subprocess.run(["sh", "-c", command.replace("postconf ", f"postconf -c {postfix} ")], env=env, check=True)
    t.eq(commands(), [], "after these commands nothing is left to change")
    code, found, out = doctor()
    t.has(out, "good  submission/inet: relent sees its mail as 'submission' (role submission)", "doctor agrees")
    t.has(out, "good  465/inet: relent sees its mail as 'submissions'", "for both services")
    t.write("postfix/master.cf", "smtp inet n - y - - smtpd\ncleanup unix n - y - 0 cleanup\n")
    t.ok(any("postconf -M 'submission/inet=" in x for x in commands()), "no submission service: says how to make one")
    t.refused(3, "postconf failed", "setup", "postfix", "--dry-run", "--config-dir", "/nonexistent")
else:
    t.ok(True, "setup postfix # SKIP postconf is not there")

# ---- doctor ----
code, found, out = doctor()
t.has(out, "BAD   milter socket: nobody answers", "no milter: told, with the mend")
t.has(out, "BAD   control address: nobody reads the mailbox", "a control address without a mailbox")
t.has(out, "good  store:", "the store is whole")
t.has(out, "BAD   sequences: the store has none -- relentctl sequence load", "no sequence yet")
t.good("sequence", "load")
with open(t.conf, "a", encoding="utf-8") as f:
    f.write('account "zoe" { owner = "zoe" host = "localhost" password_file = "/nonexistent" }\n')
code, found, out = doctor()
t.has(out, "good  sequences:", "and then there are some")
t.has(out, "BAD   account zoe: there is no owner 'zoe'", "a mailbox of nobody")
t.has(out, "BAD   mail log: cannot read", "the log cannot be read")
t.write("mail.log", "x\n")
code, found, out = doctor()
t.has(out, "BAD   relent-logwatch: has never run", "and nobody reads it")
with contextlib.closing(sqlite3.connect(os.path.join(t.dir, "relent.db"))) as db:
    db.execute("insert into log_source values ('mx', 'file mail.log', 'x', 4000000000, 1, 1)")
    db.commit()
code, found, out = doctor()
t.has(out, "good  mail log: file mail.log is read on mx", "and once somebody does, that is good")
os.remove(os.path.join(t.dir, "keys"))
code, found, out = doctor()
t.has(out, "BAD   key file: there is none", "no key file")
os.remove(os.path.join(t.dir, "relent.db"))
code, found, out = doctor()
t.has(out, "BAD   store: there is none", "no store: the rest is looked at all the same")
t.eq(t.json("doctor", "--offline", "--postfix-config", postfix, code=1)["healthy"], False, "as JSON")

# ---- completion ----
text = t.good("--list-commands", conf=False)
t.ok(all("\t" in line for line in text.splitlines()) and "prospect import\t--dry-run" in text, "the list for completion")
if shutil.which("bash"):
    script = f"""
relentctl() {{ '{t.program}' "$@"; }}
compopt() {{ :; }}
. '{t.top}/ctl/relentctl.bash'
try() {{ COMP_WORDS=(relentctl "$@"); COMP_CWORD=$#; _relentctl; echo "${{COMPREPLY[*]}}"; }}
try pros
try prospect ex
try prospect import --d
try -c x.conf sequence st
"""
    r = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    t.eq(r.stdout.split("\n")[:4], ["prospect", "export", "--dry-run", "states"], "bash completes verbs and options")
t.done()
