#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A long judgement that is interrupted goes on behind what it has judged, and begins anew
# where what judges is another; and puts what it meets in the place of examples that show nothing
# any more. What runs sequences is a script here.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 25

cat >"$tmp/run" <<'EOF'
#!/bin/sh
# Each block has a hash, and the bare processor another one for the block at 64.
judge=$1
while [ $# -gt 1 ]; do
	case $1 in
	--out) out=$2 ;;
	--cmdline) words=$2 ;;
	esac
	shift
done
here=$(dirname "$0")
echo "$judge $words" >>"$here/calls"
case $words in
*first=*)
	[ ! -e "$here/broken" ] || [ "${words##*first=128 *}" ] || exit 1
	if [ "$judge" = hv ] && [ -e "$here/ends" ] && [ "${words##*first=128 *}" = '' ]; then
		rm "$here/ends"
		printf '\nagree version=1\n' >"$out/$judge.log"
		exit 0
	fi
	first=${words##*first=}
	first=${first%% *}
	hash=$((first + 1))
	[ "$judge.$first" != bare.64 ] || hash=5
	printf '\nagree version=1\nblock=%d hash=%016x\nagree done\n' "$first" $hash ;;
*each*)
	printf '\nagree version=1\n'
	[ "$judge" != bare ] || odd=1
	for nr in 64 65 66; do
		printf 'block=%d hash=%016x\n' $nr $((nr + ${odd:-0} * (nr == 65)))
	done
	printf 'agree done\n' ;;
*masks*)
	printf '\nagree version=1\nmasks=65\nmask=0 hash=1\nmask=1 hash=%d\nagree done\n' \
		$((1 + $(test "$judge" = bare; echo $?))) ;;
*say*)
	printf '\nagree version=1\nsequence=65 mask=1 mode=real bits=16 ops=cpuid.cpuid code=90\n'
	printf 'ax=%s\nhash=1\nagree done\n' "$judge" ;;
esac >"$out/$judge.log"
EOF
chmod +x "$tmp/run"
echo guest >"$tmp/guest"
echo hv >"$tmp/hv"
echo '# none' >"$tmp/known"
mkdir "$tmp/out.d"

# judged N OPTIONS...: by the script, in parts of 64.
judged()
{
	: >"$tmp/calls"
	run "$build/tools/agree" --run "$tmp/run" --elf "$tmp/guest" --out "$tmp/out.d" \
		--known "$tmp/known" --hv "$tmp/hv" --judges hv --part 64 --n "$@"
}

: >"$tmp/broken"
judged 192
is 'a run that says nothing ends it' "$code" 2
rm "$tmp/broken"
judged 192
is 'it goes on' "$code" 1
has 'and says so' "$tmp/err" '^agree: goes on with sequence 128$'
is 'no sequence is run again' "$(grep -c 'first=0\|first=64' "$tmp/calls")" 0
has 'what differed before is shown' "$tmp/out" '^difference judge=hv sequence=65 '
has 'and counted' "$tmp/out" '^agree seed=1 sequences=192 differing=1 known=0 looked_at=1 '
judged 192
is 'what came to its end is run anew' "$(grep -c 'first=0 ' "$tmp/calls")" 2
judged 64 --first 130
has 'it begins where it is told to, with the block' "$tmp/out" \
	'^agree seed=1 sequences=64 differing=0 '
is 'and runs no other' "$(sed 's/.*first=\([0-9]*\) .*/\1/' "$tmp/calls" | sort -u)" 128

: >"$tmp/broken"
judged 192
rm "$tmp/broken"
echo another >"$tmp/hv"
judged 192
has 'another hv' "$tmp/err" 'of another task, hv or guest: all begins anew$'
is 'all is run' "$(grep -c 'first=0 \|first=64 \|first=128 ' "$tmp/calls")" 6
has 'and counted once' "$tmp/out" '^agree seed=1 sequences=192 differing=1 known=0 looked_at=1 '

: >"$tmp/ends"
judged 192
is 'an end that does not come again is a difference' "$code" 1
has 'it says of whom' "$tmp/err" '^agree: hv does not end again in what follows 128: '
has 'and what follows is judged' "$tmp/out" '^agree seed=1 sequences=192 differing=2 .* ends=1$'
is 'nothing is left' "$(cd "$tmp/out.d" && echo found*)" 'found*'

# The example of line 2 is another sequence than the one that differs; of line 3 there is none.
entries='# a comment
hv real cpuid.* ax 1/70:1:real+cpuid.rdtsc why
hv real other.* ax 1/71:1:real+other.vmcall why not'
echo "$entries" >"$tmp/known"
judged 192 --renew
is 'examples are renewed' "$code" 0
is 'one that was met is in the place of one that shows nothing' "$(sed -n 2p "$tmp/known")" \
	'hv real cpuid.* ax 1/65:1:real+cpuid.cpuid why'
has 'an entry without one is told' "$tmp/out" "^the list's line 3: no example was met$"
is 'and stays, as do comments' "$(sed 2d "$tmp/known")" "$(echo "$entries" | sed 2d)"
has 'what was met is counted' "$tmp/out" '^known line=2 hits=1$'
# With a seed of its own, which what is met has not.
sed 's,1/65:,2/65:,' "$tmp/known" >"$tmp/renewed"
cp "$tmp/renewed" "$tmp/known"
judged 192 --renew
lacks 'an example that holds' "$tmp/out" "^the list's line 2: "
run cmp "$tmp/known" "$tmp/renewed"
is 'stays' "$code" 0

run boot/agree --help
is '--help is no folder' "$code" 0
has 'and lists the options' "$tmp/out" '^  --renew'
finish
