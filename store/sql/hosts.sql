-- Several watchers on one database: leases.
-- name: db_clock
-- pgsql: select cast(extract(epoch from clock_timestamp()) as bigint)
select cast(strftime('%s', 'now') as integer)
-- name: lease_begin
insert into lease (name, holder, expires, since, skew) values ($1, $2, $3, $4, $5)
on conflict (name) do update set holder = excluded.holder, expires = excluded.expires, since = excluded.since,
	skew = excluded.skew
-- name: lease_own
select expires from lease where name = $1 and holder = $2
-- name: lease_beat
update lease set expires = $3, skew = $4 where name = $1 and holder = $2
-- name: lease_watchers
select count(*) from lease where name >= 'watcher:' and name < 'watcher;' and expires > $1
-- name: lease_list
select a.name, a.holder, case when w.expires > $1 then 1 else 0 end
from lease a left join lease w on w.name = 'watcher:' || a.holder
where a.name >= 'account:' and a.name < 'account;'
-- name: lease_new
insert into lease (name, holder, expires, since) values ($1, $2, 0, $3) on conflict (name) do nothing
-- name: lease_from
update lease set holder = $2, since = $4 where name = $1 and holder = $3
-- name: lease_drop
delete from lease where name = $1 and holder = $2
-- name: account_names
select name from account where state <> $1
-- Whoever has its lease, alive or not, may still have it in their configuration.
-- name: account_removed
update account set state = 'removed', failing_since = null, updated = $3 where name = $1 and state <> 'removed'
	and not exists (select 1 from lease l where l.name = 'account:' || account.name and l.holder <> $2)
-- name: lease_elsewhere
select 1 from lease a join lease w on w.name = 'watcher:' || a.holder
where a.name = $1 and a.holder <> $2 and w.expires > $3
-- name: lease_held
select w.expires, (select a.holder from lease a where a.name = $3) from lease w
where w.name = $1 and w.holder = $2

-- name: outbox_epoch
select epoch, state from outbox where id = $1
-- name: hosts_watchers
-- ($1: the database's time, as for all here.)
select substr(w.name, 9) as host, w.since as since__t, w.expires as alive_until__t,
	case when w.expires > $1 then 1 else 0 end as alive__b, coalesce(w.skew, 0) as clock_ahead,
	(select count(*) from lease a where a.name >= 'account:' and a.name < 'account;'
		and a.holder = substr(w.name, 9)) as mailboxes
from lease w where w.name >= 'watcher:' and w.name < 'watcher;' order by w.name
-- name: hosts_mailboxes
select substr(a.name, 9) as mailbox, a.holder as host, a.since as since__t,
	case when w.expires > $1 then 1 else 0 end as alive__b, c.state, c.last_ok as read__t
from lease a left join lease w on w.name = 'watcher:' || a.holder left join account c on c.name = substr(a.name, 9)
where a.name >= 'account:' and a.name < 'account;' order by a.name
-- name: hosts_clock
-- pgsql: select cast(extract(epoch from clock_timestamp()) as bigint) as now
select cast(strftime('%s', 'now') as integer) as now
-- What hosts tell each other: the database has forgotten something that one of them knows.
-- name: lost_tell
insert into lease (name, holder, expires) values ($1, $2, $3)
on conflict (name) do update set holder = excluded.holder, expires = excluded.expires
-- name: lost_told
select holder from lease where name >= 'lost:' and name < 'lost;' and expires >= $1 order by name limit 1
-- name: lost_forget
delete from lease where name >= 'lost:' and name < 'lost;' and expires >= $1
-- name: hosts_server
-- pgsql: select cast(extract(epoch from clock_timestamp()) as bigint) as now, current_setting('synchronous_standby_names') as names, (select reset_val from pg_settings where name = 'synchronous_commit') as commits, current_setting('fsync') as fsync, (select count(*) from pg_stat_replication) as replicas, coalesce((select case when ssl then 1 else 0 end from pg_stat_ssl where pid = pg_backend_pid()), 0) as ssl, case when inet_server_addr() is null or inet_server_addr() <<= '127.0.0.0/8' or inet_server_addr() = '::1' or inet_server_addr() = inet_client_addr() then 1 else 0 end as local, (select count(*) from pg_stat_activity where backend_type = 'client backend') as used, cast(current_setting('max_connections') as bigint) as most, cast(current_setting('superuser_reserved_connections') as bigint) as reserved
select cast(strftime('%s', 'now') as integer) as now

-- What is wrong with the database itself; no row: nothing.
-- name: ctl_integrity
-- pgsql: select 'the index ' || c.relname || ' is not valid: rebuild it (reindex index ' || c.relname || ')' as answer from pg_index i join pg_class c on c.oid = i.indexrelid where not (i.indisvalid and i.indisready) and c.relnamespace = current_schema()::regnamespace union all select 'the rule ' || conname || ' of ' || cast(conrelid::regclass as text) || ' was never checked: alter table ... validate constraint' from pg_constraint where not convalidated and connamespace = current_schema()::regnamespace union all select 'text is sorted by ' || datcollate || ', not by its bytes: make the database anew (relentctl store init)' from pg_database where datname = current_database() and datcollate not in ('C', 'POSIX') union all select 'its encoding is ' || pg_encoding_to_char(encoding) || ', not UTF8' from pg_database where datname = current_database() and pg_encoding_to_char(encoding) <> 'UTF8' union all select 'the number of the next event is behind the last one: setval(' || pg_get_serial_sequence('event', 'seq') || ', ' || max(seq) || ')' from event having coalesce(pg_sequence_last_value(pg_get_serial_sequence('event', 'seq')::regclass), 0) < max(seq) union all select 'the trigger ' || tgname || ' is switched off' from pg_trigger where tgenabled = 'D' and tgrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)
select integrity_check as answer from pragma_integrity_check where integrity_check <> 'ok'
union all select 'a row of ' || "table" || ' points at a row of ' || parent || ' that is not there' from pragma_foreign_key_check
