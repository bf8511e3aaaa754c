# For the tests in shell of the program itself: TAP, and waiting for conditions. Sourced.
: "${top_srcdir:=.}" "${top_builddir:=.}"
synfin=$top_builddir/src/synfin
# Whoever runs a test by hand may have set something for good.
: "${SYNFIN_CONFIG=}"
export SYNFIN_CONFIG
ndjson_check=$top_builddir/tests/ndjson_check

tap_number=0
tap_dir=$(mktemp -d) || exit 99
trap 'rm -rf "$tap_dir"' EXIT
out=$tap_dir/out
err=$tap_dir/err

# tap_case DESCRIPTION COMMAND...: passes if the command succeeds. What stands in $out and $err is shown if it does not.
tap_case()
{
	tap_description=$1
	shift
	tap_number=$((tap_number + 1))
	if "$@" >"$tap_dir/case" 2>&1; then
		echo "ok $tap_number - $tap_description"
		return
	fi
	echo "not ok $tap_number - $tap_description"
	for tap_file in case out err; do
		[ -f "$tap_dir/$tap_file" ] || continue
		head -n 40 "$tap_dir/$tap_file" | sed "s/^/# $tap_file: /"
	done
}

tap_end()
{
	echo "1..$tap_number"
}

# run STATUS COMMAND...: runs it with its output in $out and $err; succeeds if it ends with that status.
run()
{
	tap_wanted=$1
	shift
	timeout 60 "$@" >"$out" 2>"$err" </dev/null
	tap_status=$?
	[ "$tap_status" -eq "$tap_wanted" ] && return
	echo "exit status $tap_status instead of $tap_wanted"
	return 1
}

# one_line FILE PATTERN: it has one line, which matches the extended regular expression.
one_line()
{
	[ "$(wc -l <"$1")" -eq 1 ] && grep -Eqx -- "$2" "$1"
}

# wait_for SECONDS COMMAND...: until it succeeds, but no longer than that.
wait_for()
{
	tap_tries=$(($1 * 20))
	shift
	until "$@"; do
		tap_tries=$((tap_tries - 1))
		[ "$tap_tries" -gt 0 ] || return 1
		sleep 0.05
	done
}
