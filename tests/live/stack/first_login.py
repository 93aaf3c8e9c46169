#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Logs in once over IMAPS: PORT CA-FILE USER PASSWORD"""
import imaplib
import ssl
import sys

port, ca, user, password = sys.argv[1:5]
with imaplib.IMAP4_SSL("localhost", int(port), ssl_context=ssl.create_default_context(cafile=ca)) as c:
    c.login(user, password)
    sys.exit(c.select("INBOX")[0] != "OK")
