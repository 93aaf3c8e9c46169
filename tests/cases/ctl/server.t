#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl store init and copy, on a real PostgreSQL server of its own (script/pgsql).

rows: 927
"""
import os
import shutil
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
top = os.path.realpath(here + "/../../..")
if not os.environ.get("RELENT_TEST_PGSQL"):
    os.execv(top + "/script/pgsql", ["pgsql", sys.executable, os.path.abspath(__file__)])
sys.path.insert(0, here)
from ctlcase import Case

server = os.environ["RELENT_TEST_PGSQL"]
admin = server + " dbname=postgres"


def sql(text, user=None, database="relent_x"):
    url = server if user is None else server.replace("user=relent", "user=" + user)
    r = subprocess.run(["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", f"{url} dbname={database}", "-c", text],
                       capture_output=True, text=True, check=False)
    return r.returncode, r.stdout.strip(), r.stderr.strip()


t = Case()
# something to take over
t.good("sequence", "load")
for i in range(40):
    t.good("prospect", "add", f"p{i}@acme{i % 7}.example", "--source", "crm", "--permission", "consent", "--owner",
           "rita@example.com", "--company", f"Acmé {i % 7}", "--name", f"Ünal \"{i}\" O'Neil", "--score", "0.125")
t.good("suppress", "add", "p3@acme3.example", "--reason", "do_not_contact", "--because", "asked")
t.good("note", "add", "p5@acme5.example", "two\nlines\tand 日本語")
t.good("verify")
before = t.good("--json", "prospect", "list")
file = t.dir + "/relent.db"

pg = Case(conf=f'store {{ driver = pgsql url = "{server} dbname=relent_x" }}\n', store=False)
text = pg.read("relent.conf").replace(f'path = "{pg.dir}/relent.db" key_file = "{pg.dir}/keys"', f'key_file = "{t.dir}/keys"')
pg.write("relent.conf", text)
pg.now = t.now

code, out, err = t.run("store", "init", "--as", admin)
pg.ok(code == 2 and "set it to pgsql" in err, "a site on SQLite is told what to set first", err)
pg.refused(2, "--as", "store", "init")
pg.refused(3, "nosuch", "store", "init", "--as", server + " dbname=nosuch")
pg.refused(3, "relent_x", "status")
code, out, err = pg.run("store", "init", "--as", admin, "--secrets", pg.dir + "/secrets")
pg.ok(code == 0 and "was made" in out, "store init makes database, schema and roles", out, err)
code, out, err = pg.run("store", "init", "--as", admin)
pg.ok(code == 0 and "up to date" in out, "and again does nothing", out, err)
pg.eq(sorted(os.listdir(pg.dir + "/secrets")),
      ["relent_ctl", "relent_logwatch", "relent_milter", "relent_watcher", "relent_web"], "a password for each role")
pg.eq(oct(os.stat(pg.dir + "/secrets/relent_ctl").st_mode & 0o777), "0o600", "that nobody else reads")
pg.eq(sql("select datcollate from pg_database where datname = 'relent_x'")[1], "C", "text is compared by its bytes")

# the move
pg.refused(1, "cannot read", "store", "copy", pg.dir + "/nosuch.db")
code, out, err = pg.run("store", "copy", file)
pg.ok(code == 0 and "the same in both" in out, "everything is taken over and compared", out, err)
pg.has(out, "prospect             40 rows", "table by table")
pg.eq(pg.good("--json", "prospect", "list"), before, "and shows the same")
pg.good("verify")
pg.refused(1, "is not empty", "store", "copy", file)
# it goes on behind what was there
seq = int(sql("select max(seq) from event")[1])
pg.good("suppress", "add", "p9@acme2.example", "--reason", "do_not_contact", "--because", "asked")
pg.ok(int(sql("select max(seq) from event")[1]) > seq, "events are numbered on")
pg.good("verify")
pg.ok(pg.run("suppress", "check", "p3@acme3.example")[0] == 1, "who is suppressed stays so")

# what roles may not do
for role in ("relent_milter", "relent_watcher", "relent_logwatch", "relent_web", "relent_ctl"):
    for what in ("delete from event", "update event set actor = 'x'", "delete from suppression", "delete from touch",
                 "drop table lease", "create table x (y integer)", "truncate event", "update relent_schema set version = 1",
                 "alter table event disable trigger all"):
        code, out, err = sql(what, role)
        pg.ok(code != 0 and ("permission denied" in err or "must be owner" in err), f"{role}: no {what}", out, err)
    pg.eq(sql("select count(*) from prospect", role)[1], "40", f"{role} reads")
pg.ok(sql("insert into authority_grant (id) values ('x')", "relent_watcher")[0] != 0, "the watcher grants nothing")
text = pg.read("relent.conf").replace("user=relent ", "user=relent_ctl ")
pg.write("relent.conf", text)
pg.good("suppress", "add", "p10@acme3.example", "--reason", "do_not_contact", "--because", "asked")
pg.good("forget", "p11@acme4.example", "--because", "asked for it")
pg.good("verify")
shutil.rmtree(t.dir)
pg.done()
