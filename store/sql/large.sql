-- Large stores: retention, the checkpoint of verify.

-- Where a walk in small steps has got to.
-- name: walk_get
select at, ref from walk where name = $1
-- name: walk_put
insert into walk (name, at, ref, hash, updated) values ($1, $2, $3, $4, $5)
on conflict (name) do update set at = excluded.at, ref = excluded.ref, hash = excluded.hash, updated = excluded.updated

-- Touches in the order in which they were accepted: the log has that order, the touches have no index for it.
-- name: retain_touches
select seq, at, entity_id from event where entity = 'touch' and kind = 'accepted' and seq > $1 order by seq limit $2
-- name: retain_text
update touch set final_text = null, drafted_text = null
where id = $1 and (final_text is not null or drafted_text is not null)
-- name: retain_replies
select id, received from reply where received >= $1 and received < $2 and visible is not null order by received limit $3
-- name: retain_answer
update reply set visible = null where id = $1
-- name: retain_refusals
delete from refusal where id in (select id from refusal where at < $1 order by at limit $2)
-- name: retain_outbox
select id, state, kind, created from outbox where id > $1 order by id limit $2
-- name: retain_outbox_row
delete from outbox where id = $1 and state in ('done', 'cancelled', 'dead') and kind <> 'send'
	and not exists (select 1 from digest_list d where d.id = outbox.id)
-- name: retain_free
-- pgsql: select cast(0 as bigint)
select freelist_count from pragma_freelist_count
-- name: retain_vacuum
-- pgsql: select 1
pragma incremental_vacuum(64)
