-- Statements about the digest, hand-off notes, review cards.

-- ---- lists that were mailed, and their lines (store/links.h) ----
-- name: list_insert
insert into digest_list (id, ref, kind, key, owner_id, made, expires) values ($1, $2, $3, $4, $5, $6, $7)
-- name: list_line_insert
insert into digest_line (list_id, number, kind, item_id, label, shown, actions)
values ($1, $2, $3, $4, $5, $6, $7)
-- name: list_sent
update digest_list set sent = coalesce(sent, $2) where id = $1
-- name: list_by_id
select id, kind, key, owner_id, made, sent, expires, ref from digest_list where id = $1
-- name: list_by_key
select id, kind, key, owner_id, made, sent, expires, ref from digest_list where key = $1
-- name: list_by_ref
select id, kind, key, owner_id, made, sent, expires, ref from digest_list where ref = $1
-- name: list_last
select id, kind, key, owner_id, made, sent, expires, ref from digest_list
where owner_id = $1 and kind = $2 and made < $3 order by made desc limit 1
-- name: list_lines
select number, kind, item_id, label, shown, actions from digest_line where list_id = $1 order by number
-- name: list_line
select number, kind, item_id, label, shown, actions from digest_line where list_id = $1 and number = $2
-- name: list_since
select l.made from digest_line x join digest_list l on l.id = x.list_id
where x.item_id = $1 and l.owner_id = $2 and l.kind = $3 and l.made < $4 order by l.made limit 1
-- name: lists_ended
select id from digest_list where expires < $1 order by expires limit $2
-- name: list_lines_delete
delete from digest_line where list_id = $1
-- name: list_delete
delete from digest_list where id = $1
