/* SPDX-License-Identifier: MPL-2.0
 *
 * The stages of a sale: which edge exists, and who may go it.
 */
#include "config.h"

#include "sequence/pipeline.h"

#include "base/str.h"

enum { NEW = 1, CONTACTED = 2, QUALIFIED = 4, PROPOSAL = 8, WON = 16, LOST = 32, DORMANT = 64 };

const char *const stage_names[] = { "new", "contacted", "qualified", "proposal_sent", "won", "lost", "dormant" };
const size_t stage_names_n = sizeof(stage_names) / sizeof(stage_names[0]);

/* From (row) where to, by whom. Nobody becomes `new` again; won and lost are reopened by a person only. */
static const struct {
	unsigned event, proposal, person;
} edges[] = {
	/* new */ { CONTACTED, PROPOSAL, CONTACTED | QUALIFIED | PROPOSAL | WON | LOST | DORMANT },
	/* contacted */ { DORMANT, PROPOSAL, QUALIFIED | PROPOSAL | WON | LOST | DORMANT },
	/* qualified */ { 0, PROPOSAL, CONTACTED | PROPOSAL | WON | LOST | DORMANT },
	/* proposal_sent */ { 0, PROPOSAL, QUALIFIED | WON | LOST | DORMANT },
	/* won */ { 0, 0, QUALIFIED | PROPOSAL | LOST },
	/* lost */ { 0, PROPOSAL, CONTACTED | QUALIFIED | DORMANT },
	/* dormant */ { CONTACTED, PROPOSAL, CONTACTED | QUALIFIED | PROPOSAL | WON | LOST },
};

static size_t index_of(const char *name)
{
	size_t i = 0;

	while (i < stage_names_n && !str_eq(stage_names[i], name))
		i++;
	return i;
}

enum status stage_check(const char *from, const char *to, enum stage_by by, struct err *e)
{
	size_t f = index_of(str_empty(from) ? "new" : from), t = index_of(to);
	unsigned legal;

	if (t == stage_names_n)
		return err_set(e, INPUT, "there is no stage '%s': new, contacted, qualified, proposal_sent, won, lost, "
			       "dormant", to);
	if (f == stage_names_n)
		return err_set(e, INPUT, "the stage '%s' is none of ours", from);
	if (f == t)
		return OK;
	legal = by == STAGE_BY_EVENT ? edges[f].event : by == STAGE_BY_PROPOSAL ? edges[f].proposal
		: edges[f].person;
	if (legal & 1u << t)
		return OK;
	return err_set(e, INPUT, "a sale does not go from '%s' to '%s'", stage_names[f], to);
}
