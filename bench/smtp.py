# SPDX-License-Identifier: MPL-2.0
"""Mails a second through a real private Postfix, one smtpd service for each contestant, all in turns. Each of relent's mails
is a touch to another prospect: recognised, judged by all rules, recorded and synced before the 250. Then the same on one quiet
connection: what a person waits for. Run by script/bench smtp."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from report import Report, row, rounds, spread, sync_times, turns, wanted

BUILD, TOP = sys.argv[1], sys.argv[2]
MAILS = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
CONNECTIONS = int(sys.argv[4]) if len(sys.argv) > 4 else 16
ROUNDS = rounds(int(sys.argv[5]) if len(sys.argv) > 5 else 5)
QUIET = min(MAILS, 100)		# mails of a turn on the quiet connection
PEOPLE = (2 * MAILS + QUIET) * (ROUNDS + 1)
SLOW = os.environ.get("BENCH_FSYNC_MS", "")		# each fsync of Postfix and the milter takes so much longer
UNPACKED = os.environ.get("BENCH_UNPACKED", "")		# script/peers

folder = tempfile.mkdtemp(prefix="relent-bench-")
os.chmod(folder, 0o755)
stack = folder + "/stack"
children = []


def run(*cmd, **kw):
    r = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)
    if r.returncode:
        raise SystemExit(f"{' '.join(cmd)}: {r.stdout}{r.stderr}")
    return r.stdout


def cpu(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(*cmd, **kw):
    p = subprocess.Popen(cmd, start_new_session=True, **kw)
    children.append(p)
    return p.pid


def listens(path):
    """It took a connection within twenty seconds, and lives. PATH: a socket, or a port number."""
    for _ in range(1000):
        s = socket.socket(socket.AF_INET if path.isdigit() else socket.AF_UNIX)
        try:
            s.connect(("127.0.0.1", int(path)) if path.isdigit() else path)
            return True
        except OSError:
            if not path.isdigit() and children[-1].poll() is not None:
                return False
            time.sleep(0.02)
        finally:
            s.close()
    return False


def with_unpacked():
    """The environment of a program that is not installed but unpacked."""
    env = dict(os.environ)
    if UNPACKED:
        env["LD_LIBRARY_PATH"] = UNPACKED + "/lib-path"
        env["PYTHONPATH"] = UNPACKED + "/usr/lib/python3/dist-packages"
    return env


def opendkim():
    key, dkim = folder + "/key.pem", folder + "/dkim.conf"
    run("openssl", "genrsa", "-out", key, "2048")
    os.chmod(key, 0o600)
    with open(dkim, "w", encoding="utf-8") as f:
        f.write(f"Syslog no\nDomain ourco.example\nSelector s\nKeyFile {key}\nMode s\nUMask 000\nSocket local:{folder}/opendkim.sock\n"
                "Background no\nInternalHosts 127.0.0.1\nMacroList daemon_name|submission\nUserID root\nRequireSafeKeys no\n")
    start("opendkim", "-f", "-x", dkim)


def rspamd():
    """Its proxy as a milter, no module and no rule: what the protocol costs there."""
    program, env = shutil.which("rspamd"), dict(os.environ)
    if not program:
        program, env = UNPACKED + "/usr/bin/rspamd", with_unpacked()
    with open(folder + "/tld", "w", encoding="utf-8") as f:	# the whole list takes it ten seconds to compile
        f.write("com\nnet\nexample\n")
    with open(folder + "/rspamd.conf", "w", encoding="utf-8") as f:
        f.write(f'options {{\n\tfilters = "";\n\tpidfile = "{folder}/rspamd.pid";\n\ttempdir = "{folder}";\n'
                f'\tcontrol_socket = "{folder}/rspamd.control mode=0600";\n\tdns {{ nameserver = ["127.0.0.1:1"]; }}\n'
                f'\tcache_file = "{folder}/rspamd.cache";\n\ths_cache_dir = "{folder}";\n\tdynamic_conf = "{folder}/rspamd.dynamic";\n'
                f'\turl_tld = "{folder}/tld";\n}}\n'
                f'logging {{ type = "file"; filename = "{folder}/rspamd.log"; level = "error"; }}\n'
                'metric { name = "default"; actions { reject = 999; } }\n'
                f'worker "rspamd_proxy" {{\n\tbind_socket = "{folder}/rspamd.sock mode=0666";\n\tmilter = yes;\n\ttimeout = 60s;\n'
                f'\tcount = {os.cpu_count()};\n\tupstream "local" {{ self_scan = yes; default = yes; }}\n}}\n')
    start(program, "-f", "-i", "-c", folder + "/rspamd.conf", env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def pymilter():
    start("python3", TOP + "/bench/py_milter.py", f"unix:{folder}/pymilter.sock", env=with_unpacked(), stderr=subprocess.DEVNULL,
          stdout=subprocess.DEVNULL)


def peers():
    """Those that are wanted and run: name to socket."""
    have = {}
    for name, make, package in (("opendkim", opendkim, "opendkim"), ("rspamd", rspamd, "rspamd"),
                                ("pymilter", pymilter, "python3-milter")):
        if not (wanted(name) or name == "opendkim" and wanted("relent+opendkim")):
            continue
        try:
            make()
            up = listens(f"{folder}/{name}.sock")
        except (OSError, SystemExit) as e:
            up = False
            print(f"# {name}: {e}")
        if up:
            have[name] = f"unix:{folder}/{name}.sock"
        else:
            print(f"# {name} does not run here (Debian: {package}; script/peers unpacks it): left out")
    return have


def slowly():
    """The environment of a program whose disk takes its time (bench/slow_fsync.c)."""
    return dict(os.environ, LD_PRELOAD=BUILD + "/bench/slow-fsync.so") if SLOW else None


def restart_slowly(c):
    """Postfix hands on of its environment only what it is told to."""
    keep = run("postconf", "-c", c, "-h", "import_environment").strip()
    run("postconf", "-c", c, "-e", f"import_environment={keep} LD_PRELOAD BENCH_FSYNC_MS")
    run("postfix", "-c", c, "stop")
    run("postfix", "-c", c, "start", env=slowly())


def services(env, names):
    """A submission service of Postfix for each contestant: name to port."""
    ports = dict(zip(names, run("python3", "-S", TOP + "/tests/live/stack/freeports.py", str(len(names))).split()))
    c = env["POSTFIX_CONFIG"]
    run("postconf", "-c", c, "-e", "default_transport=discard:", "transport_maps=", "default_process_limit=200", "in_flow_delay=0")
    for name, port in ports.items():
        service = f"127.0.0.1:{port}/inet"
        run("postconf", "-c", c, "-M", f"{service}=127.0.0.1:{port} inet n - n - 200 smtpd")
        options = ["smtpd_tls_security_level=none", "smtpd_tls_auth_only=no", "smtpd_sasl_auth_enable=yes",
                   "smtpd_relay_restrictions=permit_sasl_authenticated,reject", "milter_macro_daemon_name=submission",
                   f"smtpd_milters={names[name]}", "syslog_name=postfix/submission"]
        run("postconf", "-c", c, "-P", *[f"{service}/{o}" for o in options])
    if SLOW:
        restart_slowly(c)
    else:
        run("postfix", "-c", c, "reload")
    for name, port in ports.items():
        if not listens(port):
            raise SystemExit(f"the service for {name} does not come up")
    return ports


class Load:
    """Hands mails to one contestant; each touch to a prospect of its own."""

    def __init__(self, env, ports, pids):
        self.env, self.ports, self.pids, self.taken = env, ports, pids, 0

    def touches(self, name):
        return name.startswith("relent")

    def __call__(self, name, mails, connections):
        """mails/s, p50, p99 in ms, CPU of its milter a mail in us."""
        who = "olga" if name == "stranger" else "rita"
        pid = self.pids.get("relent" if self.touches(name) else name)
        before = cpu(pid) if pid else 0
        out = run(BUILD + "/bench/smtp-load", self.ports[name], str(connections), str(mails), who + "@ourco.example",
                  self.env["REP_PASSWORD"], who + "@ourco.example", "ann@x%d.example", str(self.taken if self.touches(name) else 0))
        rate, p50, p99, _, refused = out.split()
        if self.touches(name):
            self.taken += mails
        if int(refused):
            raise SystemExit(f"{name}: {refused} mails were refused")
        return float(rate), int(p50) / 1000, int(p99) / 1000, (cpu(pid) - before) * 1e6 / mails if pid else None


def measure(load, names, what, mails, connections, keep):
    """All in turns; a peer that fails is said and left out, ours ends the run."""
    report, gone = Report(), set()
    for name, counts in turns(names, ROUNDS):
        if name in gone:
            continue
        try:
            rate, p50, p99, burnt = load(name, mails, connections)
        except SystemExit as e:
            if name in ("none", "null", "relent"):
                raise
            print(f"# {name} failed and is left out: {e}")
            gone.add(name)
            report.got.pop(name, None)
            continue
        if counts:
            for figure, value in (("mails/s", rate), ("p50 ms", p50), ("p99 ms", p99), ("CPU us", burnt)):
                if value is not None and figure in keep:
                    report.add(name, figure, value)
    if SLOW:
        what += f", every fsync + {SLOW} ms"
    print(f"# {what}: {mails} mails of 2 KB, {connections} connection{'s'[:connections > 1]}, {ROUNDS} rounds after one to warm up;"
          " median (smallest - largest)")
    return report


def main():
    conf = folder + "/extra.conf"
    with open(conf, "w", encoding="utf-8") as f:
        f.write("limits {\n\tsender_per_day = 0\n\tdomain_per_day = 0\n\twarm_up_start = 0\n}\n")
    run(TOP + "/script/stack", "up", "--build", BUILD, "--only", "milter", "--conf", conf, stack, env=slowly())
    env = dict(line.rstrip("\n").split("=", 1) for line in open(stack + "/stack.env", encoding="utf-8") if "=" in line)
    env = {k: v.strip("'") for k, v in env.items()}
    csv = folder + "/people.csv"
    with open(csv, "w", encoding="utf-8") as f:
        f.write("email,name,company,owner,source_kind,source_permission\n")
        for i in range(PEOPLE):
            f.write(f"ann@x{i}.example,Ann {i},Company {i},rita@ourco.example,crm,consent\n")
    run(env["RELENTCTL"], "-c", env["RELENT_CONF"], "prospect", "import", csv)

    relent = env["MILTER_SOCKET"]
    pids = {"relent": int(env["MILTER_PID"])}
    pids["null"] = start(BUILD + "/bench/null-milter", f"unix:{folder}/null.sock")
    names = {"none": "", "null": f"unix:{folder}/null.sock", "relent": relent}
    listens(folder + "/null.sock")
    if wanted("null-all"):
        pids["null-all"] = start(BUILD + "/bench/null-milter", f"unix:{folder}/all.sock", "all")
        names["null-all"] = f"unix:{folder}/all.sock"
        listens(folder + "/all.sock")
    if wanted("stranger"):
        names["stranger"] = relent
    names.update(peers())
    if "opendkim" in names and wanted("relent+opendkim"):
        names["relent+opendkim"] = f"{relent},{names['opendkim']}"
    load = Load(env, services(env, names), pids)
    if os.environ.get("BENCH_PERF"):	# a profile of the milter, into this file
        start("perf", "record", "-q", "--call-graph", "dwarf,16384", "-F", "297", "-o", os.environ["BENCH_PERF"], "-p",
              str(pids["relent"]))

    busy = measure(load, names, "busy", MAILS, CONNECTIONS, ("mails/s", "p50 ms", "p99 ms", "CPU us"))
    busy.table(["mails/s", "p50 ms", "p99 ms", "CPU us"], of=["none", "null", "opendkim"], digits={"p50 ms": 1, "p99 ms": 1})
    ratio = busy.ratios("relent", "null", "CPU us")
    if ratio:
        print(f"# CPU of relent's milter a mail, of the null milter's: {spread(ratio)}")
        row("relent", "CPU us of null", ratio)

    syncs = []
    idle = measure(load, [n for n in ("none", "null", "relent") if n in names], "idle", QUIET, 1, ("p50 ms", "p99 ms"))
    for _ in range(ROUNDS):
        syncs.append(sync_times(folder, 50)[25] / 1000)
    idle.table(["p50 ms", "p99 ms"], of=[], digits={"p50 ms": 2, "p99 ms": 2})
    added = [r - n for r, n in zip(idle.values("relent", "p50 ms"), idle.values("null", "p50 ms"))]
    worst = [r - n for r, n in zip(idle.values("relent", "p99 ms"), idle.values("none", "p99 ms"))]
    print(f"# relent adds {spread(worst)} ms to the p99 of no milter")
    print(f"# relent adds {spread(added)} ms to the null milter's p50; one append of 4 KB with fdatasync on the same disk takes"
          f" {spread(syncs)} ms")
    row("relent", "idle p50 ms added to null", added)
    row("fdatasync", "p50 ms", syncs)
    rows = int(run("sqlite3", env["RELENT_STORE"], "select count(*) from touch where prospect_id is not null"))
    print(f"# {rows} touches are in the store, of {load.taken} mails handed in")


try:
    main()
finally:
    for p in children:
        try:
            os.killpg(p.pid, signal.SIGINT if p.args[0] == "perf" else signal.SIGKILL)
        except ProcessLookupError:
            pass
        p.wait()
    subprocess.run([TOP + "/script/stack", "down", "--purge", stack], check=False)
    shutil.rmtree(folder, ignore_errors=True)
