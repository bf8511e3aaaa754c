#!/bin/sh
# What people type wrong, and standard descriptors that are not what they should be: one clear line each, and the documented exit status.
. "${top_srcdir:=.}/tests/cmd_tap.sh"
LC_ALL=C.UTF-8
unset LANGUAGE
export LC_ALL

# refuses ARGUMENTS TEXT: exit 2, nothing on standard output, one line that has the text.
refuses()
{
	# The arguments are words parted by spaces.
	# shellcheck disable=SC2086
	run 2 "$synfin" $1 && [ ! -s "$out" ] && one_line "$err" "synfin: .*" && grep -Fq -- "$2" "$err"
}

while IFS='|' read -r arguments text; do
	tap_case "synfin $arguments" refuses "$arguments" "$text"
done <<'END'
--bogus|unknown option '--bogus'
--jsn|did you mean '--json'?
-x|unknown option '-x'
--exact auto|unknown option '--exact'
lst|unknown command 'lst'; did you mean 'list'?
doctor|the command 'doctor' is not in this version
explain TIME_WAIT|the command 'explain' is not in this version
list list|'list' is one word too many
list --interval 1x|'1x' is no duration
list --interval 5ms|'5ms' is not between 10ms and 1h
list --interval|option '--interval' needs an argument
events --for -1s|'-1s' is no duration
events --count none|'none' is no whole number
list --count 5|goes with the command 'events' only
list --budget 200%|'200%' is no share
list --color pink|'pink' is neither
list --lang xx|there are no messages in 'xx'
END

# points ARGUMENTS TEXT: exit 2, nothing on standard output; a line that has the text, the filter, and a caret.
points()
{
	# shellcheck disable=SC2086
	run 2 "$synfin" $1 && [ ! -s "$out" ] && [ "$(wc -l <"$err")" -eq 3 ] && sed -n 1p "$err" | grep -Fq -- "$2" && sed -n 3p "$err" | grep -Eq '^ +\^~*$'
}

while IFS='|' read -r arguments text; do
	tap_case "synfin $arguments" points "$arguments" "$text"
done <<'END'
list state close-wai|'close-wai' is no state; did you mean 'close-wait'?
list -- x|'x' is no word of a filter
-- list|'list' is no word of a filter
list dport = :443 and|nothing stands behind 'and'
list ( sport = :22|a parenthesis is not closed
END

# Of a filter as long as an argument can be, a line with the place is shown.
long_filter()
{
	points "list $(awk 'BEGIN { for (i = 0; i < 7000; i++) printf "sport = :1 or "; print "zzz = 1" }')" "'zzz' is no word of a filter" &&
		[ "$(sed -n '2,3p' "$err" | awk '{ print length($0) <= 80, index($0, "zzz"), index($0, "^~~") }' | tr '\n' ' ')" = '1 25 0 1 0 25 ' ]
}
tap_case "a long filter is shown where it is wrong" long_filter

hostile_argument()
{
	run 2 "$synfin" "$(printf -- '--x\033[31m\r\n\302\233')" && one_line "$err" "synfin: .*" && ! LC_ALL=C grep -q "$(printf '[\033\r]')" "$err"
}
tap_case "an argument with control characters is told without them" hostile_argument

in_korean()
{
	run 2 "$synfin" --lang ko --bogus && one_line "$err" "synfin: .*" && grep -q "'--bogus'" "$err" && ! grep -q "unknown option" "$err"
}
if [ -f "$top_builddir/share/locale/ko/LC_MESSAGES/synfin.mo" ]; then
	tap_case "errors are told in the language asked for" in_korean
fi

prints()
{
	pattern=$1
	shift
	run 0 "$synfin" "$@" && [ ! -s "$err" ] && grep -Eq -- "$pattern" "$out"
}
tap_case "--help" prints '^ +--interval DURATION' --help
tap_case "-h" prints '^Usage: synfin' list -h
tap_case "--version" prints '^synfin [0-9]+[.][0-9]+' --version
tap_case "--version names the licence" prints '^MIT License' -V
tap_case "options may be shortened" prints '^(STATE|\{|$)' list --no-own
tap_case "without a terminal there is a table" prints '^STATE ' --color never
tap_case "--json alone is a list" run 0 "$synfin" --json

closed_output()
{
	timeout 60 "$synfin" "$@" >&- 2>"$err" </dev/null
	[ $? -eq 1 ] && one_line "$err" "synfin: cannot write to standard output: Bad file descriptor"
}
full_output()
{
	timeout 60 "$synfin" "$@" >/dev/full 2>"$err" </dev/null
	[ $? -eq 1 ] && one_line "$err" "synfin: cannot write to standard output: No space left on device"
}
all_closed()
{
	timeout 60 "$synfin" list >&- 2>&- <&-
	[ $? -eq 1 ]
}
for command in list 'list --json' events 'events --json' --help --version; do
	# shellcheck disable=SC2086
	tap_case "$command: standard output is closed" closed_output $command
	# shellcheck disable=SC2086
	tap_case "$command: standard output is full" full_output $command
done
tap_case "list: all standard descriptors are closed" all_closed

reader_leaves()
{
	{ timeout 60 "$synfin" "$@" 2>"$err"; echo $? >"$tap_dir/status"; } | head -n 1 >"$out"
	[ "$(cat "$tap_dir/status")" -eq 0 ] && [ ! -s "$err" ] && [ -s "$out" ]
}
tap_case "list | head -n 1" reader_leaves list
tap_case "events | head -n 1" reader_leaves events
tap_case "events --json | head -n 1" reader_leaves events --json

tap_end
