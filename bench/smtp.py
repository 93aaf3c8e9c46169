# SPDX-License-Identifier: MPL-2.0
"""Mails a second through a real private Postfix, one smtpd service for each contestant, all in turns. Each of relent's mails
is a touch to another prospect: recognised, judged by all rules, recorded and synced before the 250. Run by script/bench smtp."""
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

BUILD, TOP = sys.argv[1], sys.argv[2]
MAILS = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
CONNECTIONS = int(sys.argv[4]) if len(sys.argv) > 4 else 16
ROUNDS = int(sys.argv[5]) if len(sys.argv) > 5 else 5
PEOPLE = 2 * MAILS * (ROUNDS + 1)

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


def start(*cmd):
    p = subprocess.Popen(cmd, start_new_session=True)
    children.append(p)
    return p.pid


try:
    conf = folder + "/extra.conf"
    with open(conf, "w", encoding="utf-8") as f:
        f.write("limits {\n\tsender_per_day = 0\n\tdomain_per_day = 0\n\twarm_up_start = 0\n}\n")
    run(TOP + "/script/stack", "up", "--build", BUILD, "--only", "milter", "--conf", conf, stack)
    env = dict(line.rstrip("\n").split("=", 1) for line in open(stack + "/stack.env", encoding="utf-8") if "=" in line)
    env = {k: v.strip("'") for k, v in env.items()}
    csv = folder + "/people.csv"
    with open(csv, "w", encoding="utf-8") as f:
        f.write("email,name,company,owner,source_kind,source_permission\n")
        for i in range(PEOPLE):
            f.write(f"ann@x{i}.example,Ann {i},Company {i},rita@ourco.example,crm,consent\n")
    run(env["RELENTCTL"], "-c", env["RELENT_CONF"], "prospect", "import", csv)

    relent, quiet = env["MILTER_SOCKET"], folder + "/null.sock"
    null = start(BUILD + "/bench/null-milter", "unix:" + quiet)
    null_all = start(BUILD + "/bench/null-milter", "unix:" + folder + "/all.sock", "all")
    names = {"none": "", "null": "unix:" + quiet, "null-all": f"unix:{folder}/all.sock", "relent": relent, "stranger": relent}
    if shutil.which("opendkim"):
        key = folder + "/key.pem"
        run("openssl", "genrsa", "-out", key, "2048")
        os.chmod(key, 0o600)
        dkim = folder + "/dkim.conf"
        with open(dkim, "w", encoding="utf-8") as f:
            f.write(f"Syslog no\nDomain ourco.example\nSelector s\nKeyFile {key}\nMode s\nUMask 000\nSocket local:{folder}/dkim.sock\n"
                    "Background no\nInternalHosts 127.0.0.1\nMacroList daemon_name|submission\nUserID root\nRequireSafeKeys no\n")
        start("opendkim", "-f", "-x", dkim)
        names["opendkim"] = f"unix:{folder}/dkim.sock"
        names["relent+opendkim"] = f"{relent},unix:{folder}/dkim.sock"
    if os.environ.get("BENCH_ONLY"):	# some of them, by name
        names = {k: v for k, v in names.items() if k in ["none", "null"] + os.environ["BENCH_ONLY"].split()}
    ports = dict(zip(names, run("python3", "-S", TOP + "/tests/live/stack/freeports.py", str(len(names))).split()))
    c = env["POSTFIX_CONFIG"]
    run("postconf", "-c", c, "-e", "default_transport=discard:", "transport_maps=", "default_process_limit=200", "in_flow_delay=0")
    for name, port in ports.items():
        service = f"127.0.0.1:{port}/inet"
        run("postconf", "-c", c, "-M", f"{service}=127.0.0.1:{port} inet n - n - 200 smtpd")
        for option in ("smtpd_tls_security_level=none", "smtpd_tls_auth_only=no", "smtpd_sasl_auth_enable=yes",
                       "smtpd_relay_restrictions=permit_sasl_authenticated,reject", "milter_macro_daemon_name=submission",
                       f"smtpd_milters={names[name]}", "syslog_name=postfix/submission"):
            key, value = option.split("=", 1)
            run("postconf", "-c", c, "-P", f"{service}/{key}={value}")
    run("postfix", "-c", c, "reload")

    taken = 0
    milter = int(env["MILTER_PID"])
    figures = {n: [] for n in names}
    burnt = {k: [] for k in ("relent", "null") if k in names}
    if os.environ.get("BENCH_PERF"):	# a profile of the milter, into this file
        start("perf", "record", "-q", "--call-graph", "dwarf,16384", "-F", "297", "-o", os.environ["BENCH_PERF"], "-p", str(milter))
    for turn in range(ROUNDS + 1):
        for name in names:
            who = "olga" if name == "stranger" else "rita"
            before = cpu(milter if "relent" in name else null)
            out = run(BUILD + "/bench/smtp-load", ports[name], str(CONNECTIONS), str(MAILS), who + "@ourco.example",
                      env["REP_PASSWORD"], who + "@ourco.example", "ann@x%d.example", str(taken if "relent" in name else 0))
            rate, p50, p99, most, refused = out.split()
            used = (cpu(milter if "relent" in name else null) - before) * 1e6 / MAILS
            if "relent" in name:
                taken += MAILS
            if int(refused):
                raise SystemExit(f"{name}: {refused} mails were refused")
            if turn:	# the first round warms up
                figures[name].append((float(rate), int(p50), int(p99)))
                if name in burnt:
                    burnt[name].append(used)
    print(f"# {MAILS} mails of 2 KB, {CONNECTIONS} connections, {ROUNDS} rounds after one to warm up; median (smallest - largest)")
    print(f"{'':16} {'mails/s':>24} {'of none':>22} {'of null':>22} {'dot-to-250 p50':>15} {'p99 ms':>8}")
    for name, rounds in figures.items():
        rates = [r[0] for r in rounds]
        of = {}
        for base in ("none", "null"):
            of[base] = [r[0] / b[0] for r, b in zip(rounds, figures[base])]
        show = lambda v, d: f"{statistics.median(v):.{d}f} ({min(v):.{d}f} - {max(v):.{d}f})"
        print(f"{name:16} {show(rates, 0):>24} {show(of['none'], 2):>22} {show(of['null'], 2):>22}"
              f" {statistics.median(r[1] for r in rounds) / 1000:>15.2f} {statistics.median(r[2] for r in rounds) / 1000:>8.1f}")
    for name, v in burnt.items():
        print(f"# CPU of the {name} milter a mail: {statistics.median(v):.0f} us ({min(v):.0f} - {max(v):.0f})")
    rows = int(run("sqlite3", env["RELENT_STORE"], "select count(*) from touch where prospect_id is not null"))
    print(f"# {rows} touches are in the store, of {taken} mails handed in")
finally:
    for p in children:
        os.killpg(p.pid, signal.SIGINT if p.args[0] == "perf" else signal.SIGKILL)
        p.wait()
    subprocess.run([TOP + "/script/stack", "down", "--purge", stack], check=False)
    shutil.rmtree(folder, ignore_errors=True)
