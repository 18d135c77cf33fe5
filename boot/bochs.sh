# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# The machine `bochs': an emulated processor with VMX, whose time is its instructions.
# Sourced by run, whose variables it reads.

bochs_prepare()
{
	grub_iso
	bochs_configure "$host_mem"
}

# bochs_configure MIB: a machine with so much memory, which starts from $work/boot.iso; what
# is to be logged of it is asked for by four words in bochsrc and in the debugger's lines.
bochs_configure()
{
	# --exits and --instructions may name a FIFO that nobody reads, or no more.
	bochs_patience=$((limit + 60))
	bochs_log=$machine_log bochs_report='' bochs_trace='' bochs_ips=25000000
	[ -z "$exits" ] || bochs_log_exits
	[ -z "$instructions" ] || bochs_log_instructions
	bochs_write "$1"
}

# Later versions and other distributions keep their files elsewhere.
bochs_file()
{
	for file; do
		[ ! -f "$file" ] || { echo "$file"; return; }
	done
	fail $CODE_USAGE "none of these files exists: $*"
}

# bochs_bios: that of the user, or of the package. But what comes with Bochs 2.8, in Ubuntu 26.04,
# returns to where its date is: then that of Debian's 3.0.
bochs_bios()
{
	shipped=/usr/share/bochs/BIOS-bochs-latest
	if [ -z "$bios" ] && [ "$version" = 2.8 ]; then
		mkdir -p "$build/packages"
		shipped=$(cd "$build/packages" && pwd)/BIOS-bochs-3.0
		[ -f "$shipped" ] || fetch_bios "$shipped" || {
			rm -f "$shipped.$$"
			fail 69 "Bochs 2.8 has no BIOS that starts, and that of Debian's package" \
				"bochsbios cannot be had: --bios names another"
		}
	fi
	bochs_file ${bios:+"$bios"} "$shipped" /usr/share/seabios/bios.bin
}

# fetch_bios FILE: of several that do it at once each has a file of its own until it is whole.
fetch_bios()
{
	package=$("$top/boot/fetch" trixie bochsbios) &&
		dpkg-deb --fsys-tarfile "$package" |
		tar -xO ./usr/share/bochs/BIOS-bochs-latest >"$1.$$" && mv "$1.$$" "$1"
}

# bochs_write MIB. Time that does not come from outside (sync=none, fixed time0) makes two runs
# the same, byte for byte. A second has few instructions (ips), because the BIOS, GRUB
# and every byte on a serial port wait by the clock and not by instructions; and the BIOS
# does not wait for a key (fastboot), in which each further processor would be emulated too. The
# display that needs no screen serves one TCP port, hence the network namespace of
# its own in bochs_start.
bochs_write()
{
	# With more than it keeps at once it swaps, and then forgets to where a stack went.
	[ "$1" -le 2048 ] || fail $CODE_USAGE \
		"--mem $mem: Bochs has 2048 MiB at most, of which $(($1 - mem)) are for the host"
	version=$(bochs_version)
	bios_file=$(bochs_bios)
	vga_file=$(bochs_file /usr/share/bochs/VGABIOS-lgpl-latest \
		/usr/share/vgabios/vgabios.bin /usr/share/seabios/vgabios-stdvga.bin)
	# A guest of its own is to see what the processor does.
	bad=1
	[ "$target" != bare ] || bad=0
	# The terminal names a COM1 of its own.
	com1="mode=file, dev=\"$work/com1\""
	[ -z "$input" ] || com1=mode=null
	cat >"$work/bochsrc" <<-END
	cpu: model=$cpu, count=$cpus, ips=$bochs_ips, reset_on_triple_fault=0, ignore_bad_msrs=$bad
	clock: sync=none, time0=946681200
	memory: guest=$1, host=$1
	romimage: file="$bios_file", options=fastboot
	vgaromimage: file="$vga_file"
	display_library: rfb, options="timeout=0"
	plugin_ctrl: unmapped=1, biosdev=1, speaker=0, extfpuirq=1, parallel=0, serial=1, e1000=0
	boot: cdrom
	ata0-master: type=cdrom, path="$work/boot.iso", status=inserted
	com1: enabled=1, $com1
	com2: enabled=1, mode=file, dev="$work/com2"
	log: "$bochs_log"
	panic: action=report
	error: action=ignore$bochs_report
	info: action=ignore
	debug: action=ignore$bochs_report
	END
	# The packaged Bochs has its debugger built in. It reads these lines: stop
	# after so many ticks, run, and whatever stopped it, leave. Since Bochs 3.0 it is
	# asleep unless it is asked for, by an option that those before refuse.
	bochs_help=$(bochs --help 2>&1) || :
	case $bochs_help in
	*' -rc '*) ;;
	*) fail 69 "the Bochs here has no debugger, which ends what runs too long: --help of" \
		"$(command -v bochs || echo none) has no -rc" ;;
	esac
	bochs_debugger=''
	[ "$version" != 3 ] || bochs_debugger=-debugger
	printf 'sb %s000000\n%sc\nquit\n' "$ticks" "$bochs_trace" >"$work/debugger"
}

# bochs_log_exits: VM exits are among what the CPU has to say for debugging, which is
# some 60 bytes for every page walk of the host: never store it. Of an EPT violation or
# misconfiguration it names the page as an error.
bochs_log_exits()
{
	need_file --exits "$build/tools/witness"
	bochs_log=$work/log
	bochs_report=$(seq -f ', cpu%g=report' -s '' 0 $((cpus - 1)))
	mkfifo "$bochs_log"
	exec 5<>"$bochs_log"
	"$build/tools/witness" --lines <"$bochs_log" 3>&- 4>&- 5>&- |
		timeout $bochs_patience tee -p "$exits" 3>&- 4>&- 5>&- |
		awk "$bochs_panics" >"$machine_log" 3>&- 4>&- 5>&- &
}

# Of the lines on stdin those of Bochs' panics. It goes on behind them, and a guest may bring about
# as many as it has instructions: the first of them, and the last. No function: for as long as it
# runs the shell keeps what is closed for it, and the FIFO would have no end.
bochs_panics='/>>PANIC<</ { last = $0; if (++n <= 1000) print } END { if (n > 1000) print last }'

# bochs_log_instructions: the debugger's trace of each processor, some 100 bytes for each
# instruction, from hv's first VM entry on. Waiting for a serial port takes a number of instructions
# that goes with ips: the fewest that Bochs takes.
bochs_log_instructions()
{
	need_file --instructions "${hv%.elf}.debug"
	address=$(nm "${hv%.elf}.debug" | sed -n 's/^\([0-9a-f]*\) . vm_enter_first$/\1/p')
	# A physical address: the guest may have a function at the same linear one.
	bochs_trace=$(
		printf 'pb 0x%s\nc\ndelete 1\n' "$address"
		for nr in $(seq 0 $((cpus - 1))); do
			printf 'set $cpu = %s\ntrace on\n' "$nr"
			[ -z "$accesses" ] || echo 'trace-mem on'
		done
		echo .)
	bochs_trace=${bochs_trace%.} bochs_ips=1000000
	mkfifo "$work/trace"
	exec 5<>"$work/trace"
	timeout $bochs_patience awk -v trace="$instructions" '
		/^(\([0-9]\)\.\[|\[CPU)/ { print >trace; next } { print }' \
		<"$work/trace" >"$work/machine.out" 3>&- 4>&- 5>&- &
}

bochs_start()
{
	netns='unshare -n'
	[ "$(id -u)" -eq 0 ] || netns='unshare -rn'
	# A second Bochs on the same host works without one only while no other runs.
	$netns true 2>/dev/null || netns=
	[ -z "$instructions" ] || exec >"$work/trace"
	# In the foreground, since who is not may neither set nor read the user's terminal.
	[ -z "$input" ] || exec <&6 >"$work/com1"
	# shellcheck disable=SC2086
	exec timeout ${input:+--foreground} -k 5 "$limit" $netns \
		${input:+"$terminal"} bochs -q -f "$work/bochsrc" -unlock $bochs_debugger \
		-rc "$work/debugger" 6<&-
}

bochs_verdict()
{
	if grep -q 'Caught time breakpoint' "$work/machine.out"; then
		echo "time limit: still running after $ticks million emulated ticks (--ticks)"
		return $CODE_TIME_LIMIT
	fi
	grep '>>PANIC<<' "$machine_log" | grep -v 'Shutdown port' | head -n 3 |
		sed 's/^.*>>PANIC<< /Bochs panics: /'
	[ -s "$machine_log" ] || tail -n 3 "$work/machine.out"
}

bochs_end() { :; }
bochs_undo() { :; }
