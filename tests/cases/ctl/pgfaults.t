#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What can be wrong with a PostgreSQL server, on real ones: each is one sentence that says what, where and what to do, and
nothing is lost or half done.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.realpath(here + "/../../live")]
from ctlcase import Case
from pgserver import BIN, Server

if not BIN:
    print("1..0 # SKIP there is no PostgreSQL server")
    sys.exit(0)


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Site(Case):
    """relentctl with a store of that url."""

    def __init__(self, url, more=""):
        super().__init__(conf=f'store {{ driver = pgsql url = "{url}" {more} }}\n', store=False)

    def url(self, url, more=""):
        text = self.read("relent.conf").rsplit("store { driver", 1)[0]
        self.write("relent.conf", text + f'store {{ driver = pgsql url = "{url}" {more} }}\n')

    def says(self, code, *pieces, args=("suppress", "add", "x@y.example", "--because", "asked")):
        """One line, with all of that in it."""
        got, out, err = self.run(*args)
        lines = [x for x in err.splitlines() if x.strip()]
        self.ok(got == code and all(p in err for p in pieces) and len(lines) == 1, f"exit {code}: {'; '.join(pieces)}",
                f"exit {got}", out, err)


s = Server()
t = Site(s.url("relent_f"))
try:
    # ---- the way in ----
    t.says(3, "relent_f", "make them with 'relentctl store init'")
    t.good("store", "init", "--as", s.url())
    t.good("key", "rotate")
    t.good("suppress", "add", "ivan@initech.example", "--because", "asked")
    t.url(s.url("relent_f", "nobody"))
    t.says(3, "nobody", "make them with 'relentctl store init'")
    t.url(s.url("relent_f") + " shoe=1")
    t.says(3, "store.url cannot be understood", "shoe")
    t.url("host=127.0.0.1 port=1 user=relent dbname=relent_f")
    t.says(3, "cannot connect to the store 'relent_f at 127.0.0.1:1'", "refused")
    t.url("host=no.such.host.invalid user=relent dbname=relent_f")
    t.says(3, "cannot be found", "store.url")
    s.sql("create role plain login")
    t.url(s.url("relent_f", "plain"))
    t.says(3, "role may not do that", "'relentctl store init'")

    # ---- passwords ----
    s.sql("create role locked login password 'right'; grant relent_ctl to locked")
    with open(s.data + "/pg_hba.conf", "r+") as f:
        old = f.read()
        f.seek(0)
        f.write("host all locked 127.0.0.1/32 scram-sha-256\nhost all unwanted 127.0.0.1/32 reject\n" + old)
    s.reload()
    t.url(s.url("relent_f", "locked"))
    t.says(3, "wants a password", "store.password_file")
    for word, name in (("wrong", "wrong"), ("right", "right")):
        os.chmod(t.write(name, word + "\n"), 0o600)
    t.url(s.url("relent_f", "locked"), f'password_file = "{t.dir}/wrong"')
    t.says(3, "refuses the password", "store.password_file")
    t.url(s.url("relent_f", "locked"), f'password_file = "{t.dir}/right"')
    t.good("status")
    os.mkdir(t.dir + "/credentials", 0o700)
    shutil.move(t.dir + "/right", t.dir + "/credentials/store-password")
    os.environ["CREDENTIALS_DIRECTORY"] = t.dir + "/credentials"
    t.good("status")
    del os.environ["CREDENTIALS_DIRECTORY"]
    s.sql("create role unwanted login")
    t.url(s.url("relent_f", "unwanted"))
    t.says(3, "lets nobody in", "pg_hba.conf")

    # ---- schema ----
    t.url(s.url("relent_f"))
    newest = int(s.sql("select max(version) from relent_schema", "relent_f"))
    s.sql(f"insert into relent_schema (version) values ({newest + 1})", "relent_f")
    t.says(3, f"schema version {newest + 1}, newer than the {newest}", "upgrade relent")
    t.says(3, f"schema version {newest + 1}, newer than the {newest}", "upgrade relent", args=("store", "migrate"))
    s.sql(f"delete from relent_schema where version > {newest - 1}", "relent_f")
    t.says(3, f"schema version {newest - 1}, this program needs {newest}", "'relentctl store migrate'")
    s.sql(f"insert into relent_schema (version) values ({newest})", "relent_f")

    # ---- a migration that is broken off: by the death of relentctl, and by the server's ----
    s.sql("create database half template template0 lc_collate 'C' lc_ctype 'C'")
    t.url(s.url("half"))
    cmd = [t.program, "-c", t.conf, "store", "migrate"]

    def broken_off(then):
        """then() while the migration waits for a lock in its middle."""
        holder = subprocess.Popen(["psql", "-X", "-q", "-d", s.url("half")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        holder.stdin.write("begin; create table lease (x integer);\n\\echo held\n")
        holder.stdin.flush()
        holder.stdout.readline()
        p = subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        t.ok(until(lambda: s.sql("select count(*) from pg_stat_activity where datname = 'half' and wait_event_type = 'Lock'")
                   != "0"), "a migration is on its way")
        then(p)
        out, err = p.communicate(timeout=60)
        holder.stdin.close()
        holder.wait()
        return p.returncode, err

    def tables():
        return s.sql("select count(*) from pg_tables where schemaname = 'public'", "half")

    broken_off(lambda p: p.kill())
    t.ok(until(lambda: s.sql("select count(*) from pg_stat_activity where datname = 'half' and pid <> pg_backend_pid()") == "0"),
         "relentctl was killed in it")
    t.eq(tables(), "0", "nothing of it is there")
    code, err = broken_off(lambda p: s.stop("immediate"))
    t.ok(code == 3 and "half" in err and len(err.splitlines()) == 1, "the server died in it: exit 3, one sentence", code, err)
    s.start()
    t.eq(tables(), "0", "nothing of it is there")
    t.good("store", "migrate")
    t.good("suppress", "add", "x@y.example", "--because", "asked")
    t.ok(True, "run again it is whole")
    t.url(s.url("relent_f"))

    # ---- the server cannot now ----
    s.sql("alter database relent_f set default_transaction_read_only = on")
    t.says(3, "can only be read", "promote")
    s.sql("alter database relent_f reset default_transaction_read_only")
    s.sql("alter database relent_f connection limit 0; create role ordinary login in role relent_ctl")
    t.url(s.url("relent_f", "ordinary"))
    t.says(3, "no connection free", "raise its connection limit")
    s.sql("alter database relent_f connection limit -1")
    t.good("status")
    s.append("postgresql.auto.conf", "max_connections = 5\nsuperuser_reserved_connections = 1\nmax_wal_senders = 1\n")
    s.stop("immediate")
    s.start()
    held = []
    for _ in range(5):
        p = subprocess.Popen(["psql", "-X", "-q", "-d", s.url("relent_f", "ordinary")], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        held.append(p)
        p.stdin.write("\\echo in\n")
        p.stdin.flush()
        if not p.stdout.readline():
            break
    t.says(3, "no connection free", "raise max_connections", "store.connections")
    for p in held:
        p.kill()
        p.communicate()
    t.ok(until(lambda: t.run("status")[0] == 0), "and it goes on when one is free")

    # ---- a lock that another holds, for longer than anybody waits ----
    t.url(s.url("relent_f"), "busy = 1s")
    p = subprocess.Popen(["psql", "-X", "-q", "-d", s.url("relent_f")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    p.stdin.write("begin; lock table suppression in access exclusive mode;\n\\echo held\n")
    p.stdin.flush()
    p.stdout.readline()
    t.says(3, "is locked by another process")
    p.stdin.write("rollback;\n")
    p.stdin.close()
    p.wait()
    t.good("suppress", "add", "late@y.example", "--because", "asked")

    # ---- a statement that takes too long ----
    s.sql("create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return new; end $$; "
          "create trigger slow before insert on suppression for each row execute function slow()", "relent_f")
    t.says(3, "takes too long", args=("suppress", "add", "slow@y.example", "--because", "asked"))
    s.sql("drop trigger slow on suppression; drop function slow", "relent_f")
    t.eq(s.sql("select count(*) from suppression where subject = 'slow@y.example'", "relent_f"), "0", "nothing of it happened")

    # ---- what doctor says of it ----
    s.append("postgresql.auto.conf", "max_connections = 30\nmax_wal_senders = 5\n")
    s.stop("immediate")
    s.start()

    def doctor(what):
        return [x for x in t.run("doctor", "--offline")[1].splitlines() if "  database " + what in x]

    t.has("".join(doctor("replicas")), "look  database replicas: none follows", "doctor: no replica")
    t.has("".join(doctor("durability")), "BAD   database durability", "doctor: no fsync")
    t.has("".join(doctor("link")), "good  database link", "doctor: the link")
    t.has("".join(doctor("clock")), "good  database clock", "doctor: the clocks agree")
    follower = Server(like=s)
    until(lambda: s.sql("select count(*) from pg_stat_replication") == "1")
    line = "".join(doctor("replicas"))
    t.ok("BAD" in line and "a fail-over loses the last moments" in line and "synchronous_standby_names = 'ANY 1 (*)'" in line,
         "doctor: a replica that no commit waits for", line)
    s.sql("alter system set synchronous_standby_names = 'ANY 1 (*)'")
    s.reload()
    t.ok(until(lambda: "good" in "".join(doctor("replicas"))), "doctor: one that a commit waits for", doctor("replicas"))
    # one that nobody may write to
    t.url(follower.url("relent_f"), "busy = 1s")
    t.says(3, "can only be read", "promote")
    t.url(s.url("relent_f"), "busy = 1s")
    s.sql("alter system reset synchronous_standby_names")
    s.reload()
    follower.close()

    # ---- clocks that differ ----
    s.sql("create schema wrong; grant usage on schema wrong to public; create function wrong.clock_timestamp() returns "
          "timestamptz language sql as $$ select pg_catalog.clock_timestamp() + interval '10 minutes' $$; "
          "alter database relent_f set search_path = wrong, pg_catalog, public", "relent_f")
    line = "".join(doctor("clock"))
    t.ok("BAD" in line and ("600 s behind" in line or "599 s behind" in line or "601 s behind" in line), "doctor: ten minutes", line)
    code, out, err = t.run("suppress", "add", "clock@y.example", "--because", "asked")
    t.ok(code == 0 and "clock-skew" in err, "and each program says so in its log", out, err)
    s.sql("alter database relent_f reset search_path")

    # ---- a replica without which nothing counts is away: the commit is not believed ----
    s.sql("alter system set synchronous_standby_names = 'nobody'")
    s.reload()
    until(lambda: s.sql("show synchronous_standby_names") == "nobody")
    t.says(3, "waits for its synchronous replica", "synchronous_standby_names",
           args=("suppress", "add", "sync@y.example", "--because", "asked"))
    s.sql("alter system reset synchronous_standby_names")
    s.reload()
    t.ok(until(lambda: t.run("suppress", "add", "sync@y.example", "--because", "asked")[0] == 0), "said again it holds")
    t.eq(s.sql("select count(*) from suppression where subject = 'sync@y.example'", "relent_f"), "1", "once")
    t.good("verify")
finally:
    s.close()

# ---- names and certificates ----
d = tempfile.mkdtemp(prefix="relent-tls-")


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=d)


for ca in ("ca", "other"):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", ca + ".key",
            "-out", ca + ".pem", "-subj", "/CN=" + ca, "-days", "2")
openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "server.key", "-out",
        "server.csr", "-subj", "/CN=db.relent.example")
with open(d + "/ext", "w", encoding="ascii") as f:
    f.write("subjectAltName=DNS:db.relent.example\n")
openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2", "-days", "2", "-extfile",
        "ext", "-out", "server.pem")
s = Server()
try:
    for name in ("server.pem", "server.key"):
        shutil.copy(f"{d}/{name}", s.data)
        shutil.chown(f"{s.data}/{name}", "postgres" if os.geteuid() == 0 else None)
        os.chmod(f"{s.data}/{name}", 0o600)
    plain = s.url("relent_f")
    os.unlink(t.dir + "/relent.db.mark")	# another database: it knows nothing of the first one's
    t.url(plain)
    t.good("store", "init", "--as", s.url())
    t.url(plain.replace("host=", "host=db.relent.example hostaddr=") + f" sslmode=verify-full sslrootcert={d}/ca.pem")
    t.says(3, "speaks no TLS")
    s.append("postgresql.auto.conf", "ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n")
    s.stop("immediate")
    s.start()
    t.good("status")
    with open(s.data + "/pg_hba.conf", "w") as f:
        f.write("local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
    s.reload()
    t.ok(until(lambda: subprocess.run(["psql", "-X", "-d", s.url() + " sslmode=disable", "-c", ""], capture_output=True,
                                      check=False).returncode != 0), "plain text is let in no more")
    t.good("status")
    t.ok(True, "over TLS, with name and authority proved, relent is")
    t.url(plain.replace("host=", "host=elsewhere.example hostaddr=") + f" sslmode=verify-full sslrootcert={d}/ca.pem")
    t.says(3, "certificate of another name")
    t.url(plain.replace("host=", "host=db.relent.example hostaddr=") + f" sslmode=verify-full sslrootcert={d}/other.pem")
    t.says(3, "authority (sslrootcert in store.url) did not sign")
    t.url(plain.replace("host=", "host=db.relent.example hostaddr=") + f" sslmode=verify-full sslrootcert={d}/none.pem")
    t.says(3, "cannot be proved", "sslrootcert=FILE")

    # ---- its disk is full ----
    t.url(plain)
    small = None
    if os.geteuid() == 0:
        small = tempfile.mkdtemp(prefix="relent-small-")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", small], capture_output=True, check=False).returncode:
            os.rmdir(small)
            small = None
    if small is None:
        t.ok(True, "its disk is full # SKIP no small file system can be made here")
    else:
        try:
            os.mkdir(small + "/space")
            shutil.chown(small + "/space", "postgres", "postgres")
            s.sql(f"create tablespace small location '{small}/space'")
            s.sql("alter database relent_f set tablespace small")
            t.good("suppress", "add", "before@y.example", "--because", "asked")
            with open(small + "/fill", "wb", buffering=0) as f:
                try:
                    while True:
                        f.write(b"x" * 4096)
                except OSError:
                    pass
            lines = "email,reason\n" + "".join(f"p{i:05}@{'long' * 10}.example,client_exclusion\n" for i in range(3000))
            t.write("many.csv", lines)
            t.says(3, "the disk is full: the store 'relent_f", "cannot grow", args=("suppress", "import", t.dir + "/many.csv"))
            os.unlink(small + "/fill")
            t.good("suppress", "import", t.dir + "/many.csv")
            t.eq(s.sql("select count(*) from suppression where subject like 'p0%'", "relent_f"), "3000",
                 "with room again it is done, each once")
            t.good("verify")
        finally:
            s.stop("immediate")
            subprocess.run(["umount", small], check=False)
            os.rmdir(small)
finally:
    s.close()
    shutil.rmtree(d)
t.done()
