# SPDX-License-Identifier: MPL-2.0
"""How script/demo shows what happens: who does what, what the server answers, and what must hold then."""
import sys
import textwrap

colour = sys.stdout.isatty()
failures = []


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if colour else text


def head(letter, text):
    print("\n" + paint("1", f"({letter}) {text}"), flush=True)


def say(text):
    print(textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    "), flush=True)


def holds(condition, text):
    print("    " + (paint("32", "  ok  ") if condition else paint("31", "FAILED")) + " " + text, flush=True)
    if not condition:
        failures.append(text)


def smtp(who, answer):
    """What the rep's mail client shows."""
    lines = [f"{c} {t}" for c, t in answer.rcpt.values() if c // 100 != 2] or [f"{answer.code} {answer.text}"]
    for line in "\n".join(lines).splitlines():
        print(f"    {who:>8} <- {line}", flush=True)
