#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl setup postfix|sendmail|dovecot makes its changes on copies of Debian's own configurations: what is
written is what was shown, a second run has nothing to do, --undo puts every byte back, and what is not understood
is refused before anything is written.
"""
import os
import shutil
import subprocess
import sys

os.environ["PATH"] += ":/usr/sbin:/sbin"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case('control { address = "relent@example.com" }\n')
OURS = "{ unix:milter.sock, default_action=tempfail, command_timeout=15s, content_timeout=30s }"
OPENDKIM = """# This is a basic configuration for signing and verifying.
Syslog			yes
Canonicalization	relaxed/simple
#SignHeaders		From
OversignHeaders		From
UserID			opendkim
Socket			local:/run/opendkim/opendkim.sock
"""


def tree(name):
    """Every file below it, with its bytes, mode and name."""
    found = {}
    for at, folders, files in os.walk(os.path.join(t.dir, name)):
        for f in files:
            path = os.path.join(at, f)
            with open(path, "rb") as h:
                found[os.path.relpath(path, t.dir)] = (h.read(), os.stat(path).st_mode)
        for f in folders:
            found[os.path.relpath(os.path.join(at, f), t.dir)] = "folder"
    return found


def without_time(diff):
    """What is taken out and put in; m4 writes into sendmail.cf when it was made."""
    return [x for x in diff.splitlines() if x[:1] in "+-" and "##### built by" not in x]


def setup(server, where, *more, code=0):
    return t.json("setup", server, "--config-dir", os.path.join(t.dir, where), *more, code=code)


def round_trip(server, where, *more, files):
    """dry run, run, second run, undo. Returns what the run wrote."""
    fresh = tree(where)
    dry = setup(server, where, *more, "--dry-run")
    t.eq(tree(where), fresh, f"{where}: a dry run changes nothing")
    t.eq(sorted(os.path.basename(f["path"]) for f in dry["files"]), sorted(files), f"{where}: it shows the files")
    t.ok(dry["changes"] and all(c["why"] and c["command"] for c in dry["changes"]), f"{where}: and the reasons")
    done = setup(server, where, *more)
    t.eq((done["changed"], [without_time(f["diff"]) for f in done["files"]]),
         (True, [without_time(f["diff"]) for f in dry["files"]]),
         f"{where}: what is written is what was shown")
    made = tree(where)
    t.ok(all(made[k][1] == v[1] for k, v in fresh.items() if v != "folder"), f"{where}: modes stay")
    again = setup(server, where, *more)
    t.eq((again["changed"], again["changes"], again["files"]), (False, [], []),
         f"{where}: a second run has nothing to do")
    t.eq(tree(where), made, f"{where}: and changes nothing")
    shown = setup(server, where, "--undo", "--dry-run")
    t.eq((len(shown["files"]), tree(where)), (len(files), made), f"{where}: undo can be looked at first")
    setup(server, where, "--undo")
    t.eq(tree(where), fresh, f"{where}: --undo restores exactly what was")
    t.refused(1, "nothing to undo", "setup", server, "--config-dir", os.path.join(t.dir, where), "--undo")
    setup(server, where, *more)
    return done


def refused(server, where, pattern):
    before = tree(where)
    t.refused(1, pattern, "setup", server, "--config-dir", os.path.join(t.dir, where))
    t.eq(tree(where), before, f"... and nothing was written ({pattern})")


# ---- Postfix ----
DEBIAN = "/usr/share/postfix/"
if shutil.which("postconf") and os.path.exists(DEBIAN + "main.cf.debian") and os.path.exists(DEBIAN + "master.cf.dist"):
    def postfix(where, extra="", submission=""):
        os.mkdir(os.path.join(t.dir, where))
        with open(DEBIAN + "main.cf.debian", encoding="utf-8") as f:
            t.write(f"{where}/main.cf", f"queue_directory = {t.dir}\n" + f.read() + extra)
        with open(DEBIAN + "master.cf.dist", encoding="utf-8") as f:
            t.write(f"{where}/master.cf", f.read() + submission)
        t.write(f"{where}/opendkim.conf", OPENDKIM)

    def postconf(where, *args):
        return subprocess.run(["postconf", "-c", os.path.join(t.dir, where), *args], capture_output=True, text=True,
                              check=True).stdout.strip()

    # fresh, with OpenDKIM: there is no submission service, and no list of milters
    postfix("fresh")
    os.chmod(os.path.join(t.dir, "fresh/main.cf"), 0o640)
    dkim = ("--opendkim-config", os.path.join(t.dir, "fresh/opendkim.conf"))
    d = round_trip("postfix", "fresh", *dkim, files=["main.cf", "master.cf", "opendkim.conf"])
    t.eq(postconf("fresh", "-P", "submission/inet/smtpd_milters"),
         "submission/inet/smtpd_milters = $relent_submission_milters", "a submission service with relent")
    t.eq(postconf("fresh", "-hx", "relent_submission_milters"), OURS, "with what happens while relent is down")
    t.has(t.read("fresh/opendkim.conf"), OPENDKIM + "SignHeaders\t\t*,+list-unsubscribe,+list-unsubscribe-post\n",
          "OpenDKIM signs both headers; the rest of its file stays")
    t.eq(postconf("fresh", "-P", "cleanup/unix/milter_macro_daemon_name"),
         "cleanup/unix/milter_macro_daemon_name = local", "mail of sendmail(1) has its role, port 25 keeps its name")
    t.ok("#submission inet n" in t.read("fresh/master.cf"), "comments stay")
    t.eq(d["reload"], [f"postfix -c {t.dir}/fresh reload", "systemctl restart opendkim"],
         "the commands that reload are said")

    # a running one: rspamd may reject and comes first, OpenDKIM signs; submission as Postfix's own example has it
    postfix("busy", "smtpd_milters = unix:clamav/milter.sock, inet:localhost:8891\nnon_smtpd_milters = $smtpd_milters\n"
            "recipient_delimiter = -\n", "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n"
            "  -o milter_macro_daemon_name=ORIGINATING\n127.0.0.1:10025 inet n - y - - smtpd\n  -o smtpd_milters=\n")
    round_trip("postfix", "busy", files=["main.cf", "master.cf"])
    t.eq(postconf("busy", "-h", "relent_submission_milters"), f"unix:clamav/milter.sock, {OURS}, inet:localhost:8891",
         "after what may reject, before what signs")
    t.eq(postconf("busy", "-P", "submission/inet/milter_macro_daemon_name"),
         "submission/inet/milter_macro_daemon_name = ORIGINATING", "a name that OpenDKIM may go by stays")
    t.eq(postconf("busy", "-h", "recipient_delimiter"), "-+", "a delimiter that is there stays")
    t.eq(postconf("busy", "-P", "127.0.0.1:10025/inet/smtpd_milters"), "127.0.0.1:10025/inet/smtpd_milters =",
         "where a content filter hands back is left alone")
    t.eq(postconf("busy", "-P", "smtp/inet/smtpd_milters"), "", "and port 25")
    t.eq(postconf("busy", "-h", "non_smtpd_milters"), postconf("busy", "-h", "relent_submission_milters"),
         "in the midst of a list that is named by reference, too")

    # a last line that nothing ends: postconf would write on, in that line
    postfix("endless", "smtpd_milters = inet:localhost:8891\nmyorigin = example.com",
            "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes")
    round_trip("postfix", "endless", files=["main.cf", "master.cf"])
    t.eq((postconf("endless", "-h", "relent_submission_milters"), postconf("endless", "-h", "myorigin"),
          postconf("endless", "-Ph", "submission/inet/smtpd_sasl_auth_enable")),
         (f"{OURS}, inet:localhost:8891", "example.com", "yes"), "a file whose last line has no end keeps that line")

    # the signer comes first; the list stands under a name of its own, which is changed in its place
    postfix("named", f"my_milters = inet:localhost:12301, {OURS}\n",
            "465 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_milters=$my_milters\n")
    setup("postfix", "named")
    t.eq(postconf("named", "-h", "my_milters"), f"{OURS}, inet:localhost:12301", "put before the signer, in the list's place")
    # another socket in relent.conf: the old one does not stay behind
    postfix("moved", "my_milters = { unix:relent/old-milter.sock, default_action=accept }, inet:localhost:8891\n",
            "465 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_milters=$my_milters\n")
    setup("postfix", "moved")
    t.eq(postconf("moved", "-h", "my_milters"), f"{OURS}, inet:localhost:8891", "a socket of relent's that was, goes")
    # relent for all services, and the name `local` for all: then port 25 gets a name of its own
    postfix("wide", f"smtpd_milters = {OURS}\nmilter_macro_daemon_name = local\n")
    setup("postfix", "wide")
    t.eq(postconf("wide", "-P", "smtp/inet/milter_macro_daemon_name"), "smtp/inet/milter_macro_daemon_name = smtp",
         "mail from outside is never in role local")

    # doctor on these
    def doctor(where):
        return t.run("doctor", "--offline", "--postfix-config", os.path.join(t.dir, where))[1]

    postfix("sick", f"smtpd_milters = {{ unix:milter.sock, content_timeout=5s, default_action=accept }}\n"
            "milter_macro_daemon_name = local\nsmtpd_sasl_auth_enable = yes\n",
            "submission inet n - y - - smtpd\n  -o milter_macro_daemon_name=submission\n")
    out = doctor("sick")
    for sentence in ("BAD   smtp/inet: is known to relent as 'local' (role local): an outsider",
                     "look  submission/inet: while relent is away: accept", "look  port 25: reps may log in there too",
                     "BAD   submission/inet: waits 5 s for relent, which may take 8 s"):
        t.has(out, sentence, "doctor: " + sentence.split(": ")[0])
    t.ok("good  submission/inet" in doctor("busy") and "BAD   submission" not in doctor("busy"), "and is content with setup's")
    sock = t.read("relent.conf").replace(f"unix:{t.dir}/milter.sock", "unix:/elsewhere/milter.sock")
    t.write("other.conf", sock)
    postfix("jailed", "", "submission inet n - y - - smtpd\n  -o { smtpd_milters = unix:/elsewhere/milter.sock }\n"
            "  -o milter_macro_daemon_name=submission\n")
    out = t.run("-c", os.path.join(t.dir, "other.conf"), "doctor", "--offline", "--postfix-config",
                os.path.join(t.dir, "jailed"), conf=False)[1]
    t.has(out, "is chrooted, and relent's socket lies outside", "a socket that a chrooted smtpd cannot see")
    t.has(t.run("-c", os.path.join(t.dir, "other.conf"), "setup", "postfix", "--dry-run", "--config-dir",
                os.path.join(t.dir, "jailed"), conf=False)[1], "By hand: set milter { socket =", "setup says so, too")

    # two runs, two undos; and one that was changed meanwhile
    fresh = tree("named")["named/main.cf"]
    t.write("named/main.cf", t.read("named/main.cf").replace("queue_directory", "# by hand\nqueue_directory"))
    t.refused(1, "was changed by somebody since", "setup", "postfix", "--config-dir",
              os.path.join(t.dir, "named"), "--undo")
    t.write("named/main.cf", fresh[0])
    setup("postfix", "named", "--undo")
    t.ok("12301, {" in t.read("named/main.cf") and not os.path.exists(os.path.join(t.dir, "named/relent-undo")),
         "then it goes, and leaves nothing")
    # killed between two files: one is written, the other not
    setup("postfix", "busy", "--undo")
    old = t.read("busy/master.cf")
    setup("postfix", "busy")
    t.write("busy/master.cf", old)
    setup("postfix", "busy", "--undo")
    t.ok(OURS not in t.read("busy/main.cf") and t.read("busy/master.cf") == old,
         "a run that was cut in half is undone too")

    # killed, and failing, at each point between two effects: --undo puts back what was, or a second run completes
    postfix("killed")
    fresh = tree("killed")
    args = ("setup", "postfix", "--config-dir", os.path.join(t.dir, "killed"))
    os.environ["RELENT_FAULT_LOG"] = os.path.join(t.dir, "faults")
    t.good(*args)
    del os.environ["RELENT_FAULT_LOG"]
    points = t.read("faults").split() if os.path.exists(os.path.join(t.dir, "faults")) else []
    setup("postfix", "killed", "--undo")
    made = None
    for what in ("kill", "fail"):
        for n in range(1, len(points) + 1):
            os.environ["RELENT_FAULT"] = f"{n}:{what}"
            code, _, err = t.run(*args)
            del os.environ["RELENT_FAULT"]
            named = f"{what} at point {n} ({points[n - 1]})"
            t.ok(code != 0 or points[n - 1] == "setup-remember", named, err)
            if n % 2:
                code, _, err = t.run(*args, "--undo")
                t.ok(code == 0 or "nothing to undo" in err, "... undone", err)
            else:
                setup("postfix", "killed")
                made = made or t.read("killed/main.cf")
                t.ok(t.read("killed/main.cf") == made and "submission inet" in t.read("killed/master.cf"), "... completed")
                while t.run(*args, "--undo")[0] == 0:
                    pass
            left = tree("killed")
            t.eq({k: v for k, v in left.items() if "relent-undo" not in k and not k.endswith(".relent-new")}, fresh,
                 "... and every byte is as it was")
            shutil.rmtree(os.path.join(t.dir, "killed/relent-undo"), ignore_errors=True)
    t.ok(len(points) in (0, 5), f"there are {len(points)} such points", points)

    # what it does not understand
    postfix("override", "", "submission inet n - y - - smtpd\n  -o receive_override_options=no_milters\n")
    refused("postfix", "override", "turns milters off")
    postfix("braces", "smtpd_milters = { unix:x\n", "submission inet n - y - - smtpd\n")
    refused("postfix", "braces", "cannot read the list of milters")
    postfix("foreign", "", "submission inet n - y - - spawn\n")
    refused("postfix", "foreign", "runs 'spawn', not smtpd")
    postfix("twice")
    t.write("twice/opendkim.conf", "SignHeaders From\nSignHeaders To\n")
    before = tree("twice")
    t.refused(1, "SignHeaders 2 times", "setup", "postfix", "--config-dir", os.path.join(t.dir, "twice"),
         "--opendkim-config",
              os.path.join(t.dir, "twice/opendkim.conf"))
    t.eq(tree("twice"), before, "... and nothing was written")
    # lists of one's own
    for was, is_ in (("*", "*,+list-unsubscribe,+list-unsubscribe-post"),
                     ("From,Subject,List-Unsubscribe", "From,Subject,List-Unsubscribe,list-unsubscribe-post"),
                     ("*,+X-Mailer,+list-unsubscribe-post", "*,+X-Mailer,+list-unsubscribe-post,+list-unsubscribe")):
        t.write("twice/opendkim.conf", f"Mode sv\nSignHeaders\t{was}\n# end\n")
        setup("postfix", "twice", "--opendkim-config", os.path.join(t.dir, "twice/opendkim.conf"))
        t.eq(t.read("twice/opendkim.conf"), f"Mode sv\nSignHeaders\t{is_}\n# end\n", f"SignHeaders {was}")
else:
    t.ok(True, "Postfix # SKIP Debian's Postfix is not installed")

# ---- Sendmail ----
root = os.environ.get("RELENT_SENDMAIL", os.path.join(t.top, "build-sendmail"))
cf = os.path.join(root, "usr/share/sendmail/cf")
if os.path.isdir(cf) and shutil.which("m4"):
    shutil.copytree(cf, os.path.join(t.dir, "cf"))
    for at, _, files in os.walk(os.path.join(t.dir, "cf")):		# Debian's files name their place
        for f in files:
            path = os.path.join(at, f)
            with open(path, encoding="latin-1") as h:
                text = h.read()
            if "/usr/share/sendmail/cf" in text:
                with open(path, "w", encoding="latin-1") as h:
                    h.write(text.replace("/usr/share/sendmail/cf", os.path.join(t.dir, "cf")))

    def sendmail(where, *lines):
        """Debian's sendmail.mc with lines before the mailers."""
        os.makedirs(os.path.join(t.dir, where, "m4"))
        for f in ("dialup", "provider"):
            t.write(f"{where}/m4/{f}.m4", "")
        mc = t.read("cf/debian/sendmail.mc").replace("/etc/mail/m4", f"{t.dir}/{where}/m4")
        t.write(f"{where}/sendmail.mc", mc.replace("MAILER_DEFINITIONS",
             "".join(x + "\n" for x in lines) + "MAILER_DEFINITIONS"))
        r = subprocess.run(["m4", f"{t.dir}/{where}/sendmail.mc"], capture_output=True, check=True)
        t.write(f"{where}/sendmail.cf", r.stdout)

    def line(name, spec):
        return f"INPUT_MAIL_FILTER(`{name}', `{spec}')dnl"

    MINE = f"S=unix:{t.dir}/milter.sock, F=T, T=C:15s;S:15s;R:15s;E:30s"
    sendmail("plain")
    d = round_trip("sendmail", "plain", files=["sendmail.mc", "sendmail.cf"])
    t.has(t.read("plain/sendmail.cf"), f"\nXrelent, {MINE}\n", "sendmail.cf knows relent")
    t.ok(not any("MSP-v4" in x["what"] for x in d["by_hand"]), "Debian's name of the submission service is known")
    t.eq(d["reload"], ["systemctl reload sendmail"], "the command that reloads is said")
    sendmail("signing", line("clamav", "S=local:/run/clamav/milter.sock"), line("opendkim",
         "S=local:/run/opendkim/opendkim.sock"))
    round_trip("sendmail", "signing", files=["sendmail.mc", "sendmail.cf"])
    t.has(t.read("signing/sendmail.cf"), "\nO InputMailFilters=clamav, relent, opendkim\n", "before the one that signs")
    def doctor():
        return t.run("doctor", "--offline", "--sendmail-config", f"{t.dir}/behind")[1]

    sendmail("behind", line("opendkim", "S=inet:8891@localhost"), line("relent", MINE))
    t.has(doctor(), "BAD   Sendmail: the DKIM signer comes before relent", "doctor sees the wrong order")
    setup("sendmail", "behind")
    t.has(doctor(), "good  Sendmail: relent is among its milters", "and that it is mended")
    t.has(doctor(), "good  Sendmail MSP-v4: relent sees its mail as role submission", "and who hands in where")
    t.has(doctor(), "Sendmail refuses a socket below it", "a socket below /tmp is told") \
        if "TrustStickyBit" not in t.read("behind/sendmail.cf") else None
    good = t.read("behind/sendmail.cf")
    t.write("behind/sendmail.cf", good.replace("F=T, ", "").replace("E:30s", "E:5s"))
    t.ok("while relent is away: accept" in doctor() and "waits 5 s for relent, which may take 8 s" in doctor(),
         "a milter that mail bypasses, and one that is not waited for", doctor())
    t.write("behind/sendmail.cf", good)
    t.has(t.read("behind/sendmail.cf"), "\nO InputMailFilters=relent, opendkim\n", "relent behind it moves")
    sendmail("listed", "MAIL_FILTER(`dkim', `S=inet:8891@localhost')dnl", "MAIL_FILTER(`virus', `S=inet:1@localhost')dnl",
             "define(`confINPUT_MAIL_FILTERS', `virus, dkim')dnl")
    round_trip("sendmail", "listed", files=["sendmail.mc", "sendmail.cf"])
    t.has(t.read("listed/sendmail.cf"), "\nO InputMailFilters=virus, relent, dkim\n", "a list of its own is kept")
    sendmail("odd-mc", "INPUT_MAIL_FILTER(`split',\n`S=inet:1@localhost')")
    refused("sendmail", "odd-mc", "cannot read this line of sendmail.mc")
    sendmail("broken")
    t.write("broken/sendmail.mc", t.read("broken/sendmail.mc").replace("OSTYPE(`debian')", "OSTYPE(`no-such-system')"))
    refused("sendmail", "broken", "m4 does not make a sendmail.cf")
    sendmail("edited")
    t.write("edited/sendmail.cf", t.read("edited/sendmail.cf") + "O ByHand\n")
    d = setup("sendmail", "edited")
    t.ok([os.path.basename(f["path"]) for f in d["files"]] == ["sendmail.mc"]
         and any("was not made of this sendmail.mc" in x["what"] for x in d["by_hand"]),
              "a sendmail.cf changed by hand is not lost")
else:
    t.ok(True, "Sendmail # SKIP it is not unpacked (script/sendmail), or m4 is missing")

# ---- Dovecot ----
if shutil.which("doveconf") and os.path.exists("/etc/dovecot/conf.d"):
    source = "/etc/dovecot"
    os.mkdir(os.path.join(t.dir, "dovecot"))
    os.mkdir(os.path.join(t.dir, "dovecot/conf.d"))
    for at in ("", "conf.d"):
        for f in os.listdir(os.path.join(source, at)):
            if ".conf" in f and os.path.isfile(os.path.join(source, at, f)):
                shutil.copy(os.path.join(source, at, f), os.path.join(t.dir, "dovecot", at, f))
    more = ("--postfix-config", os.path.join(t.dir, "fresh")) if shutil.which("postconf") else ()
    d = round_trip("dovecot", "dovecot", *more, files=["99-relent.conf"])
    conf = subprocess.run(["doveconf", "-c", f"{t.dir}/dovecot/dovecot.conf", "-n"], capture_output=True,
         text=True, check=True)
    t.has(conf.stdout, "lmtp_hdr_delivery_address = original", "Dovecot takes it")
    if more:
        t.has(conf.stdout, f"unix_listener {t.dir}/private/auth", "Postfix's submission service can ask for passwords")
    os.remove(f"{t.dir}/dovecot/conf.d/99-relent.conf")
    shutil.rmtree(f"{t.dir}/dovecot/relent-undo")
    t.write("dovecot/dovecot.conf", t.read("dovecot/dovecot.conf").replace("!include conf.d", "#!include conf.d"))
    refused("dovecot", "dovecot", "does not read conf.d")
    t.write("dovecot/dovecot.conf", "nonsense {\n")
    refused("dovecot", "dovecot", "doveconf cannot read")
else:
    t.ok(True, "Dovecot # SKIP it is not installed")
t.refused(3, "is sendmail installed here", "setup", "sendmail", "--config-dir", "/nonexistent")
t.done()
