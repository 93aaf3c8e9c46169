# Cal.com; the time is that of the attached calendar, else of the text.
from = hello@cal.com | notifications@cal.com | no-reply@cal.com
booked = Confirmed: | New Event: | A new event has been scheduled
moved = Rescheduled: | has been rescheduled
cancelled = Cancelled: | Canceled: | has been canceled | has been cancelled
invitee = calendar | Invitee Email | Who
starts = When
zone = Invitee Time Zone
summary = What
place = Where
