#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# KVM's debugfs files: each vCPU's, each VM's, and all VMs' since KVM was loaded. A VM
# is the sum of its vCPUs, and the module has lost nothing when a VM has gone.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
plan 54

# file STAGE NAME: its lines, without the scope.
file()
{
	tr -d '\r' <"$log" | awk -v wanted="file $1 $2" '
		$1 != "exits" { inside = $0 == wanted; next }
		inside { $2 = ""; print }'
}

# add: the sum of the files on stdin, line by line, as one file has it.
add()
{
	awk '
		function smaller(a, b) { return a == "" || b + 0 < a + 0 ? b : a }
		function larger(a, b) { return b + 0 > a + 0 ? b : a }
		{
			key = $2 ~ /^total=/ ? "total" : $2 " " $3
			keys[key]
			for (i = key == "total" ? 2 : 4; i <= NF; i++) {
				split($i, part, "=")
				name = part[1]
				if (name == "hist") {
					n = split(part[2], pairs, /[:,]/)
					for (j = 1; j < n; j += 2)
						hist[key, pairs[j]] += pairs[j + 1]
				} else if (name == "min") {
					min[key] = smaller(min[key], part[2])
				} else if (name == "max") {
					max[key] = larger(max[key], part[2])
				} else {
					sum[key, name] += part[2]
				}
			}
		}
		END {
			for (key in keys) {
				line = key " count=" sum[key, "count"] " total=" sum[key, "total"]
				line = line " handler=" sum[key, "handler"]
				line = line " round_trip=" sum[key, "round_trip"]
				line = line " min=" min[key] " max=" max[key] " hist="
				for (bucket = 0; bucket < 64; bucket++)
					if ((key, bucket) in hist)
						line = line bucket ":" hist[key, bucket] ","
				print line
			}
		}' | sort
}

# same NAME A B: two sums, which are not empty.
same()
{
	ok "$1" test -n "$2" -a "$2" = "$3"
	[ "$2" = "$3" ] || printf '%s\n--\n%s\n' "$2" "$3" | sed 's/^/# /'
}

# count STAGE NAME REASON
count() { file "$1" "$2" | sed -n "s/.* reason=$3 .* count=\([0-9]*\) .*/\1/p"; }

on kvm --runner "$build/tests/debugfs" "$guest"
is 'the VMs ran' "$code" 0
has 'kvm_stat finds numbers' "$log" '^numbers [1-9][0-9]'
lacks 'and nothing that it takes for one' "$log" '^no number '
lacks 'nothing failed' "$log" '^failed'

is 'no VM yet' "$(file start module)" 'exits  total=0 handler=0 round_trip=0'
is 'a VM without vCPUs' "$(file empty vm)" 'exits  total=0 handler=0 round_trip=0'

is 'a vCPU that never ran' "$(file first vcpu1)" 'exits  total=0 handler=0 round_trip=0'
is 'CPUIDs of the other one' "$(count first vcpu0 10)" 300
is 'its one OUT' "$(count first vcpu0 30)" 1
same 'the VM is that vCPU' "$(file first vcpu0 | add)" "$(file first vm | add)"
same 'the module is that VM' "$(file first vm | add)" "$(file first module | add)"

is 'CPUIDs of the second vCPU' "$(count both vcpu1 10)" 20
is 'its one OUT' "$(count both vcpu1 30)" 1
is 'the first has no more than before' "$(count both vcpu0 10)" 300
same 'the VM is the sum of its vCPUs' "$({ file both vcpu0; file both vcpu1; } | add)" \
	"$(file both vm | add)"
same 'the module is that VM' "$(file both vm | add)" "$(file both module | add)"

has "the VM's end takes its files along" "$log" '^missing gone vm'
same 'but nothing from the module' "$(file both module)" "$(file gone module)"

is 'a second VM begins at 0' "$(count second vcpu0 10)" 1000
is 'what a vCPU ran twice is counted twice' "$(count second vcpu1 10)" 57
is 'OUTs too' "$(count second vcpu1 30)" 2
same 'the VM is the sum of its vCPUs' "$({ file second vcpu0; file second vcpu1; } | add)" \
	"$(file second vm | add)"
is 'no exit of the first VM is in it' "$(count second vm 10)" 1057
same 'the module is the sum of both VMs' "$({ file gone module; file second vm; } | add)" \
	"$(file second module | add)"
same 'a file that is open keeps its VM' "$(file second vm)" "$(file held vm)"
same 'and its exits in the module' "$(file second module)" "$(file held module)"
same 'without it the module has them still' "$(file second module)" "$(file end module)"
is 'CPUIDs of all' "$(count end module 10)" 1377
is 'OUTs of all' "$(count end module 30)" 5

# seen NAME: the lines of exitstat's view
seen() { tr -d '\r' <"$log" | sed -n "s/^view $1 //p"; }

# viewed NAME CODE
viewed() { has "exitstat, $1: exit code $2" "$log" "^viewed $1 code=$2"; }

# csv_of FILE VM: a file of debugfs as exitstat has it
csv_of()
{
	file "$1" vm | sed -n 's/.* reason=\([0-9]*\) name=\([A-Z_]*\) count=\([0-9]*\) '"\
"'handler=\([0-9]*\) round_trip=\([0-9]*\) .*/1,'"$2"',,since_start,,\1,\2,\3,\4,\5,0/p' | sort
}

# counted NAME VM VCPU REASON: all that its lines say
counted()
{
	seen "$1" | awk -F, -v k="$2,$3,$4" '
		$2 "," $3 "," $6 == k { n += $8 }
		END { print n + 0 }'
}

on kvm --runner "$build/tests/debugfs" --cmdline views "$build/linux-guest/exitstat"
is 'on a host: VMs ran' "$code" 0
lacks 'nothing failed' "$log" '^failed'
viewed none 3
is 'without a VM: why' "$(seen none)" 'exitstat: --vm: no VM runs'
viewed csv 0
seen csv | cut -d , -f 2 | sort -u | grep - >"$tmp/vms"
is 'two VMs at once' "$(wc -l <"$tmp/vms")" 2
one=$(sed -n 1p "$tmp/vms") two=$(sed -n 2p "$tmp/vms")
same 'the first is as its file says' "$(csv_of one "$one")" \
	"$(seen csv | grep "^1,$one,.*_start,,[0-9]" | sort)"
same 'and the second' "$(csv_of two "$two")" \
	"$(seen csv | grep "^1,$two,.*_start,,[0-9]" | sort)"
is 'the vCPU that ran' "$(counted vcpus "$one" 0 10) $(counted vcpus "$two" 1 10)" '300 1000'
is 'and the other' "$(counted vcpus "$one" 1 10) $(counted vcpus "$two" 0 10)" '20 0'
has 'a table names the VM' "$log" "^view table VM exits since the VM started: VM $one, .*, 2 vCPUs"
viewed untold 3
has 'exits that are not told apart: how to have that' "$log" \
	'^view untold .* detail=Y before the VM'
# told NAME VM VCPU WORD: exits of that number, or of all CPUIDs
told()
{
	seen "$1" | awk -F, -v k="$2,$3" -v w="$4" '
		$2 "," $3 == k && ($9 == w || (w == "CPUID" && $7 == w)) { n += $11 }
		END { print n + 0 }'
}
viewed detail 0
is 'told apart: OUTs' "$(told detail "$one" '' out8:0x80) $(told detail "$two" '' out8:0x80)" '2 1'
is 'CPUIDs' "$(told detail "$one" '' CPUID) $(told detail "$two" '' CPUID)" '320 1000'
is 'of one leaf' "$(told detail "$one" '' 0x0:0x0)" 320
is 'of each vCPU' "$(told vcpudetail "$one" 0 CPUID) $(told vcpudetail "$one" 1 CPUID)" '300 20'
viewed livedetail 0
is 'live' "$(seen livedetail | awk -F, -v vm="$two" '
	$2 == vm && $7 == "CPUID" { n += $11 }
	END { print n }')" 540
viewed nobody 3
is 'a process without a VM' "$(seen nobody)" 'exitstat: --vm: process 2 has no VM'
viewed live 0
is 'live: what ran meanwhile' "$(counted live "$two" 0 10) $(counted live "$two" 1 10)" '500 40'
is 'live: the other VM rests' "$(counted live "$one" 0 10) $(counted live "$one" 0 30)" '0 0'
finish
