#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""classify --label, --cases, --phrase, --unhit: what people correct is kept, and a phrase is tried before it is believed."""
import os
import stat
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ctlcase import Case

t = Case()
cases = os.path.join(t.dir, "cases")
with open(t.conf, "a", encoding="utf-8") as f:
    f.write(f'classifier {{ cases = "{cases}" }}\n')


def mail(name, text):
    return t.write(name, "From: <p@prospect.example>\nTo: <rita@example.com>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n"
                   f"Message-ID: <{name}@prospect.example>\nSubject: Re: x\n\n{text}\n")


frob = mail("a.eml", "Zzyzx vrrp qwrtpl kjhgf.")
t.has(t.good("classify", "--cases"), "0 of 0 cases", "no cases, no complaint")
out = t.good("classify", "--label", "interested", frob)
t.has(out, "0 of 1 cases", "a case that comes out otherwise is listed")
t.has(out, "is interested, comes out as unknown", "with what it is and what it comes out as")
kept = [os.path.join(d, f) for d, _, fs in os.walk(cases) for f in fs]
t.eq([stat.S_IMODE(os.stat(p).st_mode) for p in kept], [0o600], "kept once, for our eyes only")
t.eq(stat.S_IMODE(os.stat(os.path.dirname(kept[0])).st_mode), 0o700, "so is the folder")
t.good("classify", "--label", "interested", frob)
t.has(t.good("classify", "--cases"), "of 1 cases", "the same mail again is the same case")
t.has(t.good("classify", "--label", "question", frob), "was a case of interested", "a second label takes the first away")
t.has(t.good("classify", "--cases"), "of 1 cases", "and leaves one case")
t.good("classify", "--label", "interested", frob, mail("b.eml", "What does it cost?"))

out = t.good("classify", "--phrase", "en/interested: zzyzx vrrp")
t.has(out, "with the phrase: 1 of 2", "a phrase is tried on all cases")
t.has(out, "would change from unknown to interested", "what it changes is named")
t.has(out, "phrases/en/interested.local", "and where to write it")
t.has(t.good("classify", "--cases"), "0 of 2", "trying writes nothing")
got = t.json("classify", "--phrase", "en/interested: zzyzx vrrp")
t.eq((got["mails"], got["right"], got["right_with_phrase"], len(got["changed"])), (2, 0, 1, 1), "the same as JSON")
t.has(t.good("classify", "--phrase", "en/interested: xyzzy"), "what it changes: nothing", "or nothing")

t.refused(2, "there is no class 'intrested'", "classify", "--label", "intrested", frob)
t.refused(2, "write LANGUAGE/CLASS: WORDS", "classify", "--phrase", "frobnicate")
t.refused(1, "no such section: 'stong'", "classify", "--phrase", "en/interested/stong: frobnicate")
t.refused(2, "usage:", "classify", "--label", "interested")
t.refused(2, "usage:", "classify", "--cases", frob)
t.refused(1, "cannot open", "classify", "--label", "interested", os.path.join(t.dir, "nowhere"))
os.chmod(t.dir, 0o755)
t.write("flat", "")
bad = t.write("bad.conf", t.read("relent.conf").replace(cases, os.path.join(t.dir, "flat/cases")))
code, out, err = t.run("-c", bad, "classify", "--label", "interested", frob)
t.ok(code == 1 and "cannot keep" in err, "no place for a case: exit 1 and a sentence", code, out, err)

before = t.good("classify", "--unhit", frob).splitlines()
after = t.good("classify", "--unhit", frob, mail("c.eml", "Please unsubscribe me")).splitlines()
t.ok(set(after[:-1]) < set(before[:-1]), "a mail strikes its phrases off --unhit")
t.ok(any("en/unsubscribe" in line for line in set(before) - set(after)), "the phrase is of the file it stands in")
t.done()
