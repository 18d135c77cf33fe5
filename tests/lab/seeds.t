#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Five hand-ins, each after a published solution of the assignment: taken, compiled, run and
# judged, and for each the verdict that its faults deserve. Takes minutes for each:
# SEEDS='seed3 seed4' chooses some.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd .. || exit 1
seeds=${SEEDS:-seed0 seed1 seed2 seed3 seed4}
plan "$(for seed in $seeds; do grep -v '^#' "tests/lab/$seed/verdict"; done | wc -l)"

# What hand-ins are built upon, if it is not there yet.
run lab/build base plain
for seed in $seeds; do
	out=$tmp/$seed
	rubric=$(sed -n 's/^rubric //p' "tests/lab/$seed/verdict")
	mkdir -p "$out"
	run lab/take "tests/lab/$seed/change.patch" "$out"
	[ "$code" -ne 0 ] || run lab/build "$out"
	[ "$code" -ne 0 ] || run lab/examine --rubric "lab/rubrics/$rubric" --runs 1 "$out"
	ok "$seed is judged" test "$code" -eq 0
	grep -v -e '^#' -e '^rubric ' "tests/lab/$seed/verdict" >"$tmp/wanted"
	while read -r id state words; do
		sed -n "s/^id=$id //p" "$out/findings" >"$tmp/out"
		has "$seed: $id is $state${words:+: $words}" "$tmp/out" \
			"^state=$state sentence=.*$(echo "$words" | sed 's/[()]/\\&/g')"
	done <"$tmp/wanted"
done
finish
