# SPDX-License-Identifier: MPL-2.0
"""Invitations and the answers to them as clients send them (RFC 5546, 6047)."""
import email.message
import email.policy
import email.utils


def ics(method, uid, start, *, organizer, attendee, partstat="NEEDS-ACTION", sequence=0, minutes=30, zone="Europe/Berlin",
        comment=None):
    """start: "20270304T100000" on the clock of zone."""
    hour, minute = int(start[9:11]), int(start[11:13]) + minutes
    end = f"{start[:9]}{hour + minute // 60:02d}{minute % 60:02d}00"
    lines = ["BEGIN:VCALENDAR", "PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "VERSION:2.0",
             f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20270301T080000Z",
             f"DTSTART;TZID={zone}:{start}", f"DTEND;TZID={zone}:{end}", "SUMMARY:Your handoffs",
             f"ORGANIZER:mailto:{organizer}", f"ATTENDEE;PARTSTAT={partstat};RSVP=TRUE:mailto:{attendee}",
             f"SEQUENCE:{sequence}"]
    if comment:
        lines.append(f"COMMENT:{comment}")
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


def mail(stack, sender, to, subject, method, calendar, text="", headers=None):
    """multipart/alternative of a text and the calendar, as Thunderbird and Outlook make it."""
    m = email.message.EmailMessage(policy=email.policy.SMTP)
    m["From"], m["To"], m["Subject"] = sender, to, subject
    m["Date"] = email.utils.format_datetime(stack.now())
    m["Message-ID"] = email.utils.make_msgid(domain=sender.split("@")[-1].strip(">"))
    for k, v in (headers or {}).items():
        m[k] = v
    m.set_content(text or "\n")
    m.add_alternative(calendar, subtype="calendar", cte="base64")
    m.get_payload()[-1].set_param("method", method)
    return m.as_bytes()
