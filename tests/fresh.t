#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tests/fresh: what it refuses, and what it leaves, in a system that is not Debian but the
# initramfs of the Linux guest, whose apt-get does nothing and whose make what it is told.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 35

# refused NAME CODE PATTERN WORD...
refused()
{
	name=$1 wanted=$2 pattern=$3
	shift 3
	run "$@"
	is "$name" "$code" "$wanted"
	ok "$name: one line, no output" test "$(wc -l <"$tmp/err")" -eq 1 -a ! -s "$tmp/out"
	has "$name: says so" "$tmp/err" "^fresh: .*$pattern"
}
run tests/fresh --help
is 'help' "$code" 0
has 'it is on stdout' "$tmp/out" '^usage: tests/fresh '
refused 'no suite' 64 'no suite is named' tests/fresh
refused 'no name of one' 64 "'../trixie' is no name of a suite" tests/fresh ../trixie
refused 'no such test' 64 'there is no test tests/none.t' tests/fresh trixie tests/none.t

export FRESH="$tmp/fresh"
mkdir "$tmp/user"
printf '#!/bin/sh\necho 1000\n' >"$tmp/user/id"
chmod 755 "$tmp/user/id"
refused 'no root' 69 'only root can make a system: sudo ' \
	env PATH="$tmp/user:$PATH" tests/fresh trixie
if [ "$(id -u)" -ne 0 ]; then
	for check in $(seq 21); do
		skip "in a system, $check" 'only root can make one'
	done
	finish
fi

mkdir "$tmp/bin" "$tmp/tools"
for tool in sh env dirname id cat git timeout; do
	ln -s "$(command -v $tool)" "$tmp/tools/$tool"
done
refused 'not all tools' 69 '(debootstrap|tar) is missing; install with: apt-get install [a-z]*$' \
	env PATH="$tmp/tools" tests/fresh trixie
unshare --mount --pid --fork true 2>"$tmp/err" || {
	for check in $(seq 18); do
		skip "in a system, $check" 'root has no namespaces here'
	done
	finish
}

cat >"$tmp/bin/debootstrap" <<'END'
#!/bin/sh
shift
[ "$2" != nosuch ] || { echo 'E: No such script: nosuch'; exit 3; }
echo made >>"$FRESH/made"
mkdir -p "$3" && cd "$3" || exit
cpio --quiet -id <"$FRESH_INITRD"
mkdir -p dev/pts var/cache/apt/archives mnt
mknod -m 666 dev/null c 1 3
printf '#!/bin/sh\necho "$@" >/installed\n' >bin/apt-get
printf '#!/bin/sh\n. /var/cache/apt/archives/told\n' >bin/make
chmod 755 bin/apt-get bin/make
END
chmod 755 "$tmp/bin/debootstrap"
export PATH="$tmp/bin:$PATH" FRESH_INITRD="$PWD/$build/linux-guest/initrd.cpio"
case $build in /*) FRESH_INITRD=$build/linux-guest/initrd.cpio ;; esac
system=$FRESH/fresh-trixie/system
# told SCRIPT: what make does there
told()
{
	mkdir -p "$FRESH/fresh-trixie/packages"
	echo "$1" >"$FRESH/fresh-trixie/packages/told"
}
cat /proc/self/mounts >"$tmp/before"

told 'echo "$*"; [ -f tests/run.t ] && [ -z "${FRESH-}" ] && [ $$ -lt 100 ]'
run tests/fresh trixie
is 'all is well: code' "$code" 0
is 'the two commands, in the clone and nothing else around' "$(paste -sd, "$tmp/out")" compare,test
is 'what is installed' "$(cat "$system/installed")" \
	'install -y --no-install-recommends git make'
told 'echo "$*"; [ $1 = compare ] || exit 7'
run tests/fresh trixie tests/run.t tests/make.t
is 'a test fails: code' "$code" 7
is 'only these tests' "$(tail -n 1 "$tmp/out")" 'test T=tests/run.t tests/make.t'
has 'what failed' "$tmp/err" "^fresh: trixie: failed with code 7: make test T='tests/run.t tests/"
is 'the bare system is made once' "$(cat "$FRESH/made")" made
ok 'and it is a new one each time' test ! -e "$system/left"
told 'echo left >>/left; sleep 100'
run tests/fresh --limit 1 trixie
has 'the time is up' "$tmp/err" '^fresh: trixie: failed with code (124|143): make compare$'
run tests/fresh --again --limit 1 trixie
is 'in the same system' "$(cat "$system/left" | paste -sd,)" left,left
run tests/fresh nosuch
is 'debootstrap fails: code' "$code" 3
has 'in its words' "$tmp/err" '^E: No such script: nosuch'

# Ended by signals: one that it hears, and one that nobody does.
for signal in TERM KILL; do
	rm -f "$system/left"
	told "echo left >>/left; sleep 43210.$$"
	tests/fresh trixie >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq 600); do
		[ ! -f "$system/left" ] || break
		sleep 0.1
	done
	if [ $signal = TERM ]; then
		run tests/fresh trixie
		has 'one run at a time' "$tmp/err" '^fresh: another run uses .*/fresh-trixie$'
	fi
	kill -$signal $pid
	code=0
	wait $pid || code=$?
	[ $signal = TERM ] && wanted=143 || wanted=137
	is "$signal: code" "$code" $wanted
	for _ in $(seq 100); do
		ps -eo args | grep -qxF "sleep 43210.$$" || break
		sleep 0.1
	done
	ok "$signal: nothing runs on" sh -c '! ps -eo args | grep -qxF "sleep 43210.$1"' - $$
done
ok 'nothing is mounted that was not before' cmp /proc/self/mounts "$tmp/before"
finish
