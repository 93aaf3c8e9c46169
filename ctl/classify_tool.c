/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl's classify alone, for benches and for working on the classifier. Not installed.
 */
#include "config.h"

#include <stddef.h>

#include "ctl/cmd_classify.h"

int main(int argc, char **argv)
{
	return classify_mails(argc, argv, NULL);
}
