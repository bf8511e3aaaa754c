#!/bin/sh
# What synfin costs on an idle host: its live screen in a real terminal (tmux) and an empty network namespace. Prints, for each thread, how often a second
# it ran and how much of a core it used. Not a test: `make bench` prints it for a person.
# usage: tests/idle_cost.sh SYNFIN [SECONDS]
set -eu
synfin=$1
seconds=${2:-20}
socket=synfin-idle-$$

tm() {
	tmux -L "$socket" -f /dev/null -u "$@"
}
trap 'tm kill-server 2>/dev/null || :' EXIT

if unshare -n true 2>/dev/null; then
	private='unshare -n'
else
	private='unshare -rn'
fi
tm new-session -d -x 100 -y 30 "exec $private '$synfin'"
pid=$(tm list-panes -F '#{pane_pid}')

# Lines of: thread, its name, times it was switched away from, nanoseconds on a core.
measure() {
	for task in /proc/"$pid"/task/*; do
		awk -v thread="${task##*/}" -v cpu="$(cut -d' ' -f1 "$task/schedstat")" '
			/^Name:/ { name = $2 }
			/ctxt_switches:/ { switches += $2 }
			END { print thread, name, switches, cpu }' "$task/status"
	done
}

sleep 5 # the first sweep, the first frames
before=$(measure)
sleep "$seconds"
{ echo "$before"; measure; } | awk -v seconds="$seconds" '
	!($1 in switches) { switches[$1] = $3; cpu[$1] = $4; next }
	{
		w = ($3 - switches[$1]) / seconds
		c = ($4 - cpu[$1]) / seconds / 1e7
		printf "idle: thread %-8s %-16s %6.2f wakeups/s  %7.4f %% of a core\n", $1, $2, w, c
		wakeups += w
		share += c
	}
	END { printf "idle: all      %-16s %6.2f wakeups/s  %7.4f %% of a core\n", "", wakeups, share }'
