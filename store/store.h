/* SPDX-License-Identifier: MPL-2.0
 *
 * All that the store offers, in its parts.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/breakers.h"
#include "store/card.h"
#include "store/core.h"
#include "store/decide.h"
#include "store/incoming.h"
#include "store/machine.h"
#include "store/outgoing.h"
#include "store/records.h"

#endif
