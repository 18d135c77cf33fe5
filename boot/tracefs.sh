# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# A witness for hv under KVM: a histogram, made by the kernel that runs KVM, of the exits
# that KVM hands to the hypervisor above it. Sourced on the host, and by nested-init.sh in
# the lab, where busybox is all that there is.
# Sources: Linux "Event Histograms", "Event Tracing", "ftrace - Function Tracer".

trace_event=kvm_nested_vmexit_inject
trace_key=exit_code
# Tests set HOST_ROOT to a folder with a host's files.
trace_root=${HOST_ROOT-}/sys/kernel/tracing
trace_instance=''

# why_no_trace: why this kernel keeps no such histogram for us; nothing if it does.
why_no_trace()
{
	if [ ! -w "$trace_root/instances" ]; then
		echo "$trace_root/instances cannot be written: run as root, with tracefs mounted"
	elif [ ! -d "$trace_root/events/kvm/$trace_event" ]; then
		echo "there is no tracepoint $trace_event: load kvm_intel"
	elif [ ! -e "$trace_root/events/kvm/$trace_event/hist" ]; then
		echo "this kernel makes no histograms of events (CONFIG_HIST_TRIGGERS)"
	fi
}

# need_trace: on the host, refuse early.
need_trace()
{
	why=$(why_no_trace)
	[ -z "$why" ] || fail 69 "the host's KVM must count what it hands to hv: $why"
}

trace_trigger() { echo "hist:keys=$trace_key:size=256"; }

# trace_begin: count, in an instance of our own: what others trace stays as it is. Always
# append: a trigger file that is opened to be overwritten loses the triggers of everybody.
trace_begin()
{
	trace_instance=$trace_root/instances/vm-exits-$$
	mkdir "$trace_instance" || { trace_instance=''; return 1; }
	# Of this shell and all that it starts from now on, threads too: of our QEMU, that is.
	{
		echo 1 >>"$trace_instance/options/event-fork" &&
			echo $$ >>"$trace_instance/set_event_pid" &&
			echo "$(trace_trigger)" >>"$trace_instance/events/kvm/$trace_event/trigger"
	} 2>/dev/null
}

# trace_records: what was counted, as records for the witness.
trace_records()
{
	sed -n -e "s/^{ $trace_key: *\([0-9]*\) } hitcount: *\([0-9]*\).*/\
trace event=$trace_event reason=\1 count=\2/p" \
		-e 's/^ *Hits: *\([0-9]*\)$/hits \1/p' \
		-e 's/^ *Dropped: *\([0-9]*\)$/dropped \1/p' \
		"$trace_instance/events/kvm/$trace_event/hist" |
		while read -r word value; do
			case $word in
			hits) hits=$value ;;
			dropped) echo "trace event=$trace_event total=$hits dropped=$value" ;;
			*) echo "$word $value" ;;
			esac
		done
}

# trace_end: leave nothing behind. More than once does no harm.
trace_end()
{
	[ -n "$trace_instance" ] || return 0
	{
		echo "!$(trace_trigger)" >>"$trace_instance/events/kvm/$trace_event/trigger" || :
	} 2>/dev/null
	rmdir "$trace_instance" || return 1
	trace_instance=''
}
