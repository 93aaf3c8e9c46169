# SPDX-License-Identifier: MPL-2.0
"""People a second from a CSV file into an empty store, all in turns, each time into a new one. relent reads every address and
name, finds companies, keeps source and consent and writes its history; the others copy columns. Run by script/bench import."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from report import Report, rounds, turns, wanted

BUILD, TOP = sys.argv[1], sys.argv[2]
PEOPLE = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
ROUNDS = rounds(int(sys.argv[4]) if len(sys.argv) > 4 else 3)
FEW = max(min(PEOPLE, 100), PEOPLE // 20)		# a row is many round trips to PostgreSQL: as many as give a rate
SERVER = os.environ.get("RELENT_TEST_PGSQL", "")
COLUMNS = "email, name, company, owner, source_kind, source_permission"
TABLE = "create table person (email text primary key, name text, company text, owner text, source_kind text, source_permission text)"


def run(*cmd, **kw):
    r = subprocess.run(cmd, capture_output=True, text=True, check=False, **kw)
    if r.returncode:
        sys.exit(f"{cmd[0]}: {r.stderr.strip()[-300:]}")
    return r.stdout


class World:
    def __init__(self, folder):
        self.folder, self.csv, self.few, self.made = folder, folder + "/people.csv", folder + "/few.csv", 0
        for path, people in ((self.csv, PEOPLE), (self.few, FEW)):
            with open(path, "w", encoding="utf-8") as f:
                f.write(COLUMNS.replace(" ", "") + "\n")
                for i in range(people):
                    f.write(f"ann{i}@x{i // 3}.example,Ann {i},Company {i // 3},rita@ourco.example,crm,consent\n")

    def database(self):
        self.made += 1
        run("psql", "-q", f"{SERVER} dbname=postgres", "-c", f"create database i{os.getpid()}_{self.made}")
        return f"i{os.getpid()}_{self.made}"

    def drop(self, name):
        run("psql", "-q", f"{SERVER} dbname=postgres", "-c", f"drop database {name}")

    def relent(self, store, csv, people):
        conf = self.folder + "/relent.conf"
        with open(conf, "w", encoding="utf-8") as f:
            f.write(f'hostname = "mail"\ndata_dir = "{TOP}/conf"\nstore {{\n{store}\tkey_file = "{self.folder}/keys"\n}}\n'
                    'owner "rita@ourco.example" {\n\tzone = "Europe/Berlin"\n}\n')
        run(BUILD + "/relentctl", "-c", conf, "store", "migrate")
        begun = time.perf_counter()
        out = run(BUILD + "/relentctl", "-c", conf, "prospect", "import", csv)
        if str(people) not in out:
            sys.exit(f"relentctl did not import all of {people}: {out[-300:]}")
        return (time.perf_counter() - begun) * PEOPLE / people

    def relent_sqlite(self):
        for name in os.listdir(self.folder):
            if name.startswith("relent.db"):
                os.unlink(f"{self.folder}/{name}")
        return self.relent(f'\tpath = "{self.folder}/relent.db"\n', self.csv, PEOPLE)

    def relent_pgsql(self):
        name = self.database()
        seconds = self.relent(f'\tdriver = pgsql\n\turl = "{SERVER} dbname={name}"\n', self.few, FEW)
        self.drop(name)
        return seconds

    def sqlite(self):
        path = self.folder + "/plain.db"
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                os.unlink(path + end)
        run("sqlite3", path, "pragma journal_mode = wal", TABLE)
        begun = time.perf_counter()
        run("sqlite3", path, f".import --csv --skip 1 {self.csv} person")
        return time.perf_counter() - begun

    def pgsql(self):
        name = self.database()
        where = f"{SERVER} dbname={name}"
        run("psql", "-q", where, "-c", TABLE)
        begun = time.perf_counter()
        run("psql", "-q", where, "-c", f"\\copy person from '{self.csv}' csv header")
        seconds = time.perf_counter() - begun
        self.drop(name)
        return seconds


def main(folder):
    w, report = World(folder), Report()
    who = {"relent": w.relent_sqlite}
    if wanted("sqlite") and shutil.which("sqlite3"):
        who["sqlite"] = w.sqlite
    if SERVER:
        who.update({n: f for n, f in (("relent-pgsql", w.relent_pgsql), ("pgsql", w.pgsql)) if wanted(n)})
    for name, _ in turns(who, ROUNDS, warm=0):
        report.add(name, "people/s", PEOPLE / who[name]())
    print(f"# {PEOPLE} people, {os.path.getsize(w.csv) / 1e6:.1f} MB, {ROUNDS} rounds, each into an empty store; relent-pgsql: {FEW} of them")
    report.table(["people/s"], of=["sqlite", "pgsql"])


with tempfile.TemporaryDirectory(prefix="relent-bench-") as place:
    main(place)
