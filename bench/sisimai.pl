#!/usr/bin/perl
# SPDX-License-Identifier: MPL-2.0
# The other side of bench-classify: Sisimai over the same mails, which it wants in one flat folder. Each line on standard input
# is one round; the answer is the CPU seconds it took and how many reports were recognised.
use strict;
use warnings;
use File::Copy qw(copy);
use File::Find qw(find);
use File::Temp qw(tempdir);
use Sisimai;
use Time::HiRes qw(clock_gettime CLOCK_PROCESS_CPUTIME_ID);

my $folder = shift or die "usage: sisimai.pl FOLDER\n";
my $flat = tempdir("relent-bench-XXXXXX", TMPDIR => 1, CLEANUP => 1);
my $mails = 0;
find({ no_chdir => 1, wanted => sub { copy($_, sprintf("%s/%06d.eml", $flat, $mails++)) if -f && /\.eml\z/ } }, $folder);
my $found = Sisimai->make($flat, delivered => 1) || [];
printf STDERR "# Sisimai recognises %d reports in the %d mails of %s\n", scalar @$found, $mails, $folder;
$| = 1;
print "ready ", Sisimai->version, "\n";
while (<STDIN>) {
	my $from = clock_gettime(CLOCK_PROCESS_CPUTIME_ID);
	my $found = Sisimai->make($flat, delivered => 1) || [];
	printf "%.6f %d\n", clock_gettime(CLOCK_PROCESS_CPUTIME_ID) - $from, scalar @$found;
}
