dnl relent and Sendmail: what belongs into sendmail.mc, before MAILER_DEFINITIONS. `relentctl setup sendmail --dry-run'
dnl prints the same for the sendmail.mc at hand, with what is there already taken into account.
dnl
dnl The order of these lines is the order of the milters: relent after every one that may still refuse (a virus
dnl scanner), before the one that signs (OpenDKIM; rspamd, where it does both), because it adds headers that
dnl are to be signed. OpenDKIM needs `SignHeaders *,+list-unsubscribe,+list-unsubscribe-post'.
dnl
dnl F=T: while relent is away, every command is answered with a 4xx; without F= mail goes out unseen.
dnl T=: relent answers within 8 s; Sendmail's own 5 minutes would hold a client far too long.
INPUT_MAIL_FILTER(`relent', `S=unix:/run/relent/milter.sock, F=T, T=C:15s;S:15s;R:15s;E:30s')dnl
INPUT_MAIL_FILTER(`opendkim', `S=local:/run/opendkim/opendkim.sock, F=T')dnl
dnl
dnl Reps hand in here, with a login; Debian's own sendmail.mc names it MSP-v4. relent knows the names MSA, MSP-v4
dnl and MSP-v6 (milter.submission in relent.conf).
DAEMON_OPTIONS(`Family=inet, Name=MSA, Port=submission, M=Ea')dnl
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl
TRUST_AUTH_MECH(`PLAIN LOGIN')dnl
dnl p: no password without TLS
define(`confAUTH_OPTIONS', `A p y')dnl
