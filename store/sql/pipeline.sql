-- Statements about proposals, stages, next actions, escalation, absence, reactivation.

-- name: pipeline_owner
select o.id, o.login, o.name, o.zone, o.manager, o.active, o.away_from, o.away_until, o.hand_over_to, o.away_source
from owner o
where o.id = (select x.id from owner x where x.id = $1 or x.login = $1
	union all select x.owner_id from owner_address x where x.address = $2 limit 1)
