-- Several watchers on one database: leases.
-- name: db_clock
-- pgsql: select cast(extract(epoch from clock_timestamp()) as bigint)
select cast(strftime('%s', 'now') as integer)
-- name: lease_begin
insert into lease (name, holder, expires) values ($1, $2, $3)
on conflict (name) do update set holder = excluded.holder, expires = excluded.expires
-- name: lease_own
select expires from lease where name = $1 and holder = $2
-- name: lease_beat
update lease set expires = $3 where name = $1 and holder = $2
-- name: lease_watchers
select count(*) from lease where name >= 'watcher:' and name < 'watcher;' and expires > $1
-- name: lease_list
select a.name, a.holder, case when w.expires > $1 then 1 else 0 end
from lease a left join lease w on w.name = 'watcher:' || a.holder
where a.name >= 'account:' and a.name < 'account;'
-- name: lease_new
insert into lease (name, holder, expires) values ($1, $2, 0) on conflict (name) do nothing
-- name: lease_from
update lease set holder = $2 where name = $1 and holder = $3
-- name: lease_drop
delete from lease where name = $1 and holder = $2
-- name: lease_elsewhere
select 1 from lease a join lease w on w.name = 'watcher:' || a.holder
where a.name = $1 and a.holder <> $2 and w.expires > $3
-- name: lease_held
select w.expires, (select a.holder from lease a where a.name = $3) from lease w
where w.name = $1 and w.holder = $2
