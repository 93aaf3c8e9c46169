#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# The other side of bench-classify: Sisimai over the same folder. Each line on standard input is one
# round; the answer is the CPU seconds it took and how many reports were recognised.
use strict;
use warnings;
use Sisimai;

my $folder = shift or die "usage: sisimai.pl FOLDER\n";
$| = 1;
print "ready ", Sisimai->version, "\n";
while (<STDIN>) {
	my @from = times;
	my $found = Sisimai->make($folder, delivered => 1) || [];
	my @to = times;
	printf "%.4f %d\n", $to[0] + $to[1] - $from[0] - $from[1], scalar @$found;
}
