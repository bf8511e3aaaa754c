#!/bin/sh
# The real program and its configuration: files in directories of the test's own, the environment, --print-config, and that no mistake keeps anybody out.
. "${top_srcdir:=.}/tests/cmd_tap.sh"
LC_ALL=C.UTF-8
unset LANGUAGE SYNFIN_CONFIG XDG_CONFIG_DIRS
XDG_CONFIG_HOME=$tap_dir/own
XDG_CONFIG_DIRS=$tap_dir/strong:$tap_dir/weak
HOME=$tap_dir/home
export LC_ALL XDG_CONFIG_HOME XDG_CONFIG_DIRS HOME
mkdir -p "$tap_dir/own/synfin/themes" "$tap_dir/strong/synfin" "$tap_dir/weak/synfin" "$tap_dir/home/.config/synfin"
own=$tap_dir/own/synfin/config

# config PLACE TEXT: what stands there now.
config()
{
	# shellcheck disable=SC2059
	printf "$2" >"$tap_dir/$1/synfin/config"
}

no_config()
{
	rm -rf "$own" "$tap_dir/strong/synfin/config" "$tap_dir/weak/synfin/config" "$tap_dir/home/.config/synfin/config"
}

# in_force LINE ARGUMENTS...: --print-config has a line that begins so, without a mistake.
in_force()
{
	wanted=$1
	shift
	run 0 "$synfin" --print-config "$@" && [ ! -s "$err" ] && tr -s ' ' <"$out" | grep -Fqx -- "$wanted"
}

tap_case "without a file" in_force "shed = 50000 ; built in"
config weak 'shed = 1\n'
tap_case "a system's file" in_force "shed = 1 ; $tap_dir/weak/synfin/config:1"
config strong '\nshed = 2\n'
tap_case "the first directory of a system goes before" in_force "shed = 2 ; $tap_dir/strong/synfin/config:2"
config own '\n\nshed = 3\n'
tap_case "one's own file goes before" in_force "shed = 3 ; $own:3"
tap_case "the environment goes before" env SYNFIN_SHED=4 sh -c '"$0" --print-config | tr -s " " | grep -Fqx "shed = 4 ; SYNFIN_SHED"' "$synfin"
SYNFIN_SHED=4
export SYNFIN_SHED
tap_case "an option goes before" in_force "shed = 5 ; --shed" --shed 5
tap_case "beside a command" in_force "shed = 6 ; --shed" events --shed 6 --for 1s
unset SYNFIN_SHED
SYNFIN_CONFIG=
export SYNFIN_CONFIG
tap_case "SYNFIN_CONFIG, empty: no file" in_force "shed = 50000 ; built in"
SYNFIN_CONFIG=$tap_dir/weak/synfin/config
tap_case "SYNFIN_CONFIG: this file alone" in_force "shed = 1 ; $tap_dir/weak/synfin/config:1"
unset SYNFIN_CONFIG
no_config
(unset XDG_CONFIG_HOME; config home/.config 'shed = 7\n')
without_xdg()
{
	(unset XDG_CONFIG_HOME; in_force "shed = 7 ; $tap_dir/home/.config/synfin/config:1")
}
tap_case "~/.config" without_xdg
no_config

config own 'owners = no\nascii = yes\nmouse = no\nanimation = no\n'
tap_case "an option takes back: --owners" in_force "owners = yes ; --owners" --owners
tap_case "an option takes back: --no-ascii" in_force "ascii = no ; --no-ascii" --no-ascii
tap_case "an option takes back: --mouse" in_force "mouse = yes ; --mouse" --mouse
tap_case "an option takes back: --animation" in_force "animation = yes ; --animation" --animation

# ---- what is printed is read ----

config own 'interval = 250ms\nlist.sort = -peer\n[keys]\npause = p ㅂ Semicolon\npanel =\nhelp = F5\n'
round_trip()
{
	run 0 "$synfin" --print-config && sed 's/ *;.*//' "$out" >"$tap_dir/first" && cp "$out" "$tap_dir/printed" &&
		SYNFIN_CONFIG=$tap_dir/printed run 0 "$synfin" --print-config && [ ! -s "$err" ] && sed 's/ *;.*//' "$out" | diff "$tap_dir/first" - &&
		grep -q '^pause = p q Semicolon$' "$tap_dir/first"
}
tap_case "what is printed says the same when it is read" round_trip
tap_case "nothing is written" sh -c '[ "$(find "$0" -type f | wc -l)" -eq 1 ]' "$tap_dir/own"

# ---- mistakes ----

# tells LINE COMMAND...: standard error is this line, and the command succeeds all the same.
tells()
{
	wanted="synfin: $1"
	shift
	run 0 "$@" && [ -s "$out" ] && [ "$(cat "$err")" = "$wanted" ]
}
config own '# mine\ninterval = 5 parsecs\n'
told="$own:2: interval: '5 parsecs' is no duration such as 250ms, 1s or 5m"
tap_case "a mistake is told with its place, and list works" tells "$told" "$synfin" list
tap_case "and events does" tells "$told" "$synfin" events --for 100ms
tap_case "--print-config: status 2" run 2 "$synfin" --print-config
tap_case "--print-config prints all the same" grep -q '^interval = 1s  *; built in$' "$out"
tap_case "--print-config tells it" grep -Fqx "synfin: $told" "$err"
quiet()
{
	run 0 "$synfin" "$1" && [ ! -s "$err" ]
}
tap_case "--help says nothing of it" quiet --help
tap_case "--version says nothing of it" quiet --version
usage()
{
	run 2 "$synfin" --bogus && one_line "$err" "synfin: unknown option '--bogus'.*"
}
tap_case "bad usage is all that is told" usage
config own 'theme = nosuch\n'
no_theme()
{
	run 0 "$synfin" list && [ -s "$out" ] && one_line "$err" "synfin: $own:1: theme: there is no theme 'nosuch'; there are: .*dark.*"
}
tap_case "a theme that there is not" no_theme
tap_case "a theme that an option asks for has to be there" run 2 "$synfin" list --theme nosuch
config own 'lang = xx\n'
tap_case "a language that there is not" tells "$own:1: lang: there are no messages in 'xx'" "$synfin" list
config own '[keys]\npause = p\nstep = p\n'
tap_case "two lines want a key" tells "$own:3: step: takes 'p' from 'pause' in line 2" "$synfin" list
rm "$own"
mkdir "$own"
tap_case "a directory" tells "$own: is a directory" "$synfin" list
rmdir "$own"
mkfifo "$own"
tap_case "a pipe is not waited for" tells "$own: is no regular file" "$synfin" list
rm "$own"
SYNFIN_COLOR=pink
export SYNFIN_COLOR
tap_case "a mistake in the environment" tells "SYNFIN_COLOR: 'pink' is neither auto, always nor never" "$synfin" list
unset SYNFIN_COLOR
SYNFIN_CONFIG=$tap_dir/nowhere
export SYNFIN_CONFIG
tap_case "a file that was asked for and is not there" tells "$tap_dir/nowhere: No such file or directory" "$synfin" list
unset SYNFIN_CONFIG
hostile()
{
	printf '\033[31mx = \302\2331\n' >"$own"
	run 2 "$synfin" --print-config && one_line "$err" "synfin: .*" && ! LC_ALL=C grep -q "$(printf '[\033\233]')" "$err"
}
tap_case "what stands there is told without control characters" hostile

# ---- effects ----

config own 'lang = ko\n'
in_korean()
{
	run 2 "$synfin" --bogus && grep -q "'--bogus'" "$err" && ! grep -q "unknown option" "$err"
}
# in_force_all_the_same LINE: there is one mistake, and it is another's.
in_force_all_the_same()
{
	run 2 "$synfin" --print-config && [ "$(wc -l <"$err")" -eq 1 ] && grep -q "SYNFIN_LANG: " "$err" && tr -s ' ' <"$out" | grep -Fqx -- "$1"
}
if [ -f "$top_builddir/share/locale/ko/LC_MESSAGES/synfin.mo" ]; then
	tap_case "errors are told in the language that is set" in_korean
	SYNFIN_LANG=' fr'
	export SYNFIN_LANG
	tap_case "a value that is no language takes none back" in_force_all_the_same "lang = ko ; $own:1"
	SYNFIN_LANG=' fr:ko'
	tap_case "nor does one that a list would be without its blank" in_force_all_the_same "lang = ko ; $own:1"
	unset SYNFIN_LANG
	tap_case "--lang auto takes it back" sh -c '! "$0" --lang auto --bogus 2>&1 | grep -qv "unknown option"' "$synfin"
fi
config own 'color = always\n'
tap_case "colours that are set" sh -c '"$0" list | grep -q "$(printf "\033")"' "$synfin"
tap_case "colours taken back" sh -c '! "$0" list --color never | grep -q "$(printf "\033")"' "$synfin"

tap_end
