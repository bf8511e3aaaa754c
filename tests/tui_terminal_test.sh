#!/bin/sh
# The real program in a real terminal (tmux), on real connections in a network namespace of its own: what a newcomer sees without pressing a key, the way
# through the screens, and that the terminal is as it was after every way out. Waits on conditions, at most 30 s each.
set -u

case ${1-} in
inside) ;;
*)
	for tool in tmux curl perl bash; do
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
socket=synfin-test-$$
number=0
server=
holder=
named=
ip link set lo up || exit 1
ulimit -c 0
# A fault that is sent from outside must reach the program's own end, not the sanitizer's report.
ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_abort=0:${ASAN_OPTIONS-}
export ASAN_OPTIONS

tm() {
	tmux -L "$socket" -f /dev/null -u "$@"
}

cleanup() {
	tm kill-server 2>/dev/null
	[ -z "$holder" ] || kill "$holder" 2>/dev/null
	[ -z "$named" ] || kill "$named" 2>/dev/null
	[ -z "$server" ] || kill "$server" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# ---- TAP ----

ok() {
	number=$((number + 1))
	echo "ok $number - $1"
}

not_ok() {
	number=$((number + 1))
	echo "not ok $number - $1"
	picture | sed 's/^/# /'
}

# check NAME COMMAND...: the command succeeds within 30 s.
check() {
	name=$1
	shift
	if within "$@"; then ok "$name"; else not_ok "$name"; fi
}

within() {
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# ---- the terminal ----

picture() {
	tm capture-pane -p -t main 2>/dev/null
}

shows() {
	picture | grep -q -e "$1"
}

does_not_show() {
	! shows "$1"
}

# The last line of the screen.
bottom_shows() {
	picture | tail -n 1 | grep -q -e "$1"
}

flag() {
	[ "$(tm display-message -p -t main "#{$1}" 2>/dev/null)" = "$2" ]
}

keys() {
	tm send-keys -t main "$@"
}

# Types a command line.
run() {
	keys -l "$1"
	keys Enter
}

size() {
	tm resize-window -t main -x "$1" -y "$2"
}

# A shell on a fresh terminal of that size. Before each prompt it tells how the last command ended and what the terminal is like then.
fresh_shell() {
	tm kill-session -t main 2>/dev/null
	tm new-session -d -s main -x "$1" -y "$2" \
		"env -u TMUX LC_ALL=C.UTF-8 HOME='$dir' XDG_CONFIG_HOME='$dir' HISTFILE= bash --rcfile '$dir/rc' --noprofile"
	within shows 'ready\$'
}
cat >"$dir/rc" <<END
PS1='ready\$ '
PROMPT_COMMAND='s=\$?; stty -a >$dir/after; echo status \$s'
END

# Starts synfin with these arguments; its process id is in $pid.
start_synfin() {
	pid=
	rm -f "$dir/pid"
	run "clear; rm $dir/after; stty -a >$dir/before; bash -c 'echo \$\$ >$dir/pid; exec $synfin $1'"
	within test -s "$dir/pid" || return 1
	pid=$(cat "$dir/pid")
}

up() {
	flag alternate_on 1 && shows '1 List'
}

# The terminal is as it was before: its modes, the normal screen, a visible cursor, no mouse, no keypad.
restored() {
	shows 'ready\$' && cmp -s "$dir/before" "$dir/after" && flag alternate_on 0 && flag cursor_flag 1 && flag mouse_any_flag 0 &&
		flag keypad_flag 0 && flag keypad_cursor_flag 0
}

# ---- a server: answers at once, but for /hold ----

serve() {
	perl -MIO::Socket::INET -e '
		$SIG{CHLD} = "IGNORE";
		my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 7779, Listen => 16, ReuseAddr => 1) or die "listen: $!";
		open(my $f, ">", $ARGV[0]); close($f);
		while (my $c = $s->accept) {
			next if fork;
			my $line = <$c>;
			print $c "HTTP/1.0 200 OK\r\n\r\nhello\n";
			$c->flush;
			if ($line =~ m{/hold}) { 1 while sysread($c, my $rest, 4096); }
			exit 0;
		}' "$dir/serving" &
	server=$!
	within test -e "$dir/serving"
}

hold() {
	curl -sN http://127.0.0.1:7779/hold >/dev/null 2>&1 &
	holder=$!
}

let_go() {
	kill "$holder" 2>/dev/null
	wait "$holder" 2>/dev/null
	holder=
}

tm new-session -d -s kept cat # so that the server does not end with a session
serve || { echo "Bail out! the test's server does not start"; exit 1; }

# ---- what a newcomer sees, and the way through the screens ----

walk() {
	fresh_shell "$1" "$2"
	start_synfin ''
	check "$1x$2: the screen opens" up
	check "$1x$2: an idle host says how to see something" shows 'synfin --demo'
	curl -s http://127.0.0.1:7779/ >/dev/null
	check "$1x$2: the opening of a curl is drawn without a key" shows '\(SYN+ACK\|rows above\)'
	check "$1x$2: so is its closing" shows 'FIN+ACK'
	hold
	check "$1x$2: the next one is drawn after it" shows "curl\[$holder\].*127.0.0.1:7779"
	keys Enter
	check "$1x$2: Enter opens its ladder" shows "Ladder .*curl\[$holder\]"
	check "$1x$2: which says how it stands" shows 'ESTABLISHED for'
	size 40 12
	check "$1x$2: it can be made 40x12" bottom_shows 'Esc Back.*q Quit$'
	size "$1" "$2"
	check "$1x$2: and as large as before" shows "Ladder .*curl\[$holder\]"
	keys Escape
	check "$1x$2: Esc goes back to the list" shows '1 List'
	keys Escape
	keys F1
	check "$1x$2: F1 helps" shows 'every key means'
	keys Escape
	check "$1x$2: and Esc, which never quits, goes back" shows '1 List'
	let_go
	keys q
	check "$1x$2: q quits with status 0" shows '^status 0'
	check "$1x$2: the terminal is as it was" restored
}
walk 100 30
walk 80 24

# ---- every way out ----

ended_by() {
	fresh_shell 100 30
	start_synfin ''
	within up
	[ -z "$pid" ] || kill -s "$1" "$pid"
	check "SIG$1 ends it as the signal does" shows "^status $2"
	check "SIG$1: the terminal is as it was" restored
}
ended_by TERM 143
ended_by HUP 129
ended_by INT 130
ended_by QUIT 131
ended_by SEGV 139
ended_by ABRT 134
ended_by USR1 138
ended_by ALRM 142
ended_by XFSZ 153
ended_by SYS 159
ended_by BUS 135

fresh_shell 100 30
start_synfin ''
within up
keys C-c
check "Ctrl-C leaves from anywhere" shows '^status 130'
check "Ctrl-C: the terminal is as it was" restored

fresh_shell 100 30
start_synfin ''
within up
keys C-z # comes at any moment, also in the middle of a frame
check "Ctrl-Z gives the terminal back" flag alternate_on 0
check "and stops it" shows 'Stopped'
size 90 28
run fg
check "fg takes it again, at the size it has now" up
check "and draws all of it" bottom_shows 'q Quit'
keys q
check "and it quits" flag alternate_on 0

gone() {
	! kill -0 "$pid" 2>/dev/null
}
fresh_shell 100 30
start_synfin ''
within up
tm kill-session -t main
check "it ends with its terminal" gone
fresh_shell 100 30
run "trap '' HUP"
start_synfin ''
within up
tm kill-session -t main
check "also when it is deaf to SIGHUP" gone

# ---- terminals that are too little ----

refuses() {
	fresh_shell 100 30
	run "clear; $1 $synfin"
	check "$2: one line says so" shows "^synfin: .*$3.*"
	check "$2: status 1" shows '^status 1'
	check "$2: nothing else was done to it" flag alternate_on 0
}
refuses 'TERM=dumb' 'TERM=dumb' 'cannot place its cursor'
refuses 'TERM=no-such-terminal' 'an unknown TERM' 'TERM=no-such-terminal is not known'
refuses 'env -u TERM' 'no TERM' 'TERM is not set'

fresh_shell 100 30
run "clear; $synfin --theme no-such"
check "an unknown theme: one line names those there are" shows "'no-such'; there are: .*dark"
check "an unknown theme: status 2" shows '^status 2'

fresh_shell 10 3
start_synfin ''
check "10x3: it says what it needs" shows 'synfin nee'
size 100 30
check "and draws when there is room" up
size 1 1
size 10 3
check "1x1 and back: it is still there" shows 'synfin nee'
keys q
size 100 30
check "10x3: q quits with status 0" shows '^status 0'

# ---- what it is drawn with ----

# A listener whose program calls itself what is not ASCII.
perl -MIO::Socket::INET -e '$0 = "한글"; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 7780, Listen => 1) or die; sleep' &
named=$!
only_ascii() {
	up && shows ':7780 .* ????$' && ! picture | LC_ALL=C grep -q '[^ -~]'
}
fresh_shell 100 30
start_synfin --ascii
check "--ascii: only ASCII" only_ascii
keys q
within restored
run 'export LC_ALL=C'
start_synfin ''
check "LC_ALL=C: only ASCII" only_ascii
keys q
within restored
run 'export LC_ALL=C.UTF-8'
start_synfin '--lang ko'
korean() {
	picture | LC_ALL=C grep -q "$(printf '[\352-\355][\200-\277][\200-\277]')"
}
check "--lang ko: Korean" korean
keys q
within restored

colored() {
	tm capture-pane -p -e -t main | grep -q "$(printf '\033')\[[0-9;]*3[0-8]"
}
start_synfin ''
check "colours are there" colored
check "without --ascii a name is as it is" shows ':7780 .* 한글$'
keys q
within restored
run 'export NO_COLOR=1'
start_synfin ''
within up
if colored; then not_ok "NO_COLOR: no colours"; else ok "NO_COLOR: no colours"; fi
keys q
within restored

# ---- themes, tried on ----

# What each character wears in two lines whose words stand still: the first of the totals, without its bars, and the keys.
wears() {
	tm capture-pane -p -e -t main | sed -n '2p;$p' | perl -CS -Mutf8 -e '
		my ($fore, $ground, %attributes) = (39, 49);
		while (my $line = <STDIN>) {
			while ($line =~ /\G(?:\e\[([0-9;]*)m|([^\e]))/gc) {
				if (defined $2) {
					print "$2<$fore $ground @{[sort keys %attributes]}>" if $2 !~ /[\s\x{2588}-\x{258f}]/;
					next;
				}
				my @codes = split /;/, length $1 ? $1 : 0;
				while (@codes) {
					my $c = shift @codes;
					if ($c == 0) { ($fore, $ground, %attributes) = (39, 49) }
					elsif ($c == 38) { $fore = join " ", splice @codes, 0, $codes[0] == 5 ? 2 : 4 }
					elsif ($c == 48) { $ground = join " ", splice @codes, 0, $codes[0] == 5 ? 2 : 4 }
					elsif ($c >= 30 && $c <= 39 || $c >= 90 && $c <= 97) { $fore = $c }
					elsif ($c >= 40) { $ground = $c }
					else { $attributes{$c} = 1 }
				}
			}
		}'
}

wears_the_same() {
	wears >"$dir/now"
	cmp -s "$1" "$dir/now"
}

settled() {
	up && shows 'LISTEN  *1 '
}

# Through all of them, thrice: a terminal of eight colours has 64 pairs, and they must not run out.
try_on() {
	fresh_shell 100 30
	run "export TERM=$1"
	start_synfin '--theme nord'
	within settled
	wears >"$dir/nord"
	keys q
	within restored
	start_synfin ''
	within settled
	wears >"$dir/dark"
	keys T
	check "$1: T opens the themes" shows '>[^ ] dark'
	for _ in 1 2 3; do
		keys -N 20 Down
		keys -N 20 Up
	done
	keys -N 9 Down
	check "$1: the cursor is where it was moved" shows '>  nord'
	keys Enter
	check "$1: how to have it from the start is told" bottom_shows 'synfin --theme nord'
	check "$1: one that was tried on and kept is as from the start" wears_the_same "$dir/nord"
	keys T
	within shows '>[^ ] nord'
	keys G
	within shows '>  tokyo-night'
	keys Escape
	check "$1: Esc brings back the one before" wears_the_same "$dir/nord"
	keys T g Down Down
	within shows '>  dark'
	keys Enter
	check "$1: and the first one is as it was" wears_the_same "$dir/dark"
	keys q
	within restored
}
try_on xterm
try_on xterm-256color

samples() {
	tm capture-pane -p -e -t main | grep "nord.*$(printf '\033').*CLOSE_WAIT" | grep -q 'cool blues'
}
fresh_shell 100 30
run "clear; $synfin --themes"
check "--themes shows samples on a terminal" samples

# ---- mouse, a theme with a mistake, keys when standard input is something else ----

fresh_shell 100 30
start_synfin ''
within up
check "the mouse is taken" flag mouse_any_flag 1
keys -H 1b 5b 4d 20 25 27 # a press at column 5 of row 7: the head of a column
check "a click sorts by that column" shows 'STATE v'
keys q
within restored
start_synfin ''
within up
keys -H 1b 5b 32 30 30 7e 71 31 0d 1b 5b 32 30 31 7e # pasted: q, 1, Enter
keys Enter
check "what is pasted is not obeyed, the key after it is" shows 'Ladder  '
keys -H 1b 5b 3c
keys Escape
check "Esc ends a mouse report that does not" up
keys -H 1b 5b 39 39 71 1b 4f 71 1b 5b 3c 30 3b # sequences that nobody knows, and one that is not finished
check "an unknown sequence is no keys" up
keys -H 1b
keys q
check "and the next key is heard" shows '^status 0'
start_synfin --no-mouse
within up
check "--no-mouse leaves the mouse alone" flag mouse_any_flag 0
keys q
within restored

mkdir -p "$dir/synfin/themes"
printf '[roles]\ntext = rde\n' >"$dir/synfin/themes/mine.theme"
start_synfin '--theme mine'
check "a mistake in a theme is told on the screen" shows 'mine.theme:2: text: '
keys q
check "and on standard error" shows '^synfin: .*mine.theme:2: text: neither'

printf 'interval = soon\n[keys]\nquit = Q\n' >"$dir/mistaken"
run "export SYNFIN_CONFIG=$dir/mistaken"
start_synfin ''
check "a mistake in the configuration is told on the screen" shows 'mistaken:1: interval: '
keys q Q
check "keys of one's own; and it is told on standard error" shows '^synfin: .*mistaken:1: interval: .soon. is no duration'
run 'export SYNFIN_CONFIG='
within shows 'ready\$'

start_synfin '</dev/null'
within up
keys q
check "keys come from the terminal when standard input is none" shows '^status 0'
check "and the terminal is as it was" restored

echo "1..$number"
