#!/bin/sh
# Makes README's picture: runs the demo in a real terminal (tmux, 100x30), waits for a ladder, and draws what stands there as SVG.
# usage: doc/picture.sh SYNFIN OUT.svg    (`make picture` calls it)
set -eu
synfin=$1
out=$2
here=$(dirname "$0")
socket=synfin-picture-$$
screen=$(mktemp)

tm() {
	tmux -L "$socket" -f /dev/null -u "$@"
}
trap 'tm kill-server 2>/dev/null || :; rm -f "$screen" "$screen.text"' EXIT

# What the picture must show: a connection whose handshake was seen, and that is closing now, with the second FIN drawn and a segment on its way.
enough() {
	tm capture-pane -p -e -N -t 0 >"$screen"
	sed 's/\x1b\[[0-9;:]*m//g' "$screen" >"$screen.text"
	grep -q 'SYN+ACK .* seen' "$screen.text" && grep -q -e '[─╌]●' -e '●[─╌]' "$screen.text" && [ "$(grep -c 'FIN+ACK' "$screen.text")" -eq 2 ]
}

# Under a host's name of its own: the picture is nobody's machine.
if unshare -u true 2>/dev/null; then
	unshare='unshare -u'
else
	unshare='unshare -ru'
fi
tm new-session -d -x 100 -y 30 "exec env TERM=tmux-256color COLORTERM=truecolor LC_ALL=C.UTF-8 LANGUAGE=en SYNFIN_CONFIG= \
	$unshare sh -c 'echo web01 >/proc/sys/kernel/hostname; exec \"\$0\" --demo' '$synfin'"
tm set-option -g status off
tries=0 # a dozen seconds pass before, so that there is some history
until [ "$tries" -gt 250 ] && enough; do
	tries=$((tries + 1))
	if [ "$tries" -gt 3000 ]; then
		echo "doc/picture.sh: the screen never showed what the picture needs" >&2
		exit 1
	fi
	sleep 0.05
done
perl "$here/picture.pl" 100 30 <"$screen" >"$out.new"
mv "$out.new" "$out"
