#!/bin/sh
# `synfin list` against ss(8), on some hundred sockets held still in every state that can be held.
. "${top_srcdir:=.}/tests/cmd_tap.sh"

if [ "${1-}" != in-zoo ]; then
	if ! command -v ss >/dev/null; then
		echo "1..0 # SKIP ss is not installed"
		exit 0
	fi
	exec "$top_builddir/tests/zoo" 300 "${SHELL:-/bin/sh}" "$0" in-zoo
fi
LC_ALL=C.UTF-8
export LC_ALL

# Both as "STATE LOCAL REMOTE", sorted.
from_ss()
{
	ss -Htan | awk '
		{
			state = $1; gsub("-", "_", state); sub("FIN_WAIT_", "FIN_WAIT", state); sub("^ESTAB$", "ESTABLISHED", state)
			local = $4; sub("^\\*:", "[::]:", local)
			remote = $5; sub("^\\*:", "[::]:", remote); sub(":\\*$", ":0", remote)
			print state, local, remote
		}' | sort >"$tap_dir/ss"
}
from_json()
{
	run 0 "$synfin" list --json && "$ndjson_check" <"$out" >"$tap_dir/kinds" 2>&1 &&
		sed -n 's/.*"state":"\([A-Z_0-9]*\)".*"local":"\([^"]*\)","remote":"\([^"]*\)".*/\1 \2 \3/p' "$out" | sort >"$tap_dir/json"
}
# The table, whose columns stand under their headings.
from_table()
{
	run 0 env COLUMNS=1000 "$synfin" list && awk '
		# Two words are in one cell.
		{ sub("s left ", "s ") }
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{
			remote = $at["PEER"]
			if (remote == "*")
				remote = $at["LOCAL"] ~ /^\[/ ? "[::]:0" : "0.0.0.0:0"
			print $at["STATE"], $at["LOCAL"], remote
		}' "$out" | sort >"$tap_dir/table"
}
# The states that a timer ends may change between two looks: then another look is taken.
same_as_ss()
{
	from_ss && "from_$1" && cmp -s "$tap_dir/ss" "$tap_dir/$1"
}
tell_difference()
{
	wait_for 10 same_as_ss "$1" || { diff "$tap_dir/ss" "$tap_dir/$1"; return 1; }
}
tap_case "list --json has the sockets that ss has" tell_difference json
tap_case "list has the sockets that ss has" tell_difference table

enough_of_each()
{
	for state in LISTEN SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE_WAIT LAST_ACK TIME_WAIT; do
		[ "$(grep -c "^$state " "$tap_dir/json")" -ge 5 ] || { echo "too few in $state"; return 1; }
	done
	[ "$(grep -c "^ESTABLISHED " "$tap_dir/json")" -ge 600 ]
}
tap_case "every state that can be held is among them" enough_of_each

only_rows()
{
	[ "$(cut -d' ' -f1 "$tap_dir/kinds")" = connection ] && [ "$(wc -l <"$tap_dir/json")" = "$(cut -d' ' -f2 "$tap_dir/kinds")" ]
}
tap_case "list --json has rows and nothing else, all valid" only_rows

owned_by_zoo()
{
	# Every socket that has an inode is held by the zoo; 300 connections have two ends each.
	[ "$(grep -c '"comm":"zoo"' "$tap_dir/rows")" -ge 600 ] && ! grep '"inode"' "$tap_dir/rows" | grep -v '"comm":"zoo"' | grep '"state":"ESTABLISHED"'
}
without_owners()
{
	run 0 "$synfin" list --json --no-owners && ! grep -q '"comm"' "$out"
}
run 0 "$synfin" list --json
cp "$out" "$tap_dir/rows"
tap_case "the program behind each is found" owned_by_zoo
tap_case "--no-owners leaves it out" without_owners

sorted_by_state()
{
	run 0 "$synfin" list && awk 'NR > 1 { print $1 }' "$out" | uniq | sort | uniq -d | { ! grep . ; } &&
		awk 'NR == 2 { exit $1 != "LISTEN" }' "$out"
}
tap_case "listeners come first, and each state once" sorted_by_state

fits()
{
	for columns in 25 40 80 132; do
		run 0 env COLUMNS=$columns "$synfin" list --ascii || return 1
		awk -v columns=$columns 'length($0) > columns { print; bad = 1 } END { exit bad }' "$out" || return 1
	done
}
tap_case "the table fits the columns there are" fits

in_korean()
{
	# Without rows they are all that makes the columns wide.
	run 0 env LC_ALL=C.UTF-8 "$synfin" list --lang ko sport = :1 and sport = :2 && [ -s "$out" ] && iconv -f UTF-8 -t UTF-8 "$out" >/dev/null
}
if [ -f "$top_builddir/share/locale/ko/LC_MESSAGES/synfin.mo" ]; then
	tap_case "headings in Korean are not cut in the middle of a letter" in_korean
fi

# A program can call itself anything; columns stay where they are.
in_ascii()
{
	cp "$top_builddir/tests/zoo" "$tap_dir/한글" || return 1
	run 0 "$tap_dir/한글" 0 "$synfin" list --ascii && ! LC_ALL=C grep -q '[^ -~]' "$out" && [ "$(grep -c 'LISTEN .*  ????$' "$out")" -ge 5 ] &&
		run 0 "$tap_dir/한글" 0 "$synfin" list && grep -q 'LISTEN .*  한글$' "$out" &&
		run 0 "$tap_dir/한글" 0 "$synfin" list --ascii --json && grep -q '"comm":"한글"' "$out"
}
tap_case "--ascii: names too, but not in JSON" in_ascii

colours()
{
	escape=$(printf '\033')
	run 0 env TERM=xterm "$synfin" list && ! grep -q "$escape" "$out" &&
		run 0 "$synfin" list --color always && grep -q "$escape" "$out" &&
		run 0 env NO_COLOR=1 "$synfin" list --color always && grep -q "$escape" "$out"
}
tap_case "colours only where they are wanted" colours

as_nobody()
{
	run 0 setpriv --reuid 65534 --regid 65534 --clear-groups "$synfin" list --json && [ "$(wc -l <"$out")" -ge 600 ] && ! grep -q '"comm":"zoo"' "$out"
}
if [ "$(id -u)" -eq 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$synfin" 2>/dev/null; then
	tap_case "an ordinary user sees all sockets, and no program of others" as_nobody
fi

tap_end
