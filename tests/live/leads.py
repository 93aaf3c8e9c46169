# SPDX-License-Identifier: MPL-2.0
"""For the tests of lead mailboxes: olga's mailbox is one, of nobody in particular."""
import email.message
import email.policy
import json
import os
import time

from relentlive import wait_until

OWNERS = '"rita@ourco.example", "ralph@ourco.example"'


def lead_mailbox(s, extra="", owners=OWNERS, sequence="inbound"):
    with open(s.env["RELENT_CONF"], "a") as f:
        f.write(f'''
account "leads" {{
	host = "localhost"
	port = {s.env["IMAP_PORT"]}
	tls = tls
	ca_file = "{s.dir}/tls/ca.pem"
	user = "olga@ourco.example"
	password_file = "{s.dir}/relent/secrets/rep"
	folders = {{ "INBOX" }}
}}
lead "website" {{
	account = "leads"
	campaign = "spring"
	owners = {{ {owners} }}
	sequence = "{sequence}"
	{extra}
}}
''')
    s.restart("imapwatch")
    wait_until(lambda: s.row("select 1 from account where name = 'leads' and state in ('idle', 'polling')"), 20,
               "the lead mailbox is read")


def form(s, address, name="Paul Person", message="Please call me about the audit.", message_id=None, to="olga",
         sender="Website <wordpress@site.example>", more="", html=None):
    """A form mail as a web site sends it."""
    text = f"Name: {name}\nEmail: {address}\nCompany: Prospect Ltd\nService: Warehouse audit\n{more}\nMessage:\n{message}\n"
    headers = {"Message-ID": message_id} if message_id else {}
    return s.deliver(sender, to, "New inquiry from the web site", text, headers=headers, html=html)


def lead_of(s, address, state=None, seconds=15, n=1):
    """The newest lead of this address."""
    def look():
        found = s.rows("select * from lead where address = ? order by created, id", address)
        return found[-1] if len(found) >= n and state in (None, found[-1]["state"]) else None
    return wait_until(look, seconds, f"a lead of {address}")


def owner_of(s, lead):
    return s.row("select login from owner where id = ?", lead["owner_id"])["login"].split("@")[0]
