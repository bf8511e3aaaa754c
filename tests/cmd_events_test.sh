#!/bin/sh
# `synfin events` as a program: how it begins, how it is told to stop, and what it leaves behind. The demo's crowd makes things happen.
. "${top_srcdir:=.}/tests/cmd_tap.sh"
LC_ALL=C.UTF-8
export LC_ALL

# start ARGUMENTS...: in the background, its output in $out; for a minute at most, whatever happens. Not below timeout(1), which gives SIGINT back.
start()
{
	start_with "$synfin" events --for 60s "$@"
}
start_with()
{
	# What stands in it from before is not to be waited for.
	: >"$out"
	"$@" >"$out" 2>"$err" </dev/null &
	job=$!
}
# status_is STATUS: the program started last ends with it.
status_is()
{
	wait "$job"
	ended=$?
	[ $ended -eq "$1" ] || { echo "exit status $ended instead of $1"; return 1; }
}
# lines KIND COUNT: at least so many of the kind are in $out, whole.
lines()
{
	[ "$(grep -c "\"ev\":\"$1\".*}\$" "$out")" -ge "$2" ]
}
first_is()
{
	sed -n "$1p" "$out" | grep -q "\"ev\":\"$2\""
}
valid()
{
	"$ndjson_check" <"$out"
}
times_never_go_back()
{
	sed -n 's/.*"t":"\([^"]*\)".*/\1/p' "$out" | sort -c
}

for_a_while()
{
	run 0 "$synfin" events --demo --json --for 2s && [ ! -s "$err" ] && valid && times_never_go_back
}
begins_rightly()
{
	first_is 1 header && first_is 2 keyframe && sed -n 2p "$out" | grep -q '"part":"begin"'
}
keyframe_is_whole()
{
	rows=$(sed -n '/"part":"begin"/,/"part":"end"/p' "$out" | grep -c '"ev":"connection"')
	[ "$rows" -gt 0 ] && [ "$(grep -c '"part":"end"' "$out")" -eq 1 ] &&
		grep '"part":"begin"' "$out" | grep -q "\"count\":$rows}" && grep '"part":"end"' "$out" | grep -q "\"count\":$rows}"
}
ends_with_coverage()
{
	tail -n 1 "$out" | grep -q '"ev":"coverage"'
}
tap_case "--for ends it, and every line is valid" for_a_while
tap_case "it begins with a header and a keyframe" begins_rightly
tap_case "the keyframe has the rows that it says" keyframe_is_whole
tap_case "things have happened" lines transition 1
tap_case "its last line is coverage" ends_with_coverage

counted()
{
	run 0 "$synfin" events --demo --json --count 7 && valid &&
		[ "$(sed '1,/"part":"end"/d' "$out" | grep -vc '"ev":"coverage"')" -eq 7 ]
}
tap_case "--count ends it after so many" counted

counted_text()
{
	run 0 "$synfin" events --demo --count 7 && [ "$(grep -c -e '\(open\|closed\|held\|given up\|!\)[ :]' -e '→' "$out")" -eq 7 ] &&
		sed -n 1p "$out" | grep -q '^# synfin' && tail -n 1 "$out" | grep -q 'coverage:'
}
tap_case "--count, for a person" counted_text

# stops_on SIGNAL: cleanly, in the middle of things, with its last words said.
stops_on()
{
	start --demo --json
	wait_for 20 lines transition 2 || return 1
	kill -"$1" "$job"
	status_is 0 && ends_with_coverage && valid && [ ! -s "$err" ]
}
tap_case "SIGTERM ends it cleanly" stops_on TERM

# A shell without job control starts background jobs with SIGINT ignored: it stays so.
ignores_int()
{
	start --demo --json
	wait_for 20 lines keyframe 2 || return 1
	kill -INT "$job"
	seen=$(grep -c transition "$out")
	wait_for 20 lines transition $((seen + 2)) || return 1
	kill -TERM "$job"
	status_is 0 && ends_with_coverage
}
tap_case "SIGINT stays ignored in the background; SIGTERM ends it" ignores_int

# env --default-signal undoes what the shell did.
stops_on_int()
{
	start_with env --default-signal=INT "$synfin" events --for 60s --demo --json
	wait_for 20 lines transition 2 || return 1
	kill -INT "$job"
	status_is 0 && ends_with_coverage && valid
}
if env --default-signal=INT true 2>/dev/null; then
	tap_case "SIGINT ends it cleanly" stops_on_int
fi

# A line is there when it is due, although nothing else happens: the keyframe, of a stream that goes to a pipe.
lines_are_not_held_back()
{
	mkfifo "$tap_dir/fifo"
	"$synfin" events --for 60s --json --interval 1h >"$tap_dir/fifo" 2>"$err" </dev/null &
	job=$!
	sed -u '/"part":"end"/q' "$tap_dir/fifo" >"$out"
	# Nobody reads any more: it is told at once, though nothing is written.
	status_is 0 && [ ! -s "$err" ]
}
tap_case "lines are not held back, and a reader that leaves ends it" lines_are_not_held_back

# A reader that does not read: SIGTERM ends it all the same, and it says that not all was said.
stuck_reader()
{
	mkfifo "$tap_dir/stuck"
	"$top_builddir/tests/zoo" 600 sh -c 'echo $$ >"$0" && exec "$@"' "$tap_dir/pid" "$synfin" events --for 60s --json \
		>"$tap_dir/stuck" 2>"$err" </dev/null &
	job=$!
	exec 3<"$tap_dir/stuck"
	if wait_for 20 pipe_is_full; then
		kill -TERM "$(cat "$tap_dir/pid")"
		status_is 1 && one_line "$err" "synfin: cannot write to standard output: .*"
	fi
	stuck=$?
	exec 3<&-
	return $stuck
}
# 1,200 rows are half a megabyte, and a pipe takes 64 KiB.
pipe_is_full()
{
	[ -s "$tap_dir/pid" ] && [ "$(awk '/^wchar/ { print $2 }' "/proc/$(cat "$tap_dir/pid")/io")" -ge 60000 ]
}
if [ -r /proc/self/io ]; then
	tap_case "a reader that does not read does not keep it from ending" stuck_reader
fi

tap_end
