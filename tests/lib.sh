# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# For test scripts: TAP, and runs of the emulators in a folder of one's own.
set -u
# What a test inherits must not matter: signals that somebody ignores (as for a job in the
# background; a shell cannot take them back), a language, a closed stdin, a mask.
[ -n "${TEST_CLEAN-}" ] ||
	exec env --default-signal TEST_CLEAN=1 LC_ALL=C sh "$0" "$@" </dev/null
unset TEST_CLEAN
umask 022
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
guest=$build/guest/guest.elf
# The lab's kernel, and what hand-ins are built upon, of Linux 6.12 or of KERNEL.
lab_linux=$build/linux${KERNEL:+-$KERNEL}
lab_linux=${lab_linux%-6.12}
lab=$build/lab${lab_linux##*/linux}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP
test_nr=0 test_failed=0 test_plan=0
unset CPUS NO_INSTALL MAKEFLAGS MFLAGS MAKELEVEL
# A computer that has much else to do must not decide what a test says.
MACHINE=bochs SECONDS_A_RUN=1800
export MACHINE SECONDS_A_RUN

# plan N: the script runs N checks.
plan()
{
	test_plan=$1
	echo "1..$1"
}

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

# long: is what takes long wanted too? Every proof has a short form that can fail as well.
long() { [ -n "${LONG-}" ]; }

# ok NAME COMMAND...: one check, by the command's success.
ok()
{
	test_name=$1
	shift
	test_nr=$((test_nr + 1))
	if "$@"; then
		echo "ok $test_nr - $test_name"
	else
		echo "not ok $test_nr - $test_name"
		echo "# failed: $*"
		test_failed=$((test_failed + 1))
		show
	fi
}

is()
{
	ok "$1 ($3)" test "$2" = "$3"
	[ "$2" = "$3" ] || echo "# got '$2'"
}

# has NAME FILE PATTERN: some line of FILE matches.
has() { ok "$1" grep -aqE -e "$3" "$2"; }
lacks() { ok "$1" sh -c '! grep -aqE -e "$2" "$1"' - "$2" "$3"; }

skip()
{
	test_nr=$((test_nr + 1))
	echo "ok $test_nr - $1 # SKIP $2"
}

# What the last command printed helps to understand a failure.
show()
{
	for stream in out err; do
		[ ! -s "$tmp/$stream" ] || tail -n 15 "$tmp/$stream" | sed "s/^/# $stream: /"
	done
}

# run COMMAND...: sets $code; its output is in $tmp/out and $tmp/err.
run()
{
	code=0
	"$@" >"$tmp/out" 2>"$tmp/err" || code=$?
}

# on hv|kvm OPTIONS...: a run under Bochs; $log is what the guest's console said.
on()
{
	target=$1
	shift
	log=$tmp/$target.log
	run boot/run "$target" --out "$tmp" "$@"
}

# told TARGET CAUSE CODE PATTERN: boot/run's last line says how it ended, and who said what of why.
told()
{
	tail -n 1 "$tmp/err" >"$tmp/last"
	has "$1: boot/run says: $4" "$tmp/last" "^run: $1: target=$1 cause=$2 code=$3: $4"
}

# small_guest FILE SOURCE...: a guest of a test's own
small_guest()
{
	elf=$1
	shift
	run "${CC:-cc}" -std=gnu11 -O1 -Wall -Wextra -Wno-unused-parameter -Werror -iquote . \
		-ffreestanding -fno-pic -mno-red-zone -mgeneral-regs-only -mcmodel=small \
		-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
		-nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-Wl,-T,tests/hv/instr.ld -o "$elf" "$@" machine/text.c
}

# instr_guest FILE: the guest of tests/hv/
instr_guest() { small_guest "$1" tests/hv/*.S tests/hv/*.c; }

# with_script NAME FILE: the initramfs of the Linux guest, and in it a script of tests/linux/
with_script()
{
	echo "$1" | (cd tests/linux && cpio --quiet -o -H newc -R +0:+0) >"$tmp/script.cpio"
	cat "$build/linux-guest/initrd.cpio" "$tmp/script.cpio" >"$2"
}

# busy TARGET CPUS OPTIONS...: a Linux whose processors all have work at once; was it done?
busy()
{
	name="Linux on $1 with $2" target=$1 busy_cpus=$2
	shift 2
	with_script busy.sh "$tmp/busy.cpio"
	on "$target" --cpus "$busy_cpus" --limit 3600 --ticks 40000 --initrd "$tmp/busy.cpio" \
		--exits "$tmp/lines" --append 'console=ttyS0 panic=-1 lab.script=/busy.sh' \
		"$@" "$build/linux/bzImage"
	is "$name: code" "$code" 0
	has "$name: it counts them" "$log" "^busy: cpus=$busy_cpus"
	has "$name: and has done the work of all" "$log" '^busy: done'
	for vcpu in $(seq 0 $((busy_cpus - 1))); do
		has "$name: CPUIDs of vCPU $vcpu" "$log" \
			"^exits scope=vcpu$vcpu reason=10 .* count=([89][0-9]{2}|[0-9]{4,}) "
		has "$name: its writes to ports" "$log" \
			"^exits scope=vcpu$vcpu reason=30 .* count=([2-9][0-9]{2}|[0-9]{4,}) "
	done
	lacks "$name: nothing was odd" "$log" 'WARNING|BUG:|Call Trace|unchecked MSR'
}

# sums LOG: do the counts of the vCPUs add up to the VM's, reason by reason, and in total?
sums()
{
	tr -d '\r' <"$1" | sed 's/ total=\([0-9]*\)/ total count=\1/' |
		sed -n 's/^exits scope=\(vm\|vcpu\)[0-9]* \(reason=\|total\)/\1 \2/p' | awk '{
			for (i = 3; i <= NF; i++)
				if (sub("^count=", "", $i))
					sum[$2] += $1 == "vm" ? -$i : $i
			seen[$1]++
		}
		END {
			for (r in sum) if (sum[r]) { print r, sum[r]; bad = 1 }
			exit bad || !seen["vm"] || !seen["vcpu"]
		}'
}

# spoilt PATCH: a copy of the tree in $tmp/tree, if there is none, with that patch.
spoilt()
{
	[ -d "$tmp/tree" ] || {
		mkdir "$tmp/tree"
		git ls-files -co --exclude-standard -z | xargs -0 ls -d 2>/dev/null |
			tr '\n' '\0' | xargs -0 cp -p --parents -t "$tmp/tree"
	}
	run patch -d "$tmp/tree" -p1 -F0 -i "$1"
}

# build_spoilt FILE...: of that tree, as $tmp/tree/build/FILE. What no patch has changed is as
# here and was compiled here, where the names are the same.
build_spoilt()
{
	[ "$build" != build ] || [ -d "$tmp/tree/build" ] || {
		mkdir -p "$tmp/tree/build/obj"
		cp -rp build/obj/hv "$tmp/tree/build/obj"
		cp -rp build/hv "$tmp/tree/build"
	}
	for file; do
		set -- "$@" "build/$file"
		shift
	done
	run make -s -C "$tmp/tree" BUILD=build "$@"
}

finish()
{
	[ "$test_nr" -eq "$test_plan" ] || {
		echo "# $test_nr checks of $test_plan ran"
		exit 1
	}
	[ "$test_failed" -eq 0 ]
	exit
}
