#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl: usage, help, exit codes, config, key, store. Row 17 is shown by sequence.t."""
import json
import os
import shutil
import sqlite3
import stat
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case(store=False)

# usage: 2, and the nearest command
t.refused(2, "usage: relentctl")
t.refused(2, "there is no command 'prospects'", "prospects")
t.refused(2, "did you mean 'prospect list'?", "prospect", "lst")
t.refused(2, "'prospect' wants one of: add, list, show", "prospect")
t.refused(2, "did you mean 'status'?", "statsu")
t.refused(2, "did you mean --owner?", "prospect", "list", "--ownr", "x")
t.refused(2, "--owner wants a value", "prospect", "list", "--owner")
t.refused(2, "takes no value", "config", "show", "--changed=1")
t.refused(2, "one argument too many", "status", "x")
t.refused(2, "too few arguments", "enrol")
t.refused(2, "there is no option -x", "status", "-x")
t.refused(2, "-c wants a file name", "-c", conf=False)
out = t.good("--help", conf=False)
t.has(out, "suppress lift", "--help lists the commands")
for line in out.splitlines():
    if line.startswith("  ") and line.strip():
        name = line[2:28].strip()
        text = t.good(*name.split(), "--help", conf=False)
        t.has(text, f"usage: relentctl {name}", f"{name} --help")
t.has(t.good("prospect", "add", "--help", conf=False), "--source-url VALUE", "the columns of a prospect are options")
t.has(t.good("--version", conf=False), "relentctl ", "--version")

# config
code, out, err = t.run("config", "check")
t.ok(code == 1 and "'relentctl key rotate' makes it" in out, "no key file: told, with the mend", out)
t.good("key", "rotate")
out = t.good("config", "check")
t.has(out, "good", "a good configuration")
t.has(t.good("config", "show", "limits"), "limits.gap_days", "a section")
d = t.json("config", "show")
t.eq([o["login"] for o in d["owners"]], ["rita@example.com", "sam@example.com"], "owners as JSON")
t.ok(any(s["option"] == "zone" and s["value"] == "Europe/Berlin" and s["from"].endswith("relent.conf:1")
         for s in d["settings"]), "where a value comes from")
t.ok(all(s["from"] != "default" for s in t.json("config", "show", "--changed")["settings"]), "--changed")
t.refused(1, "did you mean 'limits.gap_days'?", "config", "show", "limits.gap_day")
t.refused(1, "did you mean 'zone'?", "config", "explain", "zoen")
t.has(t.good("config", "explain", "limits.gap_days"), "minimum gap", "explain")

bad = t.write("bad.conf", 'zone = "Europe/Berlin"\nmod = observe\nlimits {\n\tgap_days = 900\n}\n')
code, out, err = t.run("-c", bad, "config", "check")
t.eq(code, 1, "a bad configuration: exit 1")
t.has(out, "bad.conf:2: there is no option 'mod': did you mean 'mode'?", "by line")
t.has(out, "bad.conf:4: limits.gap_days = '900' is out of range", "and the other one too")
code, out, err = t.run("-c", bad, "--json", "config", "check")
t.eq([p["line"] for p in json.loads(out)["problems"]], [2, 4], "as JSON")
code, out, err = t.run("-c", bad, "status")
t.ok(code == 3 and "bad.conf:4" in err, "a command that needs it: exit 3", code, err)
code, out, err = t.run("-c", "/nonexistent.conf", "status")
t.ok(code == 3 and "/nonexistent.conf" in err, "a missing one: exit 3", code, err)

# secrets
secret = t.write("password", "x\n")
os.chmod(secret, 0o644)
with open(t.conf, "a", encoding="utf-8") as f:
    f.write(f'account "rita" {{ owner = "rita@example.com" host = "localhost" password_file = "{secret}" }}\n')
code, out, err = t.run("config", "check")
t.ok(code == 1 and "is open to everybody" in out, "a password that everybody can read is told", out)
os.chmod(secret, 0o600)
t.eq(t.run("config", "check")[0], 0, "mended")

# key and store
t.refused(3, "'relentctl store migrate' makes it", "status")
t.has(t.good("store", "migrate"), "made", "store migrate makes it")
t.has(t.good("store", "migrate"), "up to date", "and again: nothing")
os.remove(os.path.join(t.dir, "keys"))
t.good("key", "rotate")
first = t.read("keys").splitlines()
t.eq(len(first), 1, "a key file of one key")
t.eq(stat.S_IMODE(os.stat(os.path.join(t.dir, "keys")).st_mode) & 0o7, 0, "which others cannot read")
t.good("key", "rotate")
second = t.read("keys").splitlines()
t.ok(len(second) == 2 and second[1] == first[0], "a new key comes before the old one", second)
os.chmod(os.path.join(t.dir, "keys"), 0o644)
t.eq(t.run("status")[0], 3, "an open key file is refused")
os.chmod(os.path.join(t.dir, "keys"), 0o640)
t.good("status")
t.ok(t.json("status")["prospects"] == 0, "status as JSON")
t.ok(t.json("verify")["clean"], "verify")
t.good("store", "check")
t.has(t.run("doctor", "--offline")[1], "relent.db' is whole", "doctor finds a whole store whole")
backup = os.path.join(t.dir, "backup.db")
t.good("store", "backup", backup)
t.eq(stat.S_IMODE(os.stat(backup).st_mode) & 0o7, 0, "a backup that others cannot read")
t.refused(1, "is there already", "store", "backup", backup)
with open(t.conf, "r+", encoding="utf-8") as f:
    text = f.read().replace("relent.db", "backup.db")
    f.seek(0)
    f.write(text)
    f.truncate()
t.ok(t.json("verify")["clean"], "the backup is a whole store")

# put back, from another file system too; never over what is there
t.refused(1, "move it away first", "store", "restore", backup)
away = "/dev/shm" if os.access("/dev/shm", os.W_OK) else t.dir
with tempfile.TemporaryDirectory(dir=away) as other:
    copy = shutil.copy(backup, os.path.join(other, "copy.db"))
    t.write("relent.conf", t.read("relent.conf").replace("backup.db", "again.db"))
    t.has(t.good("store", "restore", copy), "is put back", "a backup is put back from another file system")
t.good("store", "check")
t.ok(t.json("verify")["clean"], "and is a whole store")
db = sqlite3.connect(os.path.join(t.dir, "again.db"), isolation_level=None)
db.execute("pragma foreign_keys = off")
db.execute("insert into owner_address (address, owner_id) values ('x@example.com', 'nobody')")
db.close()
t.has(t.run("doctor", "--offline")[1], "is damaged: a row of owner_address points at", "doctor tells what is not")
t.write("relent.conf", t.read("relent.conf").replace("again.db", "backup.db"))

# a store that another process holds, one from the future, one that is none
db = sqlite3.connect(backup, isolation_level=None)
db.execute("begin immediate")
text = t.read("relent.conf").replace("store {", "store { busy = 1s")
t.write("relent.conf", text)
code, out, err = t.run("owner", "add", "x@example.com")
t.ok(code == 3 and "locked by another process" in err, "a locked store: exit 3 after the time it may wait", code, err)
t.good("status")
db.execute("rollback")
db.execute("pragma user_version = 9999")
db.close()
code, out, err = t.run("status")
t.ok(code == 3 and "newer than" in err and "upgrade relent" in err, "a newer schema is not guessed at", code, err)
code, out, err = t.run("store", "migrate")
t.ok(code == 3 and "upgrade relent" in err, "nor migrated", code, err)
with open(backup, "wb") as f:
    f.write(b"this is not a database, it is a text that goes on for a while" * 100)
for suffix in "-wal", "-shm":
    if os.path.exists(backup + suffix):
        os.remove(backup + suffix)
code, out, err = t.run("status")
t.ok(code == 3 and "backup.db" in err, "a file that is no store: exit 3 and its name", code, err)
os.remove(backup)
os.mkdir(backup)
t.eq(t.run("status")[0], 3, "a directory in its place: exit 3")

# what root makes belongs to who owns the store's folder
if os.geteuid() == 0:
    own = Case(store=False)
    os.chown(own.dir, 65534, 65534)
    own.good("store", "migrate")
    own.good("key", "rotate")
    own.good("owner", "list")
    st = os.stat(os.path.join(own.dir, "relent.db"))
    t.eq((st.st_uid, st.st_gid), (65534, 65534), "the store belongs to the daemons")
    t.eq(os.stat(os.path.join(own.dir, "keys")).st_gid, 65534, "their group can read the keys")
    shutil.rmtree(own.dir)
else:
    t.ok(True, "what root makes # SKIP not root")

# errors as JSON
code, out, err = t.run("--json", "nonsense")
t.ok(code == 2 and json.loads(err)["exit"] == 2, "an error with --json is JSON", err)
code, out, err = t.run("config", "explain", "zone", "--json")
t.ok(json.loads(out)["option"] == "zone", "--json may stand anywhere")
code, out, err = t.run("config", "explain", b"\xff".decode("latin-1").encode("latin-1").decode("utf-8", "surrogateescape"))
t.ok(code == 2 and "UTF-8" in err, "an argument that is no text", code, err)
t.done()
