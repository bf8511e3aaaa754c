#!/bin/sh
# ./autogen.sh                          makes ./configure (in a clone; a release archive has it)
# ./autogen.sh run [ARGS]               installs what is missing, builds in build/, and starts synfin with ARGS
# ./autogen.sh check [CONFIGURE-ARGS]   installs what the tests need, builds in build-check/, and runs them all
# Exit status: 0 done, 1 it failed (the last line says what: configure, the build, or tests), 2 bad usage.
set -u

top=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1

# Debian's names of what a clone needs to be built, and to be tested.
build_packages='autoconf automake make gcc libc6-dev pkgconf gettext scdoc libmnl-dev libncurses-dev libjansson-dev libinih-dev'
test_packages='libcmocka-dev libvterm-dev ncurses-term util-linux iproute2 tmux curl strace'

say()
{
	printf 'autogen.sh: %s\n' "$*" >&2
}

die()
{
	say "$@"
	exit 1
}

usage()
{
	cat <<-'END'
		usage: ./autogen.sh                          make ./configure
		       ./autogen.sh run [ARGS]               install what is missing, build in build/, start synfin with ARGS
		       ./autogen.sh check [CONFIGURE-ARGS]   install what the tests need, build in build-check/, run them all
	END
}

bad_usage()
{
	say "$@"
	say "try './autogen.sh --help'"
	exit 2
}

is_installed()
{
	case $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) in
	installed*) return 0 ;;
	*) return 1 ;;
	esac
}

# The command before a command that needs root: empty for root. Fails if we may not.
as_root()
{
	[ "$(id -u)" -eq 0 ] && return
	sudo -n true 2>/dev/null && echo 'sudo -n'
}

# Installs those of the packages that are missing. Where there is no dpkg, configure will tell what is missing.
install_packages()
{
	command -v dpkg-query >/dev/null || return 0
	missing=
	for package; do
		is_installed "$package" || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	if ! command -v apt-get >/dev/null || ! sudo=$(as_root); then
		die "missing packages:$missing"
	fi
	say "installing with apt-get:$missing"
	log=$(mktemp) || exit 1
	# No question may stop it, and nobody reads its progress.
	if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive \
	       apt-get install -y --no-install-recommends $missing; } </dev/null >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		die "could not install:$missing"
	fi
	rm -f "$log"
}

make_configure()
{
	(cd "$top" && autoreconf -fi)
}

# quietly WHAT LOG COMMAND...: runs a command with its output in a file, the end of which is shown if the command fails.
quietly()
{
	what=$1
	log=$2
	shift 2
	"$@" </dev/null >"$log" 2>&1 && return
	tail -n 60 "$log" >&2
	die "$what failed: $* (all of its output: $log)"
}

# What is no option would be taken for the name of a machine to build for.
refuse_words()
{
	for argument; do
		case $argument in
		-h | --help) usage; exit ;;
		-* | *=*) ;;
		*) bad_usage "check: '$argument' is no argument of configure" ;;
		esac
	done
}

# configure [ARGS], in this directory. What it does not know is bad usage, no failure.
run_configure()
{
	"$top/configure" --enable-option-checking=fatal "$@" </dev/null >configure.log 2>&1 && return
	unknown=$(sed -n 's/^configure: error: unrecognized options\{0,1\}: *//p' configure.log)
	[ -z "$unknown" ] || bad_usage "configure does not know $unknown"
	tail -n 60 configure.log >&2
	die "configure failed (all of its output: $dir/configure.log)"
}

# configure_in DIR [CONFIGURE-ARGS]: configures there, unless that is done.
configure_in()
{
	dir=$1
	shift
	[ ! -f "$top/config.status" ] || die "this tree was configured in place: run 'make distclean' in it first"
	mkdir -p "$dir" || exit 1
	# Once they are there, make keeps configure and the makefiles up to date.
	[ -x "$top/configure" ] || quietly autoreconf "$dir/autoreconf.log" make_configure
	[ -f "$dir/Makefile" ] && [ "$(cat "$dir/configure.args" 2>/dev/null)" = "$*" ] && return
	(cd "$dir" && run_configure "$@") || exit
	printf '%s\n' "$*" >"$dir/configure.args"
}

build_and_run()
{
	install_packages $build_packages
	dir=$top/build
	[ -x "$dir/src/synfin" ] || say "building in $dir: half a minute, the first time"
	configure_in "$dir"
	quietly 'the build' "$dir/make.log" make -C "$dir" -j "$(nproc)"
	exec "$dir/src/synfin" "$@"
}

check()
{
	refuse_words "$@"
	packages="$build_packages $test_packages"
	case " $* " in
	*' CC=clang'*) packages="$packages clang libclang-rt-dev" ;;
	esac
	install_packages $packages
	dir=$top/build-check
	# Other arguments: nothing of the build before may stay, not even what distcheck has made read-only.
	if [ -d "$dir" ] && [ "$(cat "$dir/configure.args" 2>/dev/null)" != "$*" ]; then
		chmod -R u+w "$dir"
		rm -rf "$dir"
	fi
	say "building in $dir${*:+ with }$*"
	configure_in "$dir" "$@"
	quietly 'the build' "$dir/make.log" make -C "$dir" -j "$(nproc)" all
	quietly 'the build of the tests' "$dir/make.log" make -C "$dir" -j "$(nproc)" check TESTS=
	# Most tests wait, rather than work.
	make -s -C "$dir" -j "$(nproc)" --no-print-directory check </dev/null && return
	cat "$dir/test-suite.log"
	die 'tests failed'
}

case ${1-} in
'')
	command -v autoreconf >/dev/null || die 'missing packages: autoconf automake'
	make_configure
	;;
run)
	shift
	build_and_run "$@"
	;;
check)
	shift
	check "$@"
	;;
-h | --help)
	usage
	;;
*)
	bad_usage "'$1' is not known"
	;;
esac
