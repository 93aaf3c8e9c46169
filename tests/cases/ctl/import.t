#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""relentctl prospect import and export: dialects, encodings, every bad row by line, formulas neutralised.

rows: 270-293, 1105
"""
import csv
import io
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
HEAD = "email,name,company,source,permission,captured,owner\r\n"


def emails():
    return sorted(p["email"] for p in t.json("prospect", "list"))


# ---- bad rows by line, good ones taken, a dry run writes nothing ----
rows = (HEAD +
        "bob@beta.example,Bob Brown,Beta,referral,consent,2026-03-01,rita@example.com\r\n"              # 2
        'carol@gamma.example,"Carol ""CC"" Clark","Gamma,\r\nInc",public_site,consent,2026-03-01,\r\n'  # 3, 4
        "noperm@x.example,No Perm,X,referral,,2026-03-01,\r\n"                                          # 5
        "bad@,Bad,X,referral,consent,2026-03-01,\r\n"                                                   # 6
        "dan@delta.example,Dan,Delta,facebook,consent,2026-03-01,\r\n"                                  # 7
        "eve@eps.example,Eve,Eps,crm,consent,2026-03-01,rta@example.com\r\n"                            # 8
        "\r\n"                                                                                          # 9
        "fay@zeta.example,Fay,Zeta,crm,consent,1.3.2026,\r\n"                                           # 10
        ",Nobody,Zeta,crm,consent,2026-03-01,\r\n"                                                      # 11
        "gus@eta.example,Gus,Eta,,consent,2026-03-01,\r\n"                                              # 12
        "hal@theta.example,Hal,Theta,crm,consent,2026-03-01,,too,many\r\n"                              # 13
        'ida@iota.example,"Ida" x,Iota,crm,consent,2026-03-01,\r\n'                                     # 14
        "BOB@beta.example,Bob again,Beta,crm,consent,2026-03-01,\r\n")                                  # 15
path = t.write("people.csv", rows)
WANT = {5: "permission", 6: "mail address", 7: "facebook", 8: "rta@example.com", 10: "1.3.2026", 11: "email",
        12: "source", 13: "9 cells", 14: "closing quote"}
d = t.json("prospect", "import", "--dry-run", path, code=1)
t.eq(emails(), [], "a dry run writes nothing")
t.eq([p["line"] for p in d["problems"]], sorted(WANT), "every bad row is told by its line")
for p in d["problems"]:
    t.has(p["problem"], WANT[p["line"]], f"line {p['line']}: why")
t.eq((d["added"], d["merged"]), (2, 1), "a dry run counts as the import will")
code, out, err = t.run("prospect", "import", path)
t.eq(code, 1, "exit 1: not everything came in")
for line, words in WANT.items():
    t.ok(any(f"people.csv:{line}: " in x and words in x for x in err.splitlines()), f"line {line} for people", err)
t.has(out, "2 new, 1 known already, 9 bad", "and the sum")
t.eq(emails(), ["bob@beta.example", "carol@gamma.example"], "the good rows are in")
p = t.json("prospect", "show", "carol@gamma.example")
t.eq((p["name"], p["company"]), ('Carol "CC" Clark', "Gamma,\r\nInc"), "quotes, commas and lines inside a cell")
t.eq(t.json("prospect", "show", "bob@beta.example")["owner"], "rita@example.com", "the owner of a row")
code, out, err = t.run("prospect", "import", path)
t.has(out, "0 new, 3 known already", "again: nothing new")
t.eq(len(emails()), 2, "nobody twice")

# ---- every kind of source; nothing else ----
kinds = {"inbound form": "inbound_form", "Referral": "referral", "EVENT": "event", "newsletter": "newsletter",
         "crm": "crm", "directory": "directory", "Public-Site": "public_site", "database": "database",
         "Client List": "client_list", "partner": "partner", "previous conversation": "previous_conversation",
         "research": "research", "extraction": "extraction", "inbound_mail": "inbound_mail"}
text = "email,source,permission\n" + "".join(f"k{i}@kind.example,{k},consent\n" for i, k in enumerate(kinds))
t.good("prospect", "import", t.write("kinds.csv", text))
for i, want in enumerate(kinds.values()):
    t.eq(t.json("source", "list", f"k{i}@kind.example")[0]["kind"], want, f"source {want}")
code, out, err = t.run("prospect", "import", t.write("k.csv", "email,source,permission\nq@kind.example,myspace,c\n"))
t.ok(code == 1 and "k.csv:2: source 'myspace' is none of" in err, "an unknown source is refused by line", err)

# ---- headers and dialects ----
def one(file, data, *args, email, **want):
    code, out, err = t.run("prospect", "import", t.write(file, data), *args)
    if not t.ok(code == 0, f"{file} is read", code, out, err):
        return
    p = t.json("prospect", "show", email)
    for k, v in want.items():
        t.eq(p[k], v, f"{file}: {k}")


one("semicolon.csv", "E-Mail;Contact Name;Company Name;Lead Source;Permission Type;Job title\n"
    "s1@semi.example;Sören;Müller & Söhne;crm;consent;CEO, founder\n", email="s1@semi.example", name="Sören",
    company="Müller & Söhne", role="CEO, founder")
one("tab.csv", "email\tname\tsource\tpermission\ns2@semi.example\tTab Bed\tcrm\tconsent\n", email="s2@semi.example",
    name="Tab Bed")
one("bom.csv", b"\xef\xbb\xbfemail,name,source,permission\r\ns3@semi.example,Bom,crm,consent\r\n",
    email="s3@semi.example", name="Bom")
one("utf16.csv", "email,name,source,permission\r\ns4@semi.example,Żółć,crm,consent\r\n".encode("utf-16"),
    email="s4@semi.example", name="Żółć")
one("latin.csv", "email;name;source;permission\r\ns5@semi.example;Jörg – Größe;crm;consent\r\n".encode("cp1252"),
    email="s5@semi.example", name="Jörg – Größe")
one("mac.csv", "email,name,source,permission\rs6@semi.example,Mac,crm,consent\r", email="s6@semi.example", name="Mac")
one("nonl.csv", "email,name,source,permission\ns7@semi.example,No Newline,crm,consent", email="s7@semi.example",
    name="No Newline")
one("blank.csv", "\n\nemail,name,source,permission,\n\n s8@semi.example , Spaces  ,crm,consent,\n",
    email="s8@semi.example", name="Spaces")
one("default.csv", "email,name\ns9@semi.example,Default\n", "--source", "event", "--permission", "consent",
    "--owner", "sam@example.com", "--captured", "2026-01-15", email="s9@semi.example", name="Default",
    owner="sam@example.com")
t.eq(t.json("source", "list", "s9@semi.example")[0]["captured"][:10], "2026-01-15", "given for the whole file")
one("map.csv", "Adresse,Wer,Notiz,source,permission\ns10@semi.example,Mapped,x,crm,consent\n", "--map",
    "Adresse=email,Wer=name,Notiz=-", email="s10@semi.example", name="Mapped")
one("alias.csv", 'email,aliases,source,permission\ns11@semi.example,"x11@semi.example; y11@semi.example",crm,c\n',
    email="y11@semi.example")
one("people.jsonl", '{"email":"j1@json.example","name":"Jay","source":"crm","permission":"consent",'
    '"aliases":["j2@json.example"],"score":7.5}\n\n', email="j2@json.example", name="Jay", score=7.5)

t.refused(1, "there is no column 'emial': did you mean 'email'?", "prospect", "import",
          t.write("x.csv", "emial,source,permission\na@b.example,crm,c\n"))
t.refused(1, "there is no column 'Notiz'", "prospect", "import", t.write("x.csv", "email,Notiz\na@b.example,crm\n"))
t.refused(1, "is there twice", "prospect", "import", t.write("x.csv", "email,e-mail\na@b.example,crm\n"))
t.refused(1, "it is empty", "prospect", "import", t.write("x.csv", ""))
t.refused(1, "cannot read", "prospect", "import", "/nonexistent.csv")
t.refused(1, "line 1: there is", "prospect", "import", t.write("x.csv", bytes(range(256)) * 20))
before = emails()
code, out, err = t.run("prospect", "import", t.write("q.csv", 'email,name,source,permission\na@b.example,"open,crm,c\n'))
t.ok(code == 1 and "q.csv:2:" in err and "never closed" in err, "a quote that is never closed", err)
code, out, err = t.run("prospect", "import", t.write(
    "q.jsonl", '{"email":"jj@json.example","source":"crm"}\n{"email":\n[1]\n{"nmae":"x"}\n'))
t.ok(all(f"q.jsonl:{n}:" in err for n in (1, 2, 3, 4)), "bad JSON lines by line", err)
t.has(err, "did you mean 'name'?", "with the nearest name")
code, out, err = t.run("prospect", "import", t.write("z.csv", b"email,name,source,permission\nz@z.example,a\0b,crm,c\n"))
t.ok(code == 1 and "z.csv:2: there is a zero byte" in err, "a zero byte", err)
t.eq(emails(), before, "none of these brought anybody")
code, out, err = t.run("prospect", "import", "-", stdin=b"email,source,permission\nstdin@x.example,crm,consent\n")
t.eq(code, 0, "from standard input")

# ---- export: what a spreadsheet would run is text, and it comes back as it was ----
evil = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1:A9)", 'a "quoted", thing', "two\nlines"]
for i, name in enumerate(evil):
    t.good("prospect", "add", f"evil{i}@evil.example", "--source", "crm", "--permission", "consent", "--name", name)
text = t.run("prospect", "export")[1]
table = {r["email"]: r for r in csv.DictReader(io.StringIO(text, newline=""))}
for i, name in enumerate(evil):
    got = table[f"evil{i}@evil.example"]["name"]
    t.eq(got, ("'" + name if name[0] in "=+-@" else name).replace("\n", "\n"), f"exported: {name!r}")
t.ok(not any(v[:1] in "=+-@\t\r" for r in table.values() for v in r.values() if v), "no cell begins as a formula")
out = os.path.join(t.dir, "out.csv")
t.good("prospect", "export", out)
t.refused(3, "cannot write", "prospect", "export", out)
again = Case()
code, text, err = again.run("prospect", "import", out)
t.eq(code, 0, "an export can be imported")
t.eq(len(again.json("prospect", "list")), len(t.json("prospect", "list")), "everybody comes back")
for i, name in enumerate(evil):
    t.eq(again.json("prospect", "show", f"evil{i}@evil.example")["name"], name, f"and as it was: {name!r}")
lines = [json.loads(x) for x in t.run("prospect", "export", "--format", "jsonl")[1].splitlines()]
t.eq(len(lines), len(table), "as JSON lines")
t.refused(2, "neither csv nor jsonl", "prospect", "export", "--format", "xml")

# ---- a site that insists on every field of a source ----
fields = {"source": "crm", "source_url": "https://x.example/1", "captured": "2026-02-01", "source_owner": "Bob",
          "permission": "consent", "visibility": "public", "method": "by hand", "permitted_use": "first contact",
          "compliance": "checked"}
strict = Case("import { required = { " + ", ".join(f'"{f}"' for f in fields) + " } }\n")
text = ",".join(["email", *fields]) + "\n" + ",".join(["all@strict.example", *fields.values()]) + "\n"
for i, left in enumerate(fields):
    text += ",".join([f"no{i}@strict.example", *("" if f == left else v for f, v in fields.items())]) + "\n"
d = strict.json("prospect", "import", strict.write("s.csv", text), code=1)
t.eq([(p["line"], left in p["problem"]) for p, left in zip(d["problems"], fields)],
     [(i + 3, True) for i in range(len(fields))], "a row that lacks one is refused by line, naming it")
t.eq([p["email"] for p in strict.json("prospect", "list")], ["all@strict.example"], "the one that has all is in")
shutil.rmtree(strict.dir, ignore_errors=True)

# ---- many ----
many = "email,name,source,permission\n" + "".join(f"m{i}@many.example,M{i},crm,consent\n" for i in range(1, 1001))
many += "broken,x,crm,consent\n"
d = t.json("prospect", "import", t.write("many.csv", many), code=1)
t.eq((d["added"], [p["line"] for p in d["problems"]]), (1000, [1002]), "a thousand rows and one bad one")
t.ok(t.json("verify")["clean"], "verify is clean")
shutil.rmtree(again.dir, ignore_errors=True)
t.done()
