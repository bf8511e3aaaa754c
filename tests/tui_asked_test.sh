#!/bin/sh
# What is typed and asked for, in the real program in a real terminal (tmux), on real connections in a network namespace of its own: a filter, a search, the
# clipboard, ss's own answer to what synfin says, and a socket destroyed. Waits on conditions, at most 30 s each.
set -u

case ${1-} in
inside) ;;
*)
	for tool in tmux perl bash ss; do
		command -v $tool >/dev/null || { echo "1..0 # SKIP needs $tool"; exit 0; }
	done
	if unshare -n true 2>/dev/null; then
		exec unshare -n sh "$0" inside
	elif unshare -rn true 2>/dev/null; then
		exec unshare -rn sh "$0" inside
	fi
	echo "1..0 # SKIP no network namespace of its own is to be had here"
	exit 0
	;;
esac

synfin=$(cd "${top_builddir:-.}" && pwd)/src/synfin
dir=$(mktemp -d) || exit 1
socket=synfin-asked-$$
number=0
pairs=
ip link set lo up || exit 1

tm() {
	tmux -L "$socket" -f /dev/null -u "$@"
}

cleanup() {
	tm kill-server 2>/dev/null
	[ -z "$pairs" ] || kill "$pairs" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

picture() {
	tm capture-pane -p -t main 2>/dev/null
}

# check NAME COMMAND...: the command succeeds within 30 s.
check() {
	name=$1
	shift
	number=$((number + 1))
	if within "$@"; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		picture | sed 's/^/# /'
	fi
}

within() {
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

shows() {
	picture | grep -q -F -e "$1"
}

does_not_show() {
	! shows "$1"
}

keys() {
	tm send-keys -t main "$@"
}

type_line() {
	keys -l "$1"
	keys Enter
}

copied() {
	[ "$(tm show-buffer 2>/dev/null)" = "$1" ]
}

# What was copied, asked of ss itself: just one socket, with this port.
ss_finds() {
	[ "$(eval "$(tm show-buffer)" | grep -c ":$1 ")" = 1 ] && [ "$(eval "$(tm show-buffer)" | wc -l)" = 1 ]
}

# Four connections to a listener, all within one program; it says when one of them breaks.
perl -MIO::Socket::INET -MIO::Select -e '
	my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 7443, Listen => 16, ReuseAddr => 1) or die "listen: $!";
	my (@kept, @clients);
	for (1 .. 4) {
		push @clients, IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 7443) or die "connect: $!";
		push @kept, scalar $s->accept;
	}
	open(my $f, ">", "$ARGV[0]/ports"); print $f join(" ", map { $_->sockport } @clients), "\n"; close($f);
	my $waiting = IO::Select->new(@clients);
	while (my @broken = $waiting->can_read) {
		for my $c (@broken) {
			$c->sysread(my $byte, 1);
			my $error = $! + 0;
			open(my $g, ">>", "$ARGV[0]/broken"); print $g "error $error\n"; close($g);
			$waiting->remove($c);
		}
	}' "$dir" 2>/dev/null &
pairs=$!
within test -s "$dir/ports" || { echo "1..0 # SKIP no server"; exit 0; }
read -r port other _ <"$dir/ports"

tm new-session -d -s main -x 110 -y 30 "env -u TMUX LC_ALL=C.UTF-8 TERM=tmux-256color HOME='$dir' XDG_CONFIG_HOME='$dir' '$synfin' dport = :7443"
tm set-option -g set-clipboard on
check "the filter of the command line is in force" shows "filter: dport = :7443  4/"

keys f
check "the filter's line has it" shows "Filter: dport = :7443"
keys -l " and sport = :$port"
check "the list shows what fits while it is typed" shows "1/"
keys Escape
check "Esc takes back the one before" shows "filter: dport = :7443  4/"
keys f
keys C-u
keys -l "sta"
keys Tab
keys -l "estab"
keys Tab
check "Tab completes" shows "Filter: state established"
keys -l "and zzz"
keys Enter
check "a mistake is told" shows "'zzz' is no word of a filter"
keys Escape

keys /
type_line ":$port"
check "a search goes to its row" shows "127.0.0.1:$port"
keys y
check "both ends are on the clipboard" copied "127.0.0.1:$port 127.0.0.1:7443"
keys '!'
check "the ss command is told" shows "ss -Htan 'dport = :7443'"
keys Down
check "and that of the connection" shows "> ss -Htan 'src 127.0.0.1:$port and dst 127.0.0.1:7443'"
keys y
check "it is on the clipboard" copied "ss -Htan 'src 127.0.0.1:$port and dst 127.0.0.1:7443'"
check "ss lists just that one by it" ss_finds "$port"

keys K
check "a socket is asked for by name" shows "127.0.0.1:$port → 127.0.0.1:7443"
keys Enter
check "Enter gives no" shows "Nothing has been destroyed."
if ss -K dst 203.0.113.1 2>&1 | grep -q -i -e "not supported" -e "not permitted"; then
	number=$((number + 1))
	echo "ok $number # SKIP the kernel does not destroy sockets"
else
	keys K
	check "it asks again" shows "Destroy this socket?"
	keys y
	check "it is destroyed" shows "Destroyed: 127.0.0.1:$port 127.0.0.1:7443"
	check "its program has an error" grep -q " 103$" "$dir/broken"
	check "and nobody else" test "$(wc -l <"$dir/broken")" = 1
	check "the other connections are there" sh -c "ss -Htan 'sport = :$other' | grep -q ESTAB"
fi
echo "1..$number"
