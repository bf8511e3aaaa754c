#!/bin/sh
# The programs of `make bench` work: a run of seconds with few sockets has every figure. What they measure then says nothing.
. "${top_srcdir:=.}/tests/cmd_tap.sh"

bench=$top_builddir/tests/bench/bench
json=$tap_dir/bench.json

if ! command -v ss >/dev/null; then
	echo "1..0 # SKIP ss is not installed"
	exit 0
fi

short_run()
{
	timeout 120 "$bench" --sockets 200 --rounds 1 --seconds 1 --json "$json" >"$out" 2>"$err" </dev/null
	tap_status=$?
	[ "$tap_status" -eq 77 ] && { echo "1..0 # SKIP no network namespace of our own" >&3; exit 0; }
	[ "$tap_status" -eq 0 ]
}
exec 3>&1
tap_case "a short run ends well" short_run

has_figure()
{
	grep -Eq "^\{\"figure\":\"$1\",.*\"measured\":[0-9]" "$json" && grep -q "^$1 " "$out"
}
for figure in idle churn slowdown fold sweep list memory keys budget ends watched owners; do
	tap_case "it has the figure '$figure', in the table and in the file" has_figure "$figure"
done

# measured FIGURE NAME AWK-CONDITION: of the number with that name.
measured()
{
	sed -n "s/^{\"figure\":\"$1\",.*\"$2\":\([0-9.e+-]*\).*/\1/p" "$json" | awk "{ n++; if (!($3)) bad = 1 } END { exit bad || !n }"
}
tap_case "sweeps take time" measured sweep floor_ns_a_socket '$1 > 0'
tap_case "the churn is made" measured churn connections_made '$1 >= 1000'
tap_case "the ends of the churn are told" measured churn measured '$1 >= 0 && $1 <= 100'
tap_case "owners are found" measured owners share_of_rows_without_owner '$1 < 0.1'
tap_case "the ends beside the load are seen" measured ends never_seen '$1 == 0'

unknown_figure()
{
	run 2 "$bench" --only no-such && grep -q "no figure 'no-such'" "$err"
}
tap_case "an unknown figure is refused, and those there are are named" unknown_figure
tap_end
